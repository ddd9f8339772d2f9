//! What one policy made of one push, and the claim under which it is promoted: one conditional
//! item for each (push, policy).

use ecr_promoter_core::{
    Push, Time,
    decision::Decision,
    policy::PolicyKey,
    promotion::{self, Attempt, Claim, Outcome, Take, is_mine, take},
};
use serde::{Deserialize, Serialize};

use super::{
    Condition, Ledger, Write, Written,
    heads::{Name, Reserve},
    keys,
    record::Announcement,
};
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
    /// The outcome of the last record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Outcome>,
    /// The id of the last record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// What is to be told to others of this outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announcement: Option<Announcement>,
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
    /// Another digest has the name of the tag.
    NameTaken,
}

impl Ledger {
    /// What a policy made of a push so far.
    pub async fn judged(&self, push: &Push, policy: &PolicyKey) -> Result<Option<Judged>, Failure> {
        self.get(&keys::judged(push, policy)).await
    }

    /// Takes the claim by a conditional write, with the name of its tag where one is to be kept. A
    /// refusal is read back before it is believed: the item that stands there may be this very
    /// attempt's.
    pub async fn claim(
        &self,
        push: &Push,
        decision: &Decision,
        standing: Option<Judged>,
        attempt: &Attempt<'_>,
        reserve: Option<&Reserve<'_>>,
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
            let next = Judged::claimed(standing, decision, claim.clone());
            let condition = Condition::unchanged_since(revision);
            let mut writes = vec![Write::new(&key, &next, Some(condition))?];
            if let Some(reserve) = reserve {
                match self.name(reserve).await? {
                    Name::Free(write) => writes.push(write),
                    Name::Kept => {}
                    Name::Taken => return Ok(Claimed::NameTaken),
                }
            }
            if let Written::Done = self.put_all(writes).await? {
                return Ok(Claimed::Mine(next, claim));
            }
            let there: Option<Judged> = self.get(&key).await?;
            if is_mine(there.as_ref().map(|judged| &judged.state), attempt.id) {
                return Ok(Claimed::Mine(next, claim));
            }
            standing = there;
        }
        Err(Failure::new(
            Remedy::Wait,
            format!("claim {key}"),
            "others keep writing it",
        ))
    }

    /// Gives a claim back, so that the next delivery need not wait for its lease to end. The
    /// rendered tag and its time stay: whoever takes over puts the same tag. That this fails costs
    /// time and nothing else.
    pub async fn release(&self, push: &Push, judged: Judged) {
        let mut next = judged;
        if let Some(claim) = &mut next.state.claim {
            claim.lease_until = claim.rendered_at;
        }
        if let Err(failure) = self.replace(push, next).await {
            tracing::warn!(%failure, "a claim could not be given back; its lease ends by itself");
        }
    }

    /// Takes a claim away: what it rendered is not to be put any more.
    pub async fn give_up(&self, push: &Push, judged: Judged) -> Result<(), Failure> {
        let mut next = judged;
        next.state.claim = None;
        self.replace(push, next).await
    }

    /// Notes that an outcome was told. That this fails makes it told twice, under the same id.
    pub async fn told(&self, push: &Push, judged: Judged) {
        let mut next = judged;
        next.state.announced = true;
        if let Err(failure) = self.replace(push, next).await {
            tracing::warn!(%failure, "an announcement could not be noted and may be repeated");
        }
    }

    /// Writes the next revision of an item of ours.
    pub(super) async fn replace(&self, push: &Push, mut next: Judged) -> Result<(), Failure> {
        let key = keys::judged(push, &next.decision.policy);
        let condition = Condition::Revision(next.revision);
        next.revision += 1;
        match self.put(Write::new(&key, &next, Some(condition))?).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => Err(Failure::new(
                Remedy::Wait,
                format!("write {key}"),
                "others wrote it",
            )),
        }
    }
}

impl Judged {
    /// The item under a new claim.
    fn claimed(standing: Option<Self>, decision: &Decision, claim: Claim) -> Self {
        Self {
            revision: standing.as_ref().map_or(0, |judged| judged.revision) + 1,
            state: promotion::Judged::claimed(claim),
            decision: bounded(decision),
            records: standing.as_ref().map_or(0, |judged| judged.records),
            // What the last record said is kept: an attempt that ends as the one before leaves none.
            reason: standing
                .as_ref()
                .map_or_else(String::new, |judged| judged.reason.clone()),
            recorded: standing.as_ref().and_then(|judged| judged.recorded),
            record: standing.as_ref().and_then(|judged| judged.record.clone()),
            announcement: standing.and_then(|judged| judged.announcement),
        }
    }

    /// What is to be told of this outcome and was not told yet.
    #[must_use]
    pub fn untold(&self) -> Option<&Announcement> {
        self.announcement.as_ref().filter(|_| !self.state.announced)
    }
}

/// The most bytes of JSON that a decision takes in its item, of which 16 KB are promised.
const DECISION_BYTES_MAX: usize = 12 * 1024;

/// A decision that fits its own item.
pub(super) fn bounded(decision: &Decision) -> Decision {
    within(decision, DECISION_BYTES_MAX)
}

/// A decision of at most so many bytes of JSON: where it is too long, names make room first, words
/// after them.
pub(super) fn within(decision: &Decision, bytes_max: usize) -> Decision {
    let fits = |decision: &Decision| {
        serde_json::to_vec(decision).is_ok_and(|json| json.len() <= bytes_max)
    };
    let mut short = decision.clone();
    for (names, words) in [(10, 2_000), (3, 300), (1, 100), (0, 40)] {
        if fits(&short) {
            break;
        }
        short.reason = cut(&short.reason, words);
        if let Some(error) = &mut short.error {
            error.message = cut(&error.message, words);
        }
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

/// The beginning of a text, of at most so many bytes, whole characters.
pub(super) fn cut_bytes(text: &str, bytes_max: usize) -> String {
    const ELLIPSIS: &str = "…";
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let room = bytes_max.saturating_sub(ELLIPSIS.len());
    let end = text.floor_char_boundary(room);
    format!("{}{ELLIPSIS}", text.get(..end).unwrap_or_default())
}
