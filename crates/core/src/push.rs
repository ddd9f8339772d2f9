//! A push: a tag of a source repository that came to stand on a digest. It is what is judged and
//! promoted.

use serde::{Deserialize, Serialize};

use crate::{Digest, Image, Registry, Repository, Tag, Time, policy::PolicyKey};

/// A way has at most so many steps; one more is a `skip`.
pub const WAY_STEPS_MAX: usize = 8;

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

/// The policies and repositories by which a promoted push came, oldest first; empty for a push by
/// a person or a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Way(pub Vec<Step>);

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
    /// Whether `policy` promoted somewhere on this way already.
    #[must_use]
    pub fn holds(&self, policy: &PolicyKey) -> bool {
        self.0.iter().any(|step| step.policy == *policy)
    }

    /// Whether no further step is allowed.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.len() >= WAY_STEPS_MAX
    }

    /// This way and one step more.
    #[must_use]
    pub fn and(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}
