//! Decide, gather what the decision needs, decide again.
//!
//! The rules are [`ecr_promoter_core::decide`]'s; here is the loop that fetches the evidence they
//! ask for, cheapest first and each kind once.

use ecr_promoter_core::{
    Time,
    decide::{Step, decide},
    decision::{Decision, Verdict},
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
    let mut decision = by_criteria(function, case, now).await?;
    if decision.verdict == Verdict::Promote
        && !case.asked.is_by_hand()
        && let Some(why) = case.push.past(now)
    {
        decision.verdict = Verdict::Skip;
        decision.reason = why;
    }
    Ok(decision)
}

async fn by_criteria(
    function: &Function,
    case: &mut Case<'_>,
    now: Time,
) -> Result<Decision, Failure> {
    let paths = &function.config.paths;
    for _ in 0..ROUNDS_MAX {
        match decide(case.push, case.policy, paths, &case.reading.evidence, now) {
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
