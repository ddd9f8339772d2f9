//! What is attached to an image: its referrers, by ECR's list and by cosign's tags. The list is read
//! first, tags second, and both count (clients of registries without the list still write tags).

use aws_sdk_ecr::{
    operation::list_image_referrers::ListImageReferrersOutput, types::SubjectIdentifier,
};
use ecr_promoter_contents::sbom::Label;
use ecr_promoter_core::{Digest, Image, Repository, Tag, evidence::Origin, manifest::Manifest};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::lists::Lists;
use crate::{
    ecr::images::{self, Holds},
    failure::{Failure, Remedy},
    function::Function,
};

/// The most referrers of one image and its platforms that are looked at.
pub(super) const REFERRERS_MAX: usize = 100;
/// The most pages of one subject, whatever is on them.
const PAGES_MAX: usize = 20;
/// How many subjects' lists are read at once.
const SUBJECTS_AT_ONCE: usize = 8;
/// Referrers of one page (Amazon ECR API reference, `maxResults`).
const PAGE: i32 = 50;
/// A manifest that is attached to a digest.
pub(super) struct Attached {
    /// What it is attached to.
    pub subject: Digest,
    /// How it is attached.
    pub origin: Origin,
    /// Its artifact type, if the list says so.
    pub artifact_type: Option<String>,
    /// The manifest, or why it cannot be read.
    pub manifest: Result<Manifest, String>,
}

/// A referrer as the list names it.
struct Listed {
    subject: Digest,
    digest: Digest,
    artifact_type: Option<String>,
}

/// Everything attached to an image's subjects that may hold an SBOM; signatures and the like are
/// skipped.
pub(super) async fn attached(
    function: &Function,
    image: &Image,
    lists: &mut Lists,
) -> Result<Vec<Attached>, Failure> {
    let mut listed = list_all(function, &image.repository, &lists.subjects).await?;
    listed.retain(|listed| may_hold_an_sbom(listed, lists));
    let subjects = lists.subjects.clone();
    let tags: Vec<(Tag, &Digest)> = subjects.iter().flat_map(cosign_tags).collect();
    let digests: Vec<Digest> = listed.iter().map(|listed| listed.digest.clone()).collect();
    let names: Vec<Tag> = tags.iter().map(|(tag, _)| tag.clone()).collect();
    let holds = images::read(&function.aws, &image.repository, &digests, &names).await?;
    let by_list = listed.into_iter().map(|listed| Attached {
        manifest: manifest(&holds, &listed.digest),
        origin: match listed.artifact_type.as_deref() {
            Some(kind) if kind.starts_with("application/vnd.dev.sigstore.bundle") => {
                Origin::SigstoreBundle
            }
            _ => Origin::Referrer,
        },
        subject: listed.subject,
        artifact_type: listed.artifact_type,
    });
    let by_tag = tags.iter().filter_map(|(tag, subject)| {
        let digest = holds.tags.get(tag)?;
        Some(Attached {
            subject: (*subject).clone(),
            origin: Origin::CosignTag,
            artifact_type: None,
            manifest: manifest(&holds, digest),
        })
    });
    Ok(by_list.chain(by_tag).collect())
}

/// The referrers of some subjects, in their order.
async fn list_all(
    function: &Function,
    repository: &Repository,
    subjects: &[Digest],
) -> Result<Vec<Listed>, Failure> {
    let each: Vec<_> = subjects
        .iter()
        .map(|subject| list(function, repository, subject))
        .collect();
    let mut each = stream::iter(each).buffered(SUBJECTS_AT_ONCE);
    let mut all = Vec::new();
    while let Some(listed) = each.try_next().await? {
        all.extend(listed);
        if let Some(last) = all.get(REFERRERS_MAX) {
            return Err(too_many(
                repository,
                &last.subject,
                REFERRERS_MAX,
                "referrers",
            ));
        }
    }
    Ok(all)
}

fn too_many(repository: &Repository, subject: &Digest, most: usize, what: &str) -> Failure {
    let tried = format!("list the referrers of {repository}@{subject}");
    let said = format!("limit: expected at most {most} {what}, found more");
    Failure::new(Remedy::Never, tried, said)
}

/// All pages of a subject's referrers; the SDK has no paginator for it.
async fn list(
    function: &Function,
    repository: &Repository,
    subject: &Digest,
) -> Result<Vec<Listed>, Failure> {
    let mut all = Vec::new();
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let page = page(function, repository, subject, token).await?;
        let listed = page.referrers().iter().filter_map(|referrer| {
            Some(Listed {
                subject: subject.clone(),
                digest: Digest::parse(referrer.digest()).ok()?,
                artifact_type: referrer.artifact_type().map(str::to_owned),
            })
        });
        all.extend(listed);
        token = page.next_token;
        if token.is_none() || all.len() > REFERRERS_MAX {
            return Ok(all);
        }
    }
    Err(too_many(
        repository,
        subject,
        PAGES_MAX,
        "pages of referrers",
    ))
}

async fn page(
    function: &Function,
    repository: &Repository,
    subject: &Digest,
    token: Option<String>,
) -> Result<ListImageReferrersOutput, Failure> {
    let tried = || format!("list the referrers of {repository}@{subject}");
    let id = SubjectIdentifier::builder()
        .image_digest(subject.as_str())
        .build()
        .map_err(|error| Failure::new(Remedy::Wait, tried(), error.to_string()))?;
    function
        .aws
        .ecr
        .list_image_referrers()
        .repository_name(repository.as_str())
        .subject_id(id)
        .max_results(PAGE)
        .set_next_token(token)
        .send()
        .await
        .map_err(|error| Failure::ecr(tried(), &error))
}

/// The tags under which cosign attaches attestations and SBOMs to a digest.
fn cosign_tags(subject: &Digest) -> impl Iterator<Item = (Tag, &Digest)> {
    ["att", "sbom"].into_iter().filter_map(move |kind| {
        Some((
            Tag::parse(&format!("sha256-{}.{kind}", subject.hex())).ok()?,
            subject,
        ))
    })
}

/// What says that it is something else, as signatures do, is skipped.
fn may_hold_an_sbom(listed: &Listed, lists: &mut Lists) -> bool {
    match listed.artifact_type.as_deref() {
        Some(kind) if Label::of_media_type(kind) == Label::Other => {
            lists.pass_over(Some(&listed.subject), kind, None);
            false
        }
        _ => true,
    }
}

fn manifest(holds: &Holds, digest: &Digest) -> Result<Manifest, String> {
    let raw = holds.manifests.get(digest);
    let raw = raw.ok_or_else(|| format!("the referrer {digest} cannot be read"))?;
    Manifest::read(raw.bytes.as_bytes(), raw.media_type.as_deref())
        .map_err(|error| format!("the referrer {digest}: {error}"))
}
