//! The packages that are to change: each once on each platform, whatever asks for it.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use super::{Change, ChangeKind, place};
use crate::{
    component::Purl,
    evidence::{Evidence, Finding, Known, Platform},
    policy::{Attribute, Condition, Counted, Criterion, Policy, TextCondition, Which},
    version::VersionOrder,
};

/// A package of one platform: what a scanner and an SBOM call by the same name and version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Package {
    /// The platform's place in the image.
    pub platform: usize,
    pub name: String,
    pub version: Option<String>,
}

/// What is to become of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// One of these versions, the highest of them.
    Update(Vec<String>),
    /// It is to go.
    Remove,
}

/// What is to become of all packages.
#[derive(Debug, Default)]
pub(super) struct Plan(pub(super) BTreeMap<Package, Act>);

impl Plan {
    /// Plans one more act; what removes a package does more than what updates it.
    pub(super) fn add(&mut self, package: Package, act: Act) {
        match (self.0.get_mut(&package), act) {
            (Some(Act::Remove), _) => {}
            (Some(Act::Update(known)), Act::Update(more)) => known.extend(more),
            (_, act) => {
                self.0.insert(package, act);
            }
        }
    }

    /// The changes, with the version that each update comes to and the findings that go.
    pub(super) fn changes(
        self,
        policy: &Policy,
        platforms: &[Platform],
        evidence: &Evidence,
    ) -> Vec<Change> {
        let changes = self.0.into_iter().filter_map(|(package, act)| {
            let platform = platforms.get(package.platform)?;
            let goes = |fixed: &Option<String>| act == Act::Remove || fixed.is_some();
            let findings = findings(evidence, platform).iter();
            let own =
                findings.filter(|finding| is_of(finding, &package) && counts(policy, finding));
            let removes = own
                .filter(|finding| goes(&finding.fixed))
                .map(|finding| finding.id.clone());
            let removes: BTreeSet<String> = removes.collect();
            let (kind, to) = match &act {
                Act::Remove => (ChangeKind::Remove, None),
                Act::Update(versions) => {
                    let order = order_of(evidence, platform, &package.name);
                    (ChangeKind::Update, highest(versions, order))
                }
            };
            Some(Change {
                kind,
                package: Some(package.name),
                from: package.version,
                to,
                platform: place(platforms, platform),
                removes: removes.into_iter().collect(),
            })
        });
        changes.collect()
    }
}

/// The findings of a platform, as far as they were seen.
pub(super) fn findings<'e>(evidence: &'e Evidence, platform: &Platform) -> &'e [Finding] {
    match evidence.findings.get(&platform.digest) {
        Some(Known::Seen(seen)) => &seen.value,
        _ => &[],
    }
}

/// Whether a finding lies in a package.
pub(super) fn is_of(finding: &Finding, package: &Package) -> bool {
    finding.package.as_ref() == Some(&package.name) && finding.installed == package.version
}

/// What a criterion on findings counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counts<'p> {
    /// Those of a severity.
    Rated(Which, Counted),
    /// Those of these ids.
    Named(&'p TextCondition),
}

impl Counts<'_> {
    /// Whether a finding is counted, as far as the scanner says.
    pub(super) fn has(self, finding: &Finding) -> bool {
        match self {
            Self::Rated(which, counted) => {
                counted.counts(finding.severity) && which.is(finding) == Some(true)
            }
            Self::Named(text) => {
                let mut ids = std::iter::once(&finding.id).chain(&finding.related);
                ids.any(|id| text.touches(id))
            }
        }
    }
}

/// What a criterion counts of findings, where it is one that bounds them.
pub(super) fn counted(criterion: &Criterion) -> Option<Counts<'_>> {
    match (&criterion.attribute, &criterion.condition) {
        (Attribute::Vulnerabilities(which, counted), _) => Some(Counts::Rated(*which, *counted)),
        (Attribute::Finding, Condition::Text(text)) if text.operator().is_negative() => {
            Some(Counts::Named(text))
        }
        _ => None,
    }
}

/// Whether a criterion of the policy counts a finding.
pub(super) fn counts(policy: &Policy, finding: &Finding) -> bool {
    let mut criteria = policy.criteria.iter().filter_map(counted);
    criteria.any(|counts| counts.has(finding))
}

/// The policy's criteria that forbid components.
pub(super) fn bans(policy: &Policy) -> impl Iterator<Item = &TextCondition> {
    policy.criteria.iter().filter_map(|criterion| {
        match (&criterion.attribute, &criterion.condition) {
            (Attribute::Component, Condition::Text(text)) if text.operator().is_negative() => {
                Some(text)
            }
            _ => None,
        }
    })
}

/// The order of a package's versions: that of the component of its name, where an SBOM lists one. Where
/// none does, Debian's, which tells numbers from letters and has a place for nearly everything.
pub(super) fn order_of(evidence: &Evidence, platform: &Platform, name: &str) -> VersionOrder {
    let listed = match evidence.components.get(&platform.digest) {
        Some(Known::Seen(seen)) => Some(&seen.value),
        _ => None,
    };
    let named = listed
        .into_iter()
        .flatten()
        .filter(|component| component.name == name);
    let purls = named.flat_map(|component| &component.purls);
    let orders = purls.filter_map(|text| VersionOrder::of_type(Purl::parse(text)?.kind));
    orders.into_iter().next().unwrap_or(VersionOrder::Debian)
}

/// The highest version; what is not a version in this order is lower than any that is.
pub(super) fn highest(versions: &[String], order: VersionOrder) -> Option<String> {
    let compare = |one: &&String, other: &&String| {
        order
            .compare(one, other)
            .unwrap_or_else(|| order.has(one).cmp(&order.has(other)))
    };
    versions.iter().max_by(compare).cloned()
}

/// Whether one version is above another, as far as that is known.
pub(super) fn is_above(version: &str, other: Option<&str>, order: VersionOrder) -> bool {
    other.is_none_or(|other| order.compare(version, other) != Some(Ordering::Less))
}

/// What changes come to, in one line.
pub(super) fn told(changes: &[Change]) -> String {
    let packages = |kind: ChangeKind| {
        let of_kind = changes.iter().filter(|change| change.kind == kind);
        let names: BTreeSet<_> = of_kind
            .filter_map(|change| change.package.as_ref())
            .collect();
        names.len()
    };
    let has = |kind: ChangeKind| changes.iter().any(|change| change.kind == kind);
    let mut told = Vec::new();
    for (kind, verb, noun, many) in [
        (ChangeKind::Update, "update", "package", "packages"),
        (ChangeKind::Remove, "remove", "package", "packages"),
        (
            ChangeKind::License,
            "clear the license of",
            "component",
            "components",
        ),
    ] {
        let count = packages(kind);
        if count > 0 {
            told.push(format!(
                "{verb} {count} {}",
                if count == 1 { noun } else { many }
            ));
        }
    }
    if has(ChangeKind::Tag) {
        told.push("push it under another tag".to_owned());
    }
    if has(ChangeKind::Attach) {
        told.push("attach a complete SBOM".to_owned());
    }
    told.join(", ")
}
