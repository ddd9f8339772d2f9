//! ECR's list of what is attached to a digest.

use aws_sdk_ecr::{
    operation::list_image_referrers::ListImageReferrersOutput,
    types::{ArtifactStatus, ArtifactStatusFilter, ListImageReferrersFilter, SubjectIdentifier},
};
use ecr_promoter_core::{Digest, Repository};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    aws::Aws,
    failure::{Failure, Remedy},
};

/// The most pages of one subject, whatever is on them.
pub(crate) const PAGES_MAX: usize = 20;
/// The most pages of all subjects of one look.
const PAGES_IN_ALL_MAX: usize = 300;
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
    /// It is archived, or not restored yet: it cannot be read.
    pub archived: bool,
}

/// The referrers of some subjects, as far as they were read.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Those that are wanted, in the subjects' order.
    pub wanted: Vec<Listed>,
    /// The first subject whose list was not read to its end.
    pub unread: Option<Digest>,
}

/// The referrers of some subjects, those that are `wanted`. Not many more of them than `most` are read, and no more pages
/// than there may be: what was not read is told.
pub(crate) async fn list(
    aws: &Aws,
    repository: &Repository,
    subjects: &[Digest],
    most: usize,
    wanted: impl Fn(&Listed) -> bool,
) -> Result<Listing, Failure> {
    let wanted = &wanted;
    let each: Vec<_> = subjects
        .iter()
        .map(|subject| of_subject(aws, repository, subject, most, wanted))
        .collect();
    let mut each = stream::iter(each).buffered(SUBJECTS_AT_ONCE);
    let (mut all, mut pages) = (Listing::default(), 0);
    for subject in subjects {
        let read_all_that_may_be = all.wanted.len() > most || pages >= PAGES_IN_ALL_MAX;
        if read_all_that_may_be {
            all.unread.get_or_insert_with(|| subject.clone());
            break;
        }
        if let Some((listing, read)) = each.try_next().await? {
            all.wanted.extend(listing.wanted);
            all.unread = all.unread.or(listing.unread);
            pages += read;
        }
    }
    Ok(all)
}

/// A subject's referrers, and how many pages of them were read; the SDK has no paginator for it.
async fn of_subject(
    aws: &Aws,
    repository: &Repository,
    subject: &Digest,
    most: usize,
    wanted: &impl Fn(&Listed) -> bool,
) -> Result<(Listing, usize), Failure> {
    let mut listing = Listing::default();
    let mut token = None;
    for read in 1..=PAGES_MAX {
        let page = page(aws, repository, subject, token).await?;
        let listed = page.referrers().iter().filter_map(|referrer| {
            Some(Listed {
                subject: subject.clone(),
                digest: Digest::parse(referrer.digest()).ok()?,
                size: u64::try_from(referrer.size()).unwrap_or(0),
                artifact_type: referrer.artifact_type().map(str::to_owned),
                archived: matches!(
                    referrer.artifact_status(),
                    Some(ArtifactStatus::Archived | ArtifactStatus::Activating)
                ),
            })
        });
        listing.wanted.extend(listed.filter(wanted));
        token = page.next_token;
        if token.is_none() {
            return Ok((listing, read));
        }
        if listing.wanted.len() > most {
            listing.unread = Some(subject.clone());
            return Ok((listing, read));
        }
    }
    listing.unread = Some(subject.clone());
    Ok((listing, PAGES_MAX))
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
    // Without a word ECR shows those alone that are not archived.
    let any = ListImageReferrersFilter::builder().artifact_status(ArtifactStatusFilter::Any);
    aws.ecr
        .list_image_referrers()
        .repository_name(repository.as_str())
        .subject_id(id)
        .filter(any.build())
        .max_results(PAGE)
        .set_next_token(token)
        .send()
        .await
        .map_err(|error| Failure::ecr(tried(), &error))
}
