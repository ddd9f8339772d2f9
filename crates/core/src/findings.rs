//! What a scan's answer is worth: the states of a scan, as a pure function of what
//! `DescribeImageScanFindings` answered, of the push's time and of now.
//!
//! ```text
//!                 ┌───────────────┐  grace over: hold
//!   not found ───►│ never scanned │  before: await
//!                 └───────┬───────┘
//!        a scan exists    │
//!                 ┌───────▼───────┐  no completion time, no list,
//!                 │    pending    │  or fewer entries than counted: await
//!                 └───┬───────┬───┘
//!     enhanced list   │       │ basic list
//!                 ┌───▼──────┐│
//!                 │ settling ││  completed less than SETTLE_SECONDS ago: await
//!                 └───┬──────┘│
//!                 ┌───▼───────▼───┐  too old (basic), or the scanner has stopped looking
//!                 │     ready     ├────────────────────────────────► stale: hold
//!                 └───────────────┘
//!   failed, refused, or an unknown status ──────────────► impossible: hold
//! ```
//!
//! The scanner is recognised by the list that is there, never by the status: enhanced scanning on push
//! answers `COMPLETE` as basic scanning does. Counts are never evidence; they only show that a list
//! is shorter than it will be. This module makes no call and starts no scan.
//!
//! Sources: Amazon ECR API reference, `DescribeImageScanFindings` and `ImageScanStatus`; Amazon ECR
//! user guide, "Enhanced scanning"; the lists that grow after `COMPLETE` are aws/aws-sdk#288, #289.

mod answer;
mod entry;

use chrono::TimeDelta;

pub use self::{
    answer::{Answer, Lookup},
    entry::{Affected, Enhanced, Entry},
};
use crate::{
    Repository, Time,
    evidence::{Finding, Known, Never, NotYet, Read, Seen},
};

/// How long after its push an image may have no scan at all: Inspector answers
/// `ScanNotFoundException` for the first minutes.
pub const NEVER_SCANNED_GRACE: TimeDelta = TimeDelta::minutes(10);

/// By what a scan is judged besides its answer.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The repository that the image lies in, for the words.
    pub repository: &'a Repository,
    /// When the image was pushed.
    pub pushed_at: Time,
    /// Now.
    pub now: Time,
    /// How far back an enhanced scan's completion must lie (`SETTLE_SECONDS`).
    pub settle: TimeDelta,
    /// How old a basic scan may be (`SCAN_MAX_AGE`).
    pub age_max: TimeDelta,
}

/// Where a scan stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// No scan exists. `until` is there while it may still come by itself.
    NeverScanned {
        /// When the grace after the push ends.
        until: Option<Time>,
        /// What to say once it has ended.
        reason: String,
    },
    /// A scan exists whose list is not complete.
    Pending {
        /// What is missing.
        reason: String,
        /// What the answer has all the same.
        read: Read,
    },
    /// A complete enhanced list that may still grow.
    Settling {
        /// When it is believed.
        until: Time,
        /// What may grow.
        read: Read,
    },
    /// A list to decide on.
    Ready(Seen<Vec<Finding>>),
    /// A list too old to decide on, or of an image that the scanner no longer looks at.
    Stale {
        /// When the scan was completed, if it says so.
        at: Option<Time>,
        /// Why it is too old.
        reason: String,
        /// What is too old.
        read: Read,
    },
    /// No list will come.
    Impossible {
        /// The scanner's own words.
        reason: String,
        /// Whether it says that it cannot scan such an image at all, and names no operating system,
        /// which a policy may accept.
        unscannable: bool,
        /// What the answer has all the same.
        read: Read,
    },
}

impl State {
    /// Reads the state from an answer.
    #[must_use]
    pub fn of(lookup: &Lookup, terms: &Terms<'_>) -> Self {
        match lookup {
            Lookup::NotFound => Self::never_scanned(terms),
            Lookup::Found(answer) => Self::found(answer, terms),
        }
    }

    /// Whether the scanner says that it cannot scan such an image at all.
    #[must_use]
    pub fn is_unscannable(&self) -> bool {
        matches!(
            self,
            Self::Impossible {
                unscannable: true,
                ..
            }
        )
    }

    /// The evidence that this state is.
    #[must_use]
    pub fn known(self) -> Known<Vec<Finding>> {
        let not_yet = |reason: String, look_at, read| {
            Known::NotYet(NotYet {
                reason,
                look_at,
                read,
            })
        };
        match self {
            Self::NeverScanned {
                until: Some(until), ..
            } => not_yet(
                "no scan exists yet".to_owned(),
                Some(until),
                Read::default(),
            ),
            Self::Pending { reason, read } => not_yet(reason, None, read),
            Self::Settling { until, read } => not_yet(
                "the scan's list may still grow".to_owned(),
                Some(until),
                read,
            ),
            Self::Ready(seen) => Known::Seen(seen),
            Self::NeverScanned { reason, .. } => Known::Never(reason.into()),
            Self::Stale { reason, read, .. } | Self::Impossible { reason, read, .. } => {
                Known::Never(Never { reason, read })
            }
        }
    }

    fn never_scanned(terms: &Terms<'_>) -> Self {
        let until = later(terms.pushed_at, NEVER_SCANNED_GRACE);
        Self::NeverScanned {
            until: (terms.now < until).then_some(until),
            reason: format!(
                "never scanned; is scanning turned on for {}?",
                terms.repository
            ),
        }
    }

    fn found(answer: &Answer, terms: &Terms<'_>) -> Self {
        let impossible = |unscannable| Self::Impossible {
            reason: answer.words("the scan"),
            unscannable,
            read: answer.read(),
        };
        match answer.status.as_deref() {
            Some("COMPLETE" | "ACTIVE") => Self::listed(answer, terms),
            Some("IN_PROGRESS" | "PENDING") => Self::Pending {
                reason: "the scan has not finished".to_owned(),
                read: answer.read(),
            },
            Some("SCAN_ELIGIBILITY_EXPIRED") => Self::Stale {
                at: answer.completed_at,
                reason: answer.words("the scan has expired"),
                read: answer.read(),
            },
            Some("UNSUPPORTED_IMAGE" | "FAILED") => impossible(answer.names_no_system()),
            // FINDINGS_UNAVAILABLE, LIMIT_EXCEEDED, IMAGE_ARCHIVED, IMAGE_SIZE_EXCEEDED, and what
            // the scanner may say one day.
            _ => impossible(false),
        }
    }

    fn listed(answer: &Answer, terms: &Terms<'_>) -> Self {
        let (at, entries) = match complete(answer) {
            Ok(list) => list,
            Err(reason) => {
                let read = answer.read();
                return Self::Pending { reason, read };
            }
        };
        if answer.may_grow() {
            let until = later(at, terms.settle);
            if terms.now < until {
                let read = answer.read();
                return Self::Settling { until, read };
            }
        } else if terms.now - at > terms.age_max {
            let days = terms.age_max.num_days();
            let reason = format!("scanned at {}, more than {days} days ago", at.to_rfc3339());
            return Self::Stale {
                at: Some(at),
                reason,
                read: answer.read(),
            };
        }
        Self::Ready(Seen {
            value: entries
                .into_iter()
                .filter(|entry| entry.counts())
                .map(|entry| entry.finding.clone())
                .collect(),
            origin: answer.origin(),
            at,
        })
    }
}

/// When the scan was completed, and its whole list; else what is lacking.
fn complete(answer: &Answer) -> Result<(Time, Vec<&Entry>), String> {
    let Some(at) = answer.completed_at else {
        return Err("the scan has no completion time yet".to_owned());
    };
    let Some(entries) = answer.entries() else {
        return Err("the scan has no list of findings yet".to_owned());
    };
    let listed = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    let counted = answer.counted.unwrap_or_default();
    if listed < counted {
        return Err(format!("the scan lists {listed} of {counted} findings"));
    }
    Ok((at, entries))
}

/// A time from outside may lie at the end of what can be counted.
fn later(time: Time, by: TimeDelta) -> Time {
    time.checked_add_signed(by).unwrap_or(Time::MAX_UTC)
}

#[cfg(test)]
mod tests;
