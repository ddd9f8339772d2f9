//! Criteria on components' licenses. What a license says is read once, however many components
//! state it.

use std::collections::HashMap;

use super::{
    judge::Found,
    lists::{Lists, Named, name},
    platforms::Gap,
};
use crate::{
    decision::CriterionVerdict,
    evidence::License,
    license::{Clearance, clearance, named},
    policy::{LicenseCondition, UnknownLicenses},
    suggest::shortened,
};

pub(super) fn judge(
    condition: &LicenseCondition,
    unknown: UnknownLicenses,
    lists: &Lists<'_>,
) -> Result<Found, Gap> {
    if condition.operator().is_negative() {
        forbids(condition, unknown, lists)
    } else {
        wants(condition, lists)
    }
}

/// A positive operator is met by any license named.
fn wants(condition: &LicenseCondition, lists: &Lists<'_>) -> Result<Found, Gap> {
    let mut answers: HashMap<&License, Option<String>> = HashMap::new();
    let found = lists.named(|component| {
        let license = &component.license;
        let answer = answers
            .entry(license)
            .or_insert_with(|| wanted(condition, license));
        let words = answer.as_ref()?;
        Some(format!("{words} in {}", name(component)))
    });
    if let Some(gap) = lists.gap() {
        return Err(gap);
    }
    Ok(lists.found(CriterionVerdict::of(!found.is_empty()), found))
}

fn wanted(condition: &LicenseCondition, license: &License) -> Option<String> {
    let terms = named(license).into_iter();
    let wanted = terms.filter(|term| condition.touches(&term.license, term.exception.as_deref()));
    told(&wanted.map(|term| term.to_string()).collect::<Vec<_>>())
}

/// A negative operator is broken by what no choice avoids, and not met by what nobody knows.
fn forbids(
    condition: &LicenseCondition,
    unknown: UnknownLicenses,
    lists: &Lists<'_>,
) -> Result<Found, Gap> {
    let mut answers: HashMap<&License, Clearance> = HashMap::new();
    let broken = lists.named(|component| {
        let license = &component.license;
        let clear = || clearance(license, |license, with| condition.touches(license, with));
        match answers.entry(license).or_insert_with(clear) {
            Clearance::Broken(banned) => {
                told(banned).map(|words| format!("{words} in {}", name(component)))
            }
            Clearance::Unknown(_) | Clearance::Clear => None,
        }
    });
    if !broken.is_empty() {
        // Forbidden on one platform is forbidden, whatever the others bring.
        return Ok(lists.found(CriterionVerdict::Broken, broken));
    }
    let unclear = lists.named(|component| match answers.get(&component.license) {
        Some(Clearance::Unknown(words)) => Some(unclear(&name(component), words.as_deref())),
        _ => None,
    });
    if unknown == UnknownLicenses::Hold && !unclear.is_empty() {
        // Nor does another platform make it known.
        return Ok(held(lists, unclear));
    }
    if let Some(gap) = lists.gap() {
        return Err(gap);
    }
    Ok(accepted(lists, broken, &unclear))
}

fn held(lists: &Lists<'_>, unclear: Named) -> Found {
    let first = unclear.first_and_more();
    Found {
        words: format!("{first}, and the policy does not say \"unknown_licenses\": \"accept\""),
        ..lists.found(CriterionVerdict::Unknown, unclear)
    }
}

/// Met, and where licenses are unknown it says that the policy accepts them.
fn accepted(lists: &Lists<'_>, none: Named, unclear: &Named) -> Found {
    let found = lists.found(CriterionVerdict::Met, none);
    if unclear.is_empty() {
        return found;
    }
    let words = format!(
        "{}; accepted by the policy: {}",
        found.words,
        unclear.first_and_more()
    );
    Found {
        seen: serde_json::json!(words),
        words,
        ..found
    }
}

/// The licenses of one component in bounded words, where there are any.
fn told(licenses: &[String]) -> Option<String> {
    (!licenses.is_empty()).then(|| shortened(&licenses.join(", ")))
}

fn unclear(component: &str, written: Option<&str>) -> String {
    match written {
        Some(written) => format!("{component}: {:?} cannot be read", shortened(written)),
        None => format!("{component}: license unknown"),
    }
}
