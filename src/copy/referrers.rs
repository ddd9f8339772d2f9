//! What is attached to an image, brought to the target behind it: signatures, SBOMs and attestations, and what is
//! attached to these. Each by itself: one that the target refuses does not hold up another one.
//!
//! Tags of cosign's scheme are written as tags. One that somebody else put at the target is left alone, unless what
//! the source has keeps all of it; one of the source that moved meanwhile is followed, so that of two copies at once the
//! later word stands at the end.

mod find;
mod found;
mod named;
mod superset;

use std::collections::{HashMap, HashSet};

use ecr_promoter_core::{
    Digest, Repository, Tag,
    manifest::{Descriptor, Stored, Tree},
};
use futures_util::{FutureExt as _, StreamExt as _, stream};

use super::{
    blobs,
    manifests::{MANIFESTS_AT_ONCE, children, put_in_turn},
    route::Route,
};
use crate::{
    aws::Aws,
    ecr::{
        images::{self, Holds},
        put::Tagging,
    },
    failure::Failure,
};
use find::find;
use found::Referrer;
pub(crate) use found::{Brought, Late, Left, Sought};
use superset::keeps_all;

/// The most bytes of blobs that go along with one image.
const BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// A tag that keeps moving at the source is followed this many times.
const PASSES_MAX: usize = 3;

/// Every manifest of an image: something may be attached to each; none if the image is gone. What cannot be
/// read as an image stands for itself.
pub(crate) async fn subjects_of(
    aws: &Aws,
    repository: &Repository,
    image: &Digest,
) -> Result<Vec<Digest>, Failure> {
    let mut holds = images::read(aws, repository, std::slice::from_ref(image), &[]).await?;
    let Some(raw) = holds.manifests.remove(image) else {
        return Ok(Vec::new());
    };
    let root = Stored::read(raw.bytes, raw.media_type.as_deref());
    let Ok(mut tree) = root.and_then(|root| Tree::new(image.clone(), root)) else {
        return Ok(vec![image.clone()]);
    };
    let _ = images::complete(aws, repository, &mut tree).await?;
    Ok(subjects(&tree))
}

/// Every manifest of an image, the root first.
pub(crate) fn subjects(tree: &Tree) -> Vec<Digest> {
    let manifests = tree.manifests_leaves_first();
    let digests = manifests.into_iter().rev().map(|(digest, _)| digest);
    digests.cloned().collect()
}

/// Brings what is sought to the target. A failure is of the look as a whole.
pub(crate) async fn bring(route: Route<'_>, sought: Sought<'_>) -> Result<Brought, Failure> {
    let mut copied = 0;
    let mut passes = 1;
    loop {
        let mut brought = Brought::default();
        let found = find(route, sought, &mut brought).await?;
        let found = lacking(route, found, &mut brought).await?;
        let tags = put_all(route, found, &mut brought).await?;
        copied += brought.copied;
        if passes == PASSES_MAX || !moved(route, &tags).await? {
            brought.copied = copied;
            return Ok(brought);
        }
        passes += 1;
    }
}

/// Whether a tag of the source stands elsewhere than where it was put at the target.
async fn moved(route: Route<'_>, put: &HashMap<Tag, Digest>) -> Result<bool, Failure> {
    if put.is_empty() {
        return Ok(false);
    }
    let tags: Vec<Tag> = put.keys().cloned().collect();
    let now = images::read(route.aws, route.source, &[], &tags).await?;
    let moved = |(tag, digest)| now.tags.get(tag).is_some_and(|now| now != digest);
    Ok(put.iter().any(moved))
}

/// What of it the target lacks, and may have.
async fn lacking(
    route: Route<'_>,
    found: Vec<Referrer>,
    brought: &mut Brought,
) -> Result<Vec<Referrer>, Failure> {
    if found.is_empty() {
        return Ok(found);
    }
    let (tagged, bare): (Vec<_>, Vec<_>) = found.iter().partition(|found| found.tag.is_some());
    let digests: Vec<Digest> = bare.iter().map(|found| found.digest().clone()).collect();
    let tags: Vec<Tag> = tagged
        .iter()
        .filter_map(|found| found.tag.clone())
        .collect();
    let holds = images::read_target(route.aws, route.target, &digests, &tags).await?;
    let holds = holds.unwrap_or_default();
    let ours = ours(route, &tagged, &holds).await?;
    let mut lacking = Vec::new();
    for found in found {
        match stands(&found, &holds, &ours) {
            Stands::There => brought.there += 1,
            Stands::Free => lacking.push(found),
            Stands::Taken(why) => brought.left.push(found.left(why, false)),
        }
    }
    Ok(lacking)
}

/// What the target has in the place of a referrer.
enum Stands {
    /// The referrer.
    There,
    /// Nothing, or what the source has replaced.
    Free,
    /// What is not the source's to replace.
    Taken(String),
}

fn stands(found: &Referrer, target: &Holds, ours: &HashSet<Digest>) -> Stands {
    let Some(tag) = &found.tag else {
        let there = target.has(found.digest());
        return if there { Stands::There } else { Stands::Free };
    };
    if let Some(why) = target.inaccessible_tags.get(tag) {
        return Stands::Taken(format!("the tag at the target cannot be read: {why}"));
    }
    let keeps_all = |on: &Digest| {
        let there = target.manifests.get(on);
        there.is_some_and(|there| keeps_all(found.root(), &there.bytes))
    };
    match target.tags.get(tag) {
        None => Stands::Free,
        Some(on) if on == found.digest() => Stands::There,
        Some(on) if ours.contains(on) || keeps_all(on) => Stands::Free,
        Some(on) => Stands::Taken(format!(
            "the tag at the target points to {on}, which the source does not hold"
        )),
    }
}

/// Of the digests on which the target's tags stand, those that came from the source.
async fn ours(
    route: Route<'_>,
    tagged: &[&Referrer],
    target: &Holds,
) -> Result<HashSet<Digest>, Failure> {
    let on = |found: &&Referrer| {
        let on = target.tags.get(found.tag.as_ref()?)?;
        (on != found.digest()).then(|| on.clone())
    };
    let others: Vec<Digest> = tagged.iter().filter_map(on).collect();
    if others.is_empty() {
        return Ok(HashSet::new());
    }
    let source = images::read(route.aws, route.source, &others, &[]).await?;
    Ok(others
        .into_iter()
        .filter(|digest| source.has(digest))
        .collect())
}

/// Puts referrers at the target, blobs first, each behind its subject; the tags that were written.
async fn put_all(
    route: Route<'_>,
    found: Vec<Referrer>,
    brought: &mut Brought,
) -> Result<HashMap<Tag, Digest>, Failure> {
    let mut tags = HashMap::new();
    if found.is_empty() {
        return Ok(tags);
    }
    let failed = bring_blobs(route, &found).await?;
    let levels = found.chunk_by(|one, next| one.level == next.level);
    for level in levels {
        let mut puts = Vec::new();
        for found in level {
            match found
                .tree
                .blobs()
                .iter()
                .find_map(|blob| failed.get(&blob.digest))
            {
                Some((why, again)) => brought.left.push(found.left(why.clone(), *again)),
                None => puts.push(put_one(route, found).boxed()),
            }
        }
        let mut puts = stream::iter(puts).buffer_unordered(MANIFESTS_AT_ONCE);
        while let Some((found, put)) = puts.next().await {
            match put {
                Ok(()) => {
                    brought.copied += 1;
                    tags.extend(found.tag.clone().map(|tag| (tag, found.digest().clone())));
                }
                Err(failure) => brought.left.push(found.left(failure.to_string(), true)),
            }
        }
    }
    Ok(tags)
}

async fn put_one<'f>(route: Route<'_>, found: &'f Referrer) -> (&'f Referrer, Result<(), Failure>) {
    let put = async {
        children(route, &found.tree, &Holds::default()).await?;
        let tag = found.tag.as_ref();
        let tagging = tag.map(|tag| Tagging { tag, signed: None });
        match found.tree.get(found.digest()) {
            Some(root) => put_in_turn(route, found.digest(), root, tagging).await,
            None => Ok(()),
        }
    };
    (found, put.await)
}

/// Brings the blobs of all of them, each once. Those that are not there afterwards, why, and whether another try may
/// bring them.
async fn bring_blobs(
    route: Route<'_>,
    found: &[Referrer],
) -> Result<HashMap<Digest, (String, bool)>, Failure> {
    let mut seen = HashSet::new();
    let all = found.iter().flat_map(|found| found.tree.blobs());
    let all: Vec<&Descriptor> = all.filter(|blob| seen.insert(&blob.digest)).collect();
    let missing = blobs::missing(route.aws, route.target, all).await?;
    let mut failed = HashMap::new();
    let mut left = BYTES_MAX;
    let mut fitting = Vec::new();
    for blob in missing {
        if let Some(less) = left.checked_sub(blob.size) {
            left = less;
            fitting.push(blob);
        } else {
            let why = format!(
                "limit: expected at most {BYTES_MAX} bytes attached to one image, found more"
            );
            failed.insert(blob.digest.clone(), (why, false));
        }
    }
    for (digest, failure) in blobs::bring_each(route, fitting).await {
        failed.insert(digest, (failure.to_string(), true));
    }
    Ok(failed)
}
