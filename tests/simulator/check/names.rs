//! Names of a second: where a template tells the second, two images never share a tag.

use std::collections::BTreeMap;

use super::Scene;
use crate::{ledger::Record, truth::Place};

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let rules = scene.facts.rules();
    let tells_the_second = |record: &&Record| {
        let mut rules = rules.iter().filter(|it| it.name == record.policy);
        rules.all(|it| it.steady && it.template.contains("%S") && !it.template.contains("%n"))
    };
    let mut first: BTreeMap<&Place, &Record> = BTreeMap::new();
    let mut found = Vec::new();
    for record in scene.ledger.promoted().filter(tells_the_second) {
        let Some(target) = &record.target else {
            continue;
        };
        let other = *first.entry(target).or_insert(record);
        if other.digest != record.digest {
            let [one, another] = [other, record].map(|it| scene.facts.name(&it.digest));
            found.push(format!("{target:?} was given to {one} and to {another}"));
        }
    }
    found
}
