//! Newest wins: of the pushes that render one target tag, the newest stands there once all is quiet, unless somebody else
//! had the last word.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::Scene;
use crate::{
    run::Moment,
    truth::{Move, Place},
};

/// Events tell whole seconds and clocks differ: what lies closer together may stand in either order.
pub const CLOSE: TimeDelta = TimeDelta::milliseconds(2500);

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let facts = scene.facts;
    let mut candidates: BTreeMap<Place, Vec<(Moment, &Move)>> = BTreeMap::new();
    let rules = facts.rules();
    for rule in &rules {
        for arrival in facts.due(rule) {
            if let (Some(target), Some(order)) =
                (rule.target(&arrival.place), facts.order_of(arrival, 8))
            {
                candidates.entry(target).or_default().push((order, arrival));
            }
        }
    }
    // Where a policy that changed may have sent something too, more is possible than is modelled here.
    let unsteady = |target: &Place| {
        rules
            .iter()
            .any(|it| !it.steady && it.repository == target.0)
            || rules
                .iter()
                .any(|it| it.tells_time() && it.repository == target.0)
    };
    candidates.retain(|target, _| !unsteady(target));
    let found = candidates
        .iter()
        .filter_map(|(target, pushes)| judge(scene, target, pushes));
    found.collect()
}

fn judge(scene: &Scene<'_>, target: &Place, pushes: &[(Moment, &Move)]) -> Option<String> {
    let facts = scene.facts;
    if pushes.iter().any(|(_, it)| facts.returns(&it.place)) {
        return None;
    }
    let newest = pushes.iter().map(|(order, _)| *order).max()?;
    let moved = facts
        .moves
        .iter()
        .filter(|it| it.place == *target && it.write.is_none());
    if moved.into_iter().any(|it| it.at >= newest - CLOSE) {
        return None;
    }
    let expected = newest_ones(scene, target, newest);
    let stands = facts.stood(target, scene.end);
    if stands.is_some_and(|it| expected.contains(it)) {
        return None;
    }
    let name = |digest: &str| facts.name(digest);
    let expected: Vec<String> = expected.into_iter().map(name).collect();
    Some(format!(
        "{target:?} stands on {}, the newest is {expected:?}",
        stands.map_or_else(|| "nothing".to_owned(), name)
    ))
}

/// The digests of all pushes that may stand there: those that have to be promoted and are newest, and any other that is
/// as new, whatever became of it.
fn newest_ones<'a>(scene: &Scene<'a>, target: &Place, newest: Moment) -> BTreeSet<&'a str> {
    let facts = scene.facts;
    let rules = facts.rules();
    let sends = |arrival: &Move| {
        let mut rules = rules.iter().filter(|it| it.covers(&arrival.place));
        rules.any(|it| it.target(&arrival.place).as_ref() == Some(target))
    };
    let as_new = |arrival: &&Move| {
        let order = facts.order_of(arrival, 8);
        sends(arrival) && order.is_some_and(|order| newest - order < CLOSE)
    };
    let pushes = facts.moves.iter().filter(as_new);
    pushes.filter_map(|it| it.digest.as_deref()).collect()
}
