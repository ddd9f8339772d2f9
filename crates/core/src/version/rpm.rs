//! RPM's order: `[epoch:]version[-release]`. RPM reference manual, "Versions and dependencies", and
//! its `rpmvercmp`.

use std::cmp::Ordering;

use super::digits;

/// Compares two versions; `None` if one is not a version.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (Parts::of(left)?, Parts::of(right)?);
    Some(
        digits::compare(left.epoch, right.epoch)
            .then_with(|| part(left.version, right.version))
            .then_with(|| part(left.release, right.release)),
    )
}

struct Parts<'a> {
    epoch: &'a str,
    version: &'a str,
    release: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
        let (version, release) = rest.rsplit_once('-').unwrap_or((rest, ""));
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._+-~^".contains(&b);
        let is_version = digits::are(epoch)
            && version.starts_with(|c: char| c.is_ascii_alphanumeric())
            && rest.bytes().all(allowed);
        is_version.then_some(Self {
            epoch,
            version,
            release,
        })
    }
}

/// Segments of digits or letters, one by one; what parts them does not matter.
fn part(mut left: &str, mut right: &str) -> Ordering {
    loop {
        let is_separator = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '~' | '^'));
        (left, right) = (
            left.trim_start_matches(is_separator),
            right.trim_start_matches(is_separator),
        );
        // A tilde sorts before the end, a caret right after it.
        let marks = (rank(left), rank(right));
        if marks != (ANY, ANY) {
            if marks.0 != marks.1 {
                return marks.0.cmp(&marks.1);
            }
            match (left.get(1..), right.get(1..)) {
                (Some(left_rest), Some(right_rest)) => (left, right) = (left_rest, right_rest),
                _ => return Ordering::Equal,
            }
            continue;
        }
        let is_number = left.starts_with(|c: char| c.is_ascii_digit());
        let ((left_segment, left_rest), (right_segment, right_rest)) = if is_number {
            (digits::split(left), digits::split(right))
        } else {
            (letters(left), letters(right))
        };
        let order = match (is_number, right_segment.is_empty()) {
            // A number is newer than letters.
            (true, true) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (true, false) => digits::compare(left_segment, right_segment),
            (false, false) => left_segment.cmp(right_segment),
        };
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
}

const ANY: u8 = 3;

/// How what begins with this sorts: `~`, the end, `^`, anything else.
fn rank(text: &str) -> u8 {
    match text.as_bytes().first() {
        Some(b'~') => 0,
        None => 1,
        Some(b'^') => 2,
        Some(_) => ANY,
    }
}

fn letters(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphabetic());
    text.split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, ""))
}
