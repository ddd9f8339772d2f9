//! Prompt: where nothing goes wrong any more, everything that can be told is told within four minutes.

use chrono::TimeDelta;

use super::Scene;
use crate::{
    rule::{Needs, Rule},
    run::Moment,
    truth::{Facts, Move},
};

/// A lease lasts two minutes, the schedule fires every minute, and then it is done.
const WITHIN: TimeDelta = TimeDelta::minutes(4);

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let facts = scene.facts;
    let Some(by) = facts.quiet.map(|quiet| quiet + WITHIN) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for rule in &facts.rules() {
        let promoted = facts.due(rule);
        let late = facts.judged(rule).into_iter().filter(|arrival| {
            let is_due = promoted.iter().any(|it| std::ptr::eq(*it, *arrival));
            let is_held = rule.needs == Needs::Scan && facts.is_dirty(arrival);
            let kind = if is_held {
                "Image Held"
            } else {
                "Image Promoted"
            };
            (is_due || is_held) && !told(facts, rule, arrival, kind, by)
        });
        found.extend(late.map(|it| format!("{}: {:?} was not told by {by}", rule.name, it.place)));
    }
    found
}

fn told(facts: &Facts, rule: &Rule, arrival: &Move, kind: &str, by: Moment) -> bool {
    let of_it = |it: &&crate::truth::Told| {
        let text = |pointer: &str| it.detail.pointer(pointer).and_then(|it| it.as_str());
        it.kind == kind
            && it.at <= by
            && text("/policy/name") == Some(&rule.name)
            && text("/source/repository") == Some(&arrival.place.0)
            && text("/source/tag") == Some(&arrival.place.1)
            && text("/source/digest") == arrival.digest.as_deref()
    };
    facts.told.iter().any(|it| of_it(&it))
}
