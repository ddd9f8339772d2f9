//! The act: claim, copy, raise, tag, settle.
//!
//! The order is what makes a crash harmless. The claim fixes the rendered tag and its time before
//! anything is written; blobs and children come before the root; the head's lease says whose turn it
//! is at the target, taken together with the check of the policy and with the provenance that the tag
//! will have; the tag is the last write to the registry; head, case and record are settled together.
//! Whoever takes a dead claim over goes on with its tag and finds done what is done.

mod bury;
mod claim;
mod job;
mod look;
mod raise;
mod recover;
mod renew;
mod settle;
mod tag;

pub(crate) use look::look;
pub(crate) use recover::{Recovered, recover};
pub(crate) use settle::landing;

use ecr_promoter_core::{
    Time,
    decision::{Decision, Target},
};
use futures_util::{FutureExt as _, future::try_join};

use crate::{
    case::Case,
    copy::{self, Transfer, progress::Progress},
    ecr::{
        images::{self, Holds},
        put::lost_something,
    },
    ending::{Ended, Ending},
    failure::{Failure, Remedy},
    finish,
    function::{Function, in_time},
    ledger::{
        cases::{CaseItem, Standing},
        heads::{self, Before},
    },
};
use claim::Claimed;
use job::{Job, Performed, Seen, TRIED_AGAIN, older};
use raise::Raised;

/// A promotion stops so long before its invocation ends, to give its claim back.
const STOP_BEFORE_DEADLINE: chrono::TimeDelta = chrono::TimeDelta::seconds(3);
/// A cleaner may take a layer between its copy and the tag: then it is copied once more.
const COPIES_MAX: usize = 2;

/// Performs the promotion that `decision` asks for, unless another invocation does.
pub(crate) async fn promote(
    function: &Function,
    case: &Case<'_>,
    mut decision: Decision,
    standing: Option<Standing>,
) -> Result<Ended, Failure> {
    let Some(tree) = &case.reading.tree else {
        let tried = format!("promote {}", case.push.image());
        return Err(Failure::new(
            Remedy::Wait,
            tried,
            "its manifests were not read",
        ));
    };
    let (held, claim) = match claim::take_claim(function, case, &decision, standing).await? {
        Claimed::Ours(held, claim) => (held, claim),
        Claimed::Ended(ended) => return Ok(ended),
    };
    decision.target = Some(claim.target.clone());
    let mut job = Job {
        function,
        push: case.push,
        tree,
        unchanged: case.unchanged,
        errand: case.errand,
        decision,
        claim,
        held,
    };
    let work = perform(&mut job, case).boxed();
    let performed = in_time(function, case.errand.invocation, STOP_BEFORE_DEADLINE, work).await;
    conclude(job, performed).boxed().await
}

/// The claim is ours: the image to its target.
async fn perform(job: &mut Job<'_>, case: &Case<'_>) -> Result<Performed, Failure> {
    let function = job.function;
    let (source, target) = (&job.push.repository, job.target().clone());
    if !function.config.paths.allows(source, &target.repository) {
        let tried = format!("promote {source} to {target}");
        let said = "the administrator's paths do not allow it";
        return Err(Failure::new(Remedy::Never, tried, said));
    }
    let registry = &job.push.registry;
    let before = heads::before(&function.ledger, registry, &target, &job.push.digest);
    let (before, seen) = try_join(before, look_at(function, case, &target)).await?;
    if let Some(performed) = raise::without_a_copy(job, &before, &seen) {
        return Ok(performed);
    }
    let transfer = Transfer {
        aws: &function.aws,
        uploads: &function.uploads,
        tree: job.tree,
        source,
        target: &target.repository,
        progress: &Progress::default(),
    };
    let mut copied = copy::nothing_to_copy(transfer, &seen.holds);
    let mut before = Some(before);
    for _ in 0..COPIES_MAX {
        let proof = if let Some(copied) = copied.take() {
            copied
        } else {
            let copy = copy::below_root(transfer).boxed();
            renew::while_it_moves(job, transfer, copy).await?
        };
        let known = match before.take() {
            Some(before) => before,
            None => heads::before(&function.ledger, registry, &target, &job.push.digest).await?,
        };
        let Before { head, origins } = known;
        let raised = match raise::raise(job, head, origins, &seen, &proof).await? {
            Raised::Write(written) => written,
            Raised::Not(performed) => return Ok(performed),
        };
        let wrote = tag::write(job, transfer, &proof, &raised.lease).await;
        match settle::settle(job, raised, wrote, proof.moves()).await? {
            Err(failure) if lost_something(&failure) => {}
            ended => return ended.map(Performed::Ended),
        }
    }
    let tried = format!("tag {target}");
    Err(Failure::new(
        Remedy::Wait,
        tried,
        "something of the image was removed from the target while it was promoted",
    ))
}

/// The target is asked first, so that what is there is not touched. Within one repository the read of
/// the source may have shown it already.
async fn look_at(function: &Function, case: &Case<'_>, target: &Target) -> Result<Seen, Failure> {
    let (push, reading) = (case.push, &case.reading);
    if target.repository == push.repository && reading.asked.contains(&target.tag) {
        return Ok(Seen {
            on: reading.tags.get(&target.tag).cloned(),
            began: reading.began,
            holds: Holds::default(),
        });
    }
    let began = function.now();
    let digest = std::slice::from_ref(&push.digest);
    let tag = std::slice::from_ref(&target.tag);
    let holds = images::read(&function.aws, &target.repository, digest, tag).await?;
    Ok(Seen {
        on: holds.tags.get(&target.tag).cloned(),
        began,
        holds,
    })
}

/// Writes down what became of a claim of ours, where that is not done yet.
async fn conclude(job: Job<'_>, performed: Result<Performed, Failure>) -> Result<Ended, Failure> {
    let now = job.function.now();
    let decision = job.decision.clone();
    match performed {
        Ok(Performed::Ended(ended)) => Ok(ended),
        Ok(Performed::Newer) => {
            if let Some(sequence) = job.held.body.stood {
                return settle::stood_before(job, sequence, true).await;
            }
            let reason = older(job.target());
            finished(job, Ending::skipped(decision, reason)).await
        }
        Ok(Performed::There { sequence }) => settle::stood_before(job, sequence, false).await,
        Ok(Performed::Respected) => {
            let reason = format!(
                "respected: {} was moved or deleted after this push had been promoted there",
                job.target()
            );
            finished(job, Ending::skipped(decision, reason)).await
        }
        Ok(Performed::Due(at)) => {
            let why = format!("another write of {} is under way", job.target());
            release(&job, at).await?;
            Ok(Ended::later(decision, &why, at))
        }
        Ok(Performed::Changed) => match settle::in_doubt(&job).await? {
            Some(until) => {
                release(&job, until).await?;
                let why = format!("a write of {} may still land", job.target());
                Ok(Ended::later(decision, &why, until))
            }
            None => give_up(&job).await.map(|()| Ended::PolicyChanged),
        },
        Err(failure) => {
            tracing::error!(%failure, policy = %decision.policy, "a promotion failed");
            let passes = failure.remedy() == Remedy::Wait;
            let doubt = if passes {
                None
            } else {
                settle::in_doubt(&job).await?
            };
            if passes || doubt.is_some() {
                let at = doubt.unwrap_or(now + TRIED_AGAIN);
                if let Err(failure) = release(&job, at).await {
                    tracing::warn!(%failure, "a claim could not be given back; its lease ends by itself");
                }
                return Err(failure);
            }
            let ending = Ending::failed(decision, &failure, Some(&job.held), now);
            finished(job, ending).await
        }
    }
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

/// Gives a claim back: whoever comes next need not wait for its lease to end, and keeps its tag.
async fn release(job: &Job<'_>, at: Time) -> Result<(), Failure> {
    let now = job.function.now();
    let item = job.released(at, now);
    let written = finish::write(job.function, job.push, Some(&job.held), item, Vec::new());
    written.await.map(drop)
}

/// Takes the claim away: what it rendered is not to be put any more.
async fn give_up(job: &Job<'_>) -> Result<(), Failure> {
    let now = job.function.now();
    let item = CaseItem {
        claim: None,
        ..job.released(now, now)
    };
    let written = finish::write(job.function, job.push, Some(&job.held), item, Vec::new());
    written.await.map(drop)
}
