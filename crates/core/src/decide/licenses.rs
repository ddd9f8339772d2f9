//! Criteria on components' licenses. What a license says is read once for all of them, however many
//! components state it.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    judge::Found,
    lists::{Lists, Named, name},
    platforms::Gap,
};
use crate::{
    decision::CriterionVerdict,
    evidence::{Component, License},
    license::{Clearance, Clearances, clearances, plain},
    policy::{
        CRITERIA_MAX, Condition, Criterion, LicenseCondition, LicenseLookup, UnknownLicenses,
    },
    suggest::shortened,
};

/// What criteria on licenses learn of an image's licenses, all of them together.
pub(crate) struct Answers<'a> {
    conditions: Vec<&'a LicenseCondition>,
    /// By the license's place in memory, which components share; those that say nothing to anybody are
    /// left out.
    by_license: HashMap<*const License, Clearances>,
    not_stated: Clearances,
    /// The criteria that some license is broken for, and those that ask for what some license names.
    broken: u64,
    touched: u64,
    /// The components whose license is unknown to criteria that forbid nothing of what is named.
    unclear: OnceCell<Named>,
}

/// Each criterion has a bit.
const _: () = assert!(CRITERIA_MAX <= u64::BITS as usize);

impl<'a> Answers<'a> {
    /// Asks these components' licenses.
    pub(crate) fn of(
        criteria: &'a [Criterion],
        unknown: &UnknownLicenses,
        components: impl IntoIterator<Item = &'a Component>,
    ) -> Self {
        let conditions: Vec<_> = criteria.iter().filter_map(on_licenses).collect();
        let mut answers = Self {
            by_license: HashMap::new(),
            not_stated: Clearances::not_stated(),
            broken: 0,
            touched: 0,
            unclear: OnceCell::new(),
            conditions,
        };
        let mut lookup = LicenseLookup::of(answers.conditions.iter().copied());
        let words = accepted_words(unknown);
        let accepted = |word: &str| !words.is_empty() && words.contains(&plain(word));
        let mut asked = HashSet::new();
        for component in components {
            let license = Arc::as_ptr(&component.license);
            if component.license.is_stated() && asked.insert(license) {
                let touched = &mut |named: crate::license::Named<'_>| lookup.touched(named);
                answers.add(license, clearances(&component.license, touched, &accepted));
            }
        }
        answers
    }

    fn add(&mut self, license: *const License, learnt: Clearances) {
        if !learnt.is_clear() {
            self.broken |= learnt.broken();
            self.touched |= learnt.touched();
            self.by_license.insert(license, learnt);
        }
    }

    /// The bit of a criterion on licenses.
    fn bit(&self, condition: &LicenseCondition) -> u64 {
        let mut conditions = self.conditions.iter();
        let place = conditions.position(|own| std::ptr::eq(*own, condition));
        place.map_or(0, |place| 1 << place)
    }

    /// What a component's license comes to; `None` if it is clear to all, or none is stated and none is
    /// needed.
    fn component(&self, component: &Component) -> Option<&Clearances> {
        if component.license.is_stated() {
            self.by_license.get(&Arc::as_ptr(&component.license))
        } else if component.is_frame {
            None
        } else {
            Some(&self.not_stated)
        }
    }

    /// What a criterion makes of a component's license.
    pub(crate) fn clearance(
        &self,
        condition: &LicenseCondition,
        component: &Component,
    ) -> Clearance {
        let learnt = self.component(component);
        learnt.map_or(Clearance::Clear, |learnt| learnt.of(self.bit(condition)))
    }

    /// What is named of what a criterion asks for, with the components that name it.
    fn touched(&self, lists: &Lists<'_>, bit: u64) -> Named {
        if self.touched & bit == 0 {
            return Named::default();
        }
        lists.named(|component| {
            let words = told(self.component(component)?.names(bit))?;
            Some(format!("{words} in {}", name(component)))
        })
    }

    /// What no choice avoids of what a criterion forbids, with the components that name it.
    fn broken(&self, lists: &Lists<'_>, bit: u64) -> Named {
        if self.broken & bit == 0 {
            return Named::default();
        }
        lists.named(|component| {
            let learnt = self.component(component)?;
            let is_broken = learnt.broken() & bit != 0;
            let words = is_broken.then(|| told(learnt.names(bit))).flatten()?;
            Some(format!("{words} in {}", name(component)))
        })
    }

    /// The components whose license is unknown to a criterion that no license breaks.
    fn unclear(&self, lists: &Lists<'_>, bit: u64) -> Named {
        let of = |bit: u64| {
            lists.named(|component| match self.component(component)?.of(bit) {
                Clearance::Unknown(words) => Some(unclear(&name(component), words.as_deref())),
                Clearance::Broken(_) | Clearance::Clear => None,
            })
        };
        // A criterion that meets nothing it forbids learns what every other such learns.
        if self.touched & bit == 0 {
            self.unclear.get_or_init(|| of(bit)).clone()
        } else {
            of(bit)
        }
    }
}

fn on_licenses(criterion: &Criterion) -> Option<&LicenseCondition> {
    match &criterion.condition {
        Condition::License(license) => Some(license),
        _ => None,
    }
}

pub(super) fn judge(
    condition: &LicenseCondition,
    unknown: &UnknownLicenses,
    answers: &Answers<'_>,
    lists: &Lists<'_>,
) -> Result<Found, Gap> {
    let bit = answers.bit(condition);
    if condition.operator().is_negative() {
        return forbids(bit, unknown, answers, lists);
    }
    // A positive operator is met by any license named.
    let found = answers.touched(lists, bit);
    if let Some(gap) = lists.gap() {
        return Err(gap);
    }
    Ok(lists.found(CriterionVerdict::of(!found.is_empty()), found))
}

/// A negative operator is broken by what no choice avoids, and not met by what is unknown.
fn forbids(
    bit: u64,
    unknown: &UnknownLicenses,
    answers: &Answers<'_>,
    lists: &Lists<'_>,
) -> Result<Found, Gap> {
    let broken = answers.broken(lists, bit);
    if !broken.is_empty() {
        // Forbidden on one platform is forbidden, whatever the others bring.
        return Ok(lists.found(CriterionVerdict::Broken, broken));
    }
    let unclear = answers.unclear(lists, bit);
    if *unknown != UnknownLicenses::Accept && !unclear.is_empty() {
        // Nor does another platform make it known.
        return Ok(held(lists, unclear));
    }
    if let Some(gap) = lists.gap() {
        return Err(gap);
    }
    Ok(take(lists, broken, &unclear))
}

/// The words that the policy takes for harmless licenses, as they compare.
fn accepted_words(unknown: &UnknownLicenses) -> HashSet<String> {
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
fn told<'a>(licenses: impl Iterator<Item = &'a str>) -> Option<String> {
    let licenses: Vec<_> = licenses.collect();
    (!licenses.is_empty()).then(|| shortened(&licenses.join(", ")))
}

fn unclear(component: &str, written: Option<&str>) -> String {
    match written {
        Some(written) => format!("{component}: license unknown: {:?}", shortened(written)),
        None => format!("{component}: license unknown"),
    }
}
