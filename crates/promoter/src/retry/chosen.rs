//! Which images are asked for: those whose newest record of a policy has one of some outcomes.

use std::{collections::HashSet, fmt};

use ecr_promoter::{
    Failure,
    ledger::{
        history::{self, Of, PAGE_MAX, Wanted},
        record::Summary,
    },
};
use ecr_promoter_core::{Repository, Time, decision::Outcome, event::Select, policy::PolicyKey};

use crate::deployment::Deployment;

/// So many images are asked for in one go.
const IMAGES_MAX: usize = 500;
/// So many records are looked at for them.
const LOOKED_AT_MAX: usize = 10_000;

/// What is sought.
pub(super) struct Sought<'a> {
    pub(super) policy: Option<&'a PolicyKey>,
    pub(super) repository: Option<&'a Repository>,
    pub(super) since: Option<Time>,
    pub(super) outcomes: Vec<Outcome>,
}

/// An image that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) repository: String,
    /// The tag of its record, or the one that it is asked by.
    pub(super) tag: Option<String>,
    /// The digest by which it is asked; without it the tag.
    pub(super) digest: Option<String>,
}

impl fmt::Display for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

impl Chosen {
    pub(super) fn of(repository: &Repository, select: &Select) -> Self {
        let (tag, digest) = match select {
            Select::Tag(tag) => (Some(tag.to_string()), None),
            Select::Digest(digest) => (None, Some(digest.to_string())),
        };
        Self {
            repository: repository.to_string(),
            tag,
            digest,
        }
    }
}

/// The images, the newest first, and whether there are more.
pub(super) async fn of(
    deployment: &Deployment,
    sought: &Sought<'_>,
) -> Result<(Vec<Chosen>, bool), Failure> {
    let (ledger, registry) = (deployment.function.ledger(), &deployment.signed.registry);
    let mut picked = Picked::default();
    let mut after = None;
    let mut looked_at = 0;
    loop {
        let wanted = sought.wanted(after.as_deref(), deployment.now());
        let page = history::page(ledger, registry, &wanted).await?;
        looked_at += page.summaries.len();
        for summary in page.summaries {
            if !picked.take(summary, sought) {
                return Ok((picked.chosen, true));
            }
        }
        after = page.next;
        if after.is_none() || looked_at >= LOOKED_AT_MAX {
            return Ok((picked.chosen, after.is_some()));
        }
    }
}

/// What was picked of the records so far.
#[derive(Default)]
struct Picked {
    /// Policy, image and digest of each record that was seen.
    seen: HashSet<(String, String, String)>,
    chosen: Vec<Chosen>,
}

impl Picked {
    /// Takes a record in; false where there is room for no more images.
    fn take(&mut self, summary: Summary, sought: &Sought<'_>) -> bool {
        let of = (
            summary.policy,
            summary.source.clone(),
            summary.digest.clone(),
        );
        // Only the newest record of a case says how the case stands.
        if !self.seen.insert(of) || !sought.outcomes.contains(&summary.outcome) {
            return true;
        }
        let Some((repository, tag)) = summary.source.rsplit_once(':') else {
            return true;
        };
        let image = Chosen {
            repository: repository.to_owned(),
            tag: Some(tag.to_owned()),
            digest: Some(summary.digest),
        };
        let is_known = |known: &Chosen| {
            (&known.repository, &known.digest) == (&image.repository, &image.digest)
        };
        if self.chosen.iter().any(is_known) {
            return true;
        }
        if self.chosen.len() == IMAGES_MAX {
            return false;
        }
        self.chosen.push(image);
        true
    }
}

impl<'a> Sought<'a> {
    /// The index that narrows it most.
    fn wanted(&self, after: Option<&'a str>, now: Time) -> Wanted<'a> {
        let of = match (self.policy, self.repository) {
            (Some(policy), _) => Of::Policy(policy.clone()),
            (None, Some(repository)) => Of::Repository(repository.clone()),
            (None, None) => Of::Everything,
        };
        Wanted {
            of,
            since: self.since,
            after,
            limit: PAGE_MAX,
            outcomes: &[],
            repository: self.repository.filter(|_| self.policy.is_some()),
            policy: None,
            now,
        }
    }
}
