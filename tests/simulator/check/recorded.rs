//! Recorded and announced: each tag that the function wrote has its record, each record of a promotion its announcement,
//! each announcement its record, under one id.

use std::collections::BTreeSet;

use super::Scene;
use crate::{
    run::{Id, Moment},
    truth::{Facts, Write},
};

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

/// A known limit: its sender died or never learned of it, and another write or a person covered it before long. A sender that
/// stands still until its time is up drops what it had in hand, as if it had died.
fn covered(facts: &Facts, write: &Write) -> bool {
    let froze = |(invocation, from): &(Id, Moment)| {
        Some(*invocation) == write.invocation && write.sent <= *from
    };
    let mut died = facts.died.iter();
    let died = died.any(|it| Some(*it) == write.invocation) || facts.froze.iter().any(froze);
    let lost = write.answered.is_none() || died;
    let later = facts.moves.iter().any(|it| {
        it.place == write.place && it.write != Some(write.number) && Some(it.at) >= write.landed
    });
    lost && later
}
