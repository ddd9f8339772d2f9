//! What all pushes of an image share while they are explained, and what is read of the image.

use ecr_promoter_core::{
    Digest, Image, Repository, Tag, Time, decide::concerns, event::Select, evidence::Lack,
    policy::Attribute,
};

use super::origin;
use crate::{
    ecr::images,
    evidence::gather,
    failure::{Code, Failure, Remedy},
    function::Function,
    occasion::Hint,
    policies::Loaded,
    pushes,
    reading::Reading,
};

/// What all pushes of an image share while they are explained.
pub(super) struct Scene<'a> {
    /// The function, which starts no scan here.
    pub function: &'a Function,
    pub repository: &'a Repository,
    pub policies: &'a [Loaded],
    pub now: Time,
}

impl Scene<'_> {
    /// The image that is meant, and its pushes: those of tags that stand on it, and of a digest also
    /// those that the ledger knows. A tag that is gone is known there still, where something was
    /// promoted to it.
    pub(super) async fn hints(&self, select: &Select) -> Result<(Digest, Vec<Hint>), Failure> {
        let (function, repository) = (self.function, self.repository);
        let found = pushes::asked::hints(function, repository, select).await;
        let is_gone = |failure: &Failure| *failure.code() == Code::ImageNotFound;
        match (found, select) {
            (Ok(mut hints), Select::Digest(digest)) => {
                self.add_known(digest, &mut hints).await?;
                Ok((digest.clone(), hints))
            }
            (Err(failure), Select::Digest(digest)) if is_gone(&failure) => {
                let mut hints = Vec::new();
                self.add_known(digest, &mut hints).await?;
                if hints.is_empty() {
                    return Err(failure);
                }
                Ok((digest.clone(), hints))
            }
            (Err(failure), Select::Tag(tag)) if is_gone(&failure) => {
                let last = origin::last(function, repository, tag).await?;
                let digest = last.ok_or(failure)?;
                let hint = self.hint(tag, &digest);
                Ok((digest, vec![hint]))
            }
            (Ok(hints), Select::Tag(tag)) => {
                let digest = hints.first().map(|hint| hint.digest.clone());
                let tried = format!("explain {repository}:{tag}");
                let none = Failure::new(Remedy::Never, tried, "there is no such image");
                Ok((digest.ok_or(none)?, hints))
            }
            (Err(failure), _) => Err(failure),
        }
    }

    /// Adds the pushes of a digest whose tags stand elsewhere now.
    async fn add_known(&self, digest: &Digest, hints: &mut Vec<Hint>) -> Result<(), Failure> {
        let known = pushes::known::of_digest(self.function, self.repository, digest).await?;
        for hint in known {
            if !hints.iter().any(|other| other.tag == hint.tag) {
                hints.push(hint);
            }
        }
        Ok(())
    }

    fn hint(&self, tag: &Tag, digest: &Digest) -> Hint {
        Hint {
            repository: self.repository.clone(),
            tag: tag.clone(),
            digest: digest.clone(),
            told_at: None,
            pushed_at: self.now,
            known: None,
        }
    }

    /// Reads the image, and all evidence that a policy asks for.
    pub(super) async fn read(&self, image: Image, hints: &[Hint]) -> Result<Reading, Failure> {
        let tags: Vec<Tag> = hints.iter().map(|hint| hint.tag.clone()).collect();
        let digest = std::slice::from_ref(&image.digest);
        let holds = images::read(&self.function.aws, self.repository, digest, &tags).await?;
        let mut reading = Reading::of(image, holds, tags, self.now);
        let pushed_at = hints.iter().map(|hint| hint.pushed_at).max();
        reading.pushed_at = pushed_at.unwrap_or(self.now);
        reading.looks_only = true;
        if !reading.there {
            return Ok(reading);
        }
        for lack in Lack::OF_REGISTRY {
            let is_asked = |attribute: &Attribute| attribute.lack() == Some(lack);
            if lack == Lack::Contents || self.asks(is_asked, hints) {
                gather(self.function, &mut reading, lack, self.now).await?;
            }
        }
        if self.asks(|it| matches!(it, Attribute::FindingAge(_)), hints) {
            gather(self.function, &mut reading, Lack::Sightings, self.now).await?;
        }
        Ok(reading)
    }

    /// Whether a policy that one of the tags is a case of has a criterion on such an attribute.
    fn asks(&self, is_asked: impl Fn(&Attribute) -> bool, hints: &[Hint]) -> bool {
        self.policies.iter().any(|stored| {
            let policy = &stored.policy;
            let mut criteria = policy.criteria.iter();
            criteria.any(|criterion| is_asked(&criterion.attribute))
                && hints.iter().any(|hint| concerns(policy, &hint.tag))
        })
    }
}
