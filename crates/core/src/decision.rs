//! The answer of one policy on one push, in words that a person can act on.
//!
//! The same document everywhere: a direct invocation's answer, the record, `--json`. It is made by
//! [`crate::decide`]; what became of it is added once, by the caller that carries it out.

use std::fmt;

use chrono::{SubsecRound as _, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{Repository, Tag, Time, nearest::NearestPass, policy::PolicyKey};

/// At most this many values of `seen` and `culprits` are named; the rest is a number.
pub const NAMED_MAX: usize = 10;

/// What to do with a push under a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every criterion is met: the image goes to the target.
    Promote,
    /// A criterion is not met, or its evidence can never come.
    Hold,
    /// Evidence is not there yet.
    Await,
    /// Nothing to judge: promoted already, loop, disabled, outside the paths, no image …
    Skip,
}

impl Verdict {
    /// The word for it in decisions, records and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Hold => "hold",
            Self::Await => "await",
            Self::Skip => "skip",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a judgement ended, as records and history name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The image stands at the target, or stood there.
    Promoted,
    /// A criterion is not met.
    Held,
    /// Evidence is awaited.
    Awaiting,
    /// There was nothing to judge.
    Skipped,
    /// It could not be done, and retrying would not help.
    Failed,
}

impl Outcome {
    /// The word for it in records, history and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Promoted => "promoted",
            Self::Held => "held",
            Self::Awaiting => "awaiting",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a promotion failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionError {
    /// The failure's code, as in `RepositoryNotFoundException`: for programs.
    pub code: String,
    /// What was tried, on what, what came back, what to do: for people, in one line.
    pub message: String,
}

/// One policy's decision on one push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Which policy decided.
    pub policy: PolicyKey,
    /// What it decided.
    #[serde(rename = "decision")]
    pub verdict: Verdict,
    /// What became of it, once that is known: [`crate::decide`] leaves it open, and the caller that carries
    /// the decision out fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Why the promotion failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<DecisionError>,
    /// Why, in one line, lower case, without a full stop.
    pub reason: String,
    /// The policy only tries: nothing is claimed or promoted.
    pub dry_run: bool,
    /// Where the image goes, or would go, if the template could be rendered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Every criterion that was judged, in the policy's order.
    pub criteria: Vec<Judgement>,
    /// When it is worth looking again, for an `await` that knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_look_at: Option<Time>,
    /// The smallest change that would let the image through, where somebody asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest_pass: Option<Box<NearestPass>>,
}

/// A target, rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The target repository.
    pub repository: Repository,
    /// The target tag.
    pub tag: Tag,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.repository, self.tag)
    }
}

/// What became of one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The attribute, as the policy writes it.
    pub attribute: String,
    /// The operator, as the policy writes it.
    pub operator: String,
    /// The value or values that the policy wants, as it writes them (ten at most, then "and N more").
    pub wanted: serde_json::Value,
    /// What was seen, in words or, of a count, always as a number; null if nothing was.
    pub seen: serde_json::Value,
    /// What belongs to it: on which of several platforms a count was seen, and which platforms the
    /// policy accepts without a scan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether the criterion is met.
    pub verdict: CriterionVerdict,
    /// What broke it, by name (ten at most, then "and N more").
    pub culprits: Vec<String>,
    /// Where it was seen, or what was read that does not tell it; null if nothing was read.
    pub origin: Option<String>,
    /// When what was seen or read was made, or read if it has no time.
    pub at: Option<Time>,
}

impl Judgement {
    /// The ids in its culprits, each once: of findings and components without version and place, of licenses
    /// without their component.
    #[must_use]
    pub fn culprit_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        let named = self.culprits.iter().take(NAMED_MAX);
        for culprit in named {
            let id = if self.attribute.starts_with("license") {
                let id = culprit.split(": license unknown").next();
                id.and_then(|id| id.split(" in ").next())
            } else {
                culprit.split(' ').next()
            };
            let id = id.unwrap_or_default();
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        ids
    }
}

/// Whether one criterion is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CriterionVerdict {
    /// Met by evidence that was seen.
    Met,
    /// Broken by evidence that was seen.
    Broken,
    /// Its evidence is not there yet.
    Await,
    /// Its evidence can never come, so it is not met.
    Unknown,
}

impl CriterionVerdict {
    /// What evidence that was seen says.
    pub(crate) fn of(is_met: bool) -> Self {
        if is_met { Self::Met } else { Self::Broken }
    }
}

/// A time as decisions tell it: what enters a decision is what is read from its JSON again.
pub(crate) fn microseconds(time: Time) -> Time {
    time.trunc_subsecs(6)
}

/// The first such time that does not lie before: who looks again then does not look too early.
pub(crate) fn microseconds_from(time: Time) -> Time {
    let told = microseconds(time);
    if told == time {
        return time;
    }
    let next = told.checked_add_signed(TimeDelta::microseconds(1));
    next.unwrap_or(told)
}

#[cfg(test)]
mod tests;
