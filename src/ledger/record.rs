//! The words of a record: how a push ended under a policy, and what people read of it.

use ecr_promoter_core::{
    Time,
    decision::{Decision, Target, Verdict},
    promotion::{Claim, Outcome},
};
use serde::{Deserialize, Serialize};

use crate::{copy::Moves, failure::Failure};

/// How a push ended under a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// The outcome, as records and history name it.
    pub outcome: Outcome,
    /// Why, in one line.
    pub reason: String,
    /// What a promotion did.
    pub promotion: Option<Promotion>,
    /// What a promotion failed of.
    pub error: Option<RecordError>,
    /// What is told to others.
    pub told: Option<Told>,
}

/// What a promotion did, for its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// The claim under which it ran.
    pub claim: String,
    /// The time that stands in its tag.
    pub rendered_at: Time,
    /// Blobs that the registry linked.
    pub mounted: usize,
    /// Blobs whose bytes went through the function.
    pub streamed: usize,
    /// The bytes of these.
    pub bytes: u64,
    /// Manifests that were put below the root.
    pub manifests: usize,
}

/// A failure, for its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordError {
    /// The code of who answered.
    pub code: String,
    /// What was tried, what came back, what to do.
    pub message: String,
}

/// The record: one outcome, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The same for every repeat.
    pub id: String,
    /// When it was decided.
    pub at: Time,
    /// What became of the push.
    pub outcome: Outcome,
    /// Why, in one line.
    pub reason: String,
    /// `account/Region`.
    pub registry: String,
    /// The source repository.
    pub repository: String,
    /// The source tag.
    pub tag: String,
    /// The judged digest.
    pub digest: String,
    /// The push's number within its tag.
    pub number: u64,
    /// Where the push stands in order.
    pub order_time: Time,
    /// Where the image goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// The decision.
    pub decision: Decision,
    /// What a promotion did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion: Option<Promotion>,
    /// What a promotion failed of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RecordError>,
    /// By this the log lines are found.
    pub request_id: String,
    /// When the item expires, in seconds since 1970 (DynamoDB's time to live).
    pub expires_at: i64,
}

/// A record's summary: at most 1 KB, what the indexes project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The record's id.
    pub id: String,
    /// When.
    pub at: Time,
    /// What became of the push.
    pub outcome: Outcome,
    /// Why, cut.
    pub reason: String,
    /// `source name`.
    pub policy: String,
    /// `repository:tag`.
    pub source: String,
    /// The judged digest.
    pub digest: String,
    /// `repository:tag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// An event, as it is kept until it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// The same for every repeat.
    pub id: String,
    /// What is announced.
    pub told: Told,
}

/// What is announced of a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// The image stands at the target, or did.
    Promoted {
        /// When the tag was seen to stand.
        promoted_at: Time,
        /// Rises with each head of the target tag: EventBridge keeps no order.
        sequence: u64,
        /// A newer push held the head already.
        superseded: bool,
    },
    /// The promotion failed for good.
    Failed(RecordError),
}

impl End {
    /// What a decision alone leads to; `Promote` only under `dry_run`.
    #[must_use]
    pub fn decided(decision: &Decision) -> Self {
        let (outcome, reason) = match decision.verdict {
            Verdict::Hold => (Outcome::Held, decision.reason.clone()),
            Verdict::Await => (Outcome::Awaiting, decision.reason.clone()),
            Verdict::Skip => (Outcome::Skipped, decision.reason.clone()),
            Verdict::Promote => (Outcome::Skipped, "dry run: would promote".to_owned()),
        };
        Self {
            outcome,
            reason,
            promotion: None,
            error: None,
            told: None,
        }
    }

    /// A push that another one outran, or whose image or policy is gone.
    #[must_use]
    pub fn skipped(reason: String) -> Self {
        Self {
            outcome: Outcome::Skipped,
            reason,
            promotion: None,
            error: None,
            told: None,
        }
    }

    /// A promotion that stands, or stood until a newer push superseded it.
    #[must_use]
    pub(crate) fn promoted(
        claim: &Claim,
        moves: Moves,
        promoted_at: Time,
        sequence: u64,
        superseded: bool,
    ) -> Self {
        let after = if superseded {
            ", and superseded by a newer push"
        } else {
            ""
        };
        Self {
            outcome: Outcome::Promoted,
            reason: format!("promoted to {}{after}", claim.target),
            told: Some(Told::Promoted {
                promoted_at,
                sequence,
                superseded,
            }),
            promotion: Some(Promotion {
                claim: claim.id.clone(),
                rendered_at: claim.rendered_at,
                mounted: moves.mounted,
                streamed: moves.streamed,
                bytes: moves.bytes,
                manifests: moves.manifests,
            }),
            error: None,
        }
    }

    /// A promotion that failed for good.
    #[must_use]
    pub fn failed(failure: &Failure) -> Self {
        let error = RecordError {
            code: failure.code().to_string(),
            message: failure.to_string(),
        };
        Self {
            outcome: Outcome::Failed,
            reason: failure.to_string(),
            promotion: None,
            told: Some(Told::Failed(error.clone())),
            error: Some(error),
        }
    }
}
