//! What became of all that an occasion concerned: the decisions, when to look again, and the last
//! failure. One that fails does not hold up the others.

use ecr_promoter_core::{
    Push, Time,
    decision::{Decision, DecisionError, Outcome, Verdict},
    policy::PolicyKey,
};

use crate::{ending::Ended, failure::Failure, policies::BadPolicy};

/// How many decisions are kept for an answer; of an image with a thousand tags and two hundred policies
/// there are many more, and no one reads them.
const DECISIONS_MAX: usize = 1_000;

/// What became of all of it.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    /// What was decided.
    pub decisions: Vec<Decision>,
    /// How many decisions are not among them.
    pub decisions_left_out: usize,
    /// The policies of the repository that have a mistake.
    pub invalid: Vec<BadPolicy>,
    /// The same content must be delivered again.
    pub again: Option<Again>,
    /// What kept some of it from finishing. A passing failure has all of it delivered again; what is already
    /// done is found done.
    pub failure: Option<Failure>,
}

/// A second look.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Again {
    /// Not before this time.
    pub at: Time,
    /// Why, for the log and for the caller.
    pub why: String,
}

impl Outcomes {
    /// Adds what became of a case.
    pub(crate) fn take(&mut self, push: &Push, policy: &PolicyKey, ended: Result<Ended, Failure>) {
        match ended {
            Ok(Ended::Decided(decision)) => {
                log(push, &decision);
                self.keep(*decision);
            }
            // Judged again before it gets here.
            Ok(Ended::Overtaken) => {}
            Err(failure) => {
                tracing::warn!(
                    repository = %push.repository, digest = %push.digest, %policy, %failure,
                    "a case could not be finished"
                );
                self.fail(policy, failure);
            }
        }
    }

    /// A case of this policy failed: it is among the decisions, and hides none of them.
    pub(crate) fn fail(&mut self, policy: &PolicyKey, failure: Failure) {
        self.keep(Decision {
            policy: policy.clone(),
            verdict: Verdict::Await,
            outcome: Some(Outcome::Failed),
            error: Some(DecisionError {
                code: failure.code().to_string(),
                message: failure.to_string(),
            }),
            reason: "it could not be judged or finished".to_owned(),
            dry_run: false,
            target: None,
            criteria: Vec::new(),
            next_look_at: None,
            nearest_pass: None,
        });
        self.failure = Some(failure);
    }

    /// When it is worth asking again, and what is waited for.
    pub(crate) fn next_look(&self) -> Option<(Time, String)> {
        // What is held waits for nothing, though it may be looked at again.
        let waits = self.decisions.iter();
        let waits = waits.filter(|decision| decision.outcome != Some(Outcome::Held));
        let waits = waits.filter_map(|decision| {
            let at = decision.next_look_at?;
            Some((at, decision.reason.clone()))
        });
        let again = self.again.as_ref();
        let again = again.map(|again| (again.at, again.why.clone()));
        waits.chain(again).min()
    }

    fn keep(&mut self, decision: Decision) {
        if self.decisions.len() < DECISIONS_MAX {
            self.decisions.push(decision);
        } else {
            self.decisions_left_out += 1;
        }
    }

    /// Adds what became of a whole image or push.
    pub(crate) fn add(&mut self, outcomes: Result<Self, Failure>) {
        match outcomes {
            Ok(outcomes) => {
                for decision in outcomes.decisions {
                    self.keep(decision);
                }
                self.decisions_left_out += outcomes.decisions_left_out;
                self.invalid.extend(outcomes.invalid);
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
