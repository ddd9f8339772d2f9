//! Files of at most 300 lines, functions of at most 40: what is longer is not read as a whole.

use std::fs;

use crate::{cargo::root, sources::rust_files};

/// A file has at most this many lines.
const FILE_LINES_MAX: usize = 300;
/// A function has at most this many lines, from `fn` to its last brace. A test may be a longer table.
const FUNCTION_LINES_MAX: usize = 40;

#[test]
fn files_are_short() {
    let mut longer = Vec::new();
    for file in rust_files() {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        if lines > FILE_LINES_MAX {
            longer.push(format!("{}: {lines} lines", inside(&file)));
        }
    }
    assert!(longer.is_empty(), "{longer:#?}");
}

#[test]
fn functions_are_short() {
    let mut longer = Vec::new();
    for file in rust_files().iter().filter(|file| !is_tests(&inside(file))) {
        let text = fs::read_to_string(file).unwrap();
        for (name, lines) in functions(&text) {
            if lines > FUNCTION_LINES_MAX {
                longer.push(format!("{} {name}: {lines} lines", inside(file)));
            }
        }
    }
    assert!(longer.is_empty(), "{longer:#?}");
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
