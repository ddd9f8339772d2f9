//! Which pushes a scan, a referrer or a restore concerns: those of the digest, and those of the
//! indexes that hold it.

use aws_sdk_ecr::types::{DescribeImagesFilter, ImageDetail, TagStatus};
use ecr_promoter_core::{
    Digest, Image, Repository, Time,
    event::{Request, Select},
    manifest::{Kind, Manifest, media},
};

use super::Hint;
use crate::{
    failure::{Failure, Remedy},
    function::Function,
    images,
};

/// So many tagged indexes, the newest ones, are searched for a child that the ledger does not know.
const INDEXES_MAX: usize = 1_000;
/// So many pages of images are gone through to find them.
const PAGES_MAX: usize = 100;
/// Images of one page (Amazon ECR API reference, `maxResults`).
const PAGE: i32 = 1_000;
/// BatchGetImage takes so many at once.
const IDS_MAX: usize = 100;
/// A subject may itself be a referrer; a chain of more is not followed.
const SUBJECTS_MAX: usize = 4;

/// Where a chain of subjects ends.
pub(crate) enum Subject {
    /// At an image that somebody may have pushed.
    Image(Digest),
    /// ECR does not hold the referrer.
    Gone,
    /// It is no referrer.
    None,
}

impl Function {
    /// The pushes of a digest and of the indexes that hold it, as the ledger knows them; where it
    /// knows none, those of the tags that stand on them now.
    pub(crate) async fn concerned(
        &self,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<Vec<Hint>, Failure> {
        let known = self.known_around(repository, digest).await?;
        if !known.is_empty() {
            return Ok(known);
        }
        let mut standing = self.standing_on(repository, digest).await?;
        if standing.is_empty() {
            for index in self.holders(repository, digest).await? {
                standing.extend(self.standing_on(repository, &index).await?);
            }
        }
        Ok(standing)
    }

    /// The pushes of a digest and of the indexes that hold it that the ledger knows.
    pub(crate) async fn known_around(
        &self,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<Vec<Hint>, Failure> {
        let mut hints = self.known(repository, digest).await?;
        for index in self
            .ledger
            .indexes_of(&self.image(repository, digest))
            .await?
        {
            hints.extend(self.known(repository, &index).await?);
        }
        Ok(hints)
    }

    /// The pushes of a digest that the ledger knows.
    pub(crate) async fn known(
        &self,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<Vec<Hint>, Failure> {
        let pushes = self
            .ledger
            .pushes_of(&self.image(repository, digest))
            .await?;
        let hints = pushes.into_iter().map(|(tag, run)| Hint {
            repository: repository.clone(),
            tag,
            digest: digest.clone(),
            told_at: None,
            pushed_at: run.order_time,
            known: Some(run),
        });
        Ok(hints.collect())
    }

    /// What a referrer is attached to, through further subjects.
    pub(crate) async fn subject(
        &self,
        repository: &Repository,
        referrer: &Digest,
        told: Option<&Digest>,
    ) -> Result<Subject, Failure> {
        let mut next = told.unwrap_or(referrer).clone();
        for depth in 0..SUBJECTS_MAX {
            let holds =
                images::read(&self.aws, repository, std::slice::from_ref(&next), &[]).await?;
            let Some(raw) = holds.manifests.get(&next) else {
                return Ok(Subject::Gone);
            };
            let manifest = Manifest::read(raw.bytes.as_bytes(), raw.media_type.as_deref());
            let further = manifest.ok().and_then(|manifest| manifest.subject);
            next = match further {
                Some(subject) => subject.digest,
                None if depth == 0 && told.is_none() => return Ok(Subject::None),
                None => return Ok(Subject::Image(next)),
            };
        }
        Ok(Subject::None)
    }

    fn image(&self, repository: &Repository, digest: &Digest) -> Image {
        Image {
            registry: self.registry.clone(),
            repository: repository.clone(),
            digest: digest.clone(),
        }
    }

    /// The tags that stand on a digest now; none where it is gone.
    async fn standing_on(
        &self,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<Vec<Hint>, Failure> {
        let request = Request {
            repository: repository.clone(),
            select: Select::Digest(digest.clone()),
        };
        match self.hints(&request).await {
            Err(failure) if failure.code == "ImageNotFoundException" => Ok(Vec::new()),
            other => other,
        }
    }

    /// The newest tagged indexes that hold a digest, read from ECR.
    async fn holders(
        &self,
        repository: &Repository,
        child: &Digest,
    ) -> Result<Vec<Digest>, Failure> {
        let mut indexes = self.tagged_indexes(repository).await?;
        indexes.sort_by_key(|(pushed_at, _)| std::cmp::Reverse(*pushed_at));
        indexes.truncate(INDEXES_MAX);
        let digests: Vec<Digest> = indexes.into_iter().map(|(_, digest)| digest).collect();
        let mut holders = Vec::new();
        for some in digests.chunks(IDS_MAX) {
            let holds = images::read(&self.aws, repository, some, &[]).await?;
            for (digest, raw) in holds.manifests {
                let index = Manifest::read(raw.bytes.as_bytes(), raw.media_type.as_deref());
                let holds_it = index.is_ok_and(|index| match index.kind {
                    Kind::Index { manifests } => {
                        manifests.iter().any(|entry| entry.digest == *child)
                    }
                    Kind::Image { .. } => false,
                });
                if holds_it {
                    holders.push(digest);
                }
            }
        }
        Ok(holders)
    }

    async fn tagged_indexes(
        &self,
        repository: &Repository,
    ) -> Result<Vec<(Time, Digest)>, Failure> {
        let tried = || format!("look for the indexes of {repository}");
        let mut indexes = Vec::new();
        let mut token = None;
        for _ in 0..PAGES_MAX {
            let page = self
                .aws
                .ecr
                .describe_images()
                .repository_name(repository.as_str())
                .filter(
                    DescribeImagesFilter::builder()
                        .tag_status(TagStatus::Tagged)
                        .build(),
                )
                .max_results(PAGE)
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| Failure::ecr(tried(), &error))?;
            let index = |detail: &&ImageDetail| {
                detail
                    .image_manifest_media_type()
                    .is_some_and(media::is_index)
            };
            let described = page
                .image_details()
                .iter()
                .filter(index)
                .filter_map(images::described);
            indexes.extend(described.filter_map(|image| Some((image.pushed_at?, image.digest))));
            token = page.next_token;
            if token.is_none() {
                return Ok(indexes);
            }
        }
        Err(Failure::new(
            Remedy::Never,
            tried(),
            "limit: the repository has too many images",
        ))
    }
}
