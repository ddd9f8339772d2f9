//! What a policy would see of an image, for people: the same readers, and nothing written or asked
//! for on the way.

use ecr_promoter_core::{
    Digest, Push, Repository, Tag, Time, Way,
    event::{Request, Select},
    evidence::{Evidence, Lack},
};

use crate::{
    failure::{Failure, Remedy},
    function::Function,
    images,
    reading::Reading,
};

/// What is known of one image.
#[derive(Debug)]
pub struct Look {
    /// The image's digest.
    pub digest: Digest,
    /// The tag by which it was asked for, or one that stands on it.
    pub tag: Option<Tag>,
    /// When it was looked at: evidence is as old as this less its own time.
    pub now: Time,
    /// What was seen of each kind.
    pub evidence: Evidence,
    /// What an administrator has to mend before it can be seen.
    pub failures: Vec<Failure>,
}

impl Function {
    /// Looks at an image as a policy would, without a record, and without asking for a scan.
    pub async fn look(&self, repository: &Repository, select: &Select) -> Result<Look, Failure> {
        let request = Request {
            repository: repository.clone(),
            select: select.clone(),
        };
        let now = self.now();
        let hint = self.hints(&request).await?.into_iter().next();
        let (digest, tag, pushed_at) = match (hint, select) {
            (Some(hint), _) => (hint.digest, Some(hint.tag), hint.pushed_at),
            (None, Select::Digest(digest)) => (digest.clone(), None, now),
            (None, Select::Tag(tag)) => {
                let tried = format!("look at {repository}:{tag}");
                return Err(Failure::new(Remedy::Never, tried, "there is no such image"));
            }
        };
        let holds = images::read(&self.aws, repository, std::slice::from_ref(&digest), &[]).await?;
        let mut reading = Reading::of(&digest, holds, Vec::new(), now);
        // Nothing is written for people who only look.
        reading.index_remembered = true;
        let push = Push {
            registry: self.registry.clone(),
            repository: repository.clone(),
            // Evidence is of a digest; no reader asks for the tag.
            tag: tag
                .clone()
                .map_or_else(|| Tag::parse("untagged"), Ok)
                .map_err(|error| {
                    Failure::new(
                        Remedy::Never,
                        format!("look at {repository}@{digest}"),
                        error.to_string(),
                    )
                })?,
            digest: digest.clone(),
            number: 0,
            order_time: pushed_at,
            current: true,
            way: Way::default(),
        };
        let mut looker = self.clone();
        looker.config.scan_on_demand = false;
        for lack in [Lack::Contents, Lack::Findings, Lack::Components] {
            looker.gather(&push, lack, &mut reading, now).await?;
        }
        Ok(Look {
            digest,
            tag,
            now,
            evidence: reading.evidence,
            failures: reading.failures.into_values().collect(),
        })
    }
}
