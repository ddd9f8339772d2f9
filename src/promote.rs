//! The act: claim, copy, tag, finish.
//!
//! The order is what makes a crash harmless. The claim fixes the rendered tag and its time before
//! anything is written; blobs and children come before the root; the policy is read again; the head
//! says whose turn it is at the target; the way is written before the tag that it explains; the tag
//! is the last write to the registry; the record follows, and then others are told. Whoever takes a
//! dead claim over repeats these steps and finds done what is done.

mod claim;
mod recover;
mod tag;

pub(crate) use recover::recover;

use ecr_promoter_core::{
    Digest, Push, Time,
    decision::{Decision, Target, Verdict},
    head::State,
    policy::Policy,
    promotion::{Claim, Outcome},
};

use crate::{
    case::{Case, Ended},
    copy::{self, Copied, Transfer},
    ecr::{
        images::{self, Holds},
        put::lost_something,
    },
    failure::{Failure, Remedy},
    finish,
    function::{Function, in_time},
    ledger::{
        heads::older,
        judged::{Claimed, Judged},
        record::End,
    },
    policies,
};
use claim::order;
use tag::Tagged;

/// A promotion stops so long before its invocation ends, to give its claim back.
const STOP_BEFORE_DEADLINE: chrono::TimeDelta = chrono::TimeDelta::seconds(3);

/// How far a promotion came.
enum Performed {
    /// The tag stands, or stood.
    Promoted {
        copied: Copied,
        sequence: u64,
        superseded: bool,
    },
    /// A newer push holds the target tag.
    Older(String),
    /// Another invocation is writing the target tag.
    Busy { until: Time },
    /// The policy is not what it was when it judged.
    Changed(Box<Policy>),
    /// The policy is gone, or is none any more.
    Gone,
}

/// Where the target tag stood before.
struct Standing {
    /// On the image itself: nothing to write.
    on_it: bool,
    /// What the read showed.
    holds: Holds,
}

impl Performed {
    fn of(tagged: Tagged, copied: Copied) -> Self {
        match tagged {
            Tagged::Stands {
                sequence,
                superseded,
            } => Self::Promoted {
                copied,
                sequence,
                superseded,
            },
            Tagged::Older(reason) => Self::Older(reason),
            Tagged::Busy { until } => Self::Busy { until },
        }
    }
}

/// Performs the promotion that `decision` asks for, unless another invocation does.
pub(crate) async fn promote(
    function: &Function,
    case: &Case<'_>,
    decision: Decision,
    standing: Option<Judged>,
) -> Result<Ended, Failure> {
    let (judged, claim) =
        match claim::take_claim(function, case, &decision, standing.clone()).await? {
            Claimed::Mine(judged, claim) => (judged, claim),
            Claimed::Alive { until } => return Ok(Ended::alive(decision, until)),
            Claimed::Done(judged) => return Ok(Ended::Decided(judged.decision)),
            Claimed::NameTaken => {
                let tried = format!("render a tag for {}", case.push.image());
                let said = "every tag of this minute is taken by another digest";
                let end = End::failed(&Failure::new(Remedy::Never, tried, said));
                let (push, invocation) = (case.push, case.invocation);
                return finish::end(function, push, invocation, decision, standing, &end).await;
            }
        };
    let mut decision = decision;
    decision.target = Some(claim.target.clone());
    let work = perform(function, case, &claim);
    let performed = in_time(function, case.invocation, STOP_BEFORE_DEADLINE, work).await;
    conclude(function, case, decision, judged, &claim, performed).await
}

/// The claim is ours: the image to its target.
async fn perform(
    function: &Function,
    case: &Case<'_>,
    claim: &Claim,
) -> Result<Performed, Failure> {
    let (push, target) = (case.push, &claim.target);
    let tried = || format!("promote {} to {target}", push.repository);
    let never = |said: &str| Err(Failure::new(Remedy::Never, tried(), said));
    let paths = &function.config.paths;
    if !paths.allows(&push.repository, &target.repository) {
        return never("the pair is outside the paths");
    }
    let Some(tree) = &case.reading.tree else {
        return never("its manifests were not read");
    };
    if let Some(reason) = outrun(function, push, target).await? {
        return Ok(Performed::Older(reason));
    }
    let transfer = Transfer {
        aws: &function.aws,
        uploads: &function.uploads,
        tree,
        source: &push.repository,
        target: &target.repository,
    };
    let Standing { on_it, holds } = standing(function, case, target).await?;
    let copied = match copy::nothing_to_copy(transfer, &holds) {
        Some(copied) => copied,
        None => copy::below_root(transfer).await?,
    };
    if let Some(changed) = policy_changed(function, case.policy).await? {
        return Ok(changed);
    }
    match tag::tag(function, case, claim, transfer, &copied, on_it).await {
        // A cleaner took a layer or a child between its copy and the tag: once more, then the next
        // delivery.
        Err(failure) if lost_something(&failure) => {
            let copied = copy::below_root(transfer).await?;
            let tagged = tag::tag(function, case, claim, transfer, &copied, false).await?;
            Ok(Performed::of(tagged, copied))
        }
        tagged => Ok(Performed::of(tagged?, copied)),
    }
}

/// What the policy says by now, as of a last read before the tag; `None` where it says the same.
async fn policy_changed(
    function: &Function,
    judged: &Policy,
) -> Result<Option<Performed>, Failure> {
    let table = &function.config.policies_table;
    Ok(
        match policies::again(&function.aws, &function.matchers, table, &judged.key()).await? {
            None => Some(Performed::Gone),
            Some(policy) if policy.fingerprint() != judged.fingerprint() => {
                Some(Performed::Changed(Box::new(policy)))
            }
            Some(_) => None,
        },
    )
}

/// Whether a newer push holds the head already: then nothing need be copied. A write of this push's
/// that a crash left behind may have landed after the newer one's, and is put right.
async fn outrun(
    function: &Function,
    push: &Push,
    target: &Target,
) -> Result<Option<String>, Failure> {
    let Some(item) = function.ledger.head(&push.registry, target).await? else {
        return Ok(None);
    };
    let head = item.head;
    if head.state == State::Reserved || head.order <= order(push) {
        return Ok(None);
    }
    let reason = older(target, &head.order, &head.digest);
    tag::put_right(function, push, target, head, &push.digest).await?;
    Ok(Some(reason))
}

/// The target is asked first, so that what is there is not touched. Within one repository the read of
/// the source may have shown it already.
async fn standing(
    function: &Function,
    case: &Case<'_>,
    target: &Target,
) -> Result<Standing, Failure> {
    let (push, reading) = (case.push, &case.reading);
    let on_it = |on: Option<&Digest>| on == Some(&push.digest);
    if target.repository == push.repository && reading.asked.contains(&target.tag) {
        return Ok(Standing {
            on_it: on_it(reading.tags.get(&target.tag)),
            holds: Holds::default(),
        });
    }
    let digest = std::slice::from_ref(&push.digest);
    let tag = std::slice::from_ref(&target.tag);
    let holds = images::read(&function.aws, &target.repository, digest, tag).await?;
    Ok(Standing {
        on_it: on_it(holds.tags.get(&target.tag)),
        holds,
    })
}

/// Records what became of a claim of ours, and tells others.
async fn conclude(
    function: &Function,
    case: &Case<'_>,
    mut decision: Decision,
    judged: Judged,
    claim: &Claim,
    performed: Result<Performed, Failure>,
) -> Result<Ended, Failure> {
    let push = case.push;
    let ledger = &function.ledger;
    let end = match performed {
        Ok(Performed::Promoted {
            copied,
            sequence,
            superseded,
        }) => End::promoted(claim, copied.moves(), function.now(), sequence, superseded),
        Ok(Performed::Older(reason)) => End::skipped(reason),
        Ok(Performed::Busy { until }) => {
            ledger.release(push, judged).await;
            return Ok(Ended::alive(decision, until));
        }
        Ok(Performed::Changed(policy)) => {
            ledger.give_up(push, judged).await?;
            return Ok(Ended::PolicyChanged(policy));
        }
        Ok(Performed::Gone) => End::skipped(
            "the policy was deleted, or became invalid, before the tag was written".to_owned(),
        ),
        Err(failure) if failure.remedy() == Remedy::Wait => {
            ledger.release(push, judged).await;
            return Err(failure);
        }
        Err(failure) => {
            tracing::error!(%failure, policy = %decision.policy, "a promotion failed");
            End::failed(&failure)
        }
    };
    if end.outcome == Outcome::Skipped {
        decision.verdict = Verdict::Skip;
    }
    decision.reason.clone_from(&end.reason);
    finish::end(
        function,
        push,
        case.invocation,
        decision,
        Some(judged),
        &end,
    )
    .await
}
