//! Criteria on components' names and versions, compared as each component's ecosystem compares them. The
//! names of a component are worked out once for all of them.

use std::collections::HashMap;

use super::{
    judge::Found,
    lists::{Lists, Named, name},
    platforms::Gap,
};
use crate::{
    component::Component,
    decision::CriterionVerdict,
    policy::{Attribute, Condition, Criterion, NameLookup, TextCondition, Touch, Touched},
    suggest::shortened,
};

/// What an image's components are to the criteria on components, to all of them together.
pub(super) struct Answers<'a> {
    conditions: Vec<&'a TextCondition>,
    /// By the component's place in memory; those that no criterion lists are left out.
    by_component: HashMap<*const Component, Touched>,
    /// The criteria that some component is something to.
    bits: u64,
}

impl<'a> Answers<'a> {
    pub(super) fn of(
        criteria: &'a [Criterion],
        components: impl IntoIterator<Item = &'a Component>,
    ) -> Self {
        let conditions: Vec<_> = criteria.iter().filter_map(on_components).collect();
        let mut lookup = NameLookup::of(conditions.iter().copied());
        let mut by_component = HashMap::new();
        let mut bits = 0;
        for component in components {
            let touched = lookup.touch(component);
            if touched.bits() != 0 {
                bits |= touched.bits();
                by_component.insert(std::ptr::from_ref(component), touched);
            }
        }
        Self {
            conditions,
            by_component,
            bits,
        }
    }

    /// The bit of a criterion on components.
    fn bit(&self, text: &TextCondition) -> u64 {
        let mut conditions = self.conditions.iter();
        let place = conditions.position(|own| std::ptr::eq(*own, text));
        place.map_or(0, |place| 1 << place)
    }

    /// The components that are something to the criterion, as far as they get a name.
    fn named(
        &self,
        lists: &Lists<'_>,
        bit: u64,
        mut named: impl FnMut(&Component, Touch<'_>) -> Option<String>,
    ) -> Named {
        if self.bits & bit == 0 {
            return Named::default();
        }
        lists.named(|component| {
            let touched = self.by_component.get(&std::ptr::from_ref(component))?;
            named(component, touched.of(bit))
        })
    }
}

fn on_components(criterion: &Criterion) -> Option<&TextCondition> {
    match (&criterion.attribute, &criterion.condition) {
        (Attribute::Component, Condition::Text(text)) => Some(text),
        _ => None,
    }
}

pub(super) fn judge(
    text: &TextCondition,
    answers: &Answers<'_>,
    lists: &Lists<'_>,
) -> Result<Found, Gap> {
    let bit = answers.bit(text);
    let named = answers.named(lists, bit, |component, touch| {
        (touch == Touch::Yes).then(|| name(component))
    });
    let is_negative = text.operator().is_negative();
    if is_negative && !named.is_empty() {
        // Forbidden on one platform is forbidden, whatever the others bring.
        return Ok(lists.found(CriterionVerdict::Broken, named));
    }
    if is_negative || named.is_empty() {
        let unclear = answers.named(lists, bit, |component, touch| match touch {
            Touch::Unknown(range) => Some(unclear(component, range)),
            Touch::Yes | Touch::No => None,
        });
        // Nor does another platform of a ban make it known.
        if !unclear.is_empty() && (is_negative || lists.gap().is_none()) {
            return Ok(lists.found(CriterionVerdict::Unknown, unclear));
        }
    }
    if let Some(gap) = lists.gap() {
        return Err(gap);
    }
    let is_met = is_negative || !named.is_empty();
    Ok(lists.found(CriterionVerdict::of(is_met), named))
}

/// Why it is not known whether a component is within a range.
fn unclear(component: &Component, range: &str) -> String {
    let mut has_version = false;
    component.each_version(|_, _| has_version = true);
    let why = if has_version {
        "cannot be compared"
    } else {
        "has no version to compare"
    };
    format!("{} ({why} with {})", name(component), shortened(range))
}
