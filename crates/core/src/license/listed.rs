//! A license as a policy lists it, and what is near to a word that is none.

use std::fmt;

use super::{Expression, Term, names};
use crate::suggest;

/// A license as a policy lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed(Term);

/// Why a policy's value is no license.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotListed {
    /// An expression of so many licenses.
    #[error("an expression of {0} licenses")]
    Several(usize),
    /// A word of it is not surely one license of the SPDX license list, nor a `LicenseRef-…`.
    #[error("no license of the SPDX license list, and no LicenseRef-…")]
    Unknown,
}

impl Listed {
    /// Reads a policy's value: one license, with its exception or without, in any spelling that
    /// [`Expression::read`] knows.
    pub fn read(text: &str) -> Result<Self, NotListed> {
        let mut terms = Expression::read(text).ok_or(NotListed::Unknown)?.terms();
        match (terms.pop(), terms.len()) {
            (Some(only), 0) => Ok(Self(only)),
            (Some(_), others) => Err(NotListed::Several(others + 1)),
            (None, _) => Err(NotListed::Unknown),
        }
    }

    /// Whether a license is the listed one: without regard to case; one that is listed without an
    /// exception stands for itself with any exception too, one listed with an exception for that
    /// alone.
    #[must_use]
    pub fn covers(&self, license: &str, exception: Option<&str>) -> bool {
        let same_exception = match (&self.0.exception, exception) {
            (None, _) => true,
            (Some(listed), Some(stated)) => listed.eq_ignore_ascii_case(stated),
            (Some(_), None) => false,
        };
        same_exception && self.0.license.eq_ignore_ascii_case(license)
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A word of so many characters may be what a family of licenses is called by.
const FAMILY_CHARACTERS_MIN: usize = 3;

/// The licenses that a word that is none was probably meant to be: the family that it names (`GPL`),
/// else the nearest identifier; none where nothing is near.
#[must_use]
pub fn near(written: &str) -> Vec<String> {
    let written = written.trim();
    let lower = written.to_ascii_lowercase();
    if let Some((license, exception)) = lower.split_once(" with ") {
        return near_with(license, exception).into_iter().collect();
    }
    let prefix = format!("{}-", lower.trim_end_matches('-'));
    let ids = names::modern_ids();
    let family: Vec<_> = ids
        .iter()
        .filter(|id| id.to_ascii_lowercase().starts_with(&prefix))
        .map(|id| (*id).to_owned())
        .collect();
    if lower.len() >= FAMILY_CHARACTERS_MIN && !family.is_empty() {
        return family;
    }
    let one = suggest::nearest(written, ids.iter().copied());
    one.map(str::to_owned).into_iter().collect()
}

/// The nearest `X WITH E`, where the license itself is one.
fn near_with(license: &str, exception: &str) -> Option<String> {
    let Listed(term) = Listed::read(license).ok()?;
    let exception = suggest::nearest(exception.trim(), names::exception_ids())?;
    Some(format!("{} WITH {exception}", term.license))
}
