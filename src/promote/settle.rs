//! Settling a write of the tag: head, case and record in one transaction.

use std::time::Duration;

use ecr_promoter_core::{
    Time,
    decision::Outcome,
    head::{self, Head, Lease},
};

use futures_util::FutureExt as _;

use super::{
    job::{Job, TRIED_AGAIN, throttled, told},
    raise::UnderLease,
    recover::promoted,
    tag::Wrote,
};
use crate::{
    copy::Moves,
    ecr::put::lost_something,
    ending::{Ended, Ending},
    failure::{Failure, Remedy},
    finish,
    ledger::{
        cases::{self, Standing},
        edit::{Prior, Step},
        heads,
        provenance::Origins,
        write::Write,
    },
};

/// A settling that fails is tried again in place this many times, with a pause that doubles.
const ATTEMPTS: u32 = 4;
/// The first pause.
const PAUSE: Duration = Duration::from_secs(1);

/// Settles a write. The outer failure is of the settling itself; the inner one is what kept the tag
/// from standing, if that passes.
pub(super) async fn settle(
    job: &mut Job<'_>,
    raised: UnderLease,
    wrote: Wrote,
    moves: Moves,
) -> Result<Result<Ended, Failure>, Failure> {
    let UnderLease {
        lease,
        mut origins,
        head,
        raised_before,
    } = raised;
    // What was refused was not written.
    job.claim.raised = raised_before || !matches!(wrote.ending, head::Ending::Refused);
    let mut prior = Prior::Read(head);
    let mut pause = PAUSE;
    for _ in 1..ATTEMPTS {
        let read = std::mem::replace(&mut prior, Prior::Unread);
        match once(job, read, &lease, &mut origins, &wrote, moves)
            .boxed()
            .await
        {
            Err(failure) if failure.remedy() == Remedy::Wait => {
                tracing::warn!(%failure, "a promotion could not be settled; trying again");
                job.function.aws.seam.sleep(pause).await;
                pause *= 2;
            }
            other => return other,
        }
    }
    once(job, prior, &lease, &mut origins, &wrote, moves)
        .boxed()
        .await
}

/// What a settling leads to.
#[expect(
    clippy::large_enum_variant,
    reason = "one is made a promotion, and is moved once"
)]
enum Settled {
    /// The case ended so.
    Ended(Ending),
    /// The claim stays ours: the image is copied once more.
    Ours,
    /// The claim is released, to be continued then.
    Released(Time),
}

async fn once(
    job: &mut Job<'_>,
    prior: Prior<Head>,
    lease: &Lease,
    origins: &mut Origins,
    wrote: &Wrote,
    moves: Moves,
) -> Result<Result<Ended, Failure>, Failure> {
    let (function, target) = (job.function, job.target().clone());
    let registry = &job.push.registry;
    let mut change = heads::change(&function.ledger, registry, &target, prior).await?;
    let settled = loop {
        let now = function.now();
        let head = change.head().settle(lease, wrote.ending, now);
        if !change.is_first() {
            origins.read_again(&function.ledger).await?;
            if let Err(lost) = job.read_again().await {
                if let Some(there) = ended_already(job).await? {
                    job.held = told_unless_followed(job, there).await;
                    let decision = job.held.body.decision.clone();
                    return Ok(Ok(Ended::Decided(Box::new(decision))));
                }
                // What was written is known all the same.
                if change.write(Step::alone(head, ()), now).await?.is_some() {
                    return Err(lost);
                }
                continue;
            }
        }
        let (answer, standing, with) = with(job, &head, origins, lease, wrote, moves)?;
        let body = head;
        let step = Step::Change { body, with, answer };
        if let Some(settled) = change.write(step, now).await? {
            job.held = told_unless_followed(job, standing).await;
            break settled;
        }
    };
    Ok(answer(job, settled, wrote))
}

/// What a settling means to the promotion that began it.
fn answer(job: &Job<'_>, settled: Settled, wrote: &Wrote) -> Result<Ended, Failure> {
    let target = job.target();
    let failure = wrote.failure.clone().unwrap_or_else(|| {
        let tried = format!("tag {target}");
        Failure::new(Remedy::Wait, tried, "its outcome is not known")
    });
    match settled {
        Settled::Ended(ending) => Ok(Ended::decided(ending)),
        Settled::Released(at) if matches!(wrote.ending, head::Ending::Unknown { .. }) => {
            let why = format!("a write to {target} had no answer: {failure}");
            Ok(Ended::later(job.decision.clone(), &why, at))
        }
        Settled::Released(at) if failure.is_throttling() => {
            Ok(Ended::later(job.decision.clone(), &throttled(&failure), at))
        }
        Settled::Ours | Settled::Released(_) => Err(failure),
    }
}

/// The case has ended as promoted: the answer to our own transaction was lost, or the invocation that took the
/// claim over found the tag standing.
async fn ended_already(job: &Job<'_>) -> Result<Option<Standing>, Failure> {
    let (function, push) = (job.function, job.push);
    let ids = std::slice::from_ref(&job.held.body.id);
    let mut read = cases::get(&function.ledger, &push.registry, ids).await?;
    let promoted = |there: &Standing| {
        let decision = &there.body.decision;
        there.body.claim.is_none() && decision.outcome == Some(Outcome::Promoted)
    };
    Ok(read.pop().flatten().filter(promoted))
}

/// What is attached to the image is looked for before the promotion is announced.
async fn told_unless_followed(job: &Job<'_>, standing: Standing) -> Standing {
    if standing.referrers_follow() {
        return standing;
    }
    finish::tell(job.function, job.push, standing).await
}

/// What becomes of the case, and what is written with the head.
fn with(
    job: &Job<'_>,
    settled: &Head,
    origins: &mut Origins,
    lease: &Lease,
    wrote: &Wrote,
    moves: Moves,
) -> Result<(Settled, Standing, Vec<Write>), Failure> {
    let now = job.function.now();
    let what = what(job, settled, wrote, now);
    let told = particulars(job, settled, lease, wrote, moves);
    let mut held = job.held.clone();
    held.body.claim = Some(job.claim.clone());
    let (item, mut writes) = match &what {
        Settled::Ended(ending) => finish::ended(job.push, Some(&held), ending, &told, now)?,
        Settled::Ours => (held.body, Vec::new()),
        Settled::Released(at) => (job.released(*at, now), Vec::new()),
    };
    writes.push(Standing::write(
        &job.push.registry,
        Some(&job.held),
        &item,
        now,
    )?);
    if matches!(wrote.ending, head::Ending::Stood | head::Ending::Refused) {
        origins.provenance.end(lease.began, now);
        writes.push(origins.write(now)?);
    }
    Ok((what, Standing::next(Some(&job.held), item), writes))
}

/// What the record says of the promotion, where its tag stood.
fn particulars<'a>(
    job: &Job<'a>,
    settled: &Head,
    lease: &Lease,
    wrote: &Wrote,
    moves: Moves,
) -> finish::Particulars<'a> {
    if matches!(wrote.ending, head::Ending::Stood) {
        let order = job.push.order();
        let superseded = settled.stood.iter().any(|stood| stood.order > order);
        return told(job, moves, (lease.sequence, superseded));
    }
    finish::Particulars {
        invocation: job.errand.invocation,
        promotion: None,
        stood: None,
        referrers_follow: false,
    }
}

fn what(job: &Job<'_>, settled: &Head, wrote: &Wrote, now: Time) -> Settled {
    let order = job.push.order();
    let mut decision = job.decision.clone();
    match (wrote.ending, &wrote.failure) {
        (head::Ending::Unknown { until }, _) => Settled::Released(until),
        (head::Ending::Refused, Some(failure)) if lost_something(failure) => Settled::Ours,
        (head::Ending::Refused, Some(failure)) => {
            let doubt = settled.in_doubt(&order, &job.push.digest);
            match (failure.remedy(), doubt) {
                (Remedy::Wait, _) => Settled::Released(now + TRIED_AGAIN),
                (_, Some(until)) => Settled::Released(until),
                (_, None) => {
                    Settled::Ended(Ending::failed(decision, failure, Some(&job.held), now))
                }
            }
        }
        (head::Ending::Stood | head::Ending::Refused, _) => {
            let after = if settled.stood.iter().any(|stood| stood.order > order) {
                ", and superseded by a newer push"
            } else {
                ""
            };
            decision.reason = format!("promoted to {}{after}", job.target());
            Settled::Ended(Ending {
                decision,
                outcome: Outcome::Promoted,
                open: None,
            })
        }
    }
}

/// A tag that stood is written down: an earlier invocation wrote it, or another policy did for the
/// same push.
pub(super) async fn stood_before(
    job: Job<'_>,
    sequence: u64,
    superseded: bool,
) -> Result<Ended, Failure> {
    let now = job.function.now();
    let told = told(&job, Moves::default(), (sequence, superseded));
    let ending = promoted(&job.decision, job.target(), superseded);
    let (item, writes) = finish::ended(job.push, Some(&job.held), &ending, &told, now)?;
    let written = finish::write(job.function, job.push, Some(&job.held), item, writes).await?;
    finish::tell(job.function, job.push, written).await;
    Ok(Ended::decided(ending))
}
