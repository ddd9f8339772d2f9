//! Every eligible push is promoted, but where a newer one took its target tag first.

use super::{Scene, newest::CLOSE};
use crate::{ledger::Record, model::Rule, truth::Move};

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let rules = scene.facts.rules();
    let mut found = Vec::new();
    for rule in &rules {
        for arrival in scene.facts.due(rule) {
            if !promoted(scene, rule, arrival) && !outrun(scene, &rules, rule, arrival) {
                let digest = arrival.digest.as_deref().unwrap_or_default();
                found.push(format!(
                    "{}: {:?} on {} was never promoted: {}",
                    rule.name,
                    arrival.place,
                    scene.facts.name(digest),
                    said(scene, rule, arrival),
                ));
            }
        }
    }
    found
}

fn promoted(scene: &Scene<'_>, rule: &Rule, arrival: &Move) -> bool {
    scene.ledger.promoted().any(|it| of(it, rule, arrival))
}

fn of(record: &Record, rule: &Rule, arrival: &Move) -> bool {
    record.policy == rule.name
        && record.source == arrival.place
        && Some(&record.digest) == arrival.digest.as_ref()
}

/// Whether a newer push was promoted to the tag that this one renders, or a person had it meanwhile.
fn outrun(scene: &Scene<'_>, rules: &[Rule], rule: &Rule, arrival: &Move) -> bool {
    let facts = scene.facts;
    let order = facts.order_of(arrival, 8);
    let newer = |it: &Record| {
        let other = it.source != arrival.place || Some(&it.digest) != arrival.digest.as_ref();
        let of_it = facts.order(&it.source, &it.digest, scene.end);
        other && of_it.map(|it| it + CLOSE) >= order
    };
    if rule.tells_time() {
        // Pushes of one image may share a name of a second.
        let shares =
            |it: &Record| rule.shares_a_time() || Some(&it.digest) == arrival.digest.as_ref();
        let mut promoted = scene.ledger.promoted();
        return promoted.any(|it| it.policy == rule.name && shares(it) && newer(it));
    }
    let Some(target) = rule.target(&arrival.place) else {
        return false;
    };
    let newer = scene
        .ledger
        .promoted()
        .any(|it| it.target.as_ref() == Some(&target) && newer(it));
    // Somebody's tag stands there: a push that is not newer leaves it.
    let person = facts
        .moves
        .iter()
        .any(|it| it.place == target && it.write.is_none());
    let shared = rules.iter().any(|it| {
        it.name != rule.name
            && it.covers(&arrival.place)
            && it.target(&arrival.place).as_ref() == Some(&target)
    });
    newer || person || (shared && facts.stood(&target, scene.end) == arrival.digest.as_deref())
}

/// What the ledger says of it, for a person who reads the finding.
fn said(scene: &Scene<'_>, rule: &Rule, arrival: &Move) -> String {
    let records = scene
        .ledger
        .records
        .iter()
        .filter(|it| of(it, rule, arrival));
    let said: Vec<String> = records
        .map(|it| format!("{}: {}", it.outcome, it.reason))
        .collect();
    if said.is_empty() {
        "no record".to_owned()
    } else {
        said.join("; ")
    }
}
