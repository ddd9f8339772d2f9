//! A license as a policy lists it, and what is near to a word that is almost one.

use std::{collections::HashMap, fmt};

use super::{Expression, Named, Term, expression::Atom, names, plain, states};
use crate::suggest;

/// A license as a policy lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// One of SPDX's list, or a `LicenseRef-…`, with its exception or without.
    Term(Term<'static>),
    /// Any other name, as [`plain`] compares it.
    Words(String),
}

/// Why a policy's value is not a license.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotListed {
    /// An expression of this many licenses.
    #[error("expected one license, found an expression of {0}")]
    Several(usize),
    /// What states no license: `NOASSERTION`, `NONE`.
    #[error("expected a license, found a statement that there is none")]
    Nothing,
    /// A word that is not a license, and what it was probably meant to be: never empty.
    #[error("expected a license, found what is almost an SPDX id")]
    Near(Vec<String>),
}

impl Listed {
    /// Reads a policy's value: one license in any spelling that [`Expression::read`] knows, or any
    /// other name, if it is not one that was probably meant to be a license of the list.
    pub fn read(text: &str) -> Result<Self, NotListed> {
        let expression = Expression::read(text);
        let mut terms: Vec<&Term<'_>> = expression.terms().collect();
        terms.dedup();
        if !states(text) {
            return Err(NotListed::Nothing);
        }
        match (terms.as_slice(), expression.is_readable()) {
            ([only], true) => Ok(Self::Term(only.owned())),
            ([], _) => match near(text) {
                near if near.is_empty() => Ok(Self::Words(plain(text))),
                near => Err(NotListed::Near(near)),
            },
            // "GPL-2.0 WITH Classpth-exception-2.0"
            (terms, _) => match near(text) {
                near if near.is_empty() => {
                    let words = expression
                        .atoms()
                        .filter(|atom| matches!(atom, Atom::Words(_)));
                    Err(NotListed::Several((terms.len() + words.count()).max(2)))
                }
                near => Err(NotListed::Near(near)),
            },
        }
    }
}

/// The licenses that criteria list, with those that do: a bit for each criterion.
#[derive(Debug, Clone, Default)]
pub struct ListedBy {
    /// Without regard to case, with their exceptions if they have one.
    terms: HashMap<String, u64>,
    words: HashMap<String, u64>,
}

impl ListedBy {
    /// Adds one that the criteria of these bits list.
    pub fn insert(&mut self, listed: &Listed, bits: u64) {
        let known = match listed {
            Listed::Term(term) => self.terms.entry(term.to_string().to_lowercase()),
            Listed::Words(words) => self.words.entry(words.clone()),
        };
        *known.or_default() |= bits;
    }

    /// Which criteria list what a document names: without regard to case; one that is listed without an
    /// exception stands for itself with any exception too, one listed with an exception for that
    /// alone.
    #[must_use]
    pub fn by(&self, named: Named<'_>) -> u64 {
        let by = |known: &HashMap<String, u64>, name: &str| known.get(name).copied().unwrap_or(0);
        match named {
            Named::Words(_) if self.words.is_empty() => 0,
            Named::Words(words) => by(&self.words, &plain(words)),
            Named::Term(_) if self.terms.is_empty() => 0,
            Named::Term(term) => {
                let alone = by(&self.terms, &term.license.to_lowercase());
                match term.exception {
                    Some(_) => alone | by(&self.terms, &term.to_string().to_lowercase()),
                    None => alone,
                }
            }
        }
    }
}

impl Term<'_> {
    fn owned(&self) -> Term<'static> {
        let own = |text: &str| std::borrow::Cow::Owned(text.to_owned());
        Term {
            license: own(&self.license),
            exception: self.exception.as_deref().map(own),
        }
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term(term) => term.fmt(f),
            Self::Words(words) => words.fmt(f),
        }
    }
}

/// The licenses that a word was probably meant to be: those whose family or name it is without the
/// version (`GPL`, `GNU General Public License`), else the nearest identifier; none where nothing is
/// near.
#[must_use]
pub fn near(written: &str) -> Vec<String> {
    let written = written.trim();
    let lower = written.to_ascii_lowercase();
    if let Some((license, exception)) = lower.split_once(" with ") {
        return near_with(license, exception).into_iter().collect();
    }
    let family = family(&lower);
    if !family.is_empty() {
        return family.into_iter().map(str::to_owned).collect();
    }
    let ids = names::modern_ids().iter().copied();
    let one = suggest::nearest(written, ids);
    // Not what only begins like an identifier: "free" is not "FreeImage".
    let one = one.filter(|id| id.len() <= written.len() + 1 + written.len() / 3);
    one.map(str::to_owned).into_iter().collect()
}

/// The licenses of a family, whose name the word is, alone or with a version that none of them has.
fn family(lower: &str) -> Vec<&'static str> {
    let is_version = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || c == '.')
    };
    let (name, version) = lower.rsplit_once(['-', ' ']).unwrap_or((lower, ""));
    let name = if is_version(version) { name } else { lower };
    let prefix = format!("{}-", name.trim_end_matches('-'));
    let ids = names::modern_ids().iter();
    let of_it = |id: &&&str| id.to_ascii_lowercase().starts_with(&prefix);
    let by_id: Vec<_> = ids.filter(of_it).copied().collect();
    if by_id.is_empty() || prefix.len() <= FAMILY_CHARACTERS_MIN {
        return names::versions_of(&names::folded(name));
    }
    by_id
}

/// A word of this many characters may be what a family of licenses is called by.
const FAMILY_CHARACTERS_MIN: usize = 3;

/// The nearest `X WITH E`, where the license itself is one.
fn near_with(license: &str, exception: &str) -> Option<String> {
    let Ok(Listed::Term(term)) = Listed::read(license) else {
        return None;
    };
    let exception = suggest::nearest(exception.trim(), names::exception_ids())?;
    Some(format!("{} WITH {exception}", term.license))
}
