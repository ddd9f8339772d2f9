//! Alpine's order: `number{.number}[letter]{_suffix[number]}[~hash][-rnumber]`. apk-package(5),
//! "Package version", and apk-tools' `version.c`.

use std::cmp::Ordering;

use super::digits;

/// Compares two versions; `None` if one is not a version.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    Some(Version::read(left)?.cmp(&Version::read(right)?))
}

/// What sorts before a release, and what after it.
const SUFFIXES: [(&str, i8); 9] = [
    ("alpha", -4),
    ("beta", -3),
    ("pre", -2),
    ("rc", -1),
    ("cvs", 1),
    ("svn", 2),
    ("git", 3),
    ("hg", 4),
    ("p", 5),
];

#[derive(PartialEq, Eq)]
struct Version<'a> {
    numbers: Vec<&'a str>,
    letter: Option<char>,
    suffixes: Vec<(i8, &'a str)>,
    revision: &'a str,
}

impl<'a> Version<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (text, revision) = match text.rsplit_once("-r") {
            Some((text, revision)) if digits::are(revision) => (text, revision),
            Some(_) => return None,
            None => (text, ""),
        };
        let (text, hash) = text.split_once('~').unwrap_or((text, "0"));
        let mut parts = text.split('_');
        let first = parts.next()?;
        let letter = first.chars().last().filter(char::is_ascii_lowercase);
        let numbers = first.strip_suffix(|c: char| Some(c) == letter);
        let numbers: Vec<_> = numbers.unwrap_or(first).split('.').collect();
        let suffixes: Option<Vec<_>> = parts.map(suffix).collect();
        let is_hash = !hash.is_empty() && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let is_version = is_hash && numbers.iter().all(|number| digits::are(number));
        Some(Self {
            numbers,
            letter,
            suffixes: suffixes?,
            revision,
        })
        .filter(|_| is_version)
    }
}

fn suffix(text: &str) -> Option<(i8, &str)> {
    let (name, number) = digits::split_text(text);
    let (_, rank) = SUFFIXES.iter().find(|(known, _)| *known == name)?;
    (number.is_empty() || digits::are(number)).then_some((*rank, number))
}

impl Ord for Version<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        numbers(&self.numbers, &other.numbers)
            .then_with(|| self.letter.cmp(&other.letter))
            .then_with(|| suffixes(&self.suffixes, &other.suffixes))
            .then_with(|| digits::compare(self.revision, other.revision))
            .then_with(|| {
                self.revision
                    .is_empty()
                    .cmp(&other.revision.is_empty())
                    .reverse()
            })
    }
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A number that begins with zero is a fraction, unless it is the first.
fn numbers(left: &[&str], right: &[&str]) -> Ordering {
    for (at, (left, right)) in left.iter().zip(right).enumerate() {
        let is_fraction = at > 0 && (left.starts_with('0') || right.starts_with('0'));
        let order = if is_fraction {
            fraction(left, right)
        } else {
            digits::compare(left, right)
        };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len())
}

/// More zeros at the beginning are less; after as many, the greater number is more.
fn fraction(left: &str, right: &str) -> Ordering {
    let zeros = |text: &str| text.len() - text.trim_start_matches('0').len();
    zeros(right)
        .cmp(&zeros(left))
        .then_with(|| digits::compare(left, right))
}

fn suffixes(left: &[(i8, &str)], right: &[(i8, &str)]) -> Ordering {
    for at in 0..left.len().max(right.len()) {
        let end = (0, "");
        let (left, right) = (left.get(at).unwrap_or(&end), right.get(at).unwrap_or(&end));
        let order = left
            .0
            .cmp(&right.0)
            .then_with(|| digits::compare(left.1, right.1))
            .then_with(|| left.1.is_empty().cmp(&right.1.is_empty()).reverse());
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}
