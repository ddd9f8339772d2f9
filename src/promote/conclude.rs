//! What became of a claim of ours, written down: the end of its case, or when it is gone on with.

use ecr_promoter_core::Time;
use futures_util::FutureExt as _;

use super::{
    job::{Job, Performed, TRIED_AGAIN, older, throttled},
    landing::in_doubt,
    settle,
};
use crate::{
    ending::{Ended, Ending},
    failure::{Failure, Remedy},
    finish,
};

/// Writes down what became of a claim of ours, if that is not done yet.
pub(super) async fn conclude(
    job: Job<'_>,
    performed: Result<Performed, Failure>,
) -> Result<Ended, Failure> {
    match performed {
        Ok(Performed::Ended(ended)) => Ok(ended),
        Ok(Performed::Newer) => {
            if let Some(sequence) = job.held.body.stood {
                return settle::stood_before(job, sequence, true).await;
            }
            let reason = older(job.target());
            skipped(job, reason).boxed().await
        }
        Ok(Performed::There { sequence }) => settle::stood_before(job, sequence, false).await,
        Ok(Performed::Respected) => {
            let reason = format!(
                "respected: somebody moved or deleted {} after this push was promoted there",
                job.target()
            );
            skipped(job, reason).boxed().await
        }
        Ok(Performed::Due(at)) => {
            let why = format!("another write to {} is in progress", job.target());
            later(&job, &why, at).await
        }
        Ok(Performed::OutOfTime) => {
            let why = "the rest of the image is copied by the next invocation";
            later(&job, why, job.function.now()).await
        }
        Ok(Performed::Changed) => match in_doubt(&job).await? {
            Some(until) => {
                let why = format!("a write to {} may still arrive", job.target());
                later(&job, &why, until).await
            }
            None => give_up(&job).await.map(|()| Ended::Overtaken),
        },
        Err(failure) => failed(job, failure).boxed().await,
    }
}

/// What passes, or may have been written all the same, is gone on with; anything else ends the case.
async fn failed(job: Job<'_>, failure: Failure) -> Result<Ended, Failure> {
    let now = job.function.now();
    tracing::error!(%failure, policy = %job.decision.policy, "a promotion failed");
    let passes = failure.remedy() == Remedy::Wait;
    let doubt = if passes { None } else { in_doubt(&job).await? };
    if failure.is_throttling() {
        return later(&job, &throttled(&failure), now + TRIED_AGAIN).await;
    }
    if passes || doubt.is_some() {
        let at = doubt.unwrap_or(now + TRIED_AGAIN);
        if let Err(failure) = release(&job, at).await {
            tracing::warn!(%failure, "a claim could not be released; its lease will expire");
        }
        return Err(failure);
    }
    let ending = Ending::failed(job.decision.clone(), &failure, Some(&job.held), now);
    finished(job, ending).boxed().await
}

async fn skipped(job: Job<'_>, reason: String) -> Result<Ended, Failure> {
    let ending = Ending::skipped(job.decision.clone(), reason);
    finished(job, ending).boxed().await
}

/// It is gone on with at a later time, under the same claim.
async fn later(job: &Job<'_>, why: &str, at: Time) -> Result<Ended, Failure> {
    release(job, at).await?;
    Ok(Ended::later(job.decision.clone(), why, at))
}

async fn finished(job: Job<'_>, ending: Ending) -> Result<Ended, Failure> {
    finish::end(
        job.function,
        job.push,
        job.errand.invocation,
        Some(job.held),
        ending,
    )
    .await
}

/// Releases a claim: the next invocation need not wait for its lease to end, and keeps its tag.
async fn release(job: &Job<'_>, at: Time) -> Result<(), Failure> {
    let now = job.function.now();
    let item = job.released(at, now);
    let written = finish::write(job.function, job.push, Some(&job.held), item, Vec::new());
    written.await.map(drop)
}

/// Removes the claim: what it rendered must not be put any more, but where that was done already.
async fn give_up(job: &Job<'_>) -> Result<(), Failure> {
    let now = job.function.now();
    let mut item = job.released(now, now);
    item.claim = item.claim.filter(|claim| claim.raised);
    let written = finish::write(job.function, job.push, Some(&job.held), item, Vec::new());
    written.await.map(drop)
}
