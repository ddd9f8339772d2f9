//! The packages that are to change: each once on each platform, whatever asks for it.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use super::{Change, ChangeKind, place};
use crate::{
    Time,
    component::Purl,
    evidence::{Evidence, Finding, Known, Platform},
    policy::{
        Attribute, Condition, Counted, Criterion, NumberOperator, Policy, TextCondition, Which,
    },
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
        counting: &Counting<'_>,
        platforms: &[Platform],
        evidence: &Evidence,
    ) -> Vec<Change> {
        let changes = self.0.into_iter().filter_map(|(package, act)| {
            let platform = platforms.get(package.platform)?;
            let goes = |fixed: &Option<String>| act == Act::Remove || fixed.is_some();
            let findings = findings(evidence, platform).iter();
            let own = findings.filter(|finding| {
                is_of(finding, &package) && counting.has(package.platform, finding)
            });
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
    /// Those of a severity that are known for longer than so many days.
    Older(Counted, u64),
    /// Those of these ids.
    Named(&'p TextCondition),
}

/// The criteria of a policy that bound findings from above, and since when findings are known.
pub(super) struct Counting<'p> {
    /// What each counts, and how many it allows.
    pub limits: Vec<(Counts<'p>, u64)>,
    now: Time,
    /// For each platform the findings whose first sight the scanner does not say.
    sightings: Vec<HashMap<&'p str, Time>>,
}

impl<'p> Counting<'p> {
    pub(super) fn of(
        policy: &'p Policy,
        platforms: &[Platform],
        evidence: &'p Evidence,
        now: Time,
    ) -> Self {
        let sightings =
            platforms
                .iter()
                .map(|platform| match evidence.sightings.get(&platform.digest) {
                    Some(Known::Seen(seen)) => seen.value.by_id(),
                    _ => HashMap::new(),
                });
        Self {
            limits: policy.criteria.iter().filter_map(limit).collect(),
            now,
            sightings: sightings.collect(),
        }
    }

    /// Whether any of them counts a finding of a platform.
    pub(super) fn has(&self, platform: usize, finding: &Finding) -> bool {
        let mut limits = self.limits.iter();
        limits.any(|(counts, _)| self.counts(*counts, platform, finding))
    }

    /// Whether one of them counts a finding of a platform, as far as it is known.
    pub(super) fn counts(&self, counts: Counts<'_>, platform: usize, finding: &Finding) -> bool {
        match counts {
            Counts::Rated(which, counted) => {
                counted.counts(finding.severity) && which.is(finding) == Some(true)
            }
            Counts::Older(counted, days) => {
                let here = self.sightings.get(platform);
                let here = here.and_then(|here| here.get(finding.id.as_str()).copied());
                let since = finding.first_seen.or(here);
                let age = |since: Time| (self.now - since).num_days();
                let is_older = |since| u64::try_from(age(since)).is_ok_and(|age| age > days);
                counted.counts(finding.severity) && since.is_some_and(is_older)
            }
            Counts::Named(text) => {
                let mut ids = std::iter::once(&finding.id).chain(&finding.related);
                ids.any(|id| text.touches(id))
            }
        }
    }
}

/// What a criterion counts of findings and how many it allows, where it is one that bounds them from above:
/// nobody makes an image worse to have it promoted.
fn limit(criterion: &Criterion) -> Option<(Counts<'_>, u64)> {
    let most = match &criterion.condition {
        Condition::Number { operator, value } => match operator {
            NumberOperator::Equal | NumberOperator::LessOrEqual => Some(*value),
            NumberOperator::Less => Some(value.saturating_sub(1)),
            _ => None,
        },
        _ => None,
    };
    match (&criterion.attribute, &criterion.condition) {
        (Attribute::Vulnerabilities(which, counted), _) => {
            Some((Counts::Rated(*which, *counted), most?))
        }
        // None may be older than that.
        (Attribute::FindingAge(counted), _) => Some((Counts::Older(*counted, most?), 0)),
        // An id that is forbidden is forbidden once.
        (Attribute::Finding, Condition::Text(text)) if text.operator().is_negative() => {
            Some((Counts::Named(text), 0))
        }
        _ => None,
    }
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
    let compare = |one: &&String, other: &&String| order.total_cmp(one, other);
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
