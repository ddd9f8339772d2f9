//! What people read of a judgement, kept short: one line, ten names, no megabyte of a stranger's.

use crate::{decision::NAMED_MAX, suggest::cut};

/// The longest reason in characters.
const REASON_CHARACTERS_MAX: usize = 1000;
/// The longest name of a finding or component in characters, its version and platform included.
const NAME_CHARACTERS_MAX: usize = 200;
/// How many unmet criteria a reason names; the criteria have the rest.
const REASONS_MAX: usize = 5;

/// One line of bounded length: a line break or an escape of somebody's document stays out of logs.
pub(super) fn one_line(text: &str) -> String {
    let cleaned = text.chars().take(REASON_CHARACTERS_MAX + 1);
    let cleaned: String = cleaned
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    cut(&cleaned, REASON_CHARACTERS_MAX)
}

/// The reasons of several criteria in one line.
pub(super) fn joined<'a>(reasons: impl Iterator<Item = &'a str>) -> String {
    let reasons: Vec<_> = reasons.collect();
    let mut told: Vec<_> = reasons.iter().take(REASONS_MAX).copied().collect();
    let more = format!("and {} more criteria", reasons.len() - told.len());
    if reasons.len() > told.len() {
        told.push(&more);
    }
    one_line(&told.join("; "))
}

/// The first ten names, then how many more there are.
pub(super) fn named(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut told = Vec::new();
    let mut untold = 0usize;
    for name in names {
        if told.len() < NAMED_MAX {
            told.push(one_line(&cut(&name, NAME_CHARACTERS_MAX)));
        } else {
            untold += 1;
        }
    }
    if untold > 0 {
        told.push(format!("and {untold} more"));
    }
    told
}

/// The first name and how many more there are, for a reason's end; `names` is already cut to ten.
pub(super) fn first_of(names: &[String], count: u64) -> String {
    match (names.first(), count) {
        (None, _) => String::new(),
        (Some(one), 0 | 1) => format!(": {one}"),
        (Some(one), count) => format!(": {one} and {} more", count - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_are_named_and_the_rest_is_a_number() {
        let names = |count: usize| named((0..count).map(|n| n.to_string()));
        assert_eq!(names(0), Vec::<String>::new());
        assert_eq!(names(10).len(), 10);
        assert_eq!(names(10).last().map(String::as_str), Some("9"));
        assert_eq!(names(11).last().map(String::as_str), Some("and 1 more"));
    }

    #[test]
    fn a_reason_is_one_line() {
        assert_eq!(one_line("a\nb\u{1b}[31m"), "a b [31m");
        assert_eq!(one_line(&"x".repeat(5000)).chars().count(), 1001);
        assert_eq!(joined(["a", "b"].into_iter()), "a; b");
        assert_eq!(
            joined(["a", "b", "c", "d", "e", "f", "g"].into_iter()),
            "a; b; c; d; e; and 2 more criteria"
        );
    }
}
