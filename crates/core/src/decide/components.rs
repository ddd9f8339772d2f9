//! Criteria on components' names, compared as each component's ecosystem compares them.

use super::{
    judge::Found,
    lists::{Lists, name},
    platforms::Gap,
};
use crate::{
    component::Component,
    decision::CriterionVerdict,
    policy::{NameLookup, TextCondition},
};

pub(super) fn judge(text: &TextCondition, lists: &Lists<'_>) -> Result<Found, Gap> {
    let mut wanted = NameLookup::of(text);
    let named = lists.named(|component| is_named(&mut wanted, component).then(|| name(component)));
    let is_negative = text.operator().is_negative();
    if is_negative && !named.is_empty() {
        // Forbidden on one platform is forbidden, whatever the others bring.
        return Ok(lists.found(CriterionVerdict::Broken, named));
    }
    if let Some(gap) = lists.gap() {
        return Err(gap);
    }
    let is_met = is_negative || !named.is_empty();
    Ok(lists.found(CriterionVerdict::of(is_met), named))
}

fn is_named(wanted: &mut NameLookup<'_>, component: &Component) -> bool {
    let mut is_named = false;
    component.each_name(|name, spelling| is_named = is_named || wanted.touches(name, spelling));
    is_named
}
