//! The head of a target tag: the push that ought to stand there.
//!
//! A pure transition over the target tag's own item. The newest push wins: a head only ever rises
//! in [`Order`]. It is raised before the tag is written, under a lease that is longer than any one
//! write may take, so that of two invocations at once only one writes; it is settled afterwards.
//! The caller writes what comes out on the condition that the item still is what was read.
//!
//! ```text
//!            reserve              raise               settle
//!   nothing ────────► reserved ─────────► raised ───────────────► tagged
//!      └────────────────────────────────►   │  └────────────────► refused   (ECR said no)
//!                                           └───────────────────► in doubt  (nobody knows)
//!   each of them ──── raise by a newer push ──► raised, sequence + 1
//! ```

use serde::{Deserialize, Serialize};

use crate::{Digest, Time, runs::Order};

/// The item of one target tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Which push it is: the greatest order wins.
    pub order: Order,
    /// What the tag is to stand on.
    pub digest: Digest,
    /// How far it is.
    pub state: State,
    /// The claim under which it was raised.
    pub claim: String,
    /// Until when nobody else may write the tag, while it is raised.
    pub lease_until: Time,
    /// Rises with each head of the tag; 0 while it is reserved.
    pub sequence: u64,
}

/// How far a head is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The tag's name is kept for a digest, so that no two digests render one tag of a second.
    Reserved,
    /// The tag is about to be written.
    Raised,
    /// The tag was written.
    Tagged,
    /// The tag's write had no answer.
    InDoubt,
    /// ECR refused the tag.
    Refused,
}

/// An attempt to raise a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt<'a> {
    /// The push.
    pub order: &'a Order,
    /// Its digest.
    pub digest: &'a Digest,
    /// The claim under which it is promoted.
    pub claim: &'a str,
    /// The present time.
    pub now: Time,
    /// Until when the lease would last.
    pub lease_until: Time,
}

/// Whether the tag may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raise {
    /// It may, once this is written.
    Raised {
        /// The head to write.
        head: Head,
        /// What an earlier write of somebody else's put there, that had no known end: it may still
        /// land, and the tag is to be read back.
        unsettled: Option<Digest>,
        /// No write of another image can have come since the tag was last looked at: a tag that was
        /// seen on this image stands there still, unless a person moved it.
        quiet: bool,
    },
    /// A newer push holds the head.
    Older {
        /// The newer push.
        than: Order,
        /// What it stands on.
        digest: Digest,
    },
    /// Another invocation is writing the tag.
    Busy {
        /// When its lease ends.
        until: Time,
    },
}

/// Decides an attempt on the head that was read, `None` where there is none.
#[must_use]
pub fn raise(head: Option<&Head>, attempt: &Attempt<'_>) -> Raise {
    let raised = |sequence, unsettled, quiet| Raise::Raised {
        unsettled,
        quiet,
        head: Head {
            order: attempt.order.clone(),
            digest: attempt.digest.clone(),
            state: State::Raised,
            claim: attempt.claim.to_owned(),
            lease_until: attempt.lease_until,
            sequence,
        },
    };
    let Some(head) = head else {
        return raised(1, None, true);
    };
    if head.order > *attempt.order && head.state != State::Reserved {
        return Raise::Older {
            than: head.order.clone(),
            digest: head.digest.clone(),
        };
    }
    let mine = head.claim == attempt.claim;
    let writing = head.state == State::Raised && attempt.now < head.lease_until;
    if writing && !mine {
        return Raise::Busy {
            until: head.lease_until,
        };
    }
    let open = !mine && matches!(head.state, State::Raised | State::InDoubt);
    let unsettled = open.then(|| head.digest.clone());
    let same_push = head.order == *attempt.order && head.sequence > 0;
    let quiet = match head.state {
        State::Reserved => true,
        State::Tagged => head.digest == *attempt.digest,
        State::Raised | State::InDoubt | State::Refused => false,
    };
    raised(head.sequence + u64::from(!same_push), unsettled, quiet)
}

/// Whether a tag of this name may be rendered for `digest`: nothing or the same digest has it.
#[must_use]
pub fn may_reserve(head: Option<&Head>, digest: &Digest) -> bool {
    head.is_none_or(|head| head.digest == *digest)
}

impl Head {
    /// A tag's name kept for a push, before anything is copied.
    #[must_use]
    pub fn reserved(order: Order, digest: Digest, claim: String, lease_until: Time) -> Self {
        Self {
            order,
            digest,
            state: State::Reserved,
            claim,
            lease_until,
            sequence: 0,
        }
    }

    /// The head after the tag's write ended so.
    #[must_use]
    pub fn settled(self, state: State) -> Self {
        Self { state, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Repository, Tag};

    fn order(second: i64) -> Order {
        Order {
            order_time: Time::from_timestamp(second, 0).unwrap(),
            repository: Repository::parse("dev/website").unwrap(),
            tag: Tag::parse("stable").unwrap(),
            number: 1,
        }
    }

    fn digest(byte: u8) -> Digest {
        Digest::from_sha256([byte; 32])
    }

    fn at(second: i64) -> Time {
        Time::from_timestamp(second, 0).unwrap()
    }

    fn head(second: i64, state: State, claim: &str) -> Head {
        Head {
            order: order(second),
            digest: digest(1),
            state,
            claim: claim.to_owned(),
            lease_until: at(1_000),
            sequence: u64::from(state != State::Reserved) * 7,
        }
    }

    fn outcome(head: Option<&Head>, now: i64) -> String {
        let raise = raise(
            head,
            &Attempt {
                order: &order(50),
                digest: &digest(2),
                claim: "mine",
                now: at(now),
                lease_until: at(now + 30),
            },
        );
        match raise {
            Raise::Raised {
                head,
                unsettled,
                quiet,
            } => {
                assert_eq!((head.state, head.digest), (State::Raised, digest(2)));
                let unsettled = unsettled.map_or("", |_| ", unsettled");
                let quiet = if quiet { ", quiet" } else { "" };
                format!("raised {}{unsettled}{quiet}", head.sequence)
            }
            Raise::Older { .. } => "older".to_owned(),
            Raise::Busy { until } => format!("busy until {}", until.timestamp()),
        }
    }

    #[test]
    fn the_newest_push_holds_the_head_and_one_writes_at_a_time() {
        use State::{InDoubt, Raised, Refused, Reserved, Tagged};
        for (case, standing, now, expected) in [
            ("no head", None, 900, "raised 1, quiet"),
            (
                "an older one of the same digest, tagged",
                Some(Head {
                    digest: digest(2),
                    ..head(10, Tagged, "other")
                }),
                900,
                "raised 8, quiet",
            ),
            (
                "an older one, tagged",
                Some(head(10, Tagged, "other")),
                900,
                "raised 8",
            ),
            (
                "an older one, refused",
                Some(head(10, Refused, "other")),
                900,
                "raised 8",
            ),
            (
                "an older one is being written",
                Some(head(10, Raised, "other")),
                900,
                "busy until 1000",
            ),
            (
                "an older one, its lease over",
                Some(head(10, Raised, "other")),
                1_000,
                "raised 8, unsettled",
            ),
            (
                "an older one, in doubt",
                Some(head(10, InDoubt, "other")),
                900,
                "raised 8, unsettled",
            ),
            (
                "a newer one, tagged",
                Some(head(90, Tagged, "other")),
                900,
                "older",
            ),
            (
                "a newer one is being written",
                Some(head(90, Raised, "other")),
                900,
                "older",
            ),
            (
                "a newer one, refused",
                Some(head(90, Refused, "other")),
                900,
                "older",
            ),
            (
                "this push, tagged under another policy",
                Some(head(50, Tagged, "other")),
                900,
                "raised 7",
            ),
            (
                "this push is being written under another policy",
                Some(head(50, Raised, "other")),
                900,
                "busy until 1000",
            ),
            (
                "this very claim again",
                Some(head(50, Raised, "mine")),
                900,
                "raised 7",
            ),
            (
                "reserved for this claim",
                Some(head(50, Reserved, "mine")),
                900,
                "raised 1, quiet",
            ),
            (
                "reserved by a later push of the same digest",
                Some(head(90, Reserved, "other")),
                900,
                "raised 1, quiet",
            ),
        ] {
            assert_eq!(outcome(standing.as_ref(), now), expected, "{case}");
        }
    }

    #[test]
    fn a_name_is_kept_for_one_digest() {
        let standing = head(10, State::Reserved, "other");
        for (case, head, digest, may) in [
            ("free", None, digest(1), true),
            ("the same digest", Some(&standing), digest(1), true),
            ("another digest", Some(&standing), digest(2), false),
        ] {
            assert_eq!(may_reserve(head, &digest), may, "{case}");
        }
    }
}
