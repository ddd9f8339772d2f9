use ecr_promoter_core::{
    Digest, Repository, Tag, Time,
    evidence::{
        Component, Contents, Evidence, Finding, Known, License, Never, NotYet, Origin, Platform,
        Read, Seen, Severity,
    },
};

use super::*;

const SCHEMA: &str = include_str!("../../../../docs/evidence.schema.json");

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn now() -> Time {
    time("2026-03-07T09:05:03Z")
}

fn platform(number: u8, name: Option<&str>) -> Platform {
    Platform {
        digest: Digest::from_sha256([number; 32]),
        name: name.map(str::to_owned),
        unknown_layer: None,
    }
}

fn seen<T>(value: T, origin: Origin, at: &str) -> Known<T> {
    Known::Seen(Seen {
        value,
        origin,
        at: time(at),
    })
}

fn finding(id: &str, severity: Severity, fixed: Option<&str>) -> Finding {
    Finding {
        id: id.to_owned(),
        severity,
        package: Some("log4j-core".to_owned()),
        installed: Some("2.14.1".to_owned()),
        fixed: fixed.map(str::to_owned),
        fixable: None,
        exploitable: None,
        related: Vec::new(),
        others: Vec::new(),
        first_seen: None,
    }
}

fn component(name: &str, license: License) -> Component {
    Component {
        name: name.to_owned(),
        version: Some("1.0".to_owned()),
        purls: vec![format!("pkg:generic/{name}@1.0")],
        license: license.into(),
        ..Component::default()
    }
}

fn look(evidence: Evidence, tag: Option<&str>) -> Look {
    Look {
        digest: Digest::from_sha256([9; 32]),
        tag: tag.map(|tag| Tag::parse(tag).unwrap()),
        now: now(),
        evidence,
        failures: Vec::new(),
    }
}

/// An index of two platforms. The second is neither scanned nor described.
fn half_known() -> Look {
    let [one, two] = [
        platform(1, Some("linux/amd64")),
        platform(2, Some("linux/arm64")),
    ];
    let mut evidence = Evidence::none();
    evidence.contents = seen(
        Contents::Platforms(vec![one.clone(), two.clone()]),
        Origin::Registry,
        "2026-03-07T09:05:03Z",
    );
    let findings = vec![
        finding("CVE-2026-0001", Severity::Low, None),
        finding("CVE-2021-44228", Severity::Critical, Some("2.15.0")),
    ];
    let labels = [("org.opencontainers.image.vendor", "Acme"), ("team", "web")];
    let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned()));
    for platform in [&one, &two] {
        let labels = labels.clone().into_iter().collect();
        let labels = seen(labels, Origin::Config, "2026-03-07T09:05:03Z");
        evidence.labels.insert(platform.digest.clone(), labels);
    }
    let at = "2026-03-05T09:00:00Z";
    evidence
        .findings
        .insert(one.digest.clone(), seen(findings, Origin::EnhancedScan, at));
    evidence.findings.insert(
        two.digest.clone(),
        Known::NotYet(NotYet {
            reason: "no scan exists yet".to_owned(),
            look_at: Some(time("2026-03-07T09:15:00Z")),
            read: Read::default(),
        }),
    );
    let stated = |text: &str| License::of(text);
    let components = vec![
        component("log4j-core", stated("Apache-2.0 OR MIT")),
        component("musl", stated("MIT")),
        component(
            "a\u{1b}[31m name\nthat wants to look like a row of its own",
            License::default(),
        ),
        Component {
            is_frame: true,
            ..component("alpine", License::default())
        },
    ];
    evidence.components.insert(
        one.digest,
        seen(components.into(), Origin::Referrer, "2026-03-07T09:05:03Z"),
    );
    evidence.components.insert(
        two.digest,
        Known::Never(Never::read(
            "limit: expected at most 52428800 bytes, found 2000000000".to_owned(),
            Origin::Referrer,
            time("2026-03-07T09:05:03Z"),
        )),
    );
    look(evidence, Some("1.4-stable"))
}

/// An image that nothing is known about yet.
fn bare() -> Look {
    let only = platform(9, None);
    let mut evidence = Evidence::none();
    let contents = Contents::Platforms(vec![only.clone()]);
    evidence.contents = seen(contents, Origin::Registry, "2026-03-07T09:05:03Z");
    let not_yet = |reason: &str| NotYet {
        reason: reason.to_owned(),
        look_at: None,
        read: Read::default(),
    };
    let scan = not_yet("the scan has not finished");
    evidence
        .findings
        .insert(only.digest.clone(), Known::NotYet(scan));
    let sbom = not_yet("no SBOM is attached yet");
    evidence.components.insert(only.digest, Known::NotYet(sbom));
    look(evidence, None)
}

fn artifact() -> Look {
    let mut evidence = Evidence::none();
    evidence.contents = seen(Contents::Artifact, Origin::Registry, "2026-03-07T09:05:03Z");
    look(evidence, Some("chart-1"))
}

fn document(look: &Look) -> document::Document {
    let repository = Repository::parse("dev/website").unwrap();
    document::Document::of("123456789012/eu-central-1", &repository, look)
}

fn shown(look: &Look) -> String {
    shown_at(look, 80)
}

fn shown_at(look: &Look, columns: usize) -> String {
    let mut page = Page::new(Vec::new(), columns);
    table::print(&mut page, &document(look)).unwrap();
    let text = String::from_utf8(page.into_inner()).unwrap();
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn tables_show_what_is_known_and_what_is_not() {
    insta::assert_snapshot!(shown(&half_known()));
}

#[test]
fn nothing_yet_is_an_answer_too() {
    insta::assert_snapshot!(shown(&bare()));
}

#[test]
fn what_is_no_image_has_nothing_to_look_at() {
    insta::assert_snapshot!(shown(&artifact()));
}

#[test]
fn strangers_words_write_no_rows_and_no_colours() {
    let text = shown(&half_known());
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(
        !text.lines().any(|line| line.starts_with("that wants")),
        "{text}"
    );
}

#[test]
fn tables_broke_inside_words_at_80_columns() {
    for columns in [76, 80, 100] {
        for look in [half_known(), bare(), artifact()] {
            let text = shown_at(&look, columns);
            let wide = text.lines().find(|line| line.chars().count() > columns);
            assert_eq!(wide, None, "at {columns}:\n{text}");
        }
    }
}

#[test]
fn the_document_is_as_its_schema_says() {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    let schema = serde_json::from_str(SCHEMA).unwrap();
    compiler.enable_format_assertions();
    compiler.add_resource("evidence.json", schema).unwrap();
    let schema = compiler.compile("evidence.json", &mut schemas).unwrap();
    for (case, look) in [
        ("half known", half_known()),
        ("bare", bare()),
        ("artifact", artifact()),
    ] {
        let document = serde_json::to_value(document(&look)).unwrap();
        if let Err(error) = schemas.validate(&document, schema) {
            panic!("{case}: {error:#}");
        }
    }
}

#[test]
fn the_document_names_everything() {
    let document = serde_json::to_value(document(&half_known())).unwrap();
    insta::assert_json_snapshot!(document);
}

#[test]
fn only_what_evidence_rests_on_is_read_from_the_environment() {
    let config = config(|name| match name {
        "SETTLE_SECONDS" => Some("7".to_owned()),
        "QUEUE_URL" => Some("nonsense".to_owned()),
        _ => None,
    });
    assert_eq!(config.unwrap().settle_seconds, 7);
    let wrong = super::config(|name| (name == "SCAN_MAX_AGE").then(|| "soon".to_owned()));
    insta::assert_snapshot!(wrong.unwrap_err(), @r#"the environment has mistakes: SCAN_MAX_AGE: expected a whole number of at least 1, found "soon""#);
}
