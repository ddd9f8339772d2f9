//! Criteria on components' names and versions, compared as each component's ecosystem compares them.

use super::{
    judge::Found,
    lists::{Lists, Named, name},
    platforms::Gap,
};
use crate::{
    component::Component,
    decision::CriterionVerdict,
    policy::{NameLookup, TextCondition, Touch},
    suggest::shortened,
};

pub(super) fn judge(text: &TextCondition, lists: &Lists<'_>) -> Result<Found, Gap> {
    let mut wanted = NameLookup::of(text);
    let named =
        lists.named(|component| (wanted.touch(component) == Touch::Yes).then(|| name(component)));
    let is_negative = text.operator().is_negative();
    if is_negative && !named.is_empty() {
        // Forbidden on one platform is forbidden, whatever the others bring.
        return Ok(lists.found(CriterionVerdict::Broken, named));
    }
    if is_negative || named.is_empty() {
        let unclear = lists.named(|component| match wanted.touch(component) {
            Touch::Unknown(range) => Some(unclear(component, &range)),
            Touch::Yes | Touch::No => None,
        });
        // Nor does another platform of a ban make it known.
        if !unclear.is_empty() && (is_negative || lists.gap().is_none()) {
            return Ok(unknown(lists, unclear));
        }
    }
    if let Some(gap) = lists.gap() {
        return Err(gap);
    }
    let is_met = is_negative || !named.is_empty();
    Ok(lists.found(CriterionVerdict::of(is_met), named))
}

fn unknown(lists: &Lists<'_>, unclear: Named) -> Found {
    let words = unclear.first_and_more();
    Found {
        words,
        ..lists.found(CriterionVerdict::Unknown, unclear)
    }
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
