//! Python's order: the version specifiers of the Python Packaging Authority, "Version scheme" (PEP 440).

use std::{cmp::Ordering, str::FromStr as _};

use pep440_rs::Version;

/// Compares two versions; `None` if one is not a version.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (
        Version::from_str(left).ok()?,
        Version::from_str(right).ok()?,
    );
    Some(left.cmp(&right))
}
