//! Decide, gather what the decision lacks, decide again.
//!
//! The rules are [`ecr_promoter_core::decide`]'s; here is the loop that fetches the evidence they
//! ask for, cheapest first and each kind once.

use std::collections::HashMap;

use ecr_promoter_core::{
    Digest, Push, Tag, Time,
    decide::{Step, decide},
    decision::Decision,
    evidence::{Contents, Evidence, Known, Lack, Origin, Seen},
    manifest::Tree,
    policy::Policy,
};

use crate::{
    failure::{Failure, Remedy},
    flow::Function,
    images,
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
}

impl Reading {
    pub(crate) fn empty(tags: HashMap<Tag, Digest>, asked: Vec<Tag>) -> Self {
        Self {
            tree: None,
            evidence: Evidence::none(),
            tags,
            asked,
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

    /// Fetches one kind of evidence, or says that it will never come.
    async fn gather(
        &self,
        push: &Push,
        lack: Lack,
        reading: &mut Reading,
        now: Time,
    ) -> Result<(), Failure> {
        match lack {
            Lack::Contents => {
                reading.evidence.contents = match &mut reading.tree {
                    None => Known::Never("the image's manifest cannot be read".to_owned()),
                    Some(tree) => {
                        match images::complete(&self.aws, &push.repository, tree).await {
                            Ok(Ok(())) => Known::Seen(Seen {
                                value: tree.contents(),
                                origin: Origin::Registry,
                                at: now,
                            }),
                            Ok(Err(error)) => Known::Never(error.to_string()),
                            // A manifest that is gone or archived: an answer for people, too.
                            Err(failure) if failure.remedy == Remedy::Never => {
                                Known::Never(failure.to_string())
                            }
                            Err(failure) => return Err(failure),
                        }
                    }
                };
            }
            Lack::Findings => {
                for digest in platforms(&reading.evidence) {
                    let never = Known::Never("findings are not read yet".to_owned());
                    reading.evidence.findings.insert(digest, never);
                }
            }
            Lack::Components => {
                for digest in platforms(&reading.evidence) {
                    let never = Known::Never("components are not read yet".to_owned());
                    reading.evidence.components.insert(digest, never);
                }
            }
        }
        Ok(())
    }
}

fn platforms(evidence: &Evidence) -> Vec<Digest> {
    match &evidence.contents {
        Known::Seen(Seen {
            value: Contents::Platforms(platforms),
            ..
        }) => platforms
            .iter()
            .map(|platform| platform.digest.clone())
            .collect(),
        _ => Vec::new(),
    }
}
