//! What one policy made of one push, and the claim under which it is promoted: one conditional
//! item for each (push, policy).

use ecr_promoter_core::{
    Push, Time,
    decision::Decision,
    policy::PolicyKey,
    promotion::{self, Attempt, Claim, Take, is_mine, take},
};
use serde::{Deserialize, Serialize};

use super::{Condition, Ledger, Write, Written, keys, read};
use crate::failure::{Failure, Remedy};

/// How often a claim is tried whose item others write at the same time.
const ATTEMPTS: u32 = 4;

/// The item of one policy on one push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Counts the writes of this item.
    pub revision: u64,
    /// Outcome, claim, announced or not.
    pub state: promotion::Judged,
    /// Why, in one line.
    pub reason: String,
    /// The last decision, bounded.
    pub decision: Decision,
    /// How many records this item has left.
    pub records: u64,
    /// The id of the last record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}

/// What became of an attempt to claim.
#[derive(Debug)]
pub enum Claimed {
    /// It is ours.
    Mine(Judged, Claim),
    /// Another invocation has it.
    Alive {
        /// When its lease ends.
        until: Time,
    },
    /// There is nothing left to do.
    Done(Judged),
}

impl Ledger {
    /// What a policy made of a push so far.
    pub async fn judged(&self, push: &Push, policy: &PolicyKey) -> Result<Option<Judged>, Failure> {
        self.get(&keys::judged(push, policy)).await
    }

    /// Takes the claim by a conditional write. A refusal is read back before it is believed: the
    /// item that stands there may be this very attempt's.
    pub async fn claim(
        &self,
        push: &Push,
        decision: &Decision,
        standing: Option<Judged>,
        attempt: &Attempt<'_>,
    ) -> Result<Claimed, Failure> {
        let key = keys::judged(push, &decision.policy);
        let mut standing = standing;
        for _ in 0..ATTEMPTS {
            let claim = match take(standing.as_ref().map(|judged| &judged.state), attempt) {
                Take::Mine(claim) | Take::TakenOver(claim) => claim,
                Take::Alive { until } => return Ok(Claimed::Alive { until }),
                Take::Done => match standing {
                    Some(judged) => return Ok(Claimed::Done(judged)),
                    // `take` is done only with what there is.
                    None => break,
                },
            };
            let revision = standing.as_ref().map(|judged| judged.revision);
            let next = Judged {
                revision: revision.unwrap_or(0) + 1,
                state: promotion::Judged::claimed(claim.clone()),
                reason: decision.reason.clone(),
                decision: bounded(decision),
                records: standing.as_ref().map_or(0, |judged| judged.records),
                record: standing.and_then(|judged| judged.record),
            };
            let write = Write::new(&key, &next, Some(Condition::unchanged_since(revision)))?;
            standing = match self.put(write).await? {
                Written::Done => return Ok(Claimed::Mine(next, claim)),
                Written::Refused(Some(item)) => Some(read(&key, item)?),
                Written::Refused(None) => self.get(&key).await?,
            };
            if let Some(judged) = &standing
                && is_mine(Some(&judged.state), attempt.id)
            {
                return Ok(Claimed::Mine(next, claim));
            }
        }
        Err(Failure::new(
            Remedy::Wait,
            format!("claim {key}"),
            "others keep writing it",
        ))
    }

    /// Gives a claim back, so that the next delivery need not wait for its lease to end. That this
    /// fails costs time and nothing else.
    pub async fn release(&self, push: &Push, judged: Judged) {
        let key = keys::judged(push, &judged.decision.policy);
        let condition = Condition::Revision(judged.revision);
        let mut next = judged;
        next.revision += 1;
        if let Some(claim) = &mut next.state.claim {
            // The rendered tag and its time stay: whoever takes over puts the same tag.
            claim.lease_until = claim.rendered_at;
        }
        let written = match Write::new(&key, &next, Some(condition)) {
            Ok(write) => self.put(write).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = written {
            tracing::warn!(%failure, "a claim could not be given back; its lease ends by itself");
        }
    }
}

/// The most bytes of JSON that a decision takes in its item.
const DECISION_BYTES_MAX: usize = 12 * 1024;

/// A decision that fits its item: where it is too long, names make room first, words after them.
/// The record keeps the whole.
pub(super) fn bounded(decision: &Decision) -> Decision {
    let fits = |decision: &Decision| {
        serde_json::to_vec(decision).is_ok_and(|json| json.len() <= DECISION_BYTES_MAX)
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
pub(super) fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
