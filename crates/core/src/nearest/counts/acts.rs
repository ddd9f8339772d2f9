//! What is to become of the chosen packages: updates where they do, and none that is not needed.

use std::collections::BTreeMap;

use super::Unit;
use crate::nearest::packages::Act;

/// What is to become of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Update,
    Remove,
}

/// What is to become of units, by their places.
#[derive(Clone)]
pub(super) struct Acts<'u> {
    units: &'u [Unit],
    needs: &'u [u64],
    chosen: BTreeMap<usize, Does>,
}

impl Does {
    /// As a plan has it.
    pub(super) fn of(self, unit: &Unit) -> Act {
        match self {
            Self::Update => Act::Update(unit.fixes.clone()),
            Self::Remove => Act::Remove,
        }
    }

    fn counts(self, unit: &Unit) -> &[u64] {
        match self {
            Self::Update => &unit.fixable,
            Self::Remove => &unit.all,
        }
    }
}

impl<'u> Acts<'u> {
    /// Updates as far as they do, removals beyond.
    pub(super) fn of(units: &'u [Unit], needs: &'u [u64], chosen: &[usize]) -> Self {
        let first = chosen.iter().filter_map(|place| {
            let does = if units.get(*place)?.fixes.is_empty() {
                Does::Remove
            } else {
                Does::Update
            };
            Some((*place, does))
        });
        let mut acts = Self {
            units,
            needs,
            chosen: first.collect(),
        };
        for limit in 0..needs.len() {
            while !acts.keeps(limit)
                && let Some(place) = acts.least_fixable(limit)
            {
                acts.chosen.insert(place, Does::Remove);
            }
        }
        acts
    }

    /// As little of it as keeps all limits.
    pub(super) fn smallest(mut self, chosen: &[usize]) -> BTreeMap<usize, Does> {
        // What was to go may do with an update after all.
        for place in chosen {
            let has_fix = self
                .units
                .get(*place)
                .is_some_and(|unit| !unit.fixes.is_empty());
            if has_fix {
                self.try_with(*place, Some(Does::Update));
            }
        }
        for place in chosen {
            self.try_with(*place, None);
        }
        self.chosen
    }

    fn try_with(&mut self, place: usize, does: Option<Does>) {
        let before = self.chosen.remove(&place);
        self.chosen.extend(does.map(|does| (place, does)));
        if !(0..self.needs.len()).all(|limit| self.keeps(limit)) {
            self.chosen.extend(before.map(|before| (place, before)));
        }
    }

    fn keeps(&self, limit: usize) -> bool {
        let gone = self
            .chosen
            .iter()
            .filter_map(|(place, does)| does.counts(self.units.get(*place)?).get(limit).copied());
        let need = self.needs.get(limit);
        need.is_none_or(|need| gone.sum::<u64>() >= *need)
    }

    /// The update that leaves most of what a limit counts.
    fn least_fixable(&self, limit: usize) -> Option<usize> {
        let at = |counts: &[u64]| counts.get(limit).copied().unwrap_or(0);
        let left = |place: &usize| {
            let unit = self.units.get(*place);
            unit.map_or(0, |unit| at(&unit.all).saturating_sub(at(&unit.fixable)))
        };
        let updates = self
            .chosen
            .iter()
            .filter(|(_, does)| **does == Does::Update);
        updates.map(|(place, _)| *place).max_by_key(left)
    }
}
