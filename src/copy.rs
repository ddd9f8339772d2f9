//! The tree of an image from one repository to another, leaves first: blobs, then child manifests
//! by digest. The root and its tag are not put here; the caller that puts them needs a [`Copied`], and only
//! this module makes one.

pub(crate) mod blob;
pub(crate) mod progress;

use std::collections::HashSet;

use aws_sdk_ecr::types::LayerAvailability;
use ecr_promoter_core::{
    Digest, Repository,
    manifest::{Descriptor, Stored, Tree},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::sync::Semaphore;

use crate::{
    aws::Aws,
    ecr::{
        images::Holds,
        put::{Put, Tagging, put_image},
        uploads::Uploads,
    },
    failure::{Failure, Remedy},
};
use blob::{Moved, Way};
use progress::Progress;

/// BatchCheckLayerAvailability takes at most this many digests (Amazon ECR API reference).
const LAYERS_MAX: usize = 100;
/// How many requests that look for layers are under way at once.
const LOOKS_AT_ONCE: usize = 4;
/// How many transfers are made ready at once.
const BLOBS_QUEUED: usize = 64;
/// How many blobs are offered to the registry at once. Mounting one takes no memory.
const OFFERED_AT_ONCE: usize = 16;
/// How many of those that it declined move at once: parts of one blob are in order, blobs are not.
const MOVING_AT_ONCE: usize = 4;
/// How many manifests of one level are put at once, each in its turn.
const MANIFESTS_AT_ONCE: usize = 8;

/// The proof that everything below the root of an image is in the target repository; nothing but
/// this module can make one.
#[derive(Debug)]
pub(crate) struct Copied(Moves);

/// What a copy did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moves {
    /// Blobs that the registry linked.
    pub mounted: usize,
    /// Blobs whose bytes went through the function.
    pub streamed: usize,
    /// The bytes of these.
    pub bytes: u64,
    /// Manifests that were put below the root.
    pub manifests: usize,
}

impl Copied {
    /// What was done for it.
    #[must_use]
    pub(crate) fn moves(&self) -> Moves {
        self.0
    }
}

/// One transfer: the image's manifests, from where, to where.
#[derive(Clone, Copy)]
pub(crate) struct Transfer<'a> {
    /// The clients.
    pub aws: &'a Aws,
    /// The registry's uploads.
    pub uploads: &'a Uploads,
    /// The image, read completely.
    pub tree: &'a Tree,
    /// Where it is.
    pub source: &'a Repository,
    /// Where it goes.
    pub target: &'a Repository,
    /// Told of each blob and of the bytes that move.
    pub progress: &'a Progress,
}

/// Nothing to copy where the image stays in its repository, or where the target was seen to hold the
/// root: then it holds what lies below it, too (ECR refuses to delete what an index refers to).
#[must_use]
pub(crate) fn nothing_to_copy(transfer: Transfer<'_>, target_holds: &Holds) -> Option<Copied> {
    let there = transfer.source == transfer.target
        || target_holds.manifests.contains_key(transfer.tree.root());
    there.then(|| Copied(Moves::default()))
}

/// Brings everything below the root to the target; `missing` are the blobs that it was seen to lack.
pub(crate) async fn below_root(
    transfer: Transfer<'_>,
    missing: Vec<&Descriptor>,
) -> Result<Copied, Failure> {
    let mut moves = blobs(transfer, missing).await?;
    let levels = transfer.tree.levels_leaves_first();
    if let Some((_root, below)) = levels.split_last() {
        for level in below {
            moves.manifests += level.len();
            let puts: Vec<_> = level
                .iter()
                .map(|(digest, stored)| put_child(transfer, digest, stored))
                .collect();
            let puts = stream::iter(puts).buffer_unordered(MANIFESTS_AT_ONCE);
            puts.try_collect::<()>().await?;
        }
    }
    Ok(Copied(moves))
}

async fn put_child(
    transfer: Transfer<'_>,
    digest: &Digest,
    stored: &Stored,
) -> Result<(), Failure> {
    transfer.aws.turn_to_put().await;
    put(transfer, digest, stored, None).await?;
    transfer.progress.made();
    Ok(())
}

/// Puts the root under its tag: the one write that makes the image visible. It is tried once, within
/// [`TAG_TIMEOUT`](crate::ecr::put::TAG_TIMEOUT): the holder of the head has to know when its write
/// can arrive.
pub(crate) async fn put_root(
    transfer: Transfer<'_>,
    _proof: &Copied,
    tagging: Tagging<'_>,
) -> Result<Put, Failure> {
    match transfer.tree.manifests_leaves_first().last() {
        Some((digest, root)) => put(transfer, digest, root, Some(tagging)).await,
        None => Err(Failure::new(
            Remedy::Never,
            format!("tag {}:{}", transfer.target, tagging.tag),
            "its manifest is not there",
        )),
    }
}

async fn blobs(transfer: Transfer<'_>, missing: Vec<&Descriptor>) -> Result<Moves, Failure> {
    let moving = Semaphore::new(MOVING_AT_ONCE);
    let mut brought: Vec<(Moved, u64)> = Vec::new();
    for some in missing.chunks(BLOBS_QUEUED) {
        // Collected first: a stream that maps by reference would not be `Send`.
        let transfers: Vec<_> = some
            .iter()
            .map(|blob| bring(transfer, blob, &moving))
            .collect();
        let transfers = stream::iter(transfers).buffer_unordered(OFFERED_AT_ONCE);
        brought.extend(transfers.try_collect::<Vec<_>>().await?);
    }
    let mut done = Moves::default();
    for (how, size) in brought {
        match how {
            Moved::Mounted => done.mounted += 1,
            Moved::Streamed => {
                done.streamed += 1;
                done.bytes += size;
            }
            Moved::Foreign => {}
        }
    }
    Ok(done)
}

async fn bring(
    transfer: Transfer<'_>,
    blob: &Descriptor,
    moving: &Semaphore,
) -> Result<(Moved, u64), Failure> {
    let way = Way {
        aws: transfer.aws,
        uploads: transfer.uploads,
        source: transfer.source,
        target: transfer.target,
        progress: transfer.progress,
        moving,
    };
    let moved = blob::bring(way, blob).await?;
    transfer.progress.made();
    Ok((moved, blob.size))
}

/// The blobs of an image that the target lacks: none where the image stays in its repository.
pub(crate) async fn missing(transfer: Transfer<'_>) -> Result<Vec<&Descriptor>, Failure> {
    if transfer.source == transfer.target {
        return Ok(Vec::new());
    }
    let blobs = transfer.tree.blobs();
    let looks: Vec<_> = blobs
        .chunks(LAYERS_MAX)
        .map(|some| available(transfer, some))
        .collect();
    let looks = stream::iter(looks).buffer_unordered(LOOKS_AT_ONCE);
    let there: Vec<HashSet<String>> = looks.try_collect().await?;
    let lacks = |blob: &&Descriptor| !there.iter().any(|some| some.contains(blob.digest.as_str()));
    Ok(blobs.into_iter().filter(lacks).collect())
}

/// Which of some blobs the target has.
async fn available(
    transfer: Transfer<'_>,
    some: &[&Descriptor],
) -> Result<HashSet<String>, Failure> {
    let target = transfer.target;
    let digests = some.iter().map(|blob| blob.digest.to_string()).collect();
    let answer = transfer
        .aws
        .ecr
        .batch_check_layer_availability()
        .repository_name(target.as_str())
        .set_layer_digests(Some(digests))
        .send()
        .await
        .map_err(|error| Failure::ecr(format!("look for layers in {target}"), &error))?;
    let available = answer
        .layers()
        .iter()
        .filter(|layer| layer.layer_availability() == Some(&LayerAvailability::Available))
        .filter_map(|layer| layer.layer_digest().map(str::to_owned));
    Ok(available.collect())
}

/// Puts one manifest, byte for byte, by its digest.
async fn put(
    transfer: Transfer<'_>,
    digest: &Digest,
    stored: &Stored,
    tagging: Option<Tagging<'_>>,
) -> Result<Put, Failure> {
    let media_type = &stored.manifest.media_type;
    let bytes = &stored.bytes;
    put_image(
        transfer.aws,
        transfer.target,
        digest,
        bytes,
        media_type,
        tagging,
    )
    .await
}
