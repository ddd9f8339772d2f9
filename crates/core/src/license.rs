//! What documents say of licenses, and the questions that a `license` criterion asks of it.
//!
//! A word names one license for sure, or it is unknown: `BSD`, `GPL` and `LGPLv2` are, and unknown is
//! never harmless. What is unknown hides nothing of what stands beside it. Nothing here decides what
//! unknown means for a policy; [`clearance`] only tells it apart.
//!
//! Grammar: SPDX specification 2.3, annex D "SPDX license expressions"; identifiers: the SPDX
//! license list that the crate `spdx` brings.

mod clearance;
mod expression;
mod listed;
mod names;
mod spellings;
mod words;

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt,
};

use expression::Atom;

pub use self::{
    clearance::{Clearance, Clearances, clearances},
    expression::Expression,
    listed::{Listed, ListedBy, NotListed, near},
};

/// The longest text in which licenses are looked for, in bytes; a longer one is unknown. Linux
/// distributions' longest expressions have some 5,000.
pub const EXPRESSION_BYTES_MAX: usize = 64 * 1024;

/// What a document says of a component's license; the default is nothing, which is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct License {
    /// Texts, as they are written, that all apply.
    pub stated: Vec<String>,
    /// What the document says of the `LicenseRef-…` in them. One that is missing here is unknown.
    pub explained: Vec<Explained>,
}

/// What a document says of a license of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Explained {
    /// `LicenseRef-…`
    pub reference: String,
    /// Names and texts, as they are written, that all apply.
    pub by: Vec<String>,
}

impl License {
    /// A license that is stated in one text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self {
            stated: vec![text.to_owned()],
            explained: Vec::new(),
        }
    }

    /// Whether the document says anything.
    #[must_use]
    pub fn is_stated(&self) -> bool {
        !self.stated.is_empty()
    }
}

/// What a document says of licenses of its own, by what names them in any case.
struct Explanations<'a>(HashMap<String, (usize, &'a [String])>);

impl<'a> Explanations<'a> {
    fn of(license: &'a License) -> Self {
        let mut explained = HashMap::new();
        for (place, own) in license.explained.iter().enumerate() {
            let reference = own.reference.to_ascii_lowercase();
            let by = (place, own.by.as_slice());
            explained.entry(reference).or_insert(by);
        }
        Self(explained)
    }

    /// The texts that explain it, with their place among all.
    fn get(&self, term: &Term<'_>) -> Option<(usize, &'a [String])> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&term.license.to_ascii_lowercase()).copied()
    }
}

/// One license that a text names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term<'a> {
    /// The canonical identifier, as in `GPL-2.0-only` or `LicenseRef-ours`; `+` stays on licenses
    /// that have no `-or-later` form.
    pub license: Cow<'a, str>,
    /// What follows `WITH`, as in `Classpath-exception-2.0`.
    pub exception: Option<Cow<'a, str>>,
}

impl<'a> Term<'a> {
    fn plain(license: Cow<'a, str>) -> Self {
        let exception = None;
        Self { license, exception }
    }

    /// An identifier of the list, or what replaced it, as in `GPL-2.0-only WITH …`.
    fn canonical(id: &'static str) -> Self {
        let (license, exception) = match id.split_once(" WITH ") {
            Some((license, exception)) => (license, Some(exception)),
            None => (id, None),
        };
        Self {
            license: Cow::Borrowed(license),
            exception: exception.map(Cow::Borrowed),
        }
    }

    /// Whether it is a license of the document's own.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        self.license.starts_with("LicenseRef-") || self.license.starts_with("DocumentRef-")
    }
}

impl fmt::Display for Term<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.exception {
            Some(exception) => write!(f, "{} WITH {exception}", self.license),
            None => f.write_str(&self.license),
        }
    }
}

/// What a document names for a license.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named<'a> {
    /// A license of SPDX's list, or of the document's own.
    Term(&'a Term<'a>),
    /// Words that name none for sure.
    Words(&'a str),
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term(term) => term.fmt(f),
            Self::Words(words) => f.write_str(words),
        }
    }
}

/// Looks at everything that a document names for a component's license: licenses and the words that
/// name none for sure, also of what explains licenses of its own, and the texts that are not
/// understood as a whole. What explains a license is looked at once, however often it is named.
pub fn each_named(license: &License, mut look: impl FnMut(Named<'_>)) {
    let explanations = Explanations::of(license);
    let mut explained = HashSet::new();
    for text in &license.stated {
        each_of(text, &mut |named| {
            look(named);
            if let Named::Term(term) = named
                && let Some((place, by)) = explanations.get(term)
                && explained.insert(place)
            {
                for text in by {
                    each_of(text, &mut look);
                }
            }
        });
    }
}

fn each_of(text: &str, look: &mut dyn FnMut(Named<'_>)) {
    let expression = Expression::read(text);
    let whole = text.trim();
    let mut is_whole_seen = expression.is_readable();
    for atom in expression.atoms() {
        match atom {
            Atom::License(term) => look(Named::Term(term)),
            Atom::Words(words) => {
                is_whole_seen |= *words == whole;
                look(Named::Words(words));
            }
        }
    }
    if !is_whole_seen {
        look(Named::Words(whole));
    }
}

/// Whether a text states anything (SPDX specification 2.3, clause 7.13 "Concluded license field").
#[must_use]
pub fn states(text: &str) -> bool {
    let text = text.trim();
    !(text.is_empty()
        || text.eq_ignore_ascii_case("NOASSERTION")
        || text.eq_ignore_ascii_case("NONE"))
}

/// Words as they are compared: without regard to case and to how many blanks part them.
#[must_use]
pub fn plain(words: &str) -> String {
    let words = words.split_whitespace();
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Every way in which the license list spells a license: its identifier, deprecated ones that mean
/// the same, and where it has an exception these again with it. An operator on parts of a text or a
/// regular expression is asked of each, so that `GPL-2.0` means the same to all operators.
#[must_use]
pub fn spellings(term: &Term<'_>) -> Vec<String> {
    let with_exception = term.exception.is_some().then(|| term.to_string());
    let mut spellings = Vec::new();
    for modern in std::iter::once(term.license.to_string()).chain(with_exception) {
        spellings.extend(names::deprecated(&modern).iter().map(ToString::to_string));
        spellings.push(modern);
    }
    spellings
}

#[cfg(test)]
mod tests;
