//! Open work is in the ledger, not in messages: the function sends an event to the queue once more only where ECR contradicts
//! it (design, section 5, "Open work").

use super::Scene;
use crate::{
    notes::{SentAgain, Shown},
    truth::Facts,
};

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let facts = scene.facts;
    let needless = facts
        .again_sent
        .iter()
        .filter(|it| !contradicted(facts, it));
    let found = needless.map(|it| {
        let (at, detail) = (it.at.format("%T"), &it.event["detail"]);
        format!(
            "at {at} an event was sent to the queue again, and ECR shows what it tells: {detail}"
        )
    });
    found.collect()
}

/// Whether ECR showed the invocation something else than its event told.
fn contradicted(facts: &Facts, sent: &SentAgain) -> bool {
    let detail = &sent.event["detail"];
    let (repository, tag) = (&detail["repository-name"], detail["image-tag"].as_str());
    let digest = detail["image-digest"].as_str().unwrap_or_default();
    let deleted = detail["action-type"] == "DELETE";
    // The tag of a referrer names what it is attached to.
    let subject = tag.and_then(|it| it.strip_prefix("sha256-")?.get(..64));
    let subject = subject.map(|it| format!("sha256:{it}"));
    let otherwise = |shown: &Shown| {
        let is_there = shown.digests.get(digest);
        let on = tag.and_then(|tag| shown.tags.get(tag));
        // A scan of a child is about its indexes, too.
        let an_image_is_not = tag.is_none() && shown.digests.values().any(|is_there| !is_there);
        is_there.is_some_and(|it| *it == deleted)
            || an_image_is_not
            || subject.as_ref().and_then(|it| shown.digests.get(it)) == Some(&false)
            || on.is_some_and(|on| on.as_deref() != Some(digest))
    };
    facts.shown.iter().any(|(at, it)| {
        it.invocation == sent.invocation
            && *at <= sent.at
            && repository == &it.repository
            && otherwise(it)
    })
}
