//! Recorded and announced: each tag that the function wrote has its record, each record of a promotion its announcement,
//! each announcement its record, under one id.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::Scene;
use crate::truth::{Facts, Move, Write};

/// A write that lands later may do so after the look at its lease, which lasts a minute.
const LATE: TimeDelta = TimeDelta::seconds(30);
/// Somebody has looked by then: a write may land for six minutes, a claim lasts for two, and a storm has minutes in which the
/// schedule does not fire.
const LOOKED_AT_WITHIN: TimeDelta = TimeDelta::minutes(10);

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let facts = scene.facts;
    let mut found = Vec::new();
    let ids = |kind: &str| -> BTreeSet<&str> {
        let told = facts.told.iter().filter(|it| it.kind == kind);
        told.filter_map(|it| it.detail["id"].as_str()).collect()
    };
    let announced = ids("Image Promoted");
    let recorded: BTreeSet<&str> = scene.ledger.promoted().map(|it| it.id.as_str()).collect();
    for record in scene.ledger.promoted() {
        if !announced.contains(record.id.as_str()) {
            found.push(format!(
                "{}: {:?} was recorded and never announced",
                record.policy, record.source
            ));
        }
    }
    for id in announced.difference(&recorded) {
        found.push(format!(
            "the promotion {id} was announced and never recorded"
        ));
    }
    for write in facts.writes.iter().filter(|it| it.landed.is_some()) {
        let known = scene
            .ledger
            .promoted()
            .any(|it| it.target.as_ref() == Some(&write.place) && it.digest == write.digest);
        if !known && !covered(facts, write) {
            let name = facts.name(&write.digest);
            found.push(format!(
                "{:?} was put on {name}, and no record says so",
                write.place
            ));
        }
    }
    found
}

/// Known limits (design, section 5, "Doubts"): nobody could know of it. Its sender wrote down that it had no answer, or
/// wrote nothing down any more; and before anybody looked something else stood in its place.
fn covered(facts: &Facts, write: &Write) -> bool {
    let (Some(invocation), Some(landed)) = (write.invocation, write.landed) else {
        return false;
    };
    let mut noted = facts.heads.iter();
    let noted = noted
        .any(|it| (it.invocation, &it.place) == (invocation, &write.place) && it.at > write.sent);
    if noted && write.answered.is_some() {
        return false;
    }
    let is_late = |it: &Write| it.landed.is_some_and(|landed| landed - it.sent > LATE);
    // A newer push looks first at what a lease left behind that ended without a word: it covers nothing before that.
    let hides = |cover: &Move| {
        let by = facts
            .writes
            .iter()
            .find(|it| Some(it.number) == cover.write);
        noted || is_late(write) || by.is_none_or(is_late)
    };
    facts.moves.iter().any(|it| {
        it.place == write.place
            && it.write != Some(write.number)
            && (landed..write.sent + LOOKED_AT_WITHIN).contains(&it.at)
            && hides(it)
    })
}
