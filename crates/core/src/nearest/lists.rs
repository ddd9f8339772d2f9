//! What criteria on components and licenses ask for: components to go or to change, licenses to clear,
//! SBOMs to attach.

mod wanted;

use wanted::wanted;
pub(super) use wanted::{ACCEPTABLE, example};

use super::{
    Change, ChangeKind, Impossible, NOT_LOOKED_AT,
    packages::{Act, Package, Plan, bans, findings, highest, is_above, is_of, order_of},
    place,
};
use crate::{
    component::Purl,
    decide::Answers,
    evidence::{Component, Components, Evidence, Known, Platform},
    license::Clearance,
    policy::{
        Attribute, Condition, Criterion, LicenseCondition, NameLookup, Policy, UnknownLicenses,
        bounds,
    },
};

/// Plans what must become of components, and says which SBOMs must be attached.
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
    let mut banned = NameLookup::of(bans(policy));
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
            if banned.touch(component).bits() != 0 {
                let act = instead(policy, &mut banned, platform, evidence, component);
                plan.add(package(index, component), act);
            }
        }
        plan_licenses(plan, policy, index, listed.into_iter().flatten());
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
        let licenses = Licenses::of(policy, &seen.value);
        for component in &seen.value {
            for clearance in licenses.of_component(component) {
                let from = match clearance {
                    Clearance::Unknown(words) => words,
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
fn instead(
    policy: &Policy,
    banned: &mut NameLookup<'_>,
    platform: &Platform,
    evidence: &Evidence,
    component: &Component,
) -> Act {
    let package = package(0, component);
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
    others.sort_by(|one, other| order.total_cmp(one, other));
    versions.extend(others);
    let is_free = |version: &String| banned.touch(&in_version(component, version)).bits() == 0;
    let free = versions.into_iter().find(is_free);
    free.map_or(Act::Remove, |version| Act::Update(vec![version]))
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
fn plan_licenses<'a>(
    plan: &mut Plan,
    policy: &'a Policy,
    index: usize,
    listed: impl Iterator<Item = &'a Component> + Clone,
) {
    let licenses = Licenses::of(policy, listed.clone());
    for component in listed.filter(|component| !component.is_frame) {
        let mut learnt = licenses.of_component(component);
        if learnt.any(|clearance| matches!(clearance, Clearance::Broken(_))) {
            plan.add(package(index, component), Act::Remove);
        }
    }
}

/// What the policy's criteria that forbid licenses make of components' licenses.
pub(super) struct Licenses<'a> {
    policy: &'a Policy,
    answers: Answers<'a>,
}

impl<'a> Licenses<'a> {
    pub(super) fn of(
        policy: &'a Policy,
        components: impl IntoIterator<Item = &'a Component>,
    ) -> Self {
        let answers = Answers::of(&policy.criteria, &policy.unknown_licenses, components);
        Self { policy, answers }
    }

    /// What each criterion makes of a component's license, as the policy takes unknown ones.
    pub(super) fn of_component(&self, component: &Component) -> impl Iterator<Item = Clearance> {
        let accepts = self.policy.unknown_licenses == UnknownLicenses::Accept;
        banned_licenses(self.policy).map(move |condition| {
            match self.answers.clearance(condition, component) {
                Clearance::Unknown(_) if accepts => Clearance::Clear,
                other => other,
            }
        })
    }
}

fn banned_licenses(policy: &Policy) -> impl Iterator<Item = &LicenseCondition> {
    let criteria = policy.criteria.iter();
    criteria.filter_map(|criterion| match &criterion.condition {
        Condition::License(license) if license.operator().is_negative() => Some(license),
        _ => None,
    })
}
