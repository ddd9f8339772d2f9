//! Conditions on licenses: a policy lists licenses of SPDX's list or any other names, and what an SBOM
//! names is compared without regard to case.
//!
//! A license is compared by its identifier and, if it has one, together with its exception; so
//! what is said of a license stands for it with any exception too. A deprecated identifier equals
//! its modern one under every operator. Words that name no license of the list are compared as they
//! are written; whether that is enough is not decided here.

use super::{
    document::Mistakes,
    operator::StringOperator,
    text::{TextCondition, Written},
};
use crate::{
    license::{self, Listed, ListedSet, Named, NotListed},
    suggest::shortened,
};

/// How many identifiers are named for a word that is not a license.
const NEAR_MAX: usize = 6;

/// A condition on each license of many.
#[derive(Debug, Clone)]
pub struct LicenseCondition {
    text: TextCondition,
    /// The values of an operator that compares whole licenses.
    listed: ListedSet,
    /// The values of an operator that compares parts, in lower case.
    parts: Vec<String>,
}

impl LicenseCondition {
    /// How the values are compared.
    #[must_use]
    pub fn operator(&self) -> StringOperator {
        self.text.operator()
    }

    /// The values as they are written, with their operator.
    pub(super) fn text(&self) -> &TextCondition {
        &self.text
    }

    /// Whether what a document names is what the operator asks for, or, of a negative operator, what
    /// it forbids.
    #[must_use]
    pub fn touches(&self, named: Named<'_>) -> bool {
        if self.operator().is_whole() {
            return self.listed.covers(named);
        }
        match named {
            Named::Term(term) => license::spellings(term)
                .iter()
                .any(|spelling| self.touches_spelling(spelling)),
            Named::Words(words) => self.touches_spelling(words),
        }
    }

    fn touches_spelling(&self, spelling: &str) -> bool {
        if self.operator().takes_patterns() {
            return self.text.touches(spelling);
        }
        let spelling = spelling.to_lowercase();
        let mut parts = self.parts.iter();
        parts.any(|part| self.operator().touches(&spelling, part))
    }

    /// The condition that the written values make; a value that is almost a license of the list is a
    /// mistake where whole licenses are compared: a ban that can never be broken would be silent.
    pub(super) fn of(written: &Written<'_>, mistakes: &mut Mistakes) -> Self {
        let mut condition = Self {
            text: TextCondition::of(written),
            listed: ListedSet::default(),
            parts: Vec::new(),
        };
        for (place, text) in &written.values {
            if !written.operator.is_whole() {
                condition.parts.push(text.to_lowercase());
                continue;
            }
            // Looking for near words costs some milliseconds: not for what nobody sees.
            if mistakes.are_full() {
                break;
            }
            match Listed::read(text) {
                Ok(listed) => condition.listed.insert(listed),
                Err(error) => mistakes.add(place, wrong(text, error)),
            }
        }
        condition
    }
}

fn wrong(text: &str, error: NotListed) -> String {
    let quoted = shortened(text);
    let near = match error {
        NotListed::Several(count) => {
            return format!(
                "expected one license, found {count} in {quoted:?}: list them one by one"
            );
        }
        NotListed::Nothing => {
            return format!("expected a license, found {quoted:?}, which states none");
        }
        NotListed::Near(near) => near,
    };
    match near.as_slice() {
        [one] => format!("expected a license, found {quoted:?}: did you mean {one:?}?"),
        several => {
            let mut named = several
                .iter()
                .take(NEAR_MAX)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            if several.len() > NEAR_MAX {
                named = format!("{named} and {} more", several.len() - NEAR_MAX);
            }
            format!("expected a license, found {quoted:?}: did you mean one of {named}?")
        }
    }
}
