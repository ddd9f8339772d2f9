//! What criteria on numbers of findings ask for: the fewest packages to update or to remove, so that no
//! platform has more findings than the policy allows.

mod acts;
mod fewest;

use std::collections::BTreeMap;

use acts::Acts;
use fewest::fewest;

use super::{
    Impossible,
    packages::{Act, Counting, Counts, Package, Plan, findings},
};
use crate::evidence::{Evidence, Finding, Platform};

/// One limit: what is counted on one platform, and how much too much it is.
struct Limit<'p> {
    counted: Counts<'p>,
    platform: usize,
    /// How many findings have to go still.
    excess: u64,
}

/// A package with findings: for each limit how many go with it.
struct Unit {
    package: Package,
    /// When it is removed.
    all: Vec<u64>,
    /// When it is updated.
    fixable: Vec<u64>,
    fixes: Vec<String>,
}

/// Plans the fewest packages by which all limits are kept.
pub(super) fn plan(
    plan: &mut Plan,
    counting: &Counting<'_>,
    platforms: &[Platform],
    evidence: &Evidence,
) -> Result<(), Impossible> {
    let mut limits = limits(counting, platforms, evidence);
    let mut units = units(counting, platforms, evidence, &limits);
    units.retain(|unit| !goes_anyway(unit, plan, &mut limits));
    let needs: Vec<u64> = limits.iter().map(|limit| limit.excess).collect();
    for (limit, need) in limits.iter().zip(&needs) {
        let removable: u64 = units.iter().map(|unit| going(unit, &limits, limit)).sum();
        if removable < *need {
            return Err(Impossible(unnamed(limit, counting, platforms, evidence)));
        }
    }
    let chosen = fewest(&units, &needs);
    for (place, act) in Acts::of(&units, &needs, &chosen).smallest(&chosen) {
        if let Some(unit) = units.get(place) {
            plan.add(unit.package.clone(), act.of(unit));
        }
    }
    Ok(())
}

/// What changes anyway takes its findings with it.
fn goes_anyway(unit: &Unit, plan: &mut Plan, limits: &mut [Limit<'_>]) -> bool {
    let counts = match plan.0.get(&unit.package) {
        None => return false,
        Some(Act::Remove) => &unit.all,
        Some(Act::Update(_)) => {
            plan.add(unit.package.clone(), Act::Update(unit.fixes.clone()));
            &unit.fixable
        }
    };
    for (limit, count) in limits.iter_mut().zip(counts) {
        limit.excess = limit.excess.saturating_sub(*count);
    }
    true
}

fn going(unit: &Unit, limits: &[Limit<'_>], wanted: &Limit<'_>) -> u64 {
    let mut pairs = unit.all.iter().zip(limits);
    pairs
        .find(|(_, limit)| std::ptr::eq(*limit, wanted))
        .map_or(0, |(count, _)| *count)
}

/// Which findings of a platform keep a limit from being kept.
fn unnamed(
    limit: &Limit<'_>,
    counting: &Counting<'_>,
    platforms: &[Platform],
    evidence: &Evidence,
) -> String {
    let platform = platforms.get(limit.platform);
    let all = platform.map_or(&[][..], |platform| findings(evidence, platform));
    let counts = |finding: &Finding| counting.counts(limit.counted, limit.platform, finding);
    let mut without = all
        .iter()
        .filter(|finding| counts(finding) && finding.package.is_none());
    let first = without
        .next()
        .map_or("a finding", |finding| finding.id.as_str());
    format!("{first} names no package, so nothing is known that would remove it")
}

/// The limits of the criteria that bound findings from above.
fn limits<'p>(
    counting: &Counting<'p>,
    platforms: &[Platform],
    evidence: &Evidence,
) -> Vec<Limit<'p>> {
    let mut limits = Vec::new();
    for (counted, allowed) in &counting.limits {
        for (index, platform) in platforms.iter().enumerate() {
            let all = findings(evidence, platform).iter();
            let count = all.filter(|finding| counting.counts(*counted, index, finding));
            let count = u64::try_from(count.count()).unwrap_or(u64::MAX);
            limits.push(Limit {
                counted: *counted,
                platform: index,
                excess: count.saturating_sub(*allowed),
            });
        }
    }
    limits
}

/// The packages with findings that the policy counts.
fn units(
    counting: &Counting<'_>,
    platforms: &[Platform],
    evidence: &Evidence,
    limits: &[Limit<'_>],
) -> Vec<Unit> {
    let mut by_package: BTreeMap<Package, Vec<&Finding>> = BTreeMap::new();
    for (index, platform) in platforms.iter().enumerate() {
        let all = findings(evidence, platform).iter();
        for finding in all.filter(|finding| counting.has(index, finding)) {
            if let Some(name) = &finding.package {
                let package = Package {
                    platform: index,
                    name: name.clone(),
                    version: finding.installed.clone(),
                };
                by_package.entry(package).or_default().push(finding);
            }
        }
    }
    let units = by_package.into_iter();
    units
        .map(|(package, findings)| Unit::of(package, &findings, limits, counting))
        .collect()
}

impl Unit {
    fn of(
        package: Package,
        findings: &[&Finding],
        limits: &[Limit<'_>],
        counting: &Counting<'_>,
    ) -> Self {
        let count = |limit: &Limit<'_>, only_fixable: bool| {
            let counted = findings.iter().filter(|finding| {
                limit.platform == package.platform
                    && counting.counts(limit.counted, limit.platform, finding)
                    && (!only_fixable || finding.fixed.is_some())
            });
            u64::try_from(counted.count()).unwrap_or(u64::MAX)
        };
        let fixes = findings.iter().filter_map(|finding| finding.fixed.clone());
        Self {
            all: limits.iter().map(|limit| count(limit, false)).collect(),
            fixable: limits.iter().map(|limit| count(limit, true)).collect(),
            fixes: fixes.collect(),
            package,
        }
    }
}
