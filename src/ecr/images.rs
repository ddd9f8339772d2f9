//! Reading images from ECR by digest and tag: one BatchGetImage for up to a hundred of them.
//!
//! What comes back is checked: a manifest whose bytes do not hash to its digest is refused, so
//! that everything later rests on the digest that was judged.

use std::collections::{HashMap, HashSet};

use aws_sdk_ecr::types::{Image as EcrImage, ImageFailure, ImageFailureCode, ImageIdentifier};
use ecr_promoter_core::{
    Digest, Repository, Tag,
    manifest::{ManifestError, Stored, Tree, media},
};
use sha2::{Digest as _, Sha256};

use crate::{
    aws::Aws,
    failure::{Code, Failure, Remedy},
};

/// BatchGetImage takes at most this many ids (Amazon ECR API reference).
const IDS_MAX: usize = 100;

/// What a repository holds of what was asked for.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    /// The digest that each tag points to; a tag that is not there is not in the map.
    pub tags: HashMap<Tag, Digest>,
    /// The manifests, as they are stored.
    pub manifests: HashMap<Digest, Raw>,
    /// Images that are there and cannot be read, with ECR's words: archived, or their key is gone.
    pub inaccessible: HashMap<Digest, String>,
    /// The same, of tags: where ECR does not tell the digest, it is not known what they point to.
    pub inaccessible_tags: HashMap<Tag, String>,
}

/// A manifest as ECR stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raw {
    /// Byte for byte.
    pub bytes: String,
    /// The media type that ECR names.
    pub media_type: Option<String>,
}

/// Reads digests and tags of one repository.
pub(crate) async fn read(
    aws: &Aws,
    repository: &Repository,
    digests: &[Digest],
    tags: &[Tag],
) -> Result<Holds, Failure> {
    let by_digest = digests.iter().map(|digest| {
        ImageIdentifier::builder()
            .image_digest(digest.as_str())
            .build()
    });
    let by_tag = tags
        .iter()
        .map(|tag| ImageIdentifier::builder().image_tag(tag.as_str()).build());
    let ids: Vec<ImageIdentifier> = by_digest.chain(by_tag).collect();
    let mut holds = Holds::default();
    for ids in ids.chunks(IDS_MAX) {
        let mut answered = ask(aws, repository, ids, &mut holds).await?;
        // Asked for one image twice, by its digest and by a tag, ECR may answer once: it is not known
        // (`Unsettled` in the embedded AWS). What came back in neither list is not absent yet.
        for id in ids {
            if ids.len() > 1 && !answered.has(id) {
                let only = std::slice::from_ref(id);
                answered.add(ask(aws, repository, only, &mut holds).await?);
            }
        }
        if let Some(id) = ids.iter().find(|id| !answered.has(id)) {
            let name = id.image_tag().or(id.image_digest()).unwrap_or_default();
            let tried = format!("read {name} of {repository}");
            let said = "ECR returned neither an image nor a failure";
            return Err(Failure::new(Remedy::Wait, tried, said));
        }
    }
    Ok(holds)
}

/// Reads digests and tags of a target; `None` where there is no such repository. That is not an error yet: the first
/// write decides, since a creation template may make the repository then (Amazon ECR user guide, "Repository creation
/// templates").
pub(crate) async fn read_target(
    aws: &Aws,
    repository: &Repository,
    digests: &[Digest],
    tags: &[Tag],
) -> Result<Option<Holds>, Failure> {
    match read(aws, repository, digests, tags).await {
        Err(failure) if *failure.code() == Code::RepositoryNotFound => Ok(None),
        other => other.map(Some),
    }
}

/// The ids that ECR answered, by their digest or their tag.
#[derive(Default)]
struct Answered(HashSet<String>);

impl Answered {
    fn note(&mut self, id: Option<&ImageIdentifier>) {
        let names = id
            .into_iter()
            .flat_map(|id| [id.image_digest(), id.image_tag()]);
        self.0.extend(names.flatten().map(str::to_owned));
    }

    fn has(&self, id: &ImageIdentifier) -> bool {
        let name = id.image_tag().or(id.image_digest());
        name.is_some_and(|name| self.0.contains(name))
    }

    fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// One BatchGetImage.
async fn ask(
    aws: &Aws,
    repository: &Repository,
    ids: &[ImageIdentifier],
    holds: &mut Holds,
) -> Result<Answered, Failure> {
    let tried = || format!("read images of {repository}");
    let answer = aws
        .ecr
        .batch_get_image()
        .repository_name(repository.as_str())
        .set_image_ids(Some(ids.to_vec()))
        // Every type that an image can be stored as, so that ECR never converts one: a conversion
        // would change the digest (Amazon ECR user guide, "Container image manifest format
        // support").
        .set_accepted_media_types(Some(media::MANIFESTS.map(str::to_owned).to_vec()))
        .send()
        .await
        .map_err(|error| Failure::ecr(tried(), &error))?;
    let mut answered = Answered::default();
    for image in answer.images.unwrap_or_default() {
        answered.note(image.image_id());
        take(holds, repository, image)?;
    }
    for failure in answer.failures.unwrap_or_default() {
        answered.note(failure.image_id());
        refuse(holds, repository, &failure)?;
    }
    Ok(answered)
}

/// Reads what a tree still lacks, level by level. `Ok(Err(_))` is an image that breaks a limit or
/// is not one.
pub(crate) async fn complete(
    aws: &Aws,
    repository: &Repository,
    tree: &mut Tree,
) -> Result<Result<(), ManifestError>, Failure> {
    loop {
        let lacking = tree.lacking();
        if lacking.is_empty() {
            return Ok(Ok(()));
        }
        let mut holds = read(aws, repository, &lacking, &[]).await?;
        for digest in lacking {
            let Some(stored) = holds.manifests.remove(&digest) else {
                let tried = format!("read {repository}@{digest}");
                if let Some(said) = holds.inaccessible.remove(&digest) {
                    return Err(Failure::new(Remedy::Never, tried, said));
                }
                let said = "the image's index lists it, but it is not there";
                let never = (Remedy::Never, None);
                return Err(Failure::coded(Code::ImageNotFound, never, tried, said));
            };
            let stored = Stored::read(stored.bytes, stored.media_type.as_deref());
            if let Err(error) = stored.and_then(|stored| tree.add(&digest, stored)) {
                return Ok(Err(error));
            }
        }
    }
}

fn take(holds: &mut Holds, repository: &Repository, image: EcrImage) -> Result<(), Failure> {
    let id = image
        .image_id
        .unwrap_or_else(|| ImageIdentifier::builder().build());
    let bytes = image.image_manifest.unwrap_or_default();
    let named = id.image_digest.unwrap_or_default();
    let found = Digest::from_sha256(Sha256::digest(bytes.as_bytes()).into());
    if named != found.as_str() {
        let said = format!("ECR returned a manifest whose digest is {found}");
        return Err(Failure::new(
            Remedy::Wait,
            format!("read {repository}@{named}"),
            said,
        ));
    }
    if let Some(tag) = id.image_tag.and_then(|tag| Tag::parse(&tag).ok()) {
        holds.tags.insert(tag, found.clone());
    }
    holds.manifests.insert(
        found,
        Raw {
            bytes,
            media_type: image.image_manifest_media_type,
        },
    );
    Ok(())
}

/// A missing image is an answer, not an error; an image that cannot be read is so for now or for good.
fn refuse(
    holds: &mut Holds,
    repository: &Repository,
    failure: &ImageFailure,
) -> Result<(), Failure> {
    let id = failure.image_id.as_ref();
    let digest = id
        .and_then(|id| id.image_digest.as_deref())
        .and_then(|d| Digest::parse(d).ok());
    let words = failure.failure_reason().unwrap_or_default().to_owned();
    let code = failure.failure_code().map_or("", ImageFailureCode::as_str);
    let advice = match code {
        "ImageNotFound" | "ImageTagDoesNotMatchDigest" => return Ok(()),
        "ImageInaccessible" => {
            let tag = id.and_then(|id| Tag::parse(id.image_tag()?).ok());
            if let Some(tag) = tag {
                holds.inaccessible_tags.insert(tag, words.clone());
            }
            if let Some(digest) = digest {
                holds.inaccessible.insert(digest, words);
            }
            return Ok(());
        }
        "InvalidImageDigest" | "InvalidImageTag" => (Remedy::Never, None),
        code => Code::parse(code).at_ecr(),
    };
    let tried = format!("read images of {repository}");
    Err(Failure::coded(Code::parse(code), advice, tried, words))
}

impl Holds {
    /// Whether the repository holds this image, readable or not.
    #[must_use]
    pub(crate) fn has(&self, digest: &Digest) -> bool {
        self.manifests.contains_key(digest) || self.inaccessible.contains_key(digest)
    }
}

/// How an image is named to people.
pub(crate) fn name(repository: &Repository, digest: &Digest, tag: Option<&Tag>) -> String {
    match tag {
        Some(tag) => format!("{repository}:{tag} ({digest})"),
        None => format!("{repository}@{digest}"),
    }
}
