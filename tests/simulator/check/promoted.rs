//! Every eligible push is promoted, but where a newer one took its target tag first.

use serde_json::Value;

use super::{Scene, newest::CLOSE};
use crate::{
    ledger::Record,
    model::DEPTH_MAX,
    rule::Rule,
    run::Moment,
    truth::{Move, Place},
};

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
    let order = least_order(scene, arrival, DEPTH_MAX);
    let newer = |it: &Record| {
        let other = it.source != arrival.place || Some(&it.digest) != arrival.digest.as_ref();
        // What the function tagged after another push stands after that in its tag, however old it is.
        let of_it = facts.latest_order(&it.source, &it.digest);
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
    // What somebody did there since is left alone.
    let mut moves = facts.moves.iter();
    let person =
        moves.any(|it| it.place == target && it.write.is_none() && Some(it.at + CLOSE) >= order);
    let shared = rules.iter().any(|it| {
        it.name != rule.name
            && it.covers(&arrival.place)
            && it.target(&arrival.place).as_ref() == Some(&target)
    });
    newer || person || (shared && facts.stood(&target, scene.end) == arrival.digest.as_deref())
}

/// The least order that a push may have. Where its tag came back to an image, an event of one push may stand for another
/// (design, section 5, "Runs": where C is D and D is the last run it is that run; a run is placed by the `told` of the event
/// that came). Then the ledger has fewer runs of the image than there were pushes of it, and its order may be that of the
/// first of them.
fn least_order(scene: &Scene<'_>, arrival: &Move, depth: usize) -> Option<Moment> {
    let digest = arrival.digest.as_deref()?;
    if is_united(scene, &arrival.place, digest) {
        return least(scene, &arrival.place, digest, arrival.at, depth);
    }
    own_order(scene, arrival, depth)
}

/// The same, of the pushes of an image under a tag until then: the newest, or the first where they may be one.
fn least(
    scene: &Scene<'_>,
    place: &Place,
    digest: &str,
    by: Moment,
    depth: usize,
) -> Option<Moment> {
    let arrivals = scene.facts.arrivals(place, digest);
    let orders = arrivals
        .filter(|it| it.at <= by)
        .filter_map(|it| own_order(scene, it, depth));
    if is_united(scene, place, digest) {
        orders.min()
    } else {
        orders.max()
    }
}

fn own_order(scene: &Scene<'_>, arrival: &Move, depth: usize) -> Option<Moment> {
    let digest = arrival.digest.as_deref()?;
    if arrival.write.is_none() {
        // Where somebody asked for it by hand before its event came (the same: "without an event `imagePushedAt`").
        let image = (arrival.place.0.clone(), digest.to_owned());
        let asked = scene.facts.asked.contains(&arrival.place);
        let pushed = scene.facts.born.get(&image).filter(|_| asked);
        return Some(pushed.map_or(arrival.at, |born| arrival.at.min(*born)));
    }
    let deeper = depth.checked_sub(1)?;
    let from = scene.facts.sources(&arrival.place, digest);
    let orders = from
        .iter()
        .filter_map(|it| least(scene, it, digest, arrival.at, deeper));
    orders.max()
}

/// Whether the ledger has fewer runs of an image under a tag than there were pushes of it.
fn is_united(scene: &Scene<'_>, place: &Place, digest: &str) -> bool {
    let image = format!("/{}@{digest}", place.0);
    let of_tag = format!("PUSH#{}#", place.1);
    let is_run = |item: &&Value| {
        let text = |key: &str| item[key].as_str().unwrap_or_default();
        text("pk").ends_with(&image) && text("sk").starts_with(&of_tag)
    };
    let runs = scene.ledger.items.iter().filter(is_run).count();
    runs < scene.facts.arrivals(place, digest).count()
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
