//! Images as ECR describes them: their tags and the time of their push, without their manifests.

use aws_sdk_ecr::types::{DescribeImagesFilter, ImageDetail, ImageIdentifier, TagStatus};
use ecr_promoter_core::{Digest, Repository, Tag, Time};

use crate::{
    aws::Aws,
    failure::{Advice, Code, Failure, Remedy},
};

/// The most images of one page (Amazon ECR API reference, `DescribeImages`).
const PAGE: i32 = 1_000;

/// One image as ECR describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Described {
    /// Its digest.
    pub digest: Digest,
    /// The tags that point to it; those that no client could pull are left out.
    pub tags: Vec<Tag>,
    /// When it was pushed, if ECR says so.
    pub pushed_at: Option<Time>,
}

/// Describes the image that a tag points to; `ImageNotFoundException` if there is none.
pub(crate) async fn by_tag(
    aws: &Aws,
    repository: &Repository,
    tag: &Tag,
) -> Result<Vec<Described>, Failure> {
    let id = ImageIdentifier::builder().image_tag(tag.as_str()).build();
    describe(aws, repository, id, format!("describe {repository}:{tag}")).await
}

/// Describes an image; `ImageNotFoundException` if there is none.
pub(crate) async fn by_digest(
    aws: &Aws,
    repository: &Repository,
    digest: &Digest,
) -> Result<Vec<Described>, Failure> {
    let id = ImageIdentifier::builder()
        .image_digest(digest.as_str())
        .build();
    let tried = format!("describe {repository}@{digest}");
    describe(aws, repository, id, tried).await
}

async fn describe(
    aws: &Aws,
    repository: &Repository,
    id: ImageIdentifier,
    tried: String,
) -> Result<Vec<Described>, Failure> {
    let answer = aws
        .ecr
        .describe_images()
        .repository_name(repository.as_str())
        .image_ids(id)
        .send()
        .await
        .map_err(|error| Failure::ecr_where(tried, &error, of_source))?;
    let described = answer.image_details().iter().filter_map(described);
    Ok(described.collect())
}

/// A repository that somebody asks about, and that is not there, is more likely misspelt than to be created.
fn of_source(code: &Code) -> Advice {
    match code {
        Code::RepositoryNotFound => (Remedy::Mend, Some("check the repository's name")),
        other => other.at_ecr(),
    }
}

/// One page of the images that have a tag, and ECR's token of the next one.
pub(crate) async fn page(
    aws: &Aws,
    repository: &Repository,
    token: Option<String>,
) -> Result<(Vec<Described>, Option<String>), Failure> {
    let tagged = DescribeImagesFilter::builder().tag_status(TagStatus::Tagged);
    let page = aws
        .ecr
        .describe_images()
        .repository_name(repository.as_str())
        .filter(tagged.build())
        .max_results(PAGE)
        .set_next_token(token)
        .send()
        .await
        .map_err(|error| Failure::ecr(format!("list the images of {repository}"), &error))?;
    let images = page.image_details().iter().filter_map(described).collect();
    Ok((images, page.next_token))
}

fn described(detail: &ImageDetail) -> Option<Described> {
    let pushed_at = detail.image_pushed_at();
    Some(Described {
        digest: Digest::parse(detail.image_digest()?).ok()?,
        tags: detail
            .image_tags()
            .iter()
            .filter_map(|tag| pullable(tag))
            .collect(),
        pushed_at: pushed_at.and_then(|at| Time::from_timestamp(at.secs(), at.subsec_nanos())),
    })
}

/// A tag, or a word on why it is left out.
fn pullable(tag: &str) -> Option<Tag> {
    let parsed = Tag::parse(tag);
    if let Err(error) = &parsed {
        tracing::warn!(%error, "a tag that no client can pull is left out");
    }
    parsed.ok()
}
