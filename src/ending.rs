//! How a case ended for now: its decision, what became of it, and when it is looked at again.

use chrono::TimeDelta;
use ecr_promoter_core::{
    Digest, Push, Tag, Time,
    decide::exceptions_end,
    decision::{CriterionVerdict, Decision, DecisionError, Outcome, Verdict},
    due,
    evidence::Evidence,
    policy::Policy,
};

use crate::{
    failure::{Failure, Remedy},
    ledger::cases::{Open, Standing, Waits},
};

/// What became of a case.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Decided, and promoted if the decision says so.
    Decided(Box<Decision>),
    /// The policy changed before the end was written, or others wrote the case: it must be judged again.
    Overtaken,
}

/// What a policy says of cases that are not decided for good.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    /// How long evidence is awaited.
    pub wait: TimeDelta,
    /// When the first of the exceptions ends that took part in the decision.
    pub exceptions_end: Option<Time>,
}

impl Terms {
    /// Those of a case at its decision.
    pub(crate) fn of(policy: &Policy, evidence: &Evidence, now: Time) -> Self {
        let exceptions_end = exceptions_end(policy, evidence, now);
        Self {
            wait: policy.wait.time(),
            exceptions_end: exceptions_end.filter(|ends| *ends > now),
        }
    }
}

/// How a case ended.
#[derive(Debug)]
pub(crate) struct Ending {
    /// The decision; its reason says why it ended so.
    pub decision: Decision,
    /// What became of it.
    pub outcome: Outcome,
    /// When it is looked at again.
    pub open: Option<Open>,
}

impl Ended {
    /// The decision, with what became of it.
    pub(crate) fn decided(ending: Ending) -> Self {
        let mut decision = ending.decision;
        decision.outcome = Some(ending.outcome);
        Self::Decided(Box::new(decision))
    }

    /// It is continued then, by itself.
    pub(crate) fn later(mut decision: Decision, why: &str, at: Time) -> Self {
        decision.verdict = Verdict::Await;
        decision.outcome = Some(Outcome::Awaiting);
        why.clone_into(&mut decision.reason);
        decision.next_look_at = Some(at);
        Self::Decided(Box::new(decision))
    }

    /// The tag within the source's own repository that points to the push's image now.
    pub(crate) fn tag_within(&self, push: &Push) -> Option<(Tag, Digest)> {
        let Self::Decided(decision) = self else {
            return None;
        };
        // What was promoted before may have been moved since.
        let promoted =
            decision.verdict == Verdict::Promote && decision.outcome == Some(Outcome::Promoted);
        let target = decision
            .target
            .as_ref()
            .filter(|target| promoted && target.repository == push.repository);
        target.map(|target| (target.tag.clone(), push.digest.clone()))
    }
}

impl Ending {
    /// What a decision alone leads to. `standing` says how long evidence has been awaited already, `terms` how long
    /// the policy has it awaited.
    pub(crate) fn of(
        decision: Decision,
        standing: Option<&Standing>,
        terms: Terms,
        now: Time,
    ) -> Self {
        let outcome = match decision.verdict {
            Verdict::Hold => return Self::held(decision, standing, terms, now),
            Verdict::Await => return Self::awaiting(decision, standing, terms, now),
            Verdict::Skip | Verdict::Promote => Outcome::Skipped,
        };
        let mut decision = decision;
        // A `promote` ends here under `dry_run` alone.
        if decision.verdict == Verdict::Promote {
            "dry run: would promote".clone_into(&mut decision.reason);
        }
        Self {
            decision,
            outcome,
            open: None,
        }
    }

    /// There was nothing to do, for this reason.
    pub(crate) fn skipped(mut decision: Decision, reason: impl Into<String>) -> Self {
        decision.verdict = Verdict::Skip;
        decision.reason = reason.into();
        decision.next_look_at = None;
        Self {
            decision,
            outcome: Outcome::Skipped,
            open: None,
        }
    }

    /// It is held, and looked at again where an exception ends that took part: then it has more reasons.
    fn held(mut decision: Decision, standing: Option<&Standing>, terms: Terms, now: Time) -> Self {
        decision.next_look_at = terms.exceptions_end;
        let before = open_for(standing, Waits::Exceptions).cloned();
        let open = terms.exceptions_end.map(|due| {
            let same = before.filter(|open| open.due == due);
            same.unwrap_or_else(|| Open::new(Waits::Exceptions, due, now))
        });
        Self {
            decision,
            outcome: Outcome::Held,
            open,
        }
    }

    fn awaiting(
        mut decision: Decision,
        standing: Option<&Standing>,
        terms: Terms,
        now: Time,
    ) -> Self {
        let before = open_for(standing, Waits::Evidence);
        let since = before.map_or(now, |open| open.since);
        if now - since >= terms.wait && !rests(&decision) {
            decision.verdict = Verdict::Hold;
            decision.reason = format!("evidence never came: {}", decision.reason);
            decision.next_look_at = None;
            return Self {
                decision,
                outcome: Outcome::Held,
                open: None,
            };
        }
        // An event that came meanwhile is not one of the looks that become rarer.
        let looks = before.map_or(0, |open| open.looks + u32::from(open.due <= now));
        let due = due::awaited(decision.next_look_at, looks, now);
        let due = terms.exceptions_end.map_or(due, |ends| due.min(ends));
        decision.next_look_at = Some(due);
        Self {
            decision,
            outcome: Outcome::Awaiting,
            open: Some(Open {
                since,
                looks,
                ..Open::new(Waits::Evidence, due, now)
            }),
        }
    }

    /// It failed. What an administrator has to fix is tried again for a day.
    pub(crate) fn failed(
        mut decision: Decision,
        failure: &Failure,
        standing: Option<&Standing>,
        now: Time,
    ) -> Self {
        decision.reason = failure.to_string();
        decision.error = Some(DecisionError {
            code: failure.code().to_string(),
            message: failure.to_string(),
        });
        let before = open_for(standing, Waits::Mending);
        let since = before.map_or(now, |open| open.since);
        let looks = before.map_or(0, |open| open.looks + 1);
        let due = match failure.remedy() {
            Remedy::Mend => due::mended(since, looks, now),
            Remedy::Wait | Remedy::Never => None,
        };
        decision.next_look_at = due;
        Self {
            decision,
            outcome: Outcome::Failed,
            open: due.map(|due| Open {
                since,
                looks,
                ..Open::new(Waits::Mending, due, now)
            }),
        }
    }
}

/// Whether a push is only not old enough yet: an age comes for certain, whatever the policy waits for.
fn rests(decision: &Decision) -> bool {
    let mut awaited = decision
        .criteria
        .iter()
        .filter(|criterion| criterion.verdict == CriterionVerdict::Await)
        .peekable();
    awaited.peek().is_some() && awaited.all(|criterion| criterion.attribute == "age")
}

/// What a case is open for, if it is for this.
fn open_for(standing: Option<&Standing>, waits: Waits) -> Option<&Open> {
    let open = standing?.body.open.as_ref()?;
    (open.waits == waits).then_some(open)
}
