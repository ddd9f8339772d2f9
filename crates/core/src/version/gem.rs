//! `RubyGems`' order: `Gem::Version`, its documentation and its `<=>`.

use std::cmp::Ordering;

use super::digits;

/// Compares two versions; `None` if one is not a version.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (segments(left)?, segments(right)?);
    let length = left.len().max(right.len());
    let pairs = (0..length).map(|at| segment(left.get(at), right.get(at)));
    Some(pairs.fold(Ordering::Equal, Ordering::then))
}

/// Rows of digits and rows of letters; zeros that end the numbers before the first letters, and
/// those that end the whole, say nothing.
fn segments(text: &str) -> Option<Vec<&str>> {
    let is_word = |word: &str| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        !word.is_empty() && word.bytes().all(allowed)
    };
    let is_version = text.starts_with(|c: char| c.is_ascii_digit()) && text.split('.').all(is_word);
    if !is_version {
        return None;
    }
    let mut numbers = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    for (dashes, part) in text.split('-').enumerate() {
        // A "-" is ".pre.".
        if dashes > 0 {
            words.push("pre");
        }
        for piece in part.split('.').flat_map(pieces) {
            if words.is_empty() && digits::are(piece) {
                numbers.push(piece);
            } else {
                words.push(piece);
            }
        }
    }
    for segments in [&mut numbers, &mut words] {
        let is_zero = |segment: &&str| segment.bytes().all(|b| b == b'0');
        while segments.last().is_some_and(is_zero) {
            segments.pop();
        }
    }
    numbers.append(&mut words);
    Some(numbers)
}

/// The rows of digits and those of letters in a word.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let (piece, tail) = match digits::split(rest) {
            ("", _) => digits::split_text(rest),
            number => number,
        };
        rest = tail;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Letters sort before the end and before numbers; the end is zero.
fn segment(left: Option<&&str>, right: Option<&&str>) -> Ordering {
    let (left, right) = (left.copied().unwrap_or("0"), right.copied().unwrap_or("0"));
    match (digits::are(left), digits::are(right)) {
        (true, true) => digits::compare(left, right),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => left.cmp(right),
    }
}
