//! What the sources never hold, no matter who writes them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cargo::root;

/// Where the workspace's Rust lies, from its folder.
const FOLDERS: [&str; 5] = ["src", "crates", "tests", "benches", "fuzz"];

/// What a decision may not ask for: time and evidence are arguments, and waiting is the shell's.
const IMPURE: [&str; 12] = [
    "SystemTime::now",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "tokio",
    "async fn",
    "async move",
];

/// Names that say nothing of what a module holds, so that everything ends there.
const NAMELESS: [&str; 9] = [
    "common", "helper", "helpers", "manager", "managers", "misc", "shared", "util", "utils",
];

#[test]
fn the_pure_rooms_name_no_clock_no_environment_no_disk_and_no_runtime() {
    let found = found_in(&["crates/core/src", "crates/contents/src"], impure);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_module_is_named_for_nothing() {
    let mut found = found_in(&FOLDERS, nameless_module);
    for file in FOLDERS.iter().flat_map(|folder| files(folder)) {
        let inside = file.strip_prefix(root()).unwrap().with_extension("");
        if inside
            .iter()
            .any(|part| is_nameless(&part.to_string_lossy()))
        {
            found.push(file.display().to_string());
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_lint_is_turned_off_without_a_reason() {
    let found = found_in(&FOLDERS, unreasoned);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_module_but_a_table_of_tests_says_what_it_is_for() {
    let silent: Vec<_> = FOLDERS
        .iter()
        .flat_map(|folder| files(folder))
        .filter(|file| !fs::read_to_string(file).unwrap().starts_with("//! "))
        .filter(|file| !is_table_of_tests(file))
        .collect();
    assert!(silent.is_empty(), "opens without `//! `: {silent:?}");
}

#[test]
fn the_rules_see_what_they_forbid() {
    type Rule = fn(&str) -> Option<String>;
    for (case, rule, text, seen) in [
        ("a clock", impure as Rule, "let t = Instant::now();", true),
        ("a clock in prose", impure, "  // never Instant::now", false),
        ("a pure line", impure, "fn decide(now: Time) {}", false),
        ("inline", nameless_module, "pub(crate) mod utils {", true),
        ("a named one", nameless_module, "mod utilities;", false),
        ("no reason", unreasoned, "#[allow(dead_code)]", true),
        (
            "a reason",
            unreasoned,
            "#[expect(dead_code, reason = \"why\")]",
            false,
        ),
        (
            "over lines, for the file",
            unreasoned,
            "#![allow(\n    dead_code,\n    reason = \"why\"\n)]",
            false,
        ),
        (
            "the next one's reason",
            unreasoned,
            "#[allow(dead_code)]\n#[allow(unused, reason = \"why\")]",
            true,
        ),
    ] {
        assert_eq!(rule(text).is_some(), seen, "{case}");
    }
}

/// The first line of code that names what a pure package may not.
fn impure(text: &str) -> Option<String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .find(|line| IMPURE.iter().any(|word| line.contains(word)))
        .map(str::to_owned)
}

/// The first module that is declared under a name that says nothing.
fn nameless_module(text: &str) -> Option<String> {
    text.lines()
        .find(|line| declared_module(line).is_some_and(is_nameless))
        .map(str::to_owned)
}

/// The name in `mod name;` or `pub(crate) mod name {`.
fn declared_module(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let name = match line.strip_prefix("mod ") {
        Some(name) => name,
        None if line.starts_with("pub") => line.split_once(" mod ")?.1,
        None => return None,
    };
    name.split([' ', ';', '{']).next()
}

fn is_nameless(name: &str) -> bool {
    NAMELESS.contains(&name)
}

/// The first attribute that turns a lint off and does not say why.
fn unreasoned(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some(line) = rest.lines().next() {
        let start = line.trim_start();
        let off = ["#[allow(", "#![allow(", "#[expect(", "#![expect("]
            .iter()
            .any(|attribute| start.starts_with(attribute));
        if off {
            let attribute = rest.split_inclusive(")]").next().unwrap_or(rest);
            if !attribute.contains("reason = ") {
                return Some(line.to_owned());
            }
        }
        rest = rest.split_once('\n').map_or("", |(_, after)| after);
    }
    None
}

/// What `rule` finds in the files under these folders, each with its path.
fn found_in(folders: &[&str], rule: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let files = folders.iter().flat_map(|folder| files(folder));
    files
        .filter_map(|file| {
            let found = rule(&fs::read_to_string(&file).unwrap())?;
            Some(format!("{}: {found}", file.display()))
        })
        .collect()
}

/// Every Rust file of the workspace.
pub fn rust_files() -> Vec<PathBuf> {
    FOLDERS.iter().flat_map(|folder| files(folder)).collect()
}

/// The Rust files under a folder of the workspace, but those that a build left; none where the folder is not there.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if is_rust(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Whether the file stands beside what it tests, which says what it is for.
fn is_table_of_tests(file: &Path) -> bool {
    let inside = file.strip_prefix(root()).unwrap().with_extension("");
    let mut parts = inside.iter().skip_while(|part| *part != "src");
    parts.any(|part| part == "tests")
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}
