//! What is attached to some manifests of the source: by ECR's list, and by the tags of cosign and of the OCI referrers
//! tag schema; and what is attached to that. Bounded in number, in depth and in bytes.

use std::collections::HashSet;

use ecr_promoter_core::{
    Digest, Tag,
    manifest::{MANIFESTS_BYTES_MAX, Stored, Tree, media},
};
use futures_util::future::try_join;

use super::found::{Brought, Referrer, Sought, left, types};
use crate::{
    copy::Route,
    ecr::{
        images::{self, Raw},
        referrers::{self, Listed},
    },
    failure::{Failure, Remedy},
};

/// The most referrers that go along with one image, its platforms included.
const REFERRERS_MAX: usize = 100;
/// What is attached to what is attached, and so on, is followed so deep.
const LEVELS_MAX: usize = 4;
/// So many tags are read at once: each answers with a whole manifest.
const TAGS_AT_ONCE: usize = 100;
/// The same, where the answer was too long: as many of the largest manifests fit into one.
const LARGE_AT_ONCE: usize = 6;

/// What names a referrer, before it is read.
struct Named {
    digest: Digest,
    tag: Option<Tag>,
    artifact_type: Option<String>,
    /// What was read already.
    raw: Option<Raw>,
    /// The size of its manifest, as far as it is known.
    size: u64,
}

/// Finds what is sought, each behind its subject.
pub(super) async fn find(
    route: Route<'_>,
    sought: Sought<'_>,
    brought: &mut Brought,
) -> Result<Vec<Referrer>, Failure> {
    let mut search = Search {
        route,
        sought,
        brought,
        found: Vec::new(),
        seen: HashSet::new(),
        bytes: 0,
    };
    for (level, digest) in sought.told.iter().enumerate() {
        let named = Named::told(digest);
        if search.read(vec![named], level).await?.is_empty() {
            // It is gone, or the policy does not take it; then it takes nothing behind it either.
            return Ok(search.found);
        }
    }
    let mut subjects = sought.subjects.to_vec();
    for level in sought.told.len()..sought.told.len() + LEVELS_MAX {
        let list = referrers::list(route.aws, route.source, &subjects, REFERRERS_MAX);
        let (listed, tagged) = try_join(list, by_tags(route, &subjects)).await?;
        let listed = listed.into_iter().map(Named::listed);
        let named = listed.chain(tagged).collect();
        subjects = search.read(named, level).await?;
        if subjects.is_empty() {
            break;
        }
    }
    Ok(search.found)
}

/// What the tags of some subjects point to. Manifests beyond the budget are not kept.
async fn by_tags(route: Route<'_>, subjects: &[Digest]) -> Result<Vec<Named>, Failure> {
    let tags: Vec<Tag> = subjects.iter().flat_map(Tag::of_referrers).collect();
    let mut named = Vec::new();
    let mut budget = MANIFESTS_BYTES_MAX;
    for some in tags.chunks(TAGS_AT_ONCE) {
        match read_tags(route, some, &mut budget).await {
            Err(failure) if failure.remedy() == Remedy::Never => {
                for few in some.chunks(LARGE_AT_ONCE) {
                    named.extend(read_tags(route, few, &mut budget).await?);
                }
            }
            read => named.extend(read?),
        }
    }
    Ok(named)
}

async fn read_tags(
    route: Route<'_>,
    tags: &[Tag],
    budget: &mut u64,
) -> Result<Vec<Named>, Failure> {
    let holds = images::read(route.aws, route.source, &[], tags).await?;
    let mut named = Vec::new();
    for tag in tags {
        let Some(digest) = holds.tags.get(tag) else {
            continue;
        };
        let raw = holds.manifests.get(digest);
        let size = raw.map_or(0, |raw| raw.bytes.len() as u64);
        let kept = budget.checked_sub(size);
        *budget = kept.unwrap_or(*budget);
        named.push(Named {
            digest: digest.clone(),
            tag: Some(tag.clone()),
            artifact_type: None,
            raw: raw.filter(|_| kept.is_some()).cloned(),
            size,
        });
    }
    Ok(named)
}

impl Named {
    fn told(digest: &Digest) -> Self {
        Self {
            digest: digest.clone(),
            tag: None,
            artifact_type: None,
            raw: None,
            size: 0,
        }
    }

    fn listed(listed: Listed) -> Self {
        Self {
            artifact_type: listed.artifact_type,
            size: listed.size,
            ..Self::told(&listed.digest)
        }
    }
}

/// What was found so far, within its bounds.
struct Search<'s> {
    route: Route<'s>,
    sought: Sought<'s>,
    brought: &'s mut Brought,
    found: Vec<Referrer>,
    seen: HashSet<(Digest, Option<Tag>)>,
    /// The bytes of their manifests.
    bytes: u64,
}

impl Search<'_> {
    /// Reads referrers of one level; the digests of those that go along.
    async fn read(&mut self, named: Vec<Named>, level: usize) -> Result<Vec<Digest>, Failure> {
        let mut named = self.within_bounds(named);
        let unread = named.iter().filter(|named| named.raw.is_none());
        let unread: Vec<Digest> = unread.map(|named| named.digest.clone()).collect();
        if !unread.is_empty() {
            let holds = images::read(self.route.aws, self.route.source, &unread, &[]).await?;
            for named in named.iter_mut().filter(|named| named.raw.is_none()) {
                named.raw = holds.manifests.get(&named.digest).cloned();
                if let Some(why) = holds.inaccessible.get(&named.digest) {
                    let kind = named.artifact_type.as_deref();
                    let left = left(&named.digest, None, kind, why, false);
                    self.brought.left.push(left);
                }
            }
        }
        let mut going = Vec::new();
        for named in named {
            going.extend(self.take(named, level).await?);
        }
        Ok(going)
    }

    /// Those that the policy may take, as far as number and bytes allow.
    fn within_bounds(&mut self, named: Vec<Named>) -> Vec<Named> {
        let mut within = Vec::new();
        for named in named {
            let kind = named.artifact_type.as_deref();
            let own = kind.filter(|kind| !media::is_image_config(kind));
            let unwanted = own.is_some_and(|kind| !self.sought.taken.takes([kind]));
            if unwanted || !self.seen.insert((named.digest.clone(), named.tag.clone())) {
                continue;
            }
            if self.found.len() + within.len() >= REFERRERS_MAX {
                self.brought.more += 1;
            } else if self.bytes + named.size > MANIFESTS_BYTES_MAX {
                let why = format!(
                    "limit: expected at most {MANIFESTS_BYTES_MAX} bytes of manifests attached to one image, found more"
                );
                let left = left(&named.digest, named.tag.as_ref(), kind, why, false);
                self.brought.left.push(left);
            } else {
                self.bytes += named.size;
                within.push(named);
            }
        }
        within
    }

    /// Takes one that was read, with the children that it may have; one that is gone by now is left out.
    async fn take(&mut self, named: Named, level: usize) -> Result<Option<Digest>, Failure> {
        let Named {
            digest, tag, raw, ..
        } = named;
        let Some(raw) = raw else { return Ok(None) };
        let listed = named.artifact_type;
        let stored = Stored::read(raw.bytes, raw.media_type.as_deref());
        let tree = stored.and_then(|stored| Tree::new(digest.clone(), stored));
        let (why, again) = match tree {
            Ok(mut tree) => {
                let types = tree
                    .get(&digest)
                    .map(|root| types(listed.as_deref(), &root.manifest));
                let types = types.unwrap_or_default();
                if !self.sought.taken.takes(types.iter().map(String::as_str)) {
                    return Ok(None);
                }
                match images::complete(self.route.aws, self.route.source, &mut tree).await {
                    Ok(Ok(())) => {
                        let kind = types.into_iter().next().unwrap_or_default();
                        self.found.push(Referrer {
                            tree,
                            tag,
                            kind,
                            level,
                        });
                        return Ok(Some(digest));
                    }
                    Ok(Err(error)) => (error.to_string(), false),
                    Err(failure) if failure.remedy() == Remedy::Wait => return Err(failure),
                    Err(failure) => (failure.to_string(), false),
                }
            }
            Err(error) => (error.to_string(), false),
        };
        let left = left(&digest, tag.as_ref(), listed.as_deref(), why, again);
        self.brought.left.push(left);
        Ok(None)
    }
}
