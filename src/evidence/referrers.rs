//! What is attached to an image: its referrers, by ECR's list and by cosign's tags. The list is read
//! first, tags second, and both count (clients of registries without the list still write tags).

use ecr_promoter_contents::sbom::Label;
use ecr_promoter_core::{Digest, Image, Repository, Tag, evidence::Origin, manifest::Manifest};

use super::lists::Lists;
use crate::{
    ecr::{
        images::{self, Holds},
        referrers::{self, Listed, PAGES_MAX},
    },
    failure::{Failure, Remedy},
    function::Function,
};

/// The most referrers of one image and its platforms that are looked at.
const REFERRERS_MAX: usize = 100;
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

/// The referrers of some subjects; an image with more than are looked at has none that count.
async fn list_all(
    function: &Function,
    repository: &Repository,
    subjects: &[Digest],
) -> Result<Vec<Listed>, Failure> {
    let aws = &function.aws;
    let readable = |listed: &Listed| !listed.archived;
    let listing = referrers::list(aws, repository, subjects, REFERRERS_MAX, readable).await?;
    let (subject, limit) = match (listing.wanted.get(REFERRERS_MAX), listing.unread) {
        (Some(last), _) => (last.subject.clone(), format!("{REFERRERS_MAX} referrers")),
        (None, Some(subject)) => (subject, format!("{PAGES_MAX} pages of referrers")),
        (None, None) => return Ok(listing.wanted),
    };
    let tried = format!("list the referrers of {repository}@{subject}");
    let said = format!("limit: expected at most {limit}, found more");
    Err(Failure::new(Remedy::Never, tried, said))
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
