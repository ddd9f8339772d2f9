//! A push: a tag of a source repository that was put on a digest. It is what is judged and
//! promoted.

use chrono::TimeDelta;

use crate::{
    Digest, Image, Registry, Repository, Tag, Time,
    provenance::Chain,
    runs::{Order, Run},
};

/// How long after its push an image is promoted without anybody asking for it. The case of an older
/// push may have left the ledger, and with it what says that it was promoted.
pub const PROMOTED_WITHIN: TimeDelta = TimeDelta::days(400);

/// One push of a source repository, as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Where the repository lies.
    pub registry: Registry,
    /// The source repository.
    pub repository: Repository,
    /// The tag that was pushed.
    pub tag: Tag,
    /// The digest that the tag was put on.
    pub digest: Digest,
    /// The run's number within the tag: a name, given once, no order.
    pub number: u64,
    /// Where the push stands among the pushes of its tag and of other tags; never changes.
    pub order_time: Time,
    /// When the push was first seen; of two pushes of one second the first seen is the older.
    pub seen: Time,
    /// The time of its event; `None` if it was seen without one.
    pub told: Option<Time>,
    /// Whether the tag points to `digest` now, as ECR showed it in the read of this delivery.
    pub current: bool,
    /// By which promotions it came; empty for a push by a person or a build.
    pub chain: Chain,
}

impl Push {
    /// The image that the push names.
    #[must_use]
    pub fn image(&self) -> Image {
        Image {
            registry: self.registry.clone(),
            repository: self.repository.clone(),
            digest: self.digest.clone(),
        }
    }

    /// Its run.
    #[must_use]
    pub fn run(&self) -> Run {
        Run {
            number: self.number,
            digest: self.digest.clone(),
            order_time: self.order_time,
            told: self.told,
            seen: self.seen,
        }
    }

    /// Takes its number and its order from its run.
    pub fn take_run(&mut self, run: &Run) {
        self.number = run.number;
        self.order_time = run.order_time;
        self.seen = run.seen;
        self.told = run.told;
    }

    /// Why it is promoted by hand alone: it is older than [`PROMOTED_WITHIN`].
    #[must_use]
    pub fn past(&self, now: Time) -> Option<String> {
        (now - self.order_time > PROMOTED_WITHIN).then(|| {
            let days = PROMOTED_WITHIN.num_days();
            format!("pushed more than {days} days ago: only a direct invocation promotes it")
        })
    }

    /// Where it stands among all pushes of the registry.
    #[must_use]
    pub fn order(&self) -> Order {
        Order {
            order_time: self.order_time,
            seen: self.seen,
            repository: self.repository.clone(),
            tag: self.tag.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed_at(order_time: Time) -> Push {
        Push {
            registry: Registry::parse("123456789012/eu-west-1").unwrap(),
            repository: Repository::parse("dev/website").unwrap(),
            tag: Tag::parse("1").unwrap(),
            digest: Digest::from_sha256([1; 32]),
            number: 1,
            order_time,
            seen: order_time,
            told: None,
            current: true,
            chain: Chain::default(),
        }
    }

    #[test]
    fn a_push_has_the_number_and_the_order_of_its_run() {
        let mut push = pushed_at(Time::UNIX_EPOCH);
        let later = |seconds| Time::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let run = Run {
            number: 7,
            digest: push.digest.clone(),
            order_time: later(1),
            told: Some(later(2)),
            seen: later(3),
        };
        push.take_run(&run);
        assert_eq!(push.run(), run);
        assert_eq!(push.order().order_time, later(1));
        assert_eq!(push.order().seen, later(3));
    }

    #[test]
    fn what_is_older_than_its_case_is_promoted_by_hand_alone() {
        let push = pushed_at(Time::UNIX_EPOCH);
        for (days, past) in [(0, false), (400, false), (401, true), (900, true)] {
            let now = Time::UNIX_EPOCH + TimeDelta::days(days);
            assert_eq!(push.past(now).is_some(), past, "{days} days");
        }
        let just = Time::UNIX_EPOCH + PROMOTED_WITHIN + TimeDelta::seconds(1);
        assert_eq!(
            push.past(just).unwrap(),
            "pushed more than 400 days ago: only a direct invocation promotes it"
        );
    }
}
