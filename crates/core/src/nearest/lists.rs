//! What criteria on components and licenses ask for: components to go or to change, licenses to clear,
//! SBOMs to attach.

mod wanted;

use std::collections::HashMap;

use wanted::wanted;
pub(super) use wanted::{ACCEPTABLE, example};

use super::{
    Change, ChangeKind, Impossible, NOT_LOOKED_AT,
    packages::{Act, Package, Plan, bans, findings, highest, is_above, is_free, is_of, order_of},
    place,
};
use crate::{
    component::Purl,
    decide::accepted_words,
    evidence::{Component, Components, Evidence, Known, License, Platform},
    license::{Clearance, clearance, plain},
    policy::{Attribute, Condition, Criterion, LicenseCondition, Policy, UnknownLicenses, bounds},
};

/// Plans what is to become of components, and says which SBOMs are to be attached.
pub(super) fn plan(
    plan: &mut Plan,
    policy: &Policy,
    platforms: &[Platform],
    evidence: &Evidence,
) -> Result<Vec<Change>, Impossible> {
    if !policy.criteria.iter().any(is_on_lists) {
        return Ok(Vec::new());
    }
    let mut attach = Vec::new();
    for (index, platform) in platforms.iter().enumerate() {
        let listed = match evidence.components.get(&platform.digest) {
            None | Some(Known::NotAsked) => return Err(Impossible(NOT_LOOKED_AT.to_owned())),
            Some(Known::NotYet(waiting)) => return Err(Impossible(waiting.reason.clone())),
            Some(Known::Never(_)) => None,
            Some(Known::Seen(seen)) => Some(&seen.value),
        };
        if listed.is_none_or(|listed| !is_whole(listed)) {
            attach.push(attached(place(platforms, platform)));
        }
        for component in listed.into_iter().flatten() {
            plan_component(plan, policy, (index, platform), evidence, component);
        }
        plan_licenses(plan, policy, index, listed);
    }
    add_wanted(&mut attach, policy, platforms, evidence)?;
    Ok(attach)
}

/// Adds what criteria want that no component is.
fn add_wanted(
    attach: &mut Vec<Change>,
    policy: &Policy,
    platforms: &[Platform],
    evidence: &Evidence,
) -> Result<(), Impossible> {
    // One SBOM does both: it is whole, and it lists what is wanted.
    let lacking = attach
        .first()
        .map(|change: &Change| change.platform.clone());
    let first = || {
        platforms
            .first()
            .and_then(|platform| place(platforms, platform))
    };
    let here = lacking.unwrap_or_else(first);
    for criterion in &policy.criteria {
        if let Some(wanted) = wanted(criterion, platforms, evidence)? {
            attach.retain(|change| *change != attached(here.clone()));
            attach.push(Change {
                platform: here.clone(),
                ..wanted
            });
        }
    }
    attach.dedup();
    Ok(())
}

/// The licenses to clear that are not cleared by what goes.
pub(super) fn licenses(
    plan: &Plan,
    policy: &Policy,
    platforms: &[Platform],
    evidence: &Evidence,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for (index, platform) in platforms.iter().enumerate() {
        let Some(Known::Seen(seen)) = evidence.components.get(&platform.digest) else {
            continue;
        };
        for condition in banned_licenses(policy) {
            let mut answers = Answers::default();
            for component in &seen.value {
                let from = match answers.of(condition, policy, component) {
                    Clearance::Unknown(words) => words.clone(),
                    // What a document describes cannot go from it.
                    Clearance::Broken(words) if component.is_frame => Some(words.join(", ")),
                    Clearance::Broken(_) | Clearance::Clear => continue,
                };
                if plan.0.get(&package(index, component)) == Some(&Act::Remove) {
                    continue;
                }
                changes.push(Change {
                    kind: ChangeKind::License,
                    package: Some(component.name.clone()),
                    from,
                    to: None,
                    platform: place(platforms, platform),
                    removes: Vec::new(),
                });
            }
        }
    }
    changes.sort();
    changes
        .dedup_by(|one, other| (&one.package, &one.platform) == (&other.package, &other.platform));
    changes
}

fn is_on_lists(criterion: &Criterion) -> bool {
    matches!(
        criterion.attribute,
        Attribute::Component | Attribute::License
    )
}

/// Whether a list can be trusted: it says nothing of a gap, and lists a component.
fn is_whole(listed: &Components) -> bool {
    listed.gap().is_none() && listed.iter().any(|component| !component.is_frame)
}

fn attached(platform: Option<String>) -> Change {
    Change {
        kind: ChangeKind::Attach,
        package: None,
        from: None,
        to: None,
        platform,
        removes: Vec::new(),
    }
}

pub(super) fn package(platform: usize, component: &Component) -> Package {
    Package {
        platform,
        name: component.name.clone(),
        version: component.version.clone(),
    }
}

/// A component that a criterion forbids goes, or is updated to where no ban is.
fn plan_component(
    plan: &mut Plan,
    policy: &Policy,
    (index, platform): (usize, &Platform),
    evidence: &Evidence,
    component: &Component,
) {
    if is_free(policy, component) {
        return;
    }
    let package = package(index, component);
    let order = order_of(evidence, platform, &component.name);
    let own = findings(evidence, platform)
        .iter()
        .filter(|finding| is_of(finding, &package));
    let fixes: Vec<String> = own.filter_map(|finding| finding.fixed.clone()).collect();
    let highest = highest(&fixes, order);
    let installed = highest.as_deref().or(component.version.as_deref());
    let mut versions: Vec<String> = highest.clone().into_iter().collect();
    let mut others: Vec<String> = bans(policy).flat_map(bounds).collect();
    others.retain(|version| is_above(version, installed, order));
    others.sort_by(|one, other| order.compare(one, other).unwrap_or(one.cmp(other)));
    versions.extend(others);
    let free = versions
        .into_iter()
        .find(|version| is_free(policy, &in_version(component, version)));
    let act = free.map_or(Act::Remove, |version| Act::Update(vec![version]));
    plan.add(package, act);
}

/// The component in another version.
pub(super) fn in_version(component: &Component, version: &str) -> Component {
    let bare = |text: &String| Purl::parse(text).map_or_else(|| text.clone(), |purl| purl.bare());
    Component {
        version: Some(version.to_owned()),
        purls: component.purls.iter().map(bare).collect(),
        ..component.clone()
    }
}

/// A component whose license is forbidden goes.
fn plan_licenses(plan: &mut Plan, policy: &Policy, index: usize, listed: Option<&Components>) {
    for condition in banned_licenses(policy) {
        let mut answers = Answers::default();
        for component in listed
            .into_iter()
            .flatten()
            .filter(|component| !component.is_frame)
        {
            if let Clearance::Broken(_) = answers.of(condition, policy, component) {
                plan.add(package(index, component), Act::Remove);
            }
        }
    }
}

pub(super) fn banned_licenses(policy: &Policy) -> impl Iterator<Item = &LicenseCondition> {
    policy
        .criteria
        .iter()
        .filter_map(|criterion| match &criterion.condition {
            Condition::License(license) if license.operator().is_negative() => Some(license),
            _ => None,
        })
}

/// What a condition comes to for each license, asked once.
#[derive(Default)]
pub(super) struct Answers<'a>(HashMap<&'a License, Clearance>);

impl<'a> Answers<'a> {
    /// What the condition makes of a component's license, as the policy takes unknown ones.
    pub(super) fn of(
        &mut self,
        condition: &LicenseCondition,
        policy: &Policy,
        component: &'a Component,
    ) -> &Clearance {
        const CLEAR: &Clearance = &Clearance::Clear;
        let license = &*component.license;
        if component.is_frame && !license.is_stated() {
            return CLEAR;
        }
        let answer = self.0.entry(license).or_insert_with(|| {
            let accepted = accepted_words(&policy.unknown_licenses);
            clearance(
                license,
                |named| condition.touches(named),
                |words| accepted.contains(&plain(words)),
            )
        });
        match answer {
            Clearance::Unknown(_) if policy.unknown_licenses == UnknownLicenses::Accept => CLEAR,
            other => other,
        }
    }
}
