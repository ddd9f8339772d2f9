//! Files of at most 300 lines, functions of at most 40: what is longer is not read as a whole.
//!
//! What still is longer is named here; a name that has become short enough has to go.

use std::fs;

use crate::{cargo::root, sources::rust_files};

/// A file has at most so many lines.
const FILE_LINES_MAX: usize = 300;
/// A function has at most so many lines, from `fn` to its last brace. A test may be a longer table.
const FUNCTION_LINES_MAX: usize = 40;

/// The files that are still longer.
const LONGER_FILES: [&str; 15] = [
    "crates/core/src/decide/judge/tests.rs",
    "crates/core/src/decide/judge/tests/licenses.rs",
    "crates/core/src/decide/tests.rs",
    "crates/core/src/event/tests.rs",
    "crates/core/src/findings/tests.rs",
    "crates/core/src/manifest/tests.rs",
    "crates/core/src/policy/tests.rs",
    "crates/core/src/template/tests.rs",
    "crates/local/src/pattern/tests.rs",
    "crates/local/tests/frame/socket.rs",
    "crates/local/tests/strictness/http_push.rs",
    "crates/promoter/tests/command.rs",
    "tests/flow/faults.rs",
    "tests/flow/head.rs",
    "tests/flow/world.rs",
];

/// The functions that are still longer, each with its file.
const LONGER_FUNCTIONS: [(&str, &str); 0] = [];

#[test]
fn files_are_short_and_those_that_are_not_are_named() {
    let files = rust_files().into_iter().filter(|file| {
        let text = fs::read_to_string(file).unwrap();
        text.lines().count() > FILE_LINES_MAX
    });
    let longer: Vec<String> = files.map(|file| inside(&file)).collect();
    assert_same(&longer, &LONGER_FILES.map(str::to_owned));
}

#[test]
fn functions_are_short_and_those_that_are_not_are_named() {
    let mut longer = Vec::new();
    for file in rust_files().iter().filter(|file| !is_tests(&inside(file))) {
        let text = fs::read_to_string(file).unwrap();
        for (name, lines) in functions(&text) {
            if lines > FUNCTION_LINES_MAX {
                longer.push(format!("{} {name}", inside(file)));
            }
        }
    }
    let named: Vec<String> = LONGER_FUNCTIONS
        .iter()
        .map(|(file, name)| format!("{file} {name}"))
        .collect();
    assert_same(&longer, &named);
}

#[test]
fn the_rule_counts_the_lines_of_a_function() {
    let text = "fn one() {}\n\
        fn two(\n    a: u8,\n) {\n    a;\n}\n\
        impl A {\n    pub(crate) async fn three() {\n        if a {\n        }\n    }\n}\n\
        trait B {\n    fn declared(\n        &self,\n    );\n}\n\
        #[cfg(test)]\nmod tests {\n    fn four() {\n    }\n}\n";
    assert_eq!(functions(text), [("two", 5), ("three", 4)]);
}

fn assert_same(found: &[String], named: &[String]) {
    let new: Vec<_> = found.iter().filter(|file| !named.contains(file)).collect();
    assert!(new.is_empty(), "too long: {new:#?}");
    let gone: Vec<_> = named.iter().filter(|file| !found.contains(file)).collect();
    assert!(
        gone.is_empty(),
        "no longer too long, and still named: {gone:#?}"
    );
}

fn inside(file: &std::path::Path) -> String {
    file.strip_prefix(root()).unwrap().display().to_string()
}

fn is_tests(file: &str) -> bool {
    file.starts_with("tests/") || file.contains("/tests/") || file.ends_with("/tests.rs")
}

/// The functions with a body of more than one line above the tests, as `cargo fmt` writes them.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let lines: Vec<&str> = code.lines().collect();
    let mut functions = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let Some(name) = declared(line) else { continue };
        if line.ends_with(['}', ';']) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let end = lines.iter().enumerate().skip(number + 1).find(|(_, line)| {
            let at_its_indent =
                line.len() > indent && line.trim_start().len() == line.len() - indent;
            at_its_indent && (line.trim() == "}" || line.ends_with(';'))
        });
        if let Some((end, _)) = end.filter(|(_, line)| line.trim() == "}") {
            functions.push((name, end - number + 1));
        }
    }
    functions
}

/// The name of the function that a line declares.
fn declared(line: &str) -> Option<&str> {
    let mut words = line.trim_start().split(' ').peekable();
    while words
        .next_if(|word| word.starts_with("pub") || ["const", "async"].contains(word))
        .is_some()
    {}
    words.next_if_eq(&"fn")?;
    words.next()?.split(['(', '<']).next()
}
