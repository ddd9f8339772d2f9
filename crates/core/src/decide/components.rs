//! Criteria on components' names.

use super::{
    judge::Found,
    lists::{Lists, name},
    platforms::Gap,
};
use crate::{decision::CriterionVerdict, evidence::Component, policy::TextCondition};

pub(super) fn judge(text: &TextCondition, lists: &Lists<'_>) -> Result<Found, Gap> {
    let named = lists.named(|component| is_named(text, component).then(|| name(component)));
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

fn is_named(text: &TextCondition, component: &Component) -> bool {
    text.touches(&component.name) || component.aliases.iter().any(|alias| text.touches(alias))
}
