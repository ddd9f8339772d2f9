//! People respected: what somebody moved or deleted at a target after a promotion was finished is changed by a newer push
//! alone.

use chrono::TimeDelta;

use super::{Scene, newest::CLOSE};
use crate::{
    notes::Shown,
    run::Moment,
    truth::{Facts, Move, Place, Write},
};

/// A write whose outcome is unknown may be repaired for this long after it was sent.
const DOUBT: TimeDelta = TimeDelta::minutes(12);

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let facts = scene.facts;
    let mut found = Vec::new();
    for act in facts.moves.iter().filter(|it| it.write.is_none()) {
        let Some(finished) = finished(facts, &act.place, act.at) else {
            continue;
        };
        let after = facts
            .writes
            .iter()
            .filter(|it| it.place == act.place && it.sent > act.at);
        for write in after {
            if !newer(facts, write, &finished)
                && !repairs(facts, write)
                && !asked(facts, write, act)
            {
                let (repository, tag) = &act.place;
                let name = facts.name(&write.digest);
                found.push(format!(
                    "somebody changed {repository}:{tag} at {}, and at {} the function put it on {name}, which is no newer \
                     than what was finished before",
                    act.at.format("%T"),
                    write.sent.format("%T"),
                ));
            }
        }
    }
    found
}

/// The order and the digest of the newest promotion to a tag that was announced by then.
fn finished(facts: &Facts, target: &Place, by: Moment) -> Option<(Moment, String)> {
    let told = facts
        .told
        .iter()
        .filter(|it| it.kind == "Image Promoted" && it.at <= by);
    let orders = told.filter_map(|it| {
        let text = |pointer: &str| it.detail.pointer(pointer)?.as_str().map(str::to_owned);
        let to = (text("/target/repository")?, text("/target/tag")?);
        let source = (text("/source/repository")?, text("/source/tag")?);
        if to != *target {
            return None;
        }
        let digest = text("/source/digest")?;
        let order = facts.order(&source, &digest, it.at)?;
        Some((order, digest))
    });
    orders.max()
}

/// Whether a write is of a push that is newer than that, or may be: events tell whole seconds. What was finished is no newer
/// than itself.
fn newer(facts: &Facts, write: &Write, (than, finished): &(Moment, String)) -> bool {
    let sources = facts.sources(&write.place, &write.digest);
    let pushes = sources
        .iter()
        .flat_map(|it| facts.arrivals(it, &write.digest));
    let orders = pushes
        .filter(|it| it.at <= write.sent)
        .filter_map(|it| facts.latest_order_of(it));
    let close = if write.digest == *finished {
        TimeDelta::zero()
    } else {
        CLOSE
    };
    orders.max().is_some_and(|order| order + close > *than)
}

/// Whether it is the repair of a write of ours that came late: the invocation that made it saw the tag on what was written without an end
/// (design, section 5: "where the tag stands on a doubt older than the head, the head's digest is written").
fn repairs(facts: &Facts, write: &Write) -> bool {
    let (repository, tag) = &write.place;
    let looked = |(at, it): &&(Moment, Shown)| {
        Some(it.invocation) == write.invocation
            && it.repository == *repository
            && it.tags.contains_key(tag)
            && *at <= write.sent
    };
    let Some((_, seen)) = facts.shown.iter().rfind(looked) else {
        return false;
    };
    let on = seen.tags[tag].as_ref();
    facts.writes.iter().any(|other| {
        other.place == write.place
            && on == Some(&other.digest)
            && other.number != write.number
            && other.sent <= write.sent
            && write.sent - other.sent <= DOUBT
            && other.answered.is_none_or(|(at, _)| at > write.sent)
    })
}

/// Whether somebody asked for it by hand.
fn asked(facts: &Facts, write: &Write, act: &Move) -> bool {
    let mut again = facts.again.iter();
    again.any(|it| facts.sources(&act.place, &write.digest).contains(it))
}
