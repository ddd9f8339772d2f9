//! The walk: once an hour what stands in the source repositories is compared with what the ledger knows,
//! since EventBridge and ECR deliver events at best effort.
//!
//! The schedule takes it on for less than a minute at a time, page by page at a steady pace, and writes
//! down where it stopped. What it finds goes to the queue as a hint, judged like any event: the walk
//! itself moves nothing, so that a page that lacks a tag does no harm.

mod repository;
mod sources;

use chrono::TimeDelta;
use ecr_promoter_core::{
    Time,
    walk::{Place, TRIES_MAX},
};

use crate::{
    failure::{Failure, Remedy},
    function::{Function, Invocation},
    ledger::walk::{Turn, take},
};
use repository::Since;

/// So long one invocation walks; the next minute's goes on.
const STEP: TimeDelta = TimeDelta::seconds(40);
/// It stops this long before its invocation ends.
const STOP_BEFORE_DEADLINE: TimeDelta = TimeDelta::seconds(10);

/// Goes on with the walk where it is due and nobody else has it.
pub(crate) async fn go_on(function: &Function, invocation: &Invocation) -> Result<(), Failure> {
    let (ledger, registry) = (&function.ledger, &function.registry);
    let now = function.now();
    let Some(mut turn) = take(ledger, registry, &invocation.request_id, now).await? else {
        return Ok(());
    };
    let stop = (now + STEP).min(invocation.deadline - STOP_BEFORE_DEADLINE);
    let at = step(function, &mut turn, stop).await?;
    if at.is_none() {
        tracing::info!(began = %turn.walk.began, "the walk is done");
    }
    if !turn.is_at(at, function.now()).await? {
        tracing::warn!("another invocation went on with the walk");
    }
    Ok(())
}

/// Walks until `stop`; where it goes on then, `None` if every repository had its turn.
async fn step(
    function: &Function,
    turn: &mut Turn<'_>,
    stop: Time,
) -> Result<Option<Place>, Failure> {
    let mut place = turn.walk.at.clone().unwrap_or_default();
    let mut since = Since::default();
    let mut left = sources::repositories(function, place.repository.is_none()).await?;
    if let Some(first) = &place.repository {
        left = left.split_off(first);
    }
    for repository in left {
        if place.repository.as_ref() != Some(&repository) {
            place = Place {
                repository: Some(repository.clone()),
                ..Place::default()
            };
        }
        if function.now() >= stop {
            return Ok(Some(place));
        }
        match repository::walk(function, &repository, &mut place, (&mut since, stop)).await {
            Ok(()) if place.page.is_some() => return Ok(Some(place)),
            Ok(()) => {}
            Err(failure) if failure.remedy() == Remedy::Wait && place.tries + 1 < TRIES_MAX => {
                tracing::warn!(%failure, %repository, "a repository is walked again in a minute");
                // ECR's tokens do not last: it begins again.
                return Ok(Some(Place {
                    tries: place.tries + 1,
                    repository: place.repository,
                    ..Place::default()
                }));
            }
            Err(failure) => {
                tracing::error!(%failure, %repository, "a repository is left to the next walk");
            }
        }
    }
    Ok(None)
}
