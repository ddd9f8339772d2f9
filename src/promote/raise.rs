//! Raising the head: whose turn it is at the target tag, in one transaction with the case, the
//! provenance, and the check that the policy is what was judged.

use ecr_promoter_core::{
    claim::Claim,
    head::{Attempt, Head, LANDS_WITHIN, Lease, Raise, raise as raised},
    provenance::Window,
};

use super::{
    bury::bury,
    job::{Job, Performed, Seen, TRIED_AGAIN, older, told},
};
use crate::{
    copy::Copied,
    ending::{Ended, Ending},
    failure::Failure,
    finish,
    ledger::{
        cases::Standing,
        edit::{Prior, Revised, Step},
        heads::{self, Before},
        provenance::Origins,
        write::Write,
    },
    policies::{self, PolicyNow},
};
use ecr_promoter_core::decision::Outcome;

/// A head is tried this many times: each time a lease that ended may have to be settled first.
const RAISES_MAX: usize = 3;

/// What became of an attempt to raise.
#[expect(
    clippy::large_enum_variant,
    reason = "one is made a promotion, and is moved once"
)]
pub(super) enum Raised {
    /// One write, under this lease.
    Write(UnderLease),
    /// Nothing has to be written.
    Not(Performed),
}

/// What was written before the tag.
pub(super) struct UnderLease {
    pub lease: Lease,
    pub origins: Origins,
    /// The head under that lease.
    pub head: Option<Revised<Head>>,
    /// The tag may have been written under the same claim before.
    pub raised_before: bool,
}

/// What the head says before anything is copied; `None` if the image must be there first.
pub(super) fn without_a_copy(job: &Job<'_>, before: &Before, seen: &Seen) -> Option<Performed> {
    let none = Head::default();
    let head = before.head.as_ref().map_or(&none, |item| &item.body);
    let order = job.push.order();
    match raised(head, &attempt(job, &order, seen)) {
        Raise::Due(at) => Some(Performed::Due(at)),
        Raise::Newer => Some(Performed::Newer),
        Raise::Respected => Some(Performed::Respected),
        Raise::There => Some(Performed::There {
            sequence: head.sequence,
        }),
        Raise::Dead(_) | Raise::Stands(_) | Raise::Write(_) => None,
    }
}

fn attempt<'a>(
    job: &'a Job<'_>,
    order: &'a ecr_promoter_core::runs::Order,
    seen: &'a Seen,
) -> Attempt<'a> {
    Attempt {
        claim: &job.claim.id,
        case: &job.held.body.id,
        order,
        digest: &job.push.digest,
        sight: seen.sight(),
        again: job.claim.again,
        now: job.function.now(),
    }
}

/// Raises the head. `head` and `origins` are what was read before the copy.
pub(super) async fn raise(
    job: &mut Job<'_>,
    head: Option<Revised<Head>>,
    origins: Origins,
    seen: &Seen,
    proof: &Copied,
) -> Result<Raised, Failure> {
    let mut prior = Prior::Read(head);
    let mut origins = origins;
    // A lease that ended is settled first, and then the head is another one.
    for _ in 0..RAISES_MAX {
        let prior = std::mem::replace(&mut prior, Prior::Unread);
        match once(job, prior, &mut origins, seen, proof).await? {
            Ok(raised) => return Ok(raised),
            Err(dead) => bury(job.function, job.target(), &dead).await?,
        }
    }
    Ok(Raised::Not(Performed::Due(
        job.function.now() + TRIED_AGAIN,
    )))
}

/// One attempt; `Err` is a lease that ended without an outcome.
async fn once(
    job: &mut Job<'_>,
    prior: Prior<Head>,
    origins: &mut Origins,
    seen: &Seen,
    proof: &Copied,
) -> Result<Result<Raised, Lease>, Failure> {
    let function = job.function;
    let (registry, target) = (&job.push.registry, job.target().clone());
    let mut change = heads::change(&function.ledger, registry, &target, prior).await?;
    loop {
        if !change.is_first() {
            job.read_again().await?;
            origins.read_again(&function.ledger).await?;
            if changed(job).await? {
                return Ok(Ok(Raised::Not(Performed::Changed)));
            }
        }
        let (step, next) = transition(job, &change.head(), origins, seen, proof)?;
        if let Some(answer) = change.write(step, function.now()).await? {
            if let Some(next) = next {
                job.held = finish::tell(function, job.push, next).await;
            }
            let mut answer = answer;
            if let Ok(Raised::Write(written)) = &mut answer {
                written.head = change.into_item();
                written.raised_before = std::mem::replace(&mut job.claim.raised, true);
            }
            return Ok(answer);
        }
    }
}

/// What becomes of the head, and of the case with it.
fn transition(
    job: &Job<'_>,
    head: &Head,
    origins: &mut Origins,
    seen: &Seen,
    proof: &Copied,
) -> Result<Transition, Failure> {
    let order = job.push.order();
    let not = |performed| Ok((Step::Keep(Ok(Raised::Not(performed))), None));
    match raised(head, &attempt(job, &order, seen)) {
        Raise::Due(at) => not(Performed::Due(at)),
        Raise::Dead(lease) => Ok((Step::Keep(Err(lease)), None)),
        Raise::Newer => not(Performed::Newer),
        Raise::Respected => not(Performed::Respected),
        Raise::There => not(Performed::There {
            sequence: head.sequence,
        }),
        Raise::Stands(head) => stands(job, head, proof),
        Raise::Write(head) => writes(job, head, origins),
    }
}

type Transition = (Step<Head, Result<Raised, Lease>>, Option<Standing>);

/// The tag is on the image already: it stood, and nothing is written to the registry.
fn stands(job: &Job<'_>, head: Head, proof: &Copied) -> Result<Transition, Failure> {
    let now = job.function.now();
    let told = told(job, proof.moves(), (head.sequence, false));
    let mut decision = job.decision.clone();
    decision.reason = format!("promoted to {}", job.target());
    let ending = Ending {
        decision,
        outcome: Outcome::Promoted,
        open: None,
    };
    let (item, records) = finish::ended(job.push, Some(&job.held), &ending, &told, now)?;
    let own = Standing::write(&job.push.registry, Some(&job.held), &item, now)?;
    let with: Vec<Write> = [job.unchanged(), own].into_iter().chain(records).collect();
    let answer = Ok(Raised::Not(Performed::Ended(Ended::decided(ending))));
    let step = Step::Change {
        body: head,
        with,
        answer,
    };
    Ok((step, Some(Standing::next(Some(&job.held), item))))
}

/// The tag must be written: the case says so, and so does the provenance.
fn writes(job: &Job<'_>, head: Head, origins: &mut Origins) -> Result<Transition, Failure> {
    let now = job.function.now();
    let Some(lease) = head.lease.clone() else {
        return Err(Failure::new(
            crate::failure::Remedy::Wait,
            format!("raise {}", job.target()),
            older(job.target()),
        ));
    };
    let mut item = job.held.body.clone();
    item.claim = Some(Claim {
        raised: true,
        ..job.claim.clone()
    });
    let (source, target) = (&job.push.repository, &job.target().repository);
    origins.provenance.add(Window {
        from: lease.began,
        until: lease.began + LANDS_WITHIN,
        order_time: job.push.order_time,
        chain: job.push.chain.and(&job.decision.policy, source, target),
    });
    let own = Standing::write(&job.push.registry, Some(&job.held), &item, now)?;
    let with = vec![job.unchanged(), own, origins.write(now)?];
    let mut written = origins.clone();
    written.written();
    let step = Step::Change {
        body: head,
        with,
        answer: Ok(Raised::Write(UnderLease {
            lease,
            origins: written,
            head: None,
            raised_before: false,
        })),
    };
    Ok((step, Some(Standing::next(Some(&job.held), item))))
}

/// Whether the policy was changed since it judged.
async fn changed(job: &Job<'_>) -> Result<bool, Failure> {
    let again = policies::again(&job.function.policies, &job.decision.policy).await?;
    Ok(!matches!(again, PolicyNow::Good(stored) if stored.is_written_as(job.stored)))
}
