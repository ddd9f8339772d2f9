//! An answer for everybody: a push with a finding that its policy does not allow is recorded as held.

use super::Scene;
use crate::rule::Needs;

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let facts = scene.facts;
    let mut found = Vec::new();
    for rule in facts.rules().iter().filter(|it| it.needs == Needs::Scan) {
        for arrival in facts
            .judged(rule)
            .into_iter()
            .filter(|it| facts.is_dirty(it))
        {
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
