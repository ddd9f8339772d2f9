//! What the files of `src` name of each other, and what they declare, read from their text.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::{cargo::root, sources::rust_files};

#[test]
fn the_imports_of_a_file_are_read_however_they_are_written() {
    let modules: BTreeSet<String> = ["lib", "a", "a::b", "a::c", "d"].map(str::to_owned).into();
    for (case, file, text, expected) in [
        ("one", "d", "use crate::a::Thing;", vec!["a"]),
        (
            "a list",
            "d",
            "use crate::{\n    a::{self, b::Thing},\n};",
            vec!["a", "a::b"],
        ),
        (
            "a sister",
            "a::b",
            "use super::c::{One, Two};",
            vec!["a::c"],
        ),
        ("the parent", "a::b", "use super::One;", vec!["a"]),
        ("an own child", "a", "use b::One;", vec!["a::b"]),
        ("in a body", "a", "fn f() { crate::d::g() }", vec!["d"]),
        ("a child's path", "a", "fn f() { b::g() }", vec!["a::b"]),
        (
            "in prose",
            "a",
            "//! [`crate::d`] does\n/// crate::d::g",
            vec![],
        ),
        ("a crate", "a", "use std::d::Thing;", vec![]),
        (
            "tests",
            "a",
            "#[cfg(test)]\nmod tests { use crate::d::g; }",
            vec![],
        ),
    ] {
        let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(used(file, text, &modules), expected, "{case}");
    }
}

/// The files of `src` but the binary's, named as modules, with what they hold besides tests.
pub fn files() -> BTreeMap<String, String> {
    let src = root().join("src");
    let files = rust_files()
        .into_iter()
        .filter(|file| file.starts_with(&src));
    let named = files.map(|file| {
        let inside = file.strip_prefix(&src).unwrap().with_extension("");
        let name: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        (name.join("::"), fs::read_to_string(&file).unwrap())
    });
    named
        .filter(|(name, _)| name != "main" && !name.ends_with("::tests"))
        .collect()
}

/// Each file with those that it uses.
pub fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let files = files();
    let modules: BTreeSet<String> = files.keys().cloned().collect();
    let used = files
        .iter()
        .map(|(file, text)| (file.clone(), used(file, text, &modules)));
    used.collect()
}

pub fn room(file: &str) -> &str {
    file.split("::").next().unwrap()
}

/// The modules whose items a file names, itself left out.
fn used(file: &str, text: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let code = without_prose_and_tests(text);
    let mut used = BTreeSet::new();
    for path in paths(&code) {
        let absolute = match path.split_first() {
            Some((first, rest)) if first == "crate" => rest.to_vec(),
            Some((first, rest)) if first == "super" => {
                let parent = file.rsplit_once("::").map_or("lib", |(parent, _)| parent);
                let parent = parent
                    .split("::")
                    .filter(|part| *part != "lib")
                    .map(str::to_owned);
                parent.chain(rest.iter().cloned()).collect()
            }
            Some((first, _)) => {
                // A path from here begins with a child of this file.
                let child = if file == "lib" {
                    first.clone()
                } else {
                    format!("{file}::{first}")
                };
                if !modules.contains(&child) {
                    continue;
                }
                child
                    .split("::")
                    .map(str::to_owned)
                    .chain(path.iter().skip(1).cloned())
                    .collect()
            }
            None => continue,
        };
        let longest = (1..=absolute.len())
            .rev()
            .map(|length| absolute[..length].join("::"));
        let module = longest.into_iter().find(|module| modules.contains(module));
        used.extend(module.filter(|module| module != file));
    }
    used
}

/// The lines of code above the tests.
fn without_prose_and_tests(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// Every path of two parts or more, the lists of `use` unfolded.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("::") {
        let begins = rest[..at]
            .rfind(|c: char| !is_word(c))
            .map_or(0, |before| before + 1);
        let first = rest[begins..at].to_owned();
        let length = unfold(&rest[at..], &[first], &mut paths);
        rest = &rest[at + length..];
    }
    paths
}

/// Reads what follows the beginning of a path, and how many bytes it took.
fn unfold(text: &str, before: &[String], into: &mut Vec<Vec<String>>) -> usize {
    let Some(after) = text.strip_prefix("::") else {
        into.push(before.to_vec());
        return 0;
    };
    if let Some(list) = after.strip_prefix('{') {
        let mut taken = 3;
        let mut rest = list;
        loop {
            let blank = rest.len() - rest.trim_start_matches([' ', '\n', ',']).len();
            rest = &rest[blank..];
            taken += blank;
            if rest.is_empty() || rest.starts_with('}') {
                return taken + 1;
            }
            let word: String = rest.chars().take_while(|c| is_word(*c)).collect();
            let mut path = before.to_vec();
            if word != "self" {
                path.push(word.clone());
            }
            let length = word.len() + unfold(&rest[word.len()..], &path, into);
            // `as name` says nothing of where it comes from.
            let length = rest[length..]
                .find([',', '}'])
                .map_or(rest.len(), |end| length + end);
            rest = &rest[length..];
            taken += length;
        }
    }
    let word: String = after.chars().take_while(|c| is_word(*c)).collect();
    let mut path = before.to_vec();
    path.push(word.clone());
    2 + word.len() + unfold(&after[word.len()..], &path, into)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The names of the types that a file declares above its tests.
pub fn declared(text: &str) -> Vec<&str> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let names = code
        .lines()
        .filter(|line| !line.starts_with([' ', '/']))
        .filter_map(|line| {
            let mut words = line
                .split(|c: char| !is_word(c))
                .filter(|word| !word.is_empty());
            let kind = words.find(|word| !["pub", "crate", "super"].contains(word))?;
            ["struct", "enum", "trait", "type"]
                .contains(&kind)
                .then(|| words.next())
                .flatten()
        });
    names.collect()
}
