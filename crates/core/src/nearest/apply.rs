//! What an image would be if changes were made: the push and the evidence that a policy would see then.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    Change, ChangeKind,
    lists::{ACCEPTABLE, Licenses, example, in_version},
    place,
};
use crate::{
    Push, Tag, Time,
    evidence::{Component, Components, Contents, Evidence, Known, License, Origin, Platform, Seen},
    license::Clearance,
    policy::Policy,
};

/// The push and its evidence after these changes.
#[must_use]
pub fn apply(
    changes: &[Change],
    push: &Push,
    policy: &Policy,
    evidence: &Evidence,
) -> (Push, Evidence) {
    let mut push = push.clone();
    let mut known = evidence.clone();
    let tag = changes.iter().find(|change| change.kind == ChangeKind::Tag);
    let tag = tag.and_then(|change| Tag::parse(change.to.as_deref()?).ok());
    if let Some(tag) = tag {
        push.tag = tag;
    }
    let platforms = match &evidence.contents {
        Known::Seen(Seen {
            value: Contents::Platforms(platforms),
            ..
        }) => platforms.as_slice(),
        _ => &[],
    };
    let license = Arc::new(acceptable(policy));
    for platform in platforms {
        let here = place(platforms, platform);
        let own = changes
            .iter()
            .filter(|change| change.kind != ChangeKind::Tag && change.platform == here);
        let own: Vec<&Change> = own.collect();
        if !own.is_empty() {
            findings(&own, platform, &mut known);
            components(&own, platform, &license, &mut known);
        }
    }
    (push, known)
}

/// A license that every criterion of the policy allows, where one of those that are tried is.
fn acceptable(policy: &Policy) -> License {
    let is_clear = |words: &&str| {
        let component = Component {
            license: License::of(words).into(),
            ..Component::default()
        };
        let licenses = Licenses::of(policy, [&component]);
        let mut learnt = licenses.of_component(&component);
        learnt.all(|clearance| clearance == Clearance::Clear)
    };
    let found = ACCEPTABLE.into_iter().find(is_clear);
    License::of(found.unwrap_or("MIT"))
}

fn findings(changes: &[&Change], platform: &Platform, evidence: &mut Evidence) {
    let Some(Known::Seen(seen)) = evidence.findings.get_mut(&platform.digest) else {
        return;
    };
    seen.value.retain(|finding| {
        !changes.iter().any(|change| {
            let is_of = change.package == finding.package && change.from == finding.installed;
            match change.kind {
                ChangeKind::Remove => is_of,
                ChangeKind::Update => is_of && change.removes.contains(&finding.id),
                ChangeKind::License | ChangeKind::Tag | ChangeKind::Attach => false,
            }
        })
    });
}

/// A component's name and version.
type Named<'c> = (Option<&'c str>, Option<&'c str>);

fn by_package<'c>(changes: &[&'c Change], kind: ChangeKind) -> HashMap<Named<'c>, &'c Change> {
    let of_kind = changes.iter().filter(|change| change.kind == kind);
    let named =
        of_kind.map(|change| ((change.package.as_deref(), change.from.as_deref()), *change));
    named.collect()
}

fn components(
    changes: &[&Change],
    platform: &Platform,
    license: &Arc<License>,
    evidence: &mut Evidence,
) {
    let is_attached = |change: &&&Change| change.kind == ChangeKind::Attach;
    let attached: Vec<&&Change> = changes.iter().filter(is_attached).collect();
    let (before, origin, at) = match evidence.components.get(&platform.digest) {
        Some(Known::Seen(seen)) => (Some(&seen.value), seen.origin, seen.at),
        _ if attached.is_empty() => return,
        _ => (None, Origin::Referrer, Time::default()),
    };
    let mut list = left(before.into_iter().flatten(), changes, license);
    list.extend(attached.iter().map(|change| listed(change, license)));
    let mut after = Components::from(list);
    let gap = before.and_then(Components::gap);
    if let Some(gap) = gap.filter(|_| attached.is_empty()) {
        after.lack(gap.clone());
    }
    let value = Known::Seen(Seen {
        value: after,
        origin,
        at,
    });
    evidence.components.insert(platform.digest.clone(), value);
}

/// The components that are left, as they are then.
fn left<'a>(
    components: impl Iterator<Item = &'a Component>,
    changes: &[&Change],
    license: &Arc<License>,
) -> Vec<Component> {
    let updates = by_package(changes, ChangeKind::Update);
    let removals = by_package(changes, ChangeKind::Remove);
    let of_license = changes
        .iter()
        .filter(|change| change.kind == ChangeKind::License);
    let cleared: HashSet<&str> = of_license
        .filter_map(|change| change.package.as_deref())
        .collect();
    let still = components.filter_map(|component| {
        let name = component.name.as_str();
        let named = (Some(name), component.version.as_deref());
        if removals.contains_key(&named) {
            return None;
        }
        let to = updates.get(&named).and_then(|change| change.to.as_deref());
        let mut after = to.map_or_else(
            || component.clone(),
            |version| in_version(component, version),
        );
        if cleared.contains(name) {
            after.license = license.clone();
        }
        Some(after)
    });
    still.collect()
}

/// What an attached SBOM lists: what it was to list, or anything harmless.
fn listed(change: &Change, license: &Arc<License>) -> Component {
    match &change.package {
        Some(name) => Component {
            license: license.clone(),
            ..example(name, change.to.as_deref())
        },
        None => Component {
            license: match &change.to {
                Some(words) => License::of(words).into(),
                None => license.clone(),
            },
            ..example("a-component", Some("1.0.0"))
        },
    }
}
