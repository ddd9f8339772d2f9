//! Once: one push promotes once under one policy, under one target tag.

use std::collections::{BTreeMap, BTreeSet};

use super::Scene;
use crate::truth::Place;

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let mut found = told_twice(scene);
    found.extend(recorded_twice(scene));
    found.extend(tagged_twice(scene));
    found
}

/// How many times a digest came to a place: this many pushes there were at most.
fn pushes(scene: &Scene<'_>, place: &Place, digest: &str) -> usize {
    let again = scene.facts.again.iter().filter(|it| *it == place).count();
    scene.facts.arrivals(place, digest).count() + again
}

fn told_twice(scene: &Scene<'_>) -> Vec<String> {
    type Ids = (BTreeSet<String>, BTreeSet<Place>);
    let mut told: BTreeMap<(String, Place, String), Ids> = BTreeMap::new();
    for event in scene
        .facts
        .told
        .iter()
        .filter(|it| it.kind == "Image Promoted")
    {
        let text = |pointer: &str| {
            let text = event.detail.pointer(pointer).and_then(|it| it.as_str());
            text.unwrap_or_default().to_owned()
        };
        let source = (text("/source/repository"), text("/source/tag"));
        let target = (text("/target/repository"), text("/target/tag"));
        let entry = told.entry((text("/policy/name"), source, text("/source/digest")));
        let (ids, targets) = entry.or_default();
        ids.insert(text("/id"));
        targets.insert(target);
    }
    let mut found = Vec::new();
    for ((policy, source, digest), (ids, targets)) in told {
        let most = pushes(scene, &source, &digest);
        if ids.len() > most || targets.len() > most {
            let name = scene.facts.name(&digest);
            found.push(format!(
                "{policy}: {source:?} on {name} was pushed {most} times and announced under {} ids to {targets:?}",
                ids.len()
            ));
        }
    }
    found
}

fn recorded_twice(scene: &Scene<'_>) -> Vec<String> {
    let mut records: BTreeMap<(&str, &Place, &str), usize> = BTreeMap::new();
    for record in scene.ledger.promoted() {
        let key = (
            record.policy.as_str(),
            &record.source,
            record.digest.as_str(),
        );
        *records.entry(key).or_default() += 1;
    }
    let too_many = records.into_iter().filter_map(|((policy, source, digest), count)| {
        let most = pushes(scene, source, digest);
        let name = scene.facts.name(digest);
        (count > most).then(|| {
            format!("{policy}: {source:?} on {name} was pushed {most} times and recorded as promoted {count} times")
        })
    });
    too_many.collect()
}

/// No more tags at the target than the policies may give to the pushes there were.
fn tagged_twice(scene: &Scene<'_>) -> Vec<String> {
    let facts = scene.facts;
    let mut tags: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for write in facts.writes.iter().filter(|it| it.landed.is_some()) {
        let (repository, tag) = write.place.clone();
        tags.entry((repository, write.digest.clone()))
            .or_default()
            .insert(tag);
    }
    let rules = facts.rules();
    let mut found = Vec::new();
    for ((repository, digest), tags) in tags {
        let mut most = 0;
        let places: BTreeSet<&Place> = facts.moves.iter().map(|it| &it.place).collect();
        for place in places {
            let names = rules
                .iter()
                .filter(|it| it.repository == repository && it.covers(place));
            let names: BTreeSet<&str> = names.map(|it| it.name.as_str()).collect();
            most += names.len() * pushes(scene, place, &digest);
        }
        if tags.len() > most {
            let name = facts.name(&digest);
            found.push(format!(
                "{name} has the tags {tags:?} in {repository}, at most {most} may be"
            ));
        }
    }
    found
}
