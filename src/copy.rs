//! The tree of an image from one repository to another, leaves first: blobs, then child manifests
//! by digest. The root and its tag are not put here; the caller that puts them needs a [`Copied`], and only
//! this module makes one.

pub(crate) mod blob;
pub(crate) mod blobs;
mod body;
mod line;
mod manifests;
pub(crate) mod progress;
pub(crate) mod referrers;
mod room;
mod route;

pub(crate) use route::{Moves, Route, Span};

use ecr_promoter_core::manifest::{Descriptor, Tree};

use crate::{
    ecr::{
        images::Holds,
        put::{Put, Tagging},
    },
    failure::{Failure, Remedy},
};

/// The proof that everything below the root of an image is in the target repository; nothing but
/// this module can make one.
#[derive(Debug)]
pub(crate) struct Copied(Moves);

impl Copied {
    /// What was done for it.
    #[must_use]
    pub(crate) fn moves(&self) -> Moves {
        self.0
    }
}

/// One transfer: the image's manifests, and their way.
#[derive(Clone, Copy)]
pub(crate) struct Transfer<'a> {
    /// The way.
    pub route: Route<'a>,
    /// The image, read completely.
    pub tree: &'a Tree,
}

/// Nothing to copy where the image stays in its repository, or where the target was seen to hold the
/// root: then it holds what lies below it, too (ECR refuses to delete what an index refers to).
#[must_use]
pub(crate) fn nothing_to_copy(transfer: Transfer<'_>, target_holds: &Holds) -> Option<Copied> {
    let there = transfer.route.source == transfer.route.target
        || target_holds.manifests.contains_key(transfer.tree.root());
    there.then(|| Copied(Moves::default()))
}

/// Brings everything below the root to the target; `missing` are the blobs that it was seen to lack, `there` the manifests
/// that it was seen to hold. `None` if the invocation's time is not enough for all blobs: what it was enough for is there.
pub(crate) async fn below_root(
    transfer: Transfer<'_>,
    missing: Vec<&Descriptor>,
    there: &Holds,
) -> Result<Option<Copied>, Failure> {
    let Some(mut moves) = blobs::bring(transfer.route, missing).await? else {
        return Ok(None);
    };
    moves.manifests = manifests::children(transfer.route, transfer.tree, there).await?;
    Ok(Some(Copied(moves)))
}

/// The blobs of an image that the target lacks: none where the image stays in its repository.
pub(crate) async fn missing(transfer: Transfer<'_>) -> Result<Vec<&Descriptor>, Failure> {
    let Route {
        aws,
        source,
        target,
        ..
    } = transfer.route;
    if source == target {
        return Ok(Vec::new());
    }
    blobs::missing(aws, target, transfer.tree.blobs()).await
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
        Some((digest, root)) => manifests::put(transfer.route, digest, root, Some(tagging)).await,
        None => Err(Failure::new(
            Remedy::Never,
            format!("tag {}:{}", transfer.route.target, tagging.tag),
            "its manifest is not there",
        )),
    }
}
