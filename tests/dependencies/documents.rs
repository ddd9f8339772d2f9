//! What the documents claim and a program can check: links lead somewhere, the tests that are named exist, the book has
//! every chapter, and the reference of policies has every word and limit of the code.

use std::{collections::BTreeSet, fs, path::Path};

use ecr_promoter_contents::limits::{
    IMAGE_COMPONENTS_MAX, IMAGE_KEPT_BYTES_MAX, IMAGE_SBOM_BYTES_MAX, SBOM_BYTES_MAX,
};
use ecr_promoter_core::{
    labels::{CONFIG_BYTES_MAX, CONFIGS_BYTES_MAX, LABELS_MAX},
    manifest::{LAYERS_MAX, LEVELS_MAX, MANIFEST_BYTES_MAX, MANIFESTS_BYTES_MAX, MANIFESTS_MAX},
    node::{DOCUMENT_BYTES_MAX, NODE_DEPTH_MAX},
    path::PATHS_MAX,
    policy::{
        Attribute, CRITERIA_MAX, LABEL, LABEL_CHARACTERS_MAX, MATCHERS_BYTES_MAX, NAME_LENGTH_MAX,
        NumberOperator, PATTERN_BRACKETS_MAX, PATTERN_CHARACTERS_MAX, PATTERNS_BYTES_MAX,
        PATTERNS_MAX, POLICIES_PER_SOURCE_MAX, POLICY_VALUES_MAX, StringOperator,
        VALUE_CHARACTERS_MAX, VALUES_MAX, schema,
    },
    provenance::DEPTH_MAX,
    reference::{REPOSITORY_LENGTH_MAX, TAG_LENGTH_MAX},
    sightings::{SIGHTINGS_BYTES_MAX, SIGHTINGS_MAX},
    template::{Keyword, TEMPLATE_CHARACTERS_MAX},
};

use crate::{cargo::root, sources::rust_files};

/// The longest front page: what a newcomer reads before he tries anything.
const FRONT_PAGE_LINES_MAX: usize = 150;
/// The folders of documents, from the workspace's folder.
const FOLDERS: [&str; 3] = ["", "docs", "docs/decisions"];

#[test]
fn the_front_page_is_short() {
    let lines = read("README.md").lines().count();
    assert!(lines < FRONT_PAGE_LINES_MAX, "README.md: {lines} lines");
}

#[test]
fn every_chapter_is_in_the_book() {
    let summary = read("docs/SUMMARY.md");
    let linked: BTreeSet<&str> = links(&summary).collect();
    let chapters = documents().into_iter().filter_map(|document| {
        let chapter = document.strip_prefix("docs/")?.to_owned();
        (chapter != "SUMMARY.md").then_some(chapter)
    });
    for chapter in chapters {
        assert!(linked.contains(chapter.as_str()), "{chapter} is missing");
    }
}

#[test]
fn every_link_leads_somewhere() {
    for document in documents() {
        let folder = root().join(&document);
        let folder = folder.parent().unwrap();
        let text = read(&document);
        for link in links(&text).filter(|link| !link.contains("://")) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let file = if path.is_empty() {
                root().join(&document)
            } else {
                folder.join(path)
            };
            assert!(file.exists(), "{document}: {link}");
            if !heading.is_empty() {
                let headings = headings(&fs::read_to_string(file).unwrap());
                assert!(headings.contains(heading), "{document}: {link}");
            }
        }
    }
}

#[test]
fn every_row_that_names_a_test_has_it() {
    let sources: String = rust_files()
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    for (document, rows_min) in [("docs/failures.md", 20), ("docs/ledger.md", 60)] {
        let text = read(document);
        let rows = tested(&text);
        assert!(rows.len() > rows_min, "{document}: {} rows", rows.len());
        for row in rows {
            let told = row.last().unwrap();
            let tests: Vec<&str> = quoted(told).map(|test| body(&sources, test)).collect();
            assert!(!tests.is_empty(), "{document}: {row:?} names no test");
            for case in told.split('*').skip(1).step_by(2) {
                let case = format!("\"{case}\"");
                let has_it = tests.iter().any(|test| test.contains(&case));
                assert!(has_it, "{document}: {row:?} has no {case}");
            }
        }
    }
}

#[test]
fn the_reference_of_policies_is_complete() {
    let reference = read("docs/policies.md");
    let named: BTreeSet<&str> = quoted(&reference).collect();
    let schema = schema();
    let keys = schema["properties"].as_object().unwrap().keys().cloned();
    let words = keys
        .chain(Attribute::all().iter().map(|(word, _, _)| word.clone()))
        .chain([LABEL.0.to_owned()])
        .chain(
            StringOperator::ALL
                .iter()
                .map(|(word, _)| (*word).to_owned()),
        )
        .chain(
            NumberOperator::ALL
                .iter()
                .map(|(word, _)| (*word).to_owned()),
        )
        .chain(Keyword::ALL.iter().map(ToString::to_string));
    for word in words {
        assert!(named.contains(word.as_str()), "`{word}` is missing");
    }
}

#[test]
fn the_limits_of_the_reference_are_those_of_the_code() {
    let size = |bytes: u64| usize::try_from(bytes).unwrap();
    let reference = read("docs/policies.md");
    let rows: Vec<_> = table(&reference).collect();
    for (what, limits) in [
        ("a document", vec![DOCUMENT_BYTES_MAX, NODE_DEPTH_MAX]),
        (
            "policies of one source that are read",
            vec![POLICIES_PER_SOURCE_MAX],
        ),
        ("criteria of a policy", vec![CRITERIA_MAX]),
        (
            "values of a criterion",
            vec![VALUES_MAX, VALUE_CHARACTERS_MAX],
        ),
        (
            "regular expressions",
            vec![
                PATTERNS_MAX,
                PATTERN_CHARACTERS_MAX,
                PATTERN_BRACKETS_MAX,
                PATTERNS_BYTES_MAX,
            ],
        ),
        ("values of a policy", vec![POLICY_VALUES_MAX]),
        ("regular expressions of a load", vec![MATCHERS_BYTES_MAX]),
        ("a template", vec![TEMPLATE_CHARACTERS_MAX]),
        ("the key of a label", vec![LABEL_CHARACTERS_MAX]),
        (
            "an image's config, for its labels",
            vec![size(CONFIG_BYTES_MAX), LABELS_MAX, size(CONFIGS_BYTES_MAX)],
        ),
        (
            "findings of an image whose first sight is kept",
            vec![SIGHTINGS_MAX, SIGHTINGS_BYTES_MAX],
        ),
        ("a tag", vec![TAG_LENGTH_MAX]),
        ("a repository's name", vec![REPOSITORY_LENGTH_MAX]),
        ("paths", vec![PATHS_MAX]),
        ("a manifest", vec![MANIFEST_BYTES_MAX, LAYERS_MAX]),
        (
            "an image",
            vec![
                MANIFESTS_MAX,
                LEVELS_MAX,
                usize::try_from(MANIFESTS_BYTES_MAX).expect("it fits"),
            ],
        ),
        (
            "promotions on the way of one push",
            vec![DEPTH_MAX as usize],
        ),
        ("an SBOM", vec![size(SBOM_BYTES_MAX)]),
        (
            "all SBOMs of an image and its platforms",
            vec![
                size(IMAGE_SBOM_BYTES_MAX),
                IMAGE_COMPONENTS_MAX,
                IMAGE_KEPT_BYTES_MAX,
            ],
        ),
    ] {
        let row = rows.iter().find(|row| row[0] == what);
        let row = row.unwrap_or_else(|| panic!("no limit of {what}"));
        for limit in limits {
            let told = row[1]
                .split(|c: char| !c.is_ascii_digit())
                .any(|number| number == limit.to_string());
            assert!(told, "{what}: {limit}");
        }
    }
    assert!(reference.contains(&format!("1 to {NAME_LENGTH_MAX} of ")));
}

fn read(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap_or_else(|error| panic!("{document}: {error}"))
}

/// Every document that people read, from the workspace's folder.
pub fn documents() -> Vec<String> {
    let mut documents = Vec::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "md") {
                let name = path.file_name().unwrap();
                documents.push(Path::new(folder).join(name).display().to_string());
            }
        }
    }
    documents.sort();
    documents
}

/// The rows of every table, heads and rules included.
fn table(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with("| "));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect())
}

/// The rows of the tables whose last column is named `test`.
fn tested(text: &str) -> Vec<Vec<&str>> {
    let mut rows = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("| ") && line.ends_with("| test |") {
            let of_table = lines
                .by_ref()
                .skip(1)
                .take_while(|line| line.starts_with('|'));
            let of_table: Vec<&str> = of_table.collect();
            rows.extend(of_table.iter().flat_map(|line| table(line)));
        }
    }
    rows
}

/// A test's text, from its name to its last brace.
fn body<'s>(sources: &'s str, test: &str) -> &'s str {
    let (_, rest) = sources
        .split_once(&format!("fn {test}()"))
        .unwrap_or_else(|| panic!("there is no test {test}"));
    let ends = ["\n}\n", "\n    }\n"];
    let indented = sources.contains(&format!("\n    fn {test}()"));
    rest.split(ends[usize::from(indented)]).next().unwrap()
}

/// What stands in backticks outside of blocks of code.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Where the links of a document lead.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(link, _)| link)
}

/// The names by which headings are linked: lower case, blanks as dashes, no other marks.
fn headings(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let names = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase());
    names
        .map(|name| {
            name.replace(' ', "-")
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
                .collect()
        })
        .collect()
}
