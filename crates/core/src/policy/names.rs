//! The names that criteria list, some of them with a range of versions, made ready to be compared
//! with very many as ecosystems compare names. Made for all criteria of a policy while they are judged.

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

/// Conditions on names, asked together of each component: each has a bit, the first the lowest.
#[derive(Debug)]
pub struct NameLookup<'a> {
    /// Of operators that ask and of those that forbid: values by how names are compared, in the order of
    /// [`Spelling::ALL`].
    values: [Vec<Values>; 2],
    patterns: Vec<(u64, &'a TextCondition)>,
}

/// Values as names of one spelling are compared.
#[derive(Debug, Default)]
struct Values {
    /// Whole names without a range, with the conditions that list them.
    whole: HashMap<String, u64>,
    /// The ranges of a name.
    ranges: HashMap<String, Vec<(u64, Range)>>,
    parts: Vec<(u64, Lookup)>,
    /// Tells at once of most names that no condition has a part of them.
    any_part: Option<Lookup>,
}

/// What a component is to one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touch<'a> {
    /// What it lists.
    Yes,
    /// It has the name of a value, and it is not known whether it has a version in this range.
    Unknown(&'a str),
    /// Nothing.
    No,
}

/// What a component is to several conditions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Touched {
    /// Those that list it.
    yes: u64,
    /// Those that it is unknown of, where they do not list it by another name, each with a range.
    unknown: Vec<(u64, String)>,
}

impl Touched {
    /// What it is to the condition of this bit.
    #[must_use]
    pub fn of(&self, bit: u64) -> Touch<'_> {
        if self.yes & bit != 0 {
            return Touch::Yes;
        }
        let mut unknown = self.unknown.iter();
        let range = unknown.find(|(own, _)| own & bit != 0);
        range.map_or(Touch::No, |(_, range)| Touch::Unknown(range))
    }

    /// The conditions that list it, or may.
    #[must_use]
    pub fn bits(&self) -> u64 {
        let unknown = self.unknown.iter();
        unknown.fold(self.yes, |all, (bit, _)| all | bit)
    }
}

impl<'a> NameLookup<'a> {
    /// Makes the values of those conditions ready that have a bit, 64 at most.
    #[must_use]
    pub fn of(conditions: impl IntoIterator<Item = &'a TextCondition>) -> Self {
        let own = (0..u64::BITS).zip(conditions);
        let own: Vec<_> = own.map(|(place, text)| (1 << place, text)).collect();
        let values = [false, true].map(|is_negative| {
            let own = own.iter().filter(|(_, text)| {
                text.operator().is_negative() == is_negative && !text.operator().takes_patterns()
            });
            let spellings = Spelling::ALL.iter();
            let values = spellings.map(|spelling| Values::of(own.clone(), *spelling));
            values.collect()
        });
        let patterns = own
            .into_iter()
            .filter(|(_, text)| text.operator().takes_patterns());
        Self {
            values,
            patterns: patterns.collect(),
        }
    }

    /// What a component is to the conditions.
    pub fn touch(&mut self, component: &Component) -> Touched {
        let mut touched = Touched::default();
        component.each_name(|name, spelling| {
            for is_negative in [false, true] {
                let canonical = effective(is_negative, spelling).canonical(name);
                self.patterns(name, &canonical, is_negative, &mut touched);
                let [asking, forbidding] = &mut self.values;
                let values = if is_negative { forbidding } else { asking };
                if let Some(values) = values.get_mut(spelling as usize) {
                    values.touch(&canonical, component, &mut touched);
                }
            }
        });
        touched
    }

    fn patterns(&self, name: &str, canonical: &str, is_negative: bool, touched: &mut Touched) {
        let is_written_otherwise = canonical != name;
        for (bit, text) in &self.patterns {
            let is_open = touched.yes & bit == 0;
            let is_asked = is_open && text.operator().is_negative() == is_negative;
            if is_asked && (text.touches(name) || (is_written_otherwise && text.touches(canonical)))
            {
                touched.yes |= bit;
            }
        }
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
    fn of<'a>(
        conditions: impl Iterator<Item = &'a (u64, &'a TextCondition)>,
        spelling: Spelling,
    ) -> Self {
        let mut values = Self::default();
        let mut all_parts = Vec::new();
        for (bit, text) in conditions {
            let operator = text.operator();
            let mut parts = Vec::new();
            for value in text.values() {
                let (name, range) = match ranged(operator, value) {
                    Some((name, Ok(range))) => (name, Some(range)),
                    _ => (value.as_str(), None),
                };
                let name = canonical(operator, name, spelling);
                match range {
                    Some(range) => values.ranges.entry(name).or_default().push((*bit, range)),
                    None if operator.is_whole() => *values.whole.entry(name).or_default() |= bit,
                    None => parts.push(name),
                }
            }
            // Values that do not fit find nothing: no operator that forbids looks for parts.
            if let Some(own) = lookup(operator, &parts) {
                values.parts.push((*bit, own));
                all_parts.append(&mut parts);
            }
        }
        values.any_part = lookup(StringOperator::Contains, &all_parts);
        values
    }

    fn touch(&mut self, name: &str, component: &Component, touched: &mut Touched) {
        if !self.whole.is_empty() {
            touched.yes |= self.whole.get(name).copied().unwrap_or(0);
        }
        if !self.ranges.is_empty() {
            for (bit, range) in self.ranges.get(name).into_iter().flatten() {
                if touched.yes & bit == 0 {
                    within(*bit, range, component, touched);
                }
            }
        }
        let has_part = |lookup: &mut Lookup| lookup.touches(name) == Ok(true);
        if self.any_part.as_mut().is_some_and(has_part) {
            for (bit, lookup) in &mut self.parts {
                if touched.yes & *bit == 0 && has_part(lookup) {
                    touched.yes |= *bit;
                }
            }
        }
    }
}

fn lookup(operator: StringOperator, parts: &[String]) -> Option<Lookup> {
    let has_parts = !parts.is_empty();
    has_parts
        .then(|| Lookup::new(operator, parts, &[]).ok())
        .flatten()
}

fn within(bit: u64, range: &Range, component: &Component, touched: &mut Touched) {
    match holds(range, component) {
        Some(true) => touched.yes |= bit,
        Some(false) => {}
        None if touched.bits() & bit != 0 => {}
        None => touched.unknown.push((bit, range.to_string())),
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
fn effective(is_negative: bool, spelling: Spelling) -> Spelling {
    if is_negative {
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
    let spelling = effective(operator.is_negative(), spelling);
    spelling.canonical(&value).into_owned()
}
