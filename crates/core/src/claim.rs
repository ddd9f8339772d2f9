//! The claim: the lease under which one invocation promotes a case.
//!
//! A pure transition over the case's item. The caller writes the result on the condition that
//! the item is still what was read, and reads a refusal back before it believes it. The rendered
//! target and its time are kept with the claim: the invocation that takes a dead one over continues with them.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{Digest, Repository, Tag, Time, decision::Target, policy::PolicyKey};

/// How long a claim lives without progress.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);
/// Progress renews a claim once in this time at most.
pub const RENEWED_EVERY: Duration = Duration::from_secs(30);

/// One policy on one push, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseId {
    /// The source repository.
    pub repository: Repository,
    /// The source tag.
    pub tag: Tag,
    /// What the tag was put on.
    pub digest: Digest,
    /// The push's number within its tag.
    pub number: u64,
    /// The policy.
    pub policy: PolicyKey,
}

/// The lease under which one invocation promotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Its own name, never used twice.
    pub id: String,
    /// How long no one else may take over.
    pub lease_until: Time,
    /// Where the image goes, rendered once.
    pub target: Target,
    /// The time of the claim, for which the template's time keywords stand.
    pub time: Time,
    /// A person asked to promote the push once more.
    #[serde(default)]
    pub again: bool,
    /// Whether the target tag may have been written under it.
    #[serde(default)]
    pub raised: bool,
    /// The target repository was made under it: what it has of the source's settings, and what it lacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<String>,
}

/// Who would like to have a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant<'a> {
    /// The name that a claim of his has, never used twice.
    pub id: &'a str,
    /// The present time.
    pub now: Time,
}

/// Whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Take {
    /// No one is working on it: a new claim may be rendered.
    Free,
    /// A claim whose lease is over: ours, with its target and its time.
    Over(Claim),
    /// Another invocation is working on it.
    Alive {
        /// When its lease ends.
        until: Time,
    },
}

/// Decides for a claimant on the claim that was read.
#[must_use]
pub fn take(claim: Option<&Claim>, claimant: &Claimant<'_>) -> Take {
    match claim {
        None => Take::Free,
        Some(claim) if claim.id != claimant.id && claimant.now < claim.lease_until => Take::Alive {
            until: claim.lease_until,
        },
        Some(claim) => Take::Over(Claim {
            id: claimant.id.to_owned(),
            lease_until: claimant.now + LEASE,
            ..claim.clone()
        }),
    }
}

impl Claim {
    /// A new claim.
    #[must_use]
    pub fn new(claimant: &Claimant<'_>, target: Target, time: Time, again: bool) -> Self {
        Self {
            id: claimant.id.to_owned(),
            lease_until: claimant.now + LEASE,
            target,
            time,
            again,
            raised: false,
            made: None,
        }
    }

    /// The claim once nobody works under it: it may be taken over, with its target and its time.
    #[must_use]
    pub fn released(self, now: Time) -> Self {
        Self {
            lease_until: now,
            ..self
        }
    }

    /// What a case keeps of its claim that ended otherwise than as promoted: one that raised may have been tagged, and
    /// whatever is tried later is tried under the same target. What a person asked for has ended with it.
    #[must_use]
    pub fn kept(self, now: Time) -> Option<Self> {
        let kept = Self {
            again: false,
            ..self.released(now)
        };
        kept.raised.then_some(kept)
    }

    /// When progress renews the claim next.
    #[must_use]
    pub fn renewed_at(&self) -> Time {
        self.lease_until - LEASE + RENEWED_EVERY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        Time::from_timestamp(second, 0).unwrap()
    }

    fn claim(id: &str) -> Claim {
        let target = Target {
            repository: Repository::parse("qa/website").unwrap(),
            tag: Tag::parse("live").unwrap(),
        };
        Claim {
            raised: true,
            ..Claim::new(&Claimant { id, now: at(0) }, target, at(0), true)
        }
    }

    #[test]
    fn one_invocation_promotes_and_whoever_takes_over_keeps_target_and_time() {
        let standing = claim("other");
        for (case, claim, id, now, expected) in [
            ("nobody", None, "mine", 10, "free"),
            ("somebody", Some(&standing), "mine", 119, "alive until 120"),
            (
                "the lease is over",
                Some(&standing),
                "mine",
                120,
                "over until 240",
            ),
            (
                "this very attempt",
                Some(&standing),
                "other",
                30,
                "over until 150",
            ),
        ] {
            let told = match take(claim, &Claimant { id, now: at(now) }) {
                Take::Free => "free".to_owned(),
                Take::Alive { until } => format!("alive until {}", until.timestamp()),
                Take::Over(over) => {
                    let kept = (over.target, over.time, over.again, over.raised);
                    let before = standing.clone();
                    assert_eq!(kept, (before.target, before.time, true, true), "{case}");
                    assert_eq!(over.id, id, "{case}");
                    format!("over until {}", over.lease_until.timestamp())
                }
            };
            assert_eq!(told, expected, "{case}");
        }
    }

    #[test]
    fn a_released_claim_may_be_taken_over_at_once() {
        assert_eq!(claim("mine").released(at(50)).lease_until, at(50));
    }

    #[test]
    fn what_ended_keeps_a_claim_that_raised_and_not_what_a_person_asked_for() {
        for (case, raised, expected) in [
            ("it raised", true, Some((false, at(50)))),
            ("it did not", false, None),
        ] {
            let claim = Claim {
                raised,
                ..claim("mine")
            };
            let kept = claim
                .kept(at(50))
                .map(|kept| (kept.again, kept.lease_until));
            assert_eq!(kept, expected, "{case}");
        }
    }

    #[test]
    fn progress_renews_a_claim_every_thirty_seconds_at_most() {
        assert_eq!(claim("mine").renewed_at(), at(30));
    }
}
