//! The order of npm, Cargo and Go: Semantic Versioning 2.0.0, section 11. Go writes a `v` before it
//! (Go modules reference, "Versions").

use std::{borrow::Cow, cmp::Ordering};

use semver::Version;

/// Compares two versions; `None` if one is not a version.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    Some(read(left)?.cmp_precedence(&read(right)?))
}

/// Reads a version; numbers that are not written are zero, as in `1.22` and `v2`.
pub(super) fn read(text: &str) -> Option<Version> {
    let text = text.strip_prefix("go").unwrap_or(text);
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at_checked(end)?;
    let whole = match numbers.matches('.').count() {
        0 => Cow::Owned(format!("{numbers}.0.0{rest}")),
        1 => Cow::Owned(format!("{numbers}.0{rest}")),
        _ => Cow::Borrowed(text),
    };
    Version::parse(&whole).ok()
}
