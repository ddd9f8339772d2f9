//! ECR's list of what is attached to a digest.

use aws_sdk_ecr::{
    operation::list_image_referrers::ListImageReferrersOutput, types::SubjectIdentifier,
};
use ecr_promoter_core::{Digest, Repository};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    aws::Aws,
    failure::{Failure, Remedy},
};

/// The most pages of one subject, whatever is on them.
const PAGES_MAX: usize = 20;
/// How many subjects' lists are read at once.
const SUBJECTS_AT_ONCE: usize = 8;
/// Referrers of one page (Amazon ECR API reference, `maxResults`).
const PAGE: i32 = 50;

/// A referrer as the list names it.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub subject: Digest,
    pub digest: Digest,
    /// The size of its manifest, in bytes.
    pub size: u64,
    pub artifact_type: Option<String>,
}

/// The referrers of some subjects, in the subjects' order. Not many more than `most` are read: where there are more, the
/// list says so by its length.
pub(crate) async fn list(
    aws: &Aws,
    repository: &Repository,
    subjects: &[Digest],
    most: usize,
) -> Result<Vec<Listed>, Failure> {
    let each: Vec<_> = subjects
        .iter()
        .map(|subject| of_subject(aws, repository, subject, most))
        .collect();
    let mut each = stream::iter(each).buffered(SUBJECTS_AT_ONCE);
    let mut all = Vec::new();
    while let Some(listed) = each.try_next().await? {
        all.extend(listed);
        if all.len() > most {
            break;
        }
    }
    Ok(all)
}

/// All pages of a subject's referrers; the SDK has no paginator for it.
async fn of_subject(
    aws: &Aws,
    repository: &Repository,
    subject: &Digest,
    most: usize,
) -> Result<Vec<Listed>, Failure> {
    let mut all = Vec::new();
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let page = page(aws, repository, subject, token).await?;
        let listed = page.referrers().iter().filter_map(|referrer| {
            Some(Listed {
                subject: subject.clone(),
                digest: Digest::parse(referrer.digest()).ok()?,
                size: u64::try_from(referrer.size()).unwrap_or(0),
                artifact_type: referrer.artifact_type().map(str::to_owned),
            })
        });
        all.extend(listed);
        token = page.next_token;
        if token.is_none() || all.len() > most {
            return Ok(all);
        }
    }
    let tried = format!("list the referrers of {repository}@{subject}");
    let said = format!("limit: expected at most {PAGES_MAX} pages of referrers, found more");
    Err(Failure::new(Remedy::Never, tried, said))
}

async fn page(
    aws: &Aws,
    repository: &Repository,
    subject: &Digest,
    token: Option<String>,
) -> Result<ListImageReferrersOutput, Failure> {
    let tried = || format!("list the referrers of {repository}@{subject}");
    let id = SubjectIdentifier::builder()
        .image_digest(subject.as_str())
        .build()
        .map_err(|error| Failure::new(Remedy::Wait, tried(), error.to_string()))?;
    aws.ecr
        .list_image_referrers()
        .repository_name(repository.as_str())
        .subject_id(id)
        .max_results(PAGE)
        .set_next_token(token)
        .send()
        .await
        .map_err(|error| Failure::ecr(tried(), &error))
}
