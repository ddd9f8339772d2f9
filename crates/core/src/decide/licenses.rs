//! Criteria on components' licenses. What a license says is read once, however many components
//! state it.

use std::collections::{HashMap, HashSet};

use super::{
    judge::Found,
    lists::{Lists, Named, name},
    platforms::Gap,
};
use crate::{
    decision::CriterionVerdict,
    evidence::{Component, License},
    license::{Clearance, clearance, each_named, plain},
    policy::{LicenseCondition, UnknownLicenses},
    suggest::shortened,
};

pub(super) fn judge(
    condition: &LicenseCondition,
    unknown: &UnknownLicenses,
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
        let license = &*component.license;
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
    let mut wanted = Vec::new();
    each_named(license, |named| {
        if condition.touches(named) {
            let words = named.to_string();
            if !wanted.contains(&words) {
                wanted.push(words);
            }
        }
    });
    told(&wanted)
}

/// A negative operator is broken by what no choice avoids, and not met by what is unknown.
fn forbids(
    condition: &LicenseCondition,
    unknown: &UnknownLicenses,
    lists: &Lists<'_>,
) -> Result<Found, Gap> {
    let accepted = accepted_words(unknown);
    let mut answers = Answers::new();
    let clear = |license: &License| {
        clearance(
            license,
            |named| condition.touches(named),
            |words| !accepted.is_empty() && accepted.contains(&plain(words)),
        )
    };
    let broken = lists.named(|component| match answer(&mut answers, component, clear)? {
        Clearance::Broken(banned) => {
            told(banned).map(|words| format!("{words} in {}", name(component)))
        }
        Clearance::Unknown(_) | Clearance::Clear => None,
    });
    if !broken.is_empty() {
        // Forbidden on one platform is forbidden, whatever the others bring.
        return Ok(lists.found(CriterionVerdict::Broken, broken));
    }
    let unclear = lists.named(|component| match answer(&mut answers, component, clear)? {
        Clearance::Unknown(words) => Some(unclear(&name(component), words.as_deref())),
        Clearance::Broken(_) | Clearance::Clear => None,
    });
    if *unknown != UnknownLicenses::Accept && !unclear.is_empty() {
        // Nor does another platform make it known.
        return Ok(held(lists, unclear));
    }
    if let Some(gap) = lists.gap() {
        return Err(gap);
    }
    Ok(take(lists, broken, &unclear))
}

type Answers<'a> = HashMap<&'a License, Clearance>;

/// What a component's license comes to; `None` if none is stated and none is needed.
fn answer<'a, 'b>(
    answers: &'b mut Answers<'a>,
    component: &'a Component,
    clear: impl Fn(&License) -> Clearance,
) -> Option<&'b Clearance> {
    let license = &*component.license;
    if component.is_frame && !license.is_stated() {
        return None;
    }
    Some(answers.entry(license).or_insert_with(|| clear(license)))
}

/// The words that the policy takes for harmless licenses, as they compare.
pub(crate) fn accepted_words(unknown: &UnknownLicenses) -> HashSet<String> {
    match unknown {
        UnknownLicenses::Words(words) => words.iter().map(|word| plain(word)).collect(),
        UnknownLicenses::Hold | UnknownLicenses::Accept => HashSet::new(),
    }
}

fn held(lists: &Lists<'_>, unclear: Named) -> Found {
    let first = unclear.first_and_more();
    Found {
        words: format!("{first}, and the policy's \"unknown_licenses\" does not accept it"),
        ..lists.found(CriterionVerdict::Unknown, unclear)
    }
}

/// Met, and where licenses are unknown it says that the policy accepts them.
fn take(lists: &Lists<'_>, none: Named, unclear: &Named) -> Found {
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

/// The licenses of one component in bounded words, if there are any.
fn told(licenses: &[String]) -> Option<String> {
    (!licenses.is_empty()).then(|| shortened(&licenses.join(", ")))
}

fn unclear(component: &str, written: Option<&str>) -> String {
    match written {
        Some(written) => format!("{component}: license unknown: {:?}", shortened(written)),
        None => format!("{component}: license unknown"),
    }
}
