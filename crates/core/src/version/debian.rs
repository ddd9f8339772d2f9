//! Debian's order: `[epoch:]upstream[-revision]`. Debian Policy 5.6.12 and deb-version(7), "Sorting
//! algorithm".

use std::cmp::Ordering;

use super::digits;

/// Compares two versions; `None` if one is not a version.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (Parts::of(left)?, Parts::of(right)?);
    let by_epoch = digits::compare(left.epoch, right.epoch);
    Some(
        by_epoch
            .then_with(|| part(left.upstream, right.upstream))
            .then_with(|| part(left.revision, right.revision)),
    )
}

struct Parts<'a> {
    epoch: &'a str,
    upstream: &'a str,
    revision: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
        // No revision is the same as the revision 0.
        let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, "0"));
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b".+-~:".contains(&b);
        let is_version = digits::are(epoch)
            && upstream.starts_with(|c: char| c.is_ascii_alphanumeric())
            && rest.bytes().all(allowed);
        is_version.then_some(Self {
            epoch,
            upstream,
            revision,
        })
    }
}

/// Compares what is not a number and what is one, by turns.
fn part(mut left: &str, mut right: &str) -> Ordering {
    while !(left.is_empty() && right.is_empty()) {
        let ((left_text, left_rest), (right_text, right_rest)) =
            (digits::split_text(left), digits::split_text(right));
        let by_text = text(left_text, right_text);
        let ((left_number, left_rest), (right_number, right_rest)) =
            (digits::split(left_rest), digits::split(right_rest));
        let order = by_text.then_with(|| digits::compare(left_number, right_number));
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    Ordering::Equal
}

/// A tilde sorts before the end, letters before everything else.
fn text(left: &str, right: &str) -> Ordering {
    let weight = |byte: Option<&u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(letter) if letter.is_ascii_alphabetic() => i32::from(*letter),
        Some(other) => i32::from(*other) + 256,
    };
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let length = left.len().max(right.len());
    let weights = (0..length).map(|at| weight(left.get(at)).cmp(&weight(right.get(at))));
    weights.fold(Ordering::Equal, Ordering::then)
}
