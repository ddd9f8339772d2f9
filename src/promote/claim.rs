//! Taking the claim: the rendered tag and its time, fixed before anything is written.
//!
//! A template that tells seconds and neither the source's tag nor its digest would let two pushes
//! of one second collide: the tag's name is kept for the digest in the claim's own transaction, and
//! where another digest has it the time moves on by a second.

use chrono::TimeDelta;
use ecr_promoter_core::{
    Push, Time,
    decision::{Decision, Target},
    head::Head,
    promotion::{Attempt, Take, take},
    runs::Order,
    template::Context,
};

use crate::{
    case::Case,
    failure::{Failure, Remedy},
    function::Function,
    ledger::{
        heads::Reserve,
        judged::{Claimed, Judged},
    },
    occasion::Asked,
};

/// A claim outlives its invocation's deadline by so much, so that no clock makes two of them alive.
const LEASE_AFTER_DEADLINE: TimeDelta = TimeDelta::seconds(60);
/// The time of a tag that tells seconds moves on by so many at most.
const SECONDS_MAX: i64 = 60;

/// Takes the claim of a push under a policy. A dead claim is taken over with its tag, unless the
/// policy aims elsewhere by now.
pub(super) async fn take_claim(
    function: &Function,
    case: &Case<'_>,
    decision: &Decision,
    standing: Option<Judged>,
) -> Result<Claimed, Failure> {
    let now = function.now();
    let id = format!(
        "{}-{:016x}",
        case.invocation.request_id,
        (function.aws.seam.random)()
    );
    let target = rendered(case, now)?;
    let attempt = Attempt {
        id: &id,
        now,
        lease_until: case.invocation.deadline.max(now) + LEASE_AFTER_DEADLINE,
        target: &target,
        rendered_at: now,
        by_hand: case.asked == Asked::ByHand,
    };
    let mut standing = standing;
    let state = standing.as_ref().map(|judged| &judged.state);
    let new = match take(state, &attempt) {
        Take::TakenOver(claim) if rendered(case, claim.rendered_at)? != claim.target => {
            if let Some(judged) = &mut standing {
                judged.state.claim = None;
            }
            true
        }
        Take::Mine(_) => true,
        Take::TakenOver(_) | Take::Alive { .. } | Take::Done => false,
    };
    if !(new && case.policy.target.tag.collides_within_a_second()) {
        let push = case.push;
        return function
            .ledger
            .claim(push, decision, standing, &attempt, None)
            .await;
    }
    claim_with_name(function, case, decision, standing, &attempt).await
}

/// Takes a new claim together with a name that no other digest has.
async fn claim_with_name(
    function: &Function,
    case: &Case<'_>,
    decision: &Decision,
    standing: Option<Judged>,
    attempt: &Attempt<'_>,
) -> Result<Claimed, Failure> {
    for second in 0..SECONDS_MAX {
        let at = attempt.now + TimeDelta::seconds(second);
        let target = rendered(case, at)?;
        let attempt = Attempt {
            target: &target,
            rendered_at: at,
            ..attempt.clone()
        };
        let head = Head::reserved(
            order(case.push),
            case.push.digest.clone(),
            attempt.id.to_owned(),
            attempt.lease_until,
        );
        let reserve = Reserve {
            registry: &case.push.registry,
            target: &target,
            head,
        };
        let claimed = function
            .ledger
            .claim(
                case.push,
                decision,
                standing.clone(),
                &attempt,
                Some(&reserve),
            )
            .await?;
        if !matches!(claimed, Claimed::NameTaken) {
            return Ok(claimed);
        }
    }
    Ok(Claimed::NameTaken)
}

/// Where a push stands among all pushes.
pub(super) fn order(push: &Push) -> Order {
    Order {
        order_time: push.order_time,
        repository: push.repository.clone(),
        tag: push.tag.clone(),
        number: push.number,
    }
}

/// Where the policy sends the push, at a time.
fn rendered(case: &Case<'_>, time: Time) -> Result<Target, Failure> {
    let context = Context {
        repository: &case.push.repository,
        tag: &case.push.tag,
        digest: &case.push.digest,
        rest: case.policy.source.rest(&case.push.repository),
        time,
    };
    let failed = |error: &dyn std::error::Error| {
        let tried = format!("render the target of {}", case.policy.key());
        Failure::new(Remedy::Never, tried, error.to_string())
    };
    let target = &case.policy.target;
    Ok(Target {
        repository: target
            .repository
            .render(&context)
            .map_err(|error| failed(&error))?,
        tag: target
            .tag
            .render(&context)
            .map_err(|error| failed(&error))?,
    })
}
