//! Decide, gather what the decision needs, decide again.
//!
//! The rules are [`ecr_promoter_core::decide`]'s; here is the loop that fetches the evidence they
//! ask for, cheapest first and each kind once.

use ecr_promoter_core::{
    Push, Time,
    decide::{Step, decide},
    decision::{Decision, Verdict},
    evidence::Evidence,
    policy::Policy,
};

use crate::{case::Case, evidence, failure::Failure, function::Function};

/// Each round fetches a kind of evidence or ends it, so the kinds bound the rounds.
const ROUNDS_MAX: usize = 8;

/// A case's decision. What was pushed too long ago is promoted by hand alone.
pub(crate) async fn judge(
    function: &Function,
    case: &mut Case<'_>,
    now: Time,
) -> Result<Decision, Failure> {
    let decision = by_criteria(function, case, now).await?;
    Ok(unless_past(
        decision,
        case.push,
        case.asked.is_by_hand(),
        now,
    ))
}

/// Whether a policy promotes a push by what was read of its image already, so that nothing more is fetched.
pub(crate) fn promotes_already(
    function: &Function,
    push: &Push,
    policy: &Policy,
    evidence: &Evidence,
    by_hand: bool,
) -> bool {
    let (paths, now) = (&function.config.paths, function.now());
    match decide(push, policy, paths, evidence, now) {
        Step::Decided(decision) => {
            let decision = unless_past(decision, push, by_hand, now);
            decision.verdict == Verdict::Promote && !decision.dry_run
        }
        Step::Ask(_) => false,
    }
}

/// What was pushed too long ago is promoted by hand alone.
fn unless_past(mut decision: Decision, push: &Push, by_hand: bool, now: Time) -> Decision {
    if decision.verdict == Verdict::Promote
        && !by_hand
        && let Some(why) = push.past(now)
    {
        decision.verdict = Verdict::Skip;
        decision.reason = why;
    }
    decision
}

async fn by_criteria(
    function: &Function,
    case: &mut Case<'_>,
    now: Time,
) -> Result<Decision, Failure> {
    let paths = &function.config.paths;
    for _ in 0..ROUNDS_MAX {
        match decide(case.push, case.policy(), paths, &case.reading.evidence, now) {
            Step::Decided(decision) => return Ok(decision),
            Step::Ask(lacks) => {
                for lack in lacks {
                    evidence::gather(function, case.reading, lack, now).await?;
                }
            }
        }
    }
    Err(case.undecided("the decision keeps asking for evidence"))
}
