//! The names that a criterion lists, some of them with a range of versions, made ready to be compared
//! with very many as ecosystems compare names. Made for one criterion while it is judged.

use std::{borrow::Cow, collections::HashMap};

use super::{
    document::Mistakes,
    lookup::Lookup,
    operator::StringOperator,
    text::{TextCondition, Written},
};
use crate::{
    component::{Component, Purl, Spelling},
    suggest::shortened,
    version::{Range, VersionOrder},
};

/// What a criterion wants of names.
#[derive(Debug)]
pub struct NameLookup<'a> {
    text: &'a TextCondition,
    /// By how names are compared, in the order of [`Spelling::ALL`]; empty for regular expressions.
    by_spelling: Vec<Values>,
}

/// Values as names of one spelling are compared.
#[derive(Debug)]
struct Values {
    /// Those without a range. One that does not fit finds nothing: no operator that forbids looks for
    /// parts.
    plain: Option<Lookup>,
    /// The ranges of a name.
    ranges: HashMap<String, Vec<Range>>,
}

/// Whether a component is what a criterion lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touch {
    /// It is.
    Yes,
    /// It has the name of a value, and it is not known whether it has a version in this range.
    Unknown(String),
    /// It is not.
    No,
}

impl<'a> NameLookup<'a> {
    /// Makes the values ready.
    #[must_use]
    pub fn of(text: &'a TextCondition) -> Self {
        let operator = text.operator();
        let spellings = Spelling::ALL.iter();
        let spellings = spellings.filter(|_| !operator.takes_patterns());
        let by_spelling = spellings
            .map(|spelling| Values::of(text, *spelling))
            .collect();
        Self { text, by_spelling }
    }

    /// Whether a component is what the operator asks for, or, of a negative operator, what it forbids.
    pub fn touch(&mut self, component: &Component) -> Touch {
        let mut touch = Touch::No;
        component.each_name(|name, spelling| {
            if touch == Touch::Yes {
                return;
            }
            match self.touch_name(name, spelling, component) {
                Touch::No => {}
                found => touch = found,
            }
        });
        touch
    }

    fn touch_name(&mut self, name: &str, spelling: Spelling, component: &Component) -> Touch {
        let canonical = effective(self.text.operator(), spelling).canonical(name);
        let Some(values) = self.by_spelling.get_mut(spelling as usize) else {
            let is_written_otherwise = canonical != name;
            let touches =
                self.text.touches(name) || (is_written_otherwise && self.text.touches(&canonical));
            return if touches { Touch::Yes } else { Touch::No };
        };
        let plain = values.plain.as_mut();
        if plain.is_some_and(|lookup| lookup.touches(&canonical).unwrap_or_default()) {
            return Touch::Yes;
        }
        let ranges = values.ranges.get(&*canonical).into_iter().flatten();
        let mut touch = Touch::No;
        for range in ranges {
            match holds(range, component) {
                Some(true) => return Touch::Yes,
                Some(false) => {}
                None => touch = Touch::Unknown(range.to_string()),
            }
        }
        touch
    }
}

/// The versions that bound the ranges of a criterion on components: where a component goes that is to
/// leave them.
#[must_use]
pub fn bounds(text: &TextCondition) -> Vec<String> {
    let ranged = text
        .values()
        .iter()
        .filter_map(|value| ranged(text.operator(), value));
    let bounding = ranged.filter_map(|(_, range)| range.ok());
    bounding
        .flat_map(|range| range.versions().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// A value without its range.
#[must_use]
pub fn bare_name(operator: StringOperator, value: &str) -> &str {
    ranged(operator, value).map_or(value, |(name, _)| name)
}

impl Values {
    fn of(text: &TextCondition, spelling: Spelling) -> Self {
        let operator = text.operator();
        let mut plain = Vec::new();
        let mut ranges: HashMap<String, Vec<Range>> = HashMap::new();
        for value in text.values() {
            match ranged(operator, value) {
                Some((name, Ok(range))) => {
                    let name = canonical(operator, name, spelling);
                    ranges.entry(name).or_default().push(range);
                }
                _ => plain.push(canonical(operator, value, spelling)),
            }
        }
        Self {
            plain: Lookup::new(operator, &plain, &[]).ok(),
            ranges,
        }
    }
}

/// Whether one of the versions that a component has is in a range; `None` if that is unknown.
fn holds(range: &Range, component: &Component) -> Option<bool> {
    let mut held = None;
    let mut is_unknown = false;
    component.each_version(|version, order| match range.holds(version, order) {
        Some(holds) => held = Some(held.unwrap_or_default() || holds),
        None => is_unknown = true,
    });
    held.filter(|holds| *holds || !is_unknown)
}

/// Tells what is wrong with the ranges of the values.
pub(super) fn check(written: &Written<'_>, mistakes: &mut Mistakes) {
    for (place, value) in &written.values {
        if let Some((_, Err(message))) = ranged(written.operator, value) {
            mistakes.add(place, message);
        }
    }
}

/// A value's name and its range, if it has one, as in `log4j-core@>=2.0,<2.17.1`; with what is wrong
/// with the range.
pub(super) fn ranged(
    operator: StringOperator,
    value: &str,
) -> Option<(&str, Result<Range, String>)> {
    if !operator.is_whole() {
        return None;
    }
    let at = value.rmatch_indices('@').find(|(at, _)| {
        let rest = value.get(at + 1..).unwrap_or_default();
        rest.trim_start().starts_with(['<', '>', '='])
    });
    let (name, range) = value.split_at_checked(at?.0)?;
    let range = range.strip_prefix('@')?;
    let kind = Purl::parse(name).map(|purl| purl.kind);
    let order = kind.map(VersionOrder::of_type);
    let parsed = match order {
        Some(None) => Err(format!(
            "expected a package URL whose versions have a known order, found {:?}",
            shortened(name)
        )),
        _ if name.is_empty() => Err("expected a name before the range, found none".to_owned()),
        known => Range::parse(range, known.flatten()).map_err(|error| error.to_string()),
    };
    Some((name, parsed))
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
