//! A case: one policy on one push. What travels with it, and what became of it.

use ecr_promoter_core::{Push, Time, decision::Outcome, policy::Policy};

use crate::{
    ending::{Ended, Ending},
    failure::{Failure, Remedy},
    function::Errand,
    ledger::cases::{CaseItem, Waits},
    occasion::Asked,
    policies::Loaded,
    reading::Reading,
};

/// One policy on one push.
pub(crate) struct Case<'a> {
    pub push: &'a Push,
    pub stored: &'a Loaded,
    /// What was read of the push's image; shared with the image's other cases.
    pub reading: &'a mut Reading,
    pub asked: Asked,
    pub errand: Errand<'a>,
}

impl<'a> Case<'a> {
    pub(crate) fn policy(&self) -> &'a Policy {
        &self.stored.policy
    }

    /// The push must be placed in the ledger before anything is written of the case.
    pub(crate) fn unplaced(&self) -> Failure {
        self.undecided("its push has no place yet")
    }

    /// What cannot be said of a case whose words keep changing.
    pub(crate) fn undecided(&self, why: &str) -> Failure {
        let tried = format!("judge {} under {}", self.push.image(), self.policy().key());
        Failure::new(Remedy::Wait, tried, why)
    }
}

/// What needs no judgement: what was promoted is promoted again only if a person asks for it,
/// whatever became of the policy; what failed is tried again by hand, or when it is due; what
/// another invocation works on is left to it.
pub(crate) fn settled(standing: &CaseItem, asked: Asked, now: Time) -> Option<Ended> {
    let decision = &standing.decision;
    let claim = standing.claim.as_ref();
    if let Some(claim) = claim.filter(|claim| now < claim.lease_until) {
        let why = "another invocation is promoting it";
        return Some(Ended::later(decision.clone(), why, claim.lease_until));
    }
    let reason = match (decision.outcome?, asked) {
        (Outcome::Promoted, Asked::Again) | (Outcome::Failed, Asked::ByHand | Asked::Again) => {
            return None;
        }
        (Outcome::Promoted, _) => format!("already {}", decision.reason),
        (Outcome::Failed, _) => {
            let open = standing.open.as_ref();
            if open.is_some_and(|open| open.waits == Waits::Mending && open.due <= now) {
                return None;
            }
            format!("failed before: {}", decision.reason)
        }
        _ => return None,
    };
    let mut ending = Ending::skipped(decision.clone(), reason);
    ending.decision.next_look_at = decision.next_look_at;
    if let Some(outcome) = decision.outcome {
        ending.outcome = outcome;
    }
    Some(Ended::decided(ending))
}
