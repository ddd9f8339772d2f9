//! What became of each policy on a push, and the one reply that they make together.

use ecr_promoter_core::{
    Digest, Push, Tag, Time,
    decision::{Decision, Verdict},
    policy::Policy,
    promotion::Outcome,
};

use crate::{failure::Failure, function::Asked, ledger::judged::Judged};

/// What is to be done with a delivery.
#[derive(Debug)]
pub(crate) enum Reply {
    /// Nothing more; what was decided on the way.
    Done(Vec<Decision>),
    /// The same content is to be delivered again, not before this time.
    ComesBack {
        /// When.
        at: Time,
        /// Why, for the log and for whoever asked.
        why: String,
        /// What was decided all the same.
        decisions: Vec<Decision>,
    },
}

/// What became of one policy on one push.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Decided, and promoted where the decision says so.
    Decided(Decision),
    /// Another invocation promotes it, or writes its target tag; its lease ends then.
    Alive(Decision, Time),
    /// The policy changed before the tag was written: it is to be judged anew.
    PolicyChanged(Box<Policy>),
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

/// Gathers what became of each: one that fails does not keep the others from their turn.
#[derive(Default)]
pub(crate) struct Outcomes {
    decisions: Vec<Decision>,
    wait: Option<(Time, String)>,
    failure: Option<Failure>,
}

impl Outcomes {
    /// Takes what became of one policy in.
    pub(crate) fn take(&mut self, push: &Push, policy: &Policy, ended: Result<Ended, Failure>) {
        match ended {
            Ok(Ended::Decided(decision)) => {
                log(push, &decision);
                if let Some(at) = decision.next_look_at {
                    self.look_again(at, &decision.reason);
                }
                self.decisions.push(decision);
            }
            Ok(Ended::Alive(decision, until)) => {
                log(push, &decision);
                self.look_again(until, &decision.reason);
                self.decisions.push(decision);
            }
            // Judged anew before it gets here.
            Ok(Ended::PolicyChanged(_)) => {}
            Err(failure) => {
                tracing::warn!(
                    repository = %push.repository, digest = %push.digest, policy = %policy.key(), %failure,
                    "a policy could not be brought to its end"
                );
                self.failure = Some(failure);
            }
        }
    }

    /// Takes the reply of a whole push in.
    pub(crate) fn add(&mut self, reply: Result<Reply, Failure>) {
        match reply {
            Ok(Reply::Done(decisions)) => self.decisions.extend(decisions),
            Ok(Reply::ComesBack { at, why, decisions }) => {
                self.look_again(at, &why);
                self.decisions.extend(decisions);
            }
            Err(failure) => self.failure = Some(failure),
        }
    }

    /// The earliest look counts: the others are looked at then, too.
    fn look_again(&mut self, at: Time, why: &str) {
        if self
            .wait
            .as_ref()
            .is_none_or(|(earliest, _)| at < *earliest)
        {
            self.wait = Some((at, why.to_owned()));
        }
    }

    /// A failure has all of it delivered again, what is done being found done.
    pub(crate) fn reply(self) -> Result<Reply, Failure> {
        let decisions = self.decisions;
        match (self.failure, self.wait) {
            (Some(failure), _) => Err(failure),
            (None, Some((at, why))) => Ok(Reply::ComesBack { at, why, decisions }),
            (None, None) => Ok(Reply::Done(decisions)),
        }
    }
}

/// One line for each decision, with the ids by which its story is found.
fn log(push: &Push, decision: &Decision) {
    let target = decision.target.as_ref().map(ToString::to_string);
    tracing::info!(
        repository = %push.repository,
        tag = %push.tag,
        digest = %push.digest,
        policy = %decision.policy,
        decision = %decision.verdict,
        reason = %decision.reason,
        target = target.as_deref(),
        dry_run = decision.dry_run,
        "decided"
    );
}
