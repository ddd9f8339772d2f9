//! Wording that reads as translated, and never comes back: each row is a phrase and what to write instead.

use std::fs;

use crate::{cargo::root, documents::documents, sources::rust_files};

/// Phrases in lower case, each with a plainer way to say it. Only phrases that good English hardly needs.
const PHRASES: [(&str, &str); 9] = [
    (
        "whoever",
        "who it is, as in: the caller, the next invocation",
    ),
    ("for ever", "forever"),
    ("in vain", "without effect"),
    ("looked back on", "checked"),
    ("as they stand ", "as they are"),
    ("as it stands ", "as it is"),
    ("anew", "again"),
    ("nobody knows", "is unknown"),
    ("what is no ", "what is not a"),
];

#[test]
fn plain_words_are_used() {
    let mut found = Vec::new();
    let written = documents().into_iter().map(|name| root().join(name));
    for path in rust_files().into_iter().chain(written) {
        if path.ends_with("dependencies/words.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (at, line) in text.lines().enumerate() {
            let line = line.to_lowercase();
            for (phrase, instead) in PHRASES {
                if has(&line, phrase) {
                    let place = format!("{}:{}", path.display(), at + 1);
                    found.push(format!("{place}: expected {instead:?}, found {phrase:?}"));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Whether a line has a phrase as words, not within a longer word or a name.
fn has(line: &str, phrase: &str) -> bool {
    let is_edge = |character: Option<char>| {
        character.is_none_or(|character| !(character.is_alphanumeric() || character == '_'))
    };
    line.match_indices(phrase).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + phrase.len()..].chars().next();
        is_edge(before) && (phrase.ends_with(' ') || is_edge(after))
    })
}
