//! Decide, gather what the decision lacks, decide again.
//!
//! The rules are [`ecr_promoter_core::decide`]'s; here is the loop that fetches the evidence they
//! ask for, cheapest first and each kind once.

use ecr_promoter_core::{
    Push, Time,
    decide::{Step, decide},
    decision::Decision,
    policy::Policy,
};

use crate::{
    failure::{Failure, Remedy},
    function::Function,
    reading::Reading,
};

/// Each round fetches a kind of evidence or ends it, so the kinds bound the rounds.
const ROUNDS_MAX: usize = 8;

impl Function {
    /// One policy's decision on one push.
    pub(crate) async fn judge(
        &self,
        push: &Push,
        policy: &Policy,
        reading: &mut Reading,
        now: Time,
    ) -> Result<Decision, Failure> {
        for _ in 0..ROUNDS_MAX {
            match decide(push, policy, &self.config.paths, &reading.evidence, now) {
                Step::Decided(decision) => return Ok(decision),
                Step::Ask(lacks) => {
                    for lack in lacks {
                        self.gather(push, lack, reading, now).await?;
                    }
                }
            }
        }
        Err(Failure::new(
            Remedy::Wait,
            format!("judge {} under {}", push.image(), policy.key()),
            "the decision keeps asking for evidence",
        ))
    }
}
