//! A case: one policy on one push. What travels with it, and what became of it.

use ecr_promoter_core::{
    Digest, Push, Repository, Tag, Time,
    decision::{Decision, Verdict},
    policy::Policy,
    promotion::Outcome,
};

use crate::{
    failure::{Failure, Remedy},
    function::{Function, Invocation},
    ledger::judged::Judged,
    occasion::Asked,
    reading::Reading,
};

/// Everything below one occasion: who asks, which policies, in which invocation.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub function: &'a Function,
    pub repository: &'a Repository,
    pub policies: &'a [&'a Policy],
    pub asked: Asked,
    pub invocation: &'a Invocation,
}

/// One policy on one push.
pub(crate) struct Case<'a> {
    pub push: &'a Push,
    pub policy: &'a Policy,
    /// What was read of the push's image; shared with the image's other cases.
    pub reading: &'a mut Reading,
    pub asked: Asked,
    pub invocation: &'a Invocation,
}

/// What became of a case.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Decided, and promoted where the decision says so.
    Decided(Decision),
    /// Another invocation promotes it, or writes its target tag; its lease ends then.
    Alive(Decision, Time),
    /// The policy changed before the tag was written: it is to be judged anew.
    PolicyChanged(Box<Policy>),
}

impl Case<'_> {
    /// What cannot be said of a case whose words keep changing.
    pub(crate) fn undecided(&self, why: &str) -> Failure {
        let tried = format!("judge {} under {}", self.push.image(), self.policy.key());
        Failure::new(Remedy::Wait, tried, why)
    }
}

impl Ended {
    /// The tag within the source's own repository that stands on the push's image now.
    pub(crate) fn tag_within(&self, push: &Push) -> Option<(Tag, Digest)> {
        let Self::Decided(decision) = self else {
            return None;
        };
        let promoted = decision.verdict == Verdict::Promote;
        let target = decision
            .target
            .as_ref()
            .filter(|target| promoted && target.repository == push.repository);
        target.map(|target| (target.tag.clone(), push.digest.clone()))
    }

    /// Another invocation is at it until then.
    pub(crate) fn alive(mut decision: Decision, until: Time) -> Self {
        decision.verdict = Verdict::Await;
        decision.outcome = Some(Outcome::Awaiting);
        "another invocation is promoting it or writes its target tag"
            .clone_into(&mut decision.reason);
        decision.next_look_at = Some(until);
        Self::Alive(decision, until)
    }
}

/// What needs no judgement: what was promoted is not promoted again, whatever became of the policy;
/// what failed for good is tried again by hand alone; what another invocation is at is its.
pub(crate) fn settled(judged: &Judged, asked: Asked, now: Time) -> Option<Ended> {
    let state = &judged.state;
    let mut decision = judged.decision.clone();
    decision.verdict = Verdict::Skip;
    decision.outcome = state.outcome;
    decision.reason = match (state.outcome, asked) {
        (Some(Outcome::Promoted), _) => format!("already {}", judged.reason),
        (Some(Outcome::Failed), Asked::ByEvent) => {
            format!(
                "failed before, to be tried again by hand: {}",
                judged.reason
            )
        }
        (Some(Outcome::Failed), Asked::ByHand) => return None,
        _ => {
            let until = state.claim.as_ref()?.lease_until;
            return (now < until).then(|| Ended::alive(decision, until));
        }
    };
    Some(Ended::Decided(decision))
}
