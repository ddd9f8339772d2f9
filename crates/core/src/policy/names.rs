//! The names that a criterion lists, made ready to be compared with very many as ecosystems compare
//! names. Made for one criterion while it is judged.

use std::borrow::Cow;

use super::{lookup::Lookup, operator::StringOperator, text::TextCondition};
use crate::component::{Purl, Spelling};

/// What a criterion wants of names.
#[derive(Debug)]
pub struct NameLookup<'a> {
    text: &'a TextCondition,
    /// By how names are compared, in the order of [`Spelling::ALL`]; empty for regular expressions.
    /// One that does not fit finds nothing: no operator that forbids looks for parts.
    plain: Vec<Option<Lookup>>,
}

impl<'a> NameLookup<'a> {
    /// Makes the values ready.
    #[must_use]
    pub fn of(text: &'a TextCondition) -> Self {
        let operator = text.operator();
        if operator.takes_patterns() {
            let plain = Vec::new();
            return Self { text, plain };
        }
        let plain = Spelling::ALL.iter().map(|spelling| {
            let values = text.values().iter();
            let canonical: Vec<_> = values
                .map(|value| canonical(operator, value, *spelling))
                .collect();
            Lookup::new(operator, &canonical, &[]).ok()
        });
        let plain = plain.collect();
        Self { text, plain }
    }

    /// Whether a name is what the operator asks for, or, of a negative operator, what it forbids.
    pub fn touches(&mut self, name: &str, spelling: Spelling) -> bool {
        let canonical = effective(self.text.operator(), spelling).canonical(name);
        if self.plain.is_empty() {
            let is_written_otherwise = canonical != name;
            return self.text.touches(name)
                || (is_written_otherwise && self.text.touches(&canonical));
        }
        let lookup = self.plain.get_mut(spelling as usize);
        let touches = lookup.and_then(|lookup| lookup.as_mut()?.touches(&canonical).ok());
        touches.unwrap_or_default()
    }
}

/// A negative operator never regards case: a ban must not be escaped by it.
fn effective(operator: StringOperator, spelling: Spelling) -> Spelling {
    if operator.is_negative() {
        spelling.in_any_case()
    } else {
        spelling
    }
}

/// A value as names of this spelling are compared; a package URL in the form that components have
/// theirs in.
fn canonical(operator: StringOperator, value: &str, spelling: Spelling) -> String {
    let value = match Purl::parse(value) {
        Some(purl) if operator.is_whole() => Cow::Owned(purl.bare()),
        _ => Cow::Borrowed(value),
    };
    effective(operator, spelling).canonical(&value).into_owned()
}
