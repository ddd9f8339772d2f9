//! A push: a tag of a source repository that came to stand on a digest. It is what is judged and
//! promoted.

use serde::{Deserialize, Serialize};

use crate::{Digest, Image, Registry, Repository, Tag, Time, policy::PolicyKey};

/// A way has at most so many steps; one more is a `skip`.
pub const WAY_STEPS_MAX: usize = 8;
/// So many ways to one tag and digest are kept apart.
pub const WAYS_MAX: usize = 8;

/// One push of a source repository, as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Where the repository lies.
    pub registry: Registry,
    /// The source repository.
    pub repository: Repository,
    /// The tag that was pushed.
    pub tag: Tag,
    /// The digest that the tag came to stand on.
    pub digest: Digest,
    /// The run's number within the tag: a name, given once, no order.
    pub number: u64,
    /// Where the push stands among the pushes of its tag and of other tags; never changes.
    pub order_time: Time,
    /// Whether the tag stands on `digest` now, as ECR showed it in the read of this delivery.
    pub current: bool,
    /// How the push came to be, where it came by promotions.
    pub way: Way,
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
}

/// The policies and repositories by which a promoted push came; empty for a push by a person or a
/// build. One tag and digest can be reached by several ways; all of them count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Way(Vec<Vec<Step>>);

/// One promotion on a way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The policy that promoted.
    pub policy: PolicyKey,
    /// The repository that it promoted from.
    pub repository: Repository,
    /// The tag that it promoted from.
    pub tag: Tag,
}

impl Way {
    /// Whether `policy` promoted somewhere on the way already.
    #[must_use]
    pub fn holds(&self, policy: &PolicyKey) -> bool {
        self.0.iter().flatten().any(|step| step.policy == *policy)
    }

    /// Whether no further step is allowed.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.iter().any(|steps| steps.len() >= WAY_STEPS_MAX)
    }

    /// This way and one step more.
    #[must_use]
    pub fn and(&self, step: &Step) -> Self {
        let mut ways = if self.0.is_empty() {
            vec![Vec::new()]
        } else {
            self.0.clone()
        };
        for steps in &mut ways {
            steps.push(step.clone());
        }
        Self(ways)
    }

    /// This way and another to the same tag and digest; beyond [`WAYS_MAX`] its steps join the
    /// last way, since no limit may make a loop.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let mut ways = self.0.clone();
        for steps in &other.0 {
            if ways.contains(steps) {
                continue;
            }
            match ways.last_mut() {
                Some(last) if self.0.len() >= WAYS_MAX => {
                    let unknown = steps.iter().filter(|step| !last.contains(step));
                    let unknown: Vec<Step> = unknown.cloned().collect();
                    last.extend(unknown);
                }
                _ => ways.push(steps.clone()),
            }
        }
        Self(ways)
    }

    /// Whether every way of `other` is one of these already.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        other.0.iter().all(|steps| self.0.contains(steps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(policy: &str) -> Step {
        Step {
            policy: PolicyKey {
                source: "dev/website".to_owned(),
                name: policy.to_owned(),
            },
            repository: Repository::parse("dev/website").unwrap(),
            tag: Tag::parse("stable").unwrap(),
        }
    }

    #[test]
    fn a_way_grows_by_a_step_on_each_of_its_branches() {
        let person = Way::default();
        let one = person.and(&step("a"));
        let both = one.or(&person.and(&step("b")));
        let next = both.and(&step("c"));
        for (policy, held) in [("a", true), ("b", true), ("c", true), ("d", false)] {
            assert_eq!(next.holds(&step(policy).policy), held, "{policy}");
        }
        assert!(!person.holds(&step("a").policy));
    }

    #[test]
    fn a_way_of_eight_steps_is_full() {
        let mut way = Way::default();
        for _ in 0..WAY_STEPS_MAX {
            assert!(!way.is_full());
            way = way.and(&step("a"));
        }
        assert!(way.is_full());
    }

    #[test]
    fn a_second_way_is_added_once_and_never_forgotten() {
        let first = Way::default().and(&step("a"));
        let second = Way::default().and(&step("b"));
        let both = first.or(&second);
        assert!(both.includes(&first) && both.includes(&second) && !first.includes(&second));
        assert_eq!(both.or(&second), both);
        let mut many = first;
        for n in 0..20 {
            many = many.or(&Way::default().and(&step(&format!("p{n}"))));
        }
        assert!(many.holds(&step("p19").policy));
        assert!(many.0.len() <= WAYS_MAX);
    }
}
