//! Decide, gather what the decision lacks, decide again.
//!
//! The rules are [`ecr_promoter_core::decide`]'s; here is the loop that fetches the evidence they
//! ask for, cheapest first and each kind once.

use std::collections::HashMap;

use ecr_promoter_core::{
    Digest, Push, Tag, Time,
    decide::{Step, decide},
    decision::Decision,
    evidence::{Evidence, Lack},
    manifest::Tree,
    policy::Policy,
};

use crate::{
    failure::{Failure, Remedy},
    flow::Function,
};

/// Each round fetches a kind of evidence or ends it, so the kinds bound the rounds.
const ROUNDS_MAX: usize = 8;

/// What was read of one image so far; shared by all policies on its push.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The image's manifests, as far as they were read; `None` where it cannot be read.
    pub tree: Option<Tree>,
    /// What is known of it.
    pub evidence: Evidence,
    /// Where tags of the source repository stood in the same read.
    pub tags: HashMap<Tag, Digest>,
    /// The tags that this read asked for: one that is not in `tags` stands nowhere.
    pub asked: Vec<Tag>,
    /// What an administrator has to mend before evidence of a kind can be seen.
    pub failures: HashMap<Lack, Failure>,
    /// The ledger knows that the image's index holds its children.
    pub index_remembered: bool,
}

impl Reading {
    pub(crate) fn empty(tags: HashMap<Tag, Digest>, asked: Vec<Tag>) -> Self {
        Self {
            tree: None,
            evidence: Evidence::none(),
            tags,
            asked,
            failures: HashMap::new(),
            index_remembered: false,
        }
    }
}

impl Function {
    /// One policy's decision on one push.
    pub(crate) async fn judge(
        &self,
        push: &Push,
        policy: &Policy,
        reading: &mut Reading,
        now: Time,
    ) -> Result<Decision, Failure> {
        for _ in 0..ROUNDS_MAX {
            match decide(push, policy, &self.config.paths, &reading.evidence, now) {
                Step::Decided(decision) => return Ok(decision),
                Step::Ask(lacks) => {
                    for lack in lacks {
                        self.gather(push, lack, reading, now).await?;
                    }
                }
            }
        }
        Err(Failure::new(
            Remedy::Wait,
            format!("judge {} under {}", push.image(), policy.key()),
            "the decision keeps asking for evidence",
        ))
    }
}
