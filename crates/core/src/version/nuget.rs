//! The order of .NET's packages: Semantic Versioning with up to four numbers, labels compared without
//! regard to case. `NuGet`'s documentation, "Package versioning".

use std::cmp::Ordering;

use super::digits;

/// Compares two versions; `None` if one is not a version.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (Parts::of(left)?, Parts::of(right)?);
    let numbers = (0..NUMBERS_MAX).map(|at| digits::compare(left.number(at), right.number(at)));
    Some(
        numbers
            .fold(Ordering::Equal, Ordering::then)
            .then_with(|| labels(left.labels, right.labels)),
    )
}

/// `Major.Minor.Patch.Revision`
const NUMBERS_MAX: usize = 4;

struct Parts<'a> {
    numbers: Vec<&'a str>,
    labels: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let text = text.split_once('+').map_or(text, |(text, _)| text);
        let (numbers, labels) = match text.split_once('-') {
            Some((numbers, labels)) => (numbers, Some(labels)),
            None => (text, None),
        };
        let numbers: Vec<_> = numbers.split('.').take(NUMBERS_MAX + 1).collect();
        let is_label = |label: &str| {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            !label.is_empty() && label.bytes().all(allowed)
        };
        let is_version = numbers.len() <= NUMBERS_MAX
            && numbers.iter().all(|number| digits::are(number))
            && labels.is_none_or(|labels| labels.split('.').all(is_label));
        is_version.then_some(Self { numbers, labels })
    }

    /// What is not written is zero.
    fn number(&self, at: usize) -> &'a str {
        self.numbers.get(at).copied().unwrap_or_default()
    }
}

/// A pre-release sorts before the release; numbers before words; fewer labels before more.
fn labels(left: Option<&str>, right: Option<&str>) -> Ordering {
    let (left, right) = match (left, right) {
        (None, None) => return Ordering::Equal,
        (None, Some(_)) => return Ordering::Greater,
        (Some(_), None) => return Ordering::Less,
        (Some(left), Some(right)) => (left, right),
    };
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) => label(left, right),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn label(left: &str, right: &str) -> Ordering {
    match (digits::are(left), digits::are(right)) {
        (true, true) => digits::compare(left, right),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => left.to_ascii_lowercase().cmp(&right.to_ascii_lowercase()),
    }
}
