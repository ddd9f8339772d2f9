//! The keys of labels, as criteria write them: `label.org.opencontainers.image.vendor`.

use crate::suggest::shortened;

/// What an attribute on a label begins with; the key follows.
pub(super) const PREFIX: &str = "label.";
/// The longest key of a label that a criterion may ask for.
pub const LABEL_CHARACTERS_MAX: usize = 128;
/// The characters of a key, as a class of a regular expression.
pub(super) const CLASS: &str = "[A-Za-z0-9._/:@+-]";

/// What a key should be instead, if criteria do not take it. Labels may have any key; those that people
/// give are words with dots, and one with markup would be read by more than a registry.
pub(super) fn wrong(key: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._/:@+-".contains(c);
    let expected = "expected the key of a label (A-Z a-z 0-9 . _ / : @ + -) after \"label.\"";
    let length = key.chars().count();
    if let Some(c) = key.chars().find(|c| !is_plain(*c)) {
        let found = c.to_string();
        let key = shortened(key);
        return Some(format!("{expected}, found {found:?} in {key:?}"));
    }
    match length {
        0 => Some(format!("{expected}, found none")),
        1..=LABEL_CHARACTERS_MAX => None,
        more => Some(format!(
            "expected at most {LABEL_CHARACTERS_MAX} characters of a label's key, found {more}"
        )),
    }
}
