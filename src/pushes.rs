//! From a hint to the push it concerns: what ECR showed of it, and the push's run and order.
//!
//! Events are hints and ECR is the witness: a read that contradicts the event is believed only when
//! it began a minute after the event, since ECR may not show yet what it has told.

pub(crate) mod asked;
pub(crate) mod known;
pub(crate) mod subject;

use std::collections::HashMap;

use ecr_promoter_core::{Digest, Push, Tag, Time, Way, runs::Run};

use crate::{
    ecr::images, failure::Failure, function::Function, ledger::ways::WayItem, occasion::Hint,
    outcome::Again, reading::Reading,
};

/// A read that began so long after the event is believed against it.
pub(crate) const BELIEVED_AFTER: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

/// What there is to a hint.
#[derive(Debug)]
pub(crate) enum Resolved {
    /// A push to be judged.
    Push(Push),
    /// ECR contradicts the event, too early to be believed.
    Again(Again),
    /// There is no such image; the push, where the ledger knows one.
    Gone { why: String, push: Option<Push> },
}

/// Where promoted tags of an image came from, read ahead for several hints.
pub(crate) type Ways = HashMap<Tag, WayItem>;

/// The ways of an image's tags: nothing is read ahead for a single one.
pub(crate) async fn ways(
    function: &Function,
    reading: &Reading,
    hints: &[Hint],
) -> Result<Option<Ways>, Failure> {
    if hints.len() < 2 {
        return Ok(None);
    }
    function.ledger.ways_of(&reading.image).await.map(Some)
}

/// Gives the push of a hint the number and the order that it has in the ledger.
pub(crate) async fn resolve(
    function: &Function,
    hint: &Hint,
    reading: &Reading,
    ways: Option<&Ways>,
) -> Result<Resolved, Failure> {
    let standing = reading.tags.get(&hint.tag);
    if let Some(why) = contradiction(hint, reading, standing)
        && let Some(told_at) = hint.told_at
        && reading.began - told_at < BELIEVED_AFTER
    {
        let at = told_at + BELIEVED_AFTER;
        return Ok(Resolved::Again(Again { at, why }));
    }
    if !reading.there {
        let name = images::name(&hint.repository, &hint.digest, Some(&hint.tag));
        let why = format!("ECR holds no image {name}");
        let push = of_a_gone_image(function, hint).await?;
        return Ok(Resolved::Gone { why, push });
    }
    let push = place(function, hint, standing, reading.began, ways).await?;
    Ok(Resolved::Push(push))
}

/// The push of an image that is gone, where the ledger knows one.
pub(crate) async fn of_a_gone_image(
    function: &Function,
    hint: &Hint,
) -> Result<Option<Push>, Failure> {
    let run = if let Some(run) = &hint.known {
        Some(run.clone())
    } else {
        let known = known::of_digest(function, &hint.repository, &hint.digest).await?;
        let of_the_tag = known.into_iter().find(|known| known.tag == hint.tag);
        of_the_tag.and_then(|known| known.known)
    };
    Ok(run.map(|run| {
        let mut push = unplaced(function, hint, false);
        take_run(&mut push, &run);
        push
    }))
}

/// The push's run: known already, or given its number now.
async fn place(
    function: &Function,
    hint: &Hint,
    standing: Option<&Digest>,
    now: Time,
    ways: Option<&Ways>,
) -> Result<Push, Failure> {
    let mut push = unplaced(function, hint, standing == Some(&hint.digest));
    let way = match ways {
        Some(ways) => ways.get(&push.tag).cloned(),
        None => function.ledger.way(&push.image(), &push.tag).await?,
    };
    if let Some(item) = way {
        push.way = item.way;
        push.order_time = item.order_time;
    }
    let run = match &hint.known {
        Some(run) => run.clone(),
        None => function.ledger.run(&push, standing, now).await?,
    };
    take_run(&mut push, &run);
    Ok(push)
}

fn unplaced(function: &Function, hint: &Hint, current: bool) -> Push {
    Push {
        registry: function.registry.clone(),
        repository: hint.repository.clone(),
        tag: hint.tag.clone(),
        digest: hint.digest.clone(),
        number: 0,
        order_time: hint.pushed_at,
        current,
        way: Way::default(),
    }
}

fn take_run(push: &mut Push, run: &Run) {
    push.number = run.number;
    push.order_time = run.order_time;
}

/// What of a hint ECR does not show.
fn contradiction(hint: &Hint, reading: &Reading, standing: Option<&Digest>) -> Option<String> {
    let name = images::name(&hint.repository, &hint.digest, Some(&hint.tag));
    if !reading.there {
        Some(format!("ECR holds no image {name}"))
    } else if standing != Some(&hint.digest) {
        Some(format!("the tag of {name} stands elsewhere"))
    } else {
        None
    }
}
