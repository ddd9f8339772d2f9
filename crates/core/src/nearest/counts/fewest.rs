//! The fewest packages by which every limit is kept, where all that are chosen are removed.

use std::collections::{BTreeMap, BTreeSet};

use super::Unit;

/// So many choices are looked at before the next best one is taken.
const CHOICES_MAX: usize = 50_000;

/// All that goes with a name, on whichever platforms.
struct Name {
    units: Vec<usize>,
    all: Vec<u64>,
    /// Whether updates take all of it.
    is_fixable: bool,
}

/// The units of the fewest names by which every need is met, where all are removed.
pub(super) fn fewest(units: &[Unit], needs: &[u64]) -> Vec<usize> {
    let mut names: BTreeMap<&str, Name> = BTreeMap::new();
    for (place, unit) in units.iter().enumerate() {
        let name = names.entry(&unit.package.name).or_insert_with(|| Name {
            units: Vec::new(),
            all: vec![0; needs.len()],
            is_fixable: true,
        });
        name.units.push(place);
        name.is_fixable &= unit.all == unit.fixable;
        for (sum, count) in name.all.iter_mut().zip(&unit.all) {
            *sum += count;
        }
    }
    let mut names: Vec<Name> = names.into_values().collect();
    names.retain(|name| helps(&name.all, needs) > 0);
    // What takes most comes first, and of two what an update takes.
    names.sort_by_key(|name| std::cmp::Reverse((helps(&name.all, needs), name.is_fixable)));
    let mut search = Search {
        names: &names,
        left: CHOICES_MAX,
    };
    let chosen = (0..=names.len())
        .find_map(|count| search.choose(0, count, needs))
        .unwrap_or_else(|| greedy(&names, needs));
    let chosen = chosen.into_iter().filter_map(|place| names.get(place));
    chosen.flat_map(|name| name.units.iter().copied()).collect()
}

/// How much of the needs some counts meet.
fn helps(counts: &[u64], needs: &[u64]) -> u64 {
    counts
        .iter()
        .zip(needs)
        .map(|(count, need)| count.min(need))
        .sum()
}

fn less(needs: &[u64], counts: &[u64]) -> Vec<u64> {
    let pairs = needs.iter().zip(counts);
    pairs
        .map(|(need, count)| need.saturating_sub(*count))
        .collect()
}

/// The search for the fewest names.
struct Search<'n> {
    names: &'n [Name],
    /// So many choices may be looked at still.
    left: usize,
}

impl Search<'_> {
    /// Exactly `count` names from `from` on by which every need is met.
    fn choose(&mut self, from: usize, count: usize, needs: &[u64]) -> Option<Vec<usize>> {
        if needs.iter().all(|need| *need == 0) {
            return Some(Vec::new());
        }
        if count == 0 || !self.may_do(from, count, needs) {
            return None;
        }
        for place in from..self.names.len() {
            self.left = self.left.checked_sub(1)?;
            let name = self.names.get(place)?;
            let rest = less(needs, &name.all);
            if let Some(mut chosen) = self.choose(place + 1, count - 1, &rest) {
                chosen.push(place);
                return Some(chosen);
            }
            if !self.may_do(place + 1, count, needs) {
                return None;
            }
        }
        None
    }

    /// Whether the largest `count` of those left could meet each need alone.
    fn may_do(&self, from: usize, count: usize, needs: &[u64]) -> bool {
        let names = self.names.get(from..).unwrap_or_default();
        needs
            .iter()
            .enumerate()
            .filter(|(_, need)| **need > 0)
            .all(|(limit, need)| {
                let counts = names.iter().filter_map(|name| name.all.get(limit).copied());
                let mut counts: Vec<u64> = counts.collect();
                counts.sort_unstable_by(|one, other| other.cmp(one));
                counts.iter().take(count).sum::<u64>() >= *need
            })
    }
}

/// What takes most, again and again.
fn greedy(names: &[Name], needs: &[u64]) -> Vec<usize> {
    let mut needs = needs.to_vec();
    let mut chosen = BTreeSet::new();
    while needs.iter().any(|need| *need > 0) {
        let open = names
            .iter()
            .enumerate()
            .filter(|(place, _)| !chosen.contains(place));
        let best = open.max_by_key(|(_, name)| helps(&name.all, &needs));
        let Some((place, name)) = best else { break };
        needs = less(&needs, &name.all);
        chosen.insert(place);
    }
    chosen.into_iter().collect()
}
