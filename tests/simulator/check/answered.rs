//! An answer for everybody: a push with a finding that its policy does not allow is recorded as held.

use super::Scene;
use crate::truth::Move;

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let facts = scene.facts;
    let mut found = Vec::new();
    for rule in facts.rules().iter().filter(|it| it.needs_scan) {
        for arrival in facts.judged(rule).into_iter().filter(|it| dirty(scene, it)) {
            let of_it = |it: &&crate::ledger::Record| {
                it.policy == rule.name
                    && it.source == arrival.place
                    && Some(&it.digest) == arrival.digest.as_ref()
            };
            let mut records = scene.ledger.records.iter().filter(of_it);
            if !records.any(|it| it.outcome == "held") {
                let name = facts.name(arrival.digest.as_deref().unwrap_or_default());
                found.push(format!(
                    "{}: {:?} on {name} has a finding, and no record says that it is held",
                    rule.name, arrival.place
                ));
            }
        }
    }
    found
}

fn dirty(scene: &Scene<'_>, arrival: &Move) -> bool {
    let scan = arrival
        .digest
        .as_ref()
        .and_then(|it| scene.facts.scans.get(it));
    scan.is_some_and(|(_, clean)| !clean)
}
