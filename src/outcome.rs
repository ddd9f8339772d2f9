//! What became of all that an occasion concerned: the decisions, when to look again, and the last
//! failure. One that fails does not keep the others from their turn.

use ecr_promoter_core::{Push, Time, decision::Decision, policy::Policy};

use crate::{case::Ended, failure::Failure};

/// What became of all of it.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    /// What was decided.
    pub decisions: Vec<Decision>,
    /// The same content is to be delivered again.
    pub again: Option<Again>,
    /// What keeps some of it from its end. A passing one has all of it delivered again, what is done
    /// being found done.
    pub failure: Option<Failure>,
}

/// A second look.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Again {
    /// Not before this time.
    pub at: Time,
    /// Why, for the log and for whoever asked.
    pub why: String,
}

impl Outcomes {
    /// Takes what became of a case in.
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

    /// Takes what became of a whole image or push in.
    pub(crate) fn add(&mut self, outcomes: Result<Self, Failure>) {
        match outcomes {
            Ok(outcomes) => {
                self.decisions.extend(outcomes.decisions);
                if let Some(again) = outcomes.again {
                    self.look_again(again.at, &again.why);
                }
                self.failure = outcomes.failure.or(self.failure.take());
            }
            Err(failure) => self.failure = Some(failure),
        }
    }

    /// The earliest look counts: the others are looked at then, too.
    pub(crate) fn look_again(&mut self, at: Time, why: &str) {
        let earlier = self.again.as_ref().is_none_or(|again| at < again.at);
        if earlier {
            let why = why.to_owned();
            self.again = Some(Again { at, why });
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
