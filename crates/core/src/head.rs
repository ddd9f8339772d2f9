//! The head of a target tag: the newest push whose tag *stood*, who is writing now, and what may
//! still arrive.
//!
//! A pure transition over the target tag's own item; the caller writes the result on
//! the condition that the item is still what was read. An attempt is only a [`Lease`]: it becomes the
//! head once its tag was seen to stand. A write whose outcome is unknown leaves a [`Doubt`] until it
//! can no longer arrive.
//!
//! ```text
//!            raise                 settle
//!   head ──────────► head + lease ─────────► the newer of both is the head   (it stood)
//!                        │        └────────► as before                       (ECR refused it)
//!                        │        └────────► as before, and a doubt          (outcome unknown)
//!                        └── its lease ends ─► settled by the next invocation
//! ```

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    Digest, Time,
    claim::CaseId,
    runs::{COUNTS_AFTER, Order},
};

mod ended;
mod look;

pub use look::{Looked, look};

/// How long no one else may write the tag.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);
/// The most writes of unknown outcome that a tag may have before another one starts.
pub const DOUBTS_MAX: usize = 8;
/// A request is signed with the time of its lease; AWS refuses it five minutes later, and a minute
/// is left for its way (AWS General Reference, "Signature Version 4": requests expire).
pub const LANDS_WITHIN: TimeDelta = TimeDelta::minutes(6);
/// How long after a change of the head a read may still show the tag where it was before.
const SHOWN_AFTER: TimeDelta = TimeDelta::seconds(60);

/// The item of one target tag.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The newest push whose tag stood; `None` before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stood: Option<Stood>,
    /// Rises with each attempt.
    #[serde(default)]
    pub sequence: u64,
    /// Who is writing the tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// Writes whose outcome is unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// A push whose tag stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stood {
    /// Where it stands among all pushes.
    pub order: Order,
    /// What the tag stood on.
    pub digest: Digest,
    /// When this became the head.
    pub changed: Time,
}

/// An attempt to write the tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The claim under which it is written.
    pub claim: String,
    /// The case of that claim; `None` if a late write is repaired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// The push.
    pub order: Order,
    /// What is written.
    pub digest: Digest,
    /// The head's sequence while it lasts.
    pub sequence: u64,
    /// When it began: the write is signed with this time.
    pub began: Time,
    /// When it ends.
    pub until: Time,
}

/// A write whose outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// The push.
    pub order: Order,
    /// What was written, or was not.
    pub digest: Digest,
    /// Until when it can arrive.
    pub until: Time,
}

/// An attempt to write the tag for a push.
#[derive(Debug, Clone)]
pub struct Attempt<'a> {
    /// The claim.
    pub claim: &'a str,
    /// Its case.
    pub case: &'a CaseId,
    /// The push.
    pub order: &'a Order,
    /// Its digest.
    pub digest: &'a Digest,
    /// Where the tag was seen.
    pub sight: Sight<'a>,
    /// A person asked to promote it once more.
    pub again: bool,
    /// The present time.
    pub now: Time,
}

/// Where a target tag was seen.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// What it points to.
    pub on: Option<&'a Digest>,
    /// When the read began.
    pub began: Time,
}

/// Whether the tag may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raise {
    /// Not now: somebody writes, or a write may still arrive.
    Due(Time),
    /// The lease of another attempt has ended: the tag must be read, and [`Head::bury`] asked.
    Dead(Lease),
    /// A newer push stood here.
    Newer,
    /// This push stood here, and somebody changed the tag since: it is respected.
    Respected,
    /// This push is the head and the tag is there: nothing to write.
    There,
    /// The tag is on the image already: this head, once written, says that it stood.
    Stands(Head),
    /// One write, under the lease of this head, once written.
    Write(Head),
}

/// How a write of the tag ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The tag stood.
    Stood,
    /// ECR said that it did not do it.
    Refused,
    /// No answer; it can arrive until then.
    Unknown {
        /// Until when.
        until: Time,
    },
}

/// Decides an attempt on the head that was read.
///
/// | the head is | then |
/// | --- | --- |
/// | being written, or has [`DOUBTS_MAX`] doubts | due when that ends |
/// | under a lease that ended | that is settled first |
/// | of a newer push | it is left alone |
/// | of this push | there; due where a write may arrive or the read may be stale; else respected |
/// | of an older push, or none | it stands already, or one write |
#[must_use]
pub fn raise(head: &Head, attempt: &Attempt<'_>) -> Raise {
    if let Some(lease) = &head.lease
        && lease.claim != attempt.claim
    {
        return if attempt.now < lease.until {
            Raise::Due(lease.until)
        } else {
            Raise::Dead(lease.clone())
        };
    }
    if let Some(stood) = &head.stood {
        if stood.order > *attempt.order {
            return Raise::Newer;
        }
        if stood.order == *attempt.order && !attempt.again {
            return of_this_push(head, stood, attempt);
        }
    }
    let mut next = head.clone();
    next.prune(attempt.sight);
    // What its own earlier writes came to was seen: the tag is there, or it is not.
    next.doubts
        .retain(|doubt| doubt.until > attempt.sight.began || doubt.order != *attempt.order);
    if next.doubts.len() >= DOUBTS_MAX {
        return Raise::Due(next.doubts_end().unwrap_or(attempt.now));
    }
    next.sequence = head.sequence.saturating_add(1);
    if attempt.sight.on == Some(attempt.digest) && next.doubts.is_empty() && head.counts(attempt) {
        next.lease = None;
        next.advance(attempt.order, attempt.digest, attempt.now);
        return Raise::Stands(next);
    }
    next.lease = Some(attempt.lease(next.sequence));
    Raise::Write(next)
}

impl Attempt<'_> {
    fn lease(&self, sequence: u64) -> Lease {
        Lease {
            claim: self.claim.to_owned(),
            case: Some(self.case.clone()),
            order: self.order.clone(),
            digest: self.digest.clone(),
            sequence,
            began: self.now,
            until: self.now + LEASE,
        }
    }
}

/// The head is of the attempt's own push, which stood here under this policy or another.
fn of_this_push(head: &Head, stood: &Stood, attempt: &Attempt<'_>) -> Raise {
    let shown = stood.changed + SHOWN_AFTER;
    let mut pruned = head.clone();
    pruned.prune(attempt.sight);
    if attempt.sight.on == Some(attempt.digest) {
        Raise::There
    } else if let Some(until) = pruned.doubts_end() {
        Raise::Due(until)
    } else if attempt.sight.began < shown {
        Raise::Due(shown)
    } else {
        Raise::Respected
    }
}

impl Head {
    /// Drops each doubt whose write could not land any more when the tag was seen elsewhere.
    fn prune(&mut self, sight: Sight<'_>) {
        self.doubts
            .retain(|doubt| doubt.until > sight.began || Some(&doubt.digest) == sight.on);
    }

    /// When the last of the doubts can no longer arrive.
    fn doubts_end(&self) -> Option<Time> {
        self.doubts.iter().map(|doubt| doubt.until).max()
    }

    /// Whether a read of the tag counts against the head's last change.
    fn counts(&self, attempt: &Attempt<'_>) -> bool {
        let stood = self.stood.as_ref();
        stood.is_none_or(|stood| attempt.sight.began >= stood.changed + COUNTS_AFTER)
    }

    /// A push stood: it is the head if it is the newer one. A write that arrived although a newer push
    /// is the head leaves a doubt that has to be looked at now.
    fn advance(&mut self, order: &Order, digest: &Digest, now: Time) {
        match &self.stood {
            Some(stood) if stood.order > *order => self.doubt(order, digest, now),
            _ => {
                self.stood = Some(Stood {
                    order: order.clone(),
                    digest: digest.clone(),
                    changed: now,
                });
            }
        }
    }

    fn doubt(&mut self, order: &Order, digest: &Digest, until: Time) {
        self.doubts.push(Doubt {
            order: order.clone(),
            digest: digest.clone(),
            until,
        });
        // Only a raise is kept from adding more; the oldest of this many can no longer arrive.
        let too_many = self.doubts.len().saturating_sub(2 * DOUBTS_MAX);
        self.doubts.drain(..too_many);
    }
}

#[cfg(test)]
mod tests;
