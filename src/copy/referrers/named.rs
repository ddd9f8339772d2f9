//! What names a referrer at the source before it is read: ECR's list, the tags of cosign and of the OCI referrers tag
//! schema, or an event.

use std::slice::from_ref;

use ecr_promoter_core::{Digest, Tag, manifest::Bulk};

use crate::{
    copy::Route,
    ecr::{
        images::{self, Holds, Raw},
        referrers::Listed,
    },
    failure::{Failure, Remedy},
};

/// So many tags are read at once: each answers with a whole manifest.
const TAGS_AT_ONCE: usize = 100;
/// The same, where the answer was too long: as many of the largest manifests fit into one.
const LARGE_AT_ONCE: usize = 6;

/// What names a referrer, before it is read.
pub(super) struct Named {
    pub digest: Digest,
    pub tag: Option<Tag>,
    pub artifact_type: Option<String>,
    /// What was read already.
    pub raw: Option<Raw>,
    /// The size of its manifest, as far as it is known.
    pub size: u64,
    /// ECR says that it is archived.
    pub archived: bool,
}

/// What the tags of some subjects point to.
#[derive(Default)]
pub(super) struct ByTags {
    pub named: Vec<Named>,
    /// Tags that are there and cannot be read, with ECR's words.
    pub inaccessible: Vec<(Tag, String)>,
}

/// Reads the tags of some subjects. Manifests beyond so many bytes are not kept.
pub(super) async fn by_tags(
    route: Route<'_>,
    subjects: &[Digest],
    mut bytes_max: u64,
) -> Result<ByTags, Failure> {
    let tags: Vec<Tag> = subjects.iter().flat_map(Tag::of_referrers).collect();
    let mut all = ByTags::default();
    for some in tags.chunks(TAGS_AT_ONCE) {
        match read_tags(route, some, &mut bytes_max).await {
            Err(failure) if failure.remedy() == Remedy::Never => {
                for few in some.chunks(LARGE_AT_ONCE) {
                    all.add(read_tags(route, few, &mut bytes_max).await?);
                }
            }
            read => all.add(read?),
        }
    }
    Ok(all)
}

async fn read_tags(route: Route<'_>, tags: &[Tag], bytes_max: &mut u64) -> Result<ByTags, Failure> {
    let holds = images::read(route.aws, route.source, &[], tags).await?;
    let mut read = ByTags::default();
    for tag in tags {
        if let Some(why) = holds.inaccessible_tags.get(tag) {
            read.inaccessible.push((tag.clone(), why.clone()));
        }
        let Some(digest) = holds.tags.get(tag) else {
            continue;
        };
        let raw = holds.manifests.get(digest);
        let size = raw.map_or(0, |raw| raw.bytes.len() as u64);
        let kept = bytes_max.checked_sub(size);
        *bytes_max = kept.unwrap_or(*bytes_max);
        read.named.push(Named {
            tag: Some(tag.clone()),
            raw: raw.filter(|_| kept.is_some()).cloned(),
            size,
            ..Named::told(digest)
        });
    }
    Ok(read)
}

/// Reads manifests by digest. Where ECR answers of one that somebody has to mend something first, the others are read all
/// the same, and that one counts as inaccessible.
pub(super) async fn by_digest(route: Route<'_>, digests: &[Digest]) -> Result<Holds, Failure> {
    if digests.is_empty() {
        return Ok(Holds::default());
    }
    let is_of_one = |failure: &Failure| failure.remedy() != Remedy::Wait && !failure.refused();
    let read = images::read(route.aws, route.source, digests, &[]).await;
    if !read.as_ref().is_err_and(is_of_one) {
        return read;
    }
    let mut all = Holds::default();
    for digest in digests {
        match images::read(route.aws, route.source, from_ref(digest), &[]).await {
            Ok(one) => {
                all.manifests.extend(one.manifests);
                all.inaccessible.extend(one.inaccessible);
            }
            Err(failure) if is_of_one(&failure) => {
                all.inaccessible.insert(digest.clone(), failure.to_string());
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(all)
}

impl ByTags {
    fn add(&mut self, other: Self) {
        self.named.extend(other.named);
        self.inaccessible.extend(other.inaccessible);
    }

    /// Whether a tag was seen elsewhere than on this digest, or nowhere.
    pub(super) fn contradict(&self, tag: &Tag, digest: &Digest) -> bool {
        let is_there = |named: &Named| named.tag.as_ref() == Some(tag) && named.digest == *digest;
        let unread = |(unread, _): &(Tag, String)| unread == tag;
        !self.named.iter().any(is_there) && !self.inaccessible.iter().any(unread)
    }
}

impl Named {
    pub(super) fn told(digest: &Digest) -> Self {
        Self {
            digest: digest.clone(),
            tag: None,
            artifact_type: None,
            raw: None,
            size: 0,
            archived: false,
        }
    }

    pub(super) fn listed(listed: Listed) -> Self {
        Self {
            artifact_type: listed.artifact_type,
            size: listed.size,
            archived: listed.archived,
            ..Self::told(&listed.digest)
        }
    }

    /// What its manifest takes, as far as it is known.
    pub(super) fn bulk(&self) -> Bulk {
        Bulk {
            manifests: 1,
            bytes: self.size,
        }
    }
}
