//! No loops, no floods: no policy twice in one chain, at most eight promotions in a chain, at most three of them within one
//! repository.

use std::collections::BTreeSet;

use super::Scene;
use crate::{ledger::Record, truth::Place};

const CHAIN_MAX: usize = 8;
const WITHIN_MAX: usize = 3;

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let promoted: Vec<&Record> = scene.ledger.promoted().collect();
    let by_hand: BTreeSet<(&Place, &str)> = scene
        .facts
        .moves
        .iter()
        .filter(|it| it.write.is_none())
        .filter_map(|it| Some((&it.place, it.digest.as_deref()?)))
        .collect();
    let mut found = Vec::new();
    for first in &promoted {
        let mut chain = vec![*first];
        // What somebody pushed there too begins a chain of its own.
        while let Some(before) = before(&promoted, chain[chain.len() - 1], &by_hand) {
            chain.push(before);
            if chain.len() > CHAIN_MAX {
                break;
            }
        }
        found.extend(judge(&chain));
    }
    found.dedup();
    found
}

/// The one promotion that a promotion's source came by.
fn before<'a>(
    promoted: &[&'a Record],
    record: &Record,
    by_hand: &BTreeSet<(&Place, &str)>,
) -> Option<&'a Record> {
    if by_hand.contains(&(&record.source, record.digest.as_str())) {
        return None;
    }
    let mut ways = promoted.iter().filter(|it| {
        it.target.as_ref() == Some(&record.source)
            && it.digest == record.digest
            && it.at <= record.at
    });
    match (ways.next(), ways.next()) {
        (Some(way), None) => Some(way),
        _ => None,
    }
}

fn judge(chain: &[&Record]) -> Option<String> {
    let policies: BTreeSet<&str> = chain.iter().map(|it| it.policy.as_str()).collect();
    let within = chain
        .iter()
        .filter(|it| it.target.as_ref().is_some_and(|to| to.0 == it.source.0));
    if policies.len() < chain.len() || chain.len() > CHAIN_MAX || within.count() > WITHIN_MAX {
        let steps: Vec<_> = chain
            .iter()
            .rev()
            .map(|it| (&it.policy, &it.target))
            .collect();
        return Some(format!("a chain of promotions: {steps:?}"));
    }
    None
}
