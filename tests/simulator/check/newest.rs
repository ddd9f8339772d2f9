//! Newest wins: of the pushes that render one target tag, the newest stands there once all is quiet, unless somebody else
//! had the last word.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::Scene;
use crate::{
    ledger::Record,
    model::DEPTH_MAX,
    rule::Rule,
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
    found.chain(among_records(scene, &rules)).collect()
}

/// Where a template tells the time it cannot be told beforehand which pushes share a tag; the records say which did.
fn among_records(scene: &Scene<'_>, rules: &[Rule]) -> Vec<String> {
    let facts = scene.facts;
    let tells_time = |record: &&Record| {
        let mut rules = rules.iter().filter(|it| it.name == record.policy);
        rules.all(|it| it.steady && it.tells_time())
    };
    let mut shared: BTreeMap<&Place, Vec<(Moment, &str)>> = BTreeMap::new();
    for record in scene.ledger.promoted().filter(tells_time) {
        let order = order_of(scene, record);
        if let (Some(target), Some(order)) = (&record.target, order) {
            shared
                .entry(target)
                .or_default()
                .push((order, &record.digest));
        }
    }
    let mut found = Vec::new();
    for (target, promoted) in shared {
        let newest = promoted.iter().map(|(order, _)| *order).max();
        let person = facts
            .moves
            .iter()
            .any(|it| it.place == *target && it.write.is_none());
        let stands = facts.stood(target, scene.end);
        let may_stand = |(order, digest): &(Moment, &str)| {
            newest.is_some_and(|newest| newest - *order < CLOSE) && stands == Some(*digest)
        };
        if !person && !promoted.iter().any(may_stand) {
            let stands = stands.map_or_else(|| "nothing".to_owned(), |it| facts.name(it));
            found.push(format!("{target:?} stands on {stands}, an older push"));
        }
    }
    found
}

/// Where the push of a record stands in order. Of several pushes of one image it is the one that the record tells of: each has
/// a tag of its own.
fn order_of(scene: &Scene<'_>, record: &Record) -> Option<Moment> {
    let facts = scene.facts;
    let pushes = facts.arrivals(&record.source, &record.digest);
    let orders = pushes
        .filter(|it| it.at <= record.at + scene.apart)
        .filter_map(|it| facts.order_of(it, DEPTH_MAX));
    orders.min_by_key(|it| (*it - record.order_time).abs())
}

fn judge(scene: &Scene<'_>, target: &Place, pushes: &[(Moment, &Move)]) -> Option<String> {
    let facts = scene.facts;
    let mut of_which = pushes.iter().map(|(_, it)| it);
    if of_which.any(|it| facts.may_stand_for_another(it, DEPTH_MAX)) {
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
    let mut newest_pushes = pushes.iter().filter(|(order, _)| newest - *order < CLOSE);
    if newest_pushes.any(|(_, it)| is_of_unknown_age(scene, it)) {
        return None;
    }
    let expected = newest_ones(scene, target, newest, pushes);
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

/// Whether somebody asked for a tag on an image that was there before: if that was before the tag's event came, nothing says
/// when the tag was put on it, and the push counts as old as the image (docs/ledger.md, "What it does not do").
fn is_of_unknown_age(scene: &Scene<'_>, push: &Move) -> bool {
    let facts = scene.facts;
    let mut before = facts.moves.iter().filter(|it| it.at < push.at);
    facts.asked.contains(&push.place)
        && before.any(|it| it.place.0 == push.place.0 && it.digest == push.digest)
}

/// The digests of all pushes that may stand there: those that have to be promoted and are newest, and any other that is
/// as new, whatever became of it.
fn newest_ones<'a>(
    scene: &Scene<'a>,
    target: &Place,
    newest: Moment,
    due: &[(Moment, &Move)],
) -> BTreeSet<&'a str> {
    let facts = scene.facts;
    let rules = facts.rules();
    let sends = |arrival: &Move| {
        let mut rules = rules.iter().filter(|it| it.covers(&arrival.place));
        rules.any(|it| it.target(&arrival.place).as_ref() == Some(target))
    };
    let as_new = |arrival: &&Move| {
        let order = facts.latest_order_of(arrival);
        let outdone = || due.iter().any(|(_, it)| seen_before(scene, arrival, it));
        sends(arrival) && order.is_some_and(|order| newest - order < CLOSE) && !outdone()
    };
    let pushes = facts.moves.iter().filter(as_new);
    pushes.filter_map(|it| it.digest.as_deref()).collect()
}

/// Whether one push had been promoted before the event of a later one came: however close they are, it was seen first.
fn seen_before(scene: &Scene<'_>, one: &Move, later: &Move) -> bool {
    let facts = scene.facts;
    if one.write.or(later.write).is_some()
        || one.at >= later.at
        || facts.asked.contains(&later.place)
    {
        return false;
    }
    let promoted = scene.ledger.records.iter().filter(|it| {
        it.outcome == "promoted"
            && it.source == one.place
            && Some(&it.digest) == one.digest.as_ref()
    });
    let promoted = promoted.map(|it| it.at).min();
    let came = facts.arrivals_of_event(later).min();
    // Where its tag has moved on by then, it is placed a moment before that push (design, section 5, "Runs": "moved as little
    // as it takes to lie between its neighbours"), whatever was seen first.
    let moved_on = |came: Moment| {
        let mut after = facts.moves.iter().filter(|it| it.place == later.place);
        after.any(|it| it.at > later.at && it.at <= came)
    };
    promoted
        .zip(came)
        .is_some_and(|(promoted, came)| promoted + scene.apart < came && !moved_on(came))
}
