//! Conditions on licenses: a policy lists licenses of SPDX's list or any other names, and what an SBOM
//! names is compared without regard to case.
//!
//! A license is compared by its identifier and, if it has one, together with its exception; so
//! what is said of a license stands for it with any exception too. A deprecated identifier equals
//! its modern one under every operator. Words that name no license of the list are compared as they
//! are written; whether that is enough is not decided here.

use std::collections::HashMap;

use super::{
    document::Mistakes,
    lookup::Lookup,
    operator::StringOperator,
    text::{TextCondition, Written},
};
use crate::{
    license::{self, Listed, ListedBy, Named, NotListed},
    suggest::shortened,
};

/// How many identifiers are named for a word that is not a license.
const NEAR_MAX: usize = 6;

/// A condition on each license of many.
#[derive(Debug, Clone)]
pub struct LicenseCondition {
    text: TextCondition,
    /// The values of an operator that compares whole licenses.
    listed: Vec<Listed>,
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

    /// The condition that the written values make; a value that is almost a license of the list is a
    /// mistake where whole licenses are compared: a ban that can never be broken would be silent.
    pub(super) fn of(written: &Written<'_>, mistakes: &mut Mistakes) -> Self {
        let mut condition = Self {
            text: TextCondition::of(written),
            listed: Vec::new(),
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
                Ok(listed) => condition.listed.push(listed),
                Err(error) => mistakes.add(place, wrong(text, error)),
            }
        }
        condition
    }
}

/// Conditions made ready for being asked together of what many documents name: each has a bit, the first
/// the lowest.
pub struct LicenseLookup<'a> {
    listed: ListedBy,
    parts: Vec<(u64, Lookup)>,
    /// Tells at once of most words that no condition has a part of them.
    any_part: Option<Lookup>,
    patterns: Vec<(u64, &'a TextCondition)>,
    /// The answers for the licenses of the list, some hundreds.
    known: HashMap<String, u64>,
}

impl<'a> LicenseLookup<'a> {
    /// Those of these conditions that have a bit, 64 at most.
    pub fn of(conditions: impl IntoIterator<Item = &'a LicenseCondition>) -> Self {
        let mut lookup = Self {
            listed: ListedBy::default(),
            parts: Vec::new(),
            any_part: None,
            patterns: Vec::new(),
            known: HashMap::new(),
        };
        let mut parts = Vec::new();
        for (place, condition) in (0..u64::BITS).zip(conditions) {
            let (bit, operator) = (1 << place, condition.operator());
            if operator.takes_patterns() {
                lookup.patterns.push((bit, &condition.text));
            } else if operator.is_whole() {
                for listed in &condition.listed {
                    lookup.listed.insert(listed, bit);
                }
            } else if let Ok(own) = Lookup::new(operator, &condition.parts, &[]) {
                lookup.parts.push((bit, own));
                parts.extend_from_slice(&condition.parts);
            }
        }
        lookup.any_part = Lookup::new(StringOperator::Contains, &parts, &[]).ok();
        lookup
    }

    /// The conditions that what a document names is what they ask for, or forbid.
    pub fn touched(&mut self, named: Named<'_>) -> u64 {
        let term = match named {
            Named::Words(words) => return self.listed.by(named) | self.spelled(words),
            Named::Term(term) => term,
        };
        let is_listed = term.exception.is_none() && !term.is_reference();
        if is_listed && let Some(bits) = self.known.get(&*term.license) {
            return *bits;
        }
        let mut bits = self.listed.by(named);
        if !(self.parts.is_empty() && self.patterns.is_empty()) {
            for spelling in license::spellings(term) {
                bits |= self.spelled(&spelling);
            }
        }
        if is_listed {
            self.known.insert(term.license.to_string(), bits);
        }
        bits
    }

    fn spelled(&mut self, spelling: &str) -> u64 {
        let mut bits = 0;
        for (bit, text) in &self.patterns {
            if text.touches(spelling) {
                bits |= bit;
            }
        }
        if self.parts.is_empty() {
            return bits;
        }
        let folded = spelling.to_lowercase();
        let touches = |lookup: &mut Lookup| lookup.touches(&folded) == Ok(true);
        if self.any_part.as_mut().is_none_or(touches) {
            for (bit, lookup) in &mut self.parts {
                if touches(lookup) {
                    bits |= *bit;
                }
            }
        }
        bits
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
