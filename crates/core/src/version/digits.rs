//! Numbers of any length, compared as they are written: nothing is too large.

use std::cmp::Ordering;

/// Compares two rows of digits by the numbers that they are; none is zero.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// Whether it is a row of digits, at least one.
pub(super) fn are(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The digits that a text begins with, and what follows.
pub(super) fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit());
    text.split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, ""))
}

/// What a text has before its first digit, and what follows.
pub(super) fn split_text(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| c.is_ascii_digit());
    text.split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, ""))
}
