//! The record of an outcome, whole and in summary, and what is announced.

use ecr_promoter_core::{
    Time,
    claim::Claim,
    decision::{Decision, DecisionError, Outcome, Target},
};
use serde::{Deserialize, Serialize};

use crate::copy::Moves;

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
    /// The target repository was made for it: what it has of the source's settings, and what it lacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_made: Option<String>,
}

impl Promotion {
    /// What a promotion under `claim` moved.
    pub(crate) fn new(claim: &Claim, moves: Moves) -> Self {
        Self {
            claim: claim.id.clone(),
            rendered_at: claim.time,
            mounted: moves.mounted,
            streamed: moves.streamed,
            bytes: moves.bytes,
            manifests: moves.manifests,
            target_made: claim.made.clone(),
        }
    }
}

/// What became of the referrers of an image that was promoted, as they were seen last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferrersTold {
    /// When they were looked at.
    pub at: Time,
    /// How many were put at the target then.
    pub copied: usize,
    /// How many stood there before.
    pub there: usize,
    /// Those that are not there, the first ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<ReferrerLeft>,
    /// How many of those are not named, at least.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_unnamed: usize,
}

/// A referrer that is not at the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferrerLeft {
    /// Its digest, with the tag by which it is attached; empty where they could not be listed.
    pub referrer: String,
    /// Its type.
    pub artifact_type: String,
    /// Why.
    pub reason: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands on a reference"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
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
    /// What became of the image's referrers, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrers: Option<ReferrersTold>,
    /// What a promotion failed of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<DecisionError>,
    /// The id by which the log lines are found.
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
    Failed(DecisionError),
    /// The image is held for these criteria.
    Held(Vec<Unmet>),
}

/// A criterion for which an image is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmet {
    /// The attribute, as the policy writes it.
    pub attribute: String,
    /// The ids of what breaks it, ten at most.
    pub culprits: Vec<String>,
}

/// The most bytes of JSON that a decision takes in its item, which has 16 KB at most.
const DECISION_BYTES_MAX: usize = 12 * 1024;

/// A decision that fits its own item.
pub(crate) fn bounded(decision: &Decision) -> Decision {
    within(decision, DECISION_BYTES_MAX)
}

/// A decision of at most this many bytes of JSON: if it is too long, names make room first, words
/// after them.
pub(crate) fn within(decision: &Decision, bytes_max: usize) -> Decision {
    let fits = |decision: &Decision| {
        serde_json::to_vec(decision).is_ok_and(|json| json.len() <= bytes_max)
    };
    let mut short = decision.clone();
    for (names, words) in [(10, 2_000), (3, 300), (1, 100), (0, 40)] {
        if fits(&short) {
            break;
        }
        short.reason = cut(&short.reason, words);
        for judgement in &mut short.criteria {
            judgement.culprits.truncate(names);
            for text in &mut judgement.culprits {
                *text = cut(text, words);
            }
            shorten(&mut judgement.wanted, names, words);
            shorten(&mut judgement.seen, names, words);
        }
    }
    short
}

fn shorten(value: &mut serde_json::Value, names: usize, words: usize) {
    match value {
        serde_json::Value::String(text) => *text = cut(text, words),
        serde_json::Value::Array(list) => {
            list.truncate(names);
            for value in list {
                shorten(value, names, words);
            }
        }
        _ => {}
    }
}

/// The first `characters` of a text.
pub(crate) fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The beginning of a text, of at most this many bytes, whole characters.
pub(crate) fn cut_bytes(text: &str, bytes_max: usize) -> String {
    const ELLIPSIS: &str = "…";
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let room = bytes_max.saturating_sub(ELLIPSIS.len());
    let end = text.floor_char_boundary(room);
    format!("{}{ELLIPSIS}", text.get(..end).unwrap_or_default())
}
