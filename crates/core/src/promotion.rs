//! The claim: whose turn it is to promote a push under a policy.
//!
//! A pure transition over the item of one (push, policy). The caller writes what comes out on the
//! condition that the item still is what was read, and asks [`is_mine`] of what it reads back when
//! the condition fails: the answer to the first attempt may have been lost on the way. What was
//! rendered is kept with the claim: whoever takes over puts the same tag.

use serde::{Deserialize, Serialize};

pub use crate::decision::Outcome;
use crate::{Time, decision::Target};

/// The lease under which one invocation promotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The attempt's own name, never used twice.
    pub id: String,
    /// Until when nobody else may take over.
    pub lease_until: Time,
    /// Where the image goes, rendered once.
    pub target: Target,
    /// The time that the template's time keywords stand for.
    pub rendered_at: Time,
}

/// The state of one push under one policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// How it ended; `None` while the first promotion of it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The claim: under way while the outcome is neither `promoted` nor `failed`, and after that
    /// what was claimed last. Whoever gives a promotion up without an end takes the claim away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// Whether the end was told to others.
    #[serde(default)]
    pub announced: bool,
}

/// One attempt to get a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt<'a> {
    /// The attempt's own name, never used twice.
    pub id: &'a str,
    /// The present time.
    pub now: Time,
    /// Until when the lease would last.
    pub lease_until: Time,
    /// Where the image would go.
    pub target: &'a Target,
    /// The time that `target` was rendered with.
    pub rendered_at: Time,
    /// Whether a person asks. What failed is tried again by hand alone.
    pub by_hand: bool,
}

/// Whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Take {
    /// Nobody claimed it: ours, as a new claim.
    Mine(Claim),
    /// A claim whose lease is over: ours, with the tag and the time of that claim.
    TakenOver(Claim),
    /// Somebody is at it.
    Alive {
        /// When his lease ends.
        until: Time,
    },
    /// It was promoted, or it failed and nobody asks to have it tried again.
    Done,
}

/// Decides an attempt on the state that was read, `None` where there is none yet.
///
/// What failed and is tried again by hand gets a claim of its own: nothing of it stands at the
/// target, and a policy that was mended renders another tag.
#[must_use]
pub fn take(state: Option<&Judged>, attempt: &Attempt<'_>) -> Take {
    let outcome = state.and_then(|judged| judged.outcome);
    match (outcome, state.and_then(|judged| judged.claim.as_ref())) {
        (Some(Outcome::Failed), _) if attempt.by_hand => Take::Mine(attempt.claim()),
        (Some(Outcome::Promoted | Outcome::Failed), _) => Take::Done,
        (_, None) => Take::Mine(attempt.claim()),
        (_, Some(claim)) if claim.id == attempt.id => Take::Mine(claim.clone()),
        (_, Some(claim)) if attempt.now < claim.lease_until => Take::Alive {
            until: claim.lease_until,
        },
        (_, Some(claim)) => Take::TakenOver(Claim {
            id: attempt.id.to_owned(),
            lease_until: attempt.lease_until,
            ..claim.clone()
        }),
    }
}

/// Whether the item, read back after a refused conditional write, holds this attempt's claim: the
/// write was done, and its answer was lost.
#[must_use]
pub fn is_mine(stored: Option<&Judged>, id: &str) -> bool {
    stored
        .and_then(|judged| judged.claim.as_ref())
        .is_some_and(|claim| claim.id == id)
}

impl Attempt<'_> {
    fn claim(&self) -> Claim {
        Claim {
            id: self.id.to_owned(),
            lease_until: self.lease_until,
            target: self.target.clone(),
            rendered_at: self.rendered_at,
        }
    }
}

impl Judged {
    /// The item with a claim just taken: under way, to be written on the condition that the item
    /// is still what [`take`] was asked about.
    #[must_use]
    pub fn claimed(claim: Claim) -> Self {
        Self {
            outcome: None,
            claim: Some(claim),
            announced: false,
        }
    }

    /// The item with its end; a claim stays where it was promoted or failed, and is gone where the
    /// promotion was given up.
    #[must_use]
    pub fn ended(self, outcome: Outcome) -> Self {
        let final_one = matches!(outcome, Outcome::Promoted | Outcome::Failed);
        Self {
            outcome: Some(outcome),
            claim: self.claim.filter(|_| final_one),
            announced: false,
        }
    }
}

#[cfg(test)]
mod tests;
