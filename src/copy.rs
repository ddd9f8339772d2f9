//! The tree of an image from one repository to another, leaves first: blobs, then child manifests
//! by digest. The root and its tag are not put here; whoever puts them needs a [`Copied`], and only
//! this module makes one.

pub mod blob;
pub(crate) mod http;
mod token;

pub use http::RegistryHttp;

use std::{collections::HashSet, time::Duration};

use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_ecr::{operation::put_image::PutImageError, types::LayerAvailability};
use ecr_promoter_core::{
    Digest, Repository, Tag,
    manifest::{Descriptor, Stored, Tree},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    aws::Aws,
    failure::{Failure, Remedy},
};
use blob::Moved;

/// BatchCheckLayerAvailability takes at most so many digests (Amazon ECR API reference).
const LAYERS_MAX: usize = 100;
/// How long the write of a tag may take; well inside the head's lease.
pub const TAG_TIMEOUT: Duration = Duration::from_secs(10);
/// So many transfers are made ready at once.
const BLOBS_QUEUED: usize = 64;
/// So many blobs move at once: parts of one blob are in order, blobs are not.
const BLOBS_AT_ONCE: usize = 4;

/// What was done so that the root of an image can be put. Everything below the root is in the
/// target repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Blobs that the registry linked.
    pub mounted: usize,
    /// Blobs whose bytes went through the function.
    pub streamed: usize,
    /// The bytes of these.
    pub bytes: u64,
    /// Manifests that were put below the root.
    pub manifests: usize,
    /// No other module can claim to have copied.
    made_here: MadeHere,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct MadeHere;

impl Copied {
    /// What an invocation that died copied: nobody counted.
    pub(crate) fn before_a_crash() -> Self {
        Copy::nothing()
    }
}

/// One copy: the image's manifests, from where, to where.
#[derive(Clone, Copy)]
pub struct Copy<'a> {
    /// The clients.
    pub aws: &'a Aws,
    /// The registry's HTTP API.
    pub http: &'a RegistryHttp,
    /// The image, read completely.
    pub tree: &'a Tree,
    /// Where it is.
    pub source: &'a Repository,
    /// Where it goes.
    pub target: &'a Repository,
}

impl Copy<'_> {
    /// Nothing to copy: the target holds the root already, so it holds what lies below it, too
    /// (ECR refuses to delete what an index refers to).
    #[must_use]
    pub(crate) fn nothing() -> Copied {
        Copied {
            mounted: 0,
            streamed: 0,
            bytes: 0,
            manifests: 0,
            made_here: MadeHere,
        }
    }

    /// Brings everything below the root to the target.
    pub async fn below_root(self) -> Result<Copied, Failure> {
        let mut copied = self.blobs().await?;
        let manifests = self.tree.manifests_leaves_first();
        if let Some((_root, children)) = manifests.split_last() {
            for (digest, stored) in children {
                self.put(digest, stored, None).await?;
                copied.manifests += 1;
            }
        }
        Ok(copied)
    }

    /// Puts the root under its tag: the one write that makes the image visible. It is tried once,
    /// within [`TAG_TIMEOUT`]: whoever holds the head has to know when his write can land.
    pub async fn put_root(self, _proof: &Copied, tag: &Tag) -> Result<Put, Failure> {
        match self.tree.manifests_leaves_first().last() {
            Some((digest, root)) => self.put(digest, root, Some(tag)).await,
            None => Err(Failure::new(
                Remedy::Never,
                format!("tag {}:{tag}", self.target),
                "there is no manifest",
            )),
        }
    }

    async fn blobs(self) -> Result<Copied, Failure> {
        let blobs = self.tree.blobs();
        let missing = self.missing(&blobs).await?;
        let mut moved: Vec<(Moved, u64)> = Vec::new();
        for some in missing.chunks(BLOBS_QUEUED) {
            // Collected first: a stream that maps by reference loses that it may be sent.
            let transfers: Vec<_> = some.iter().map(|blob| self.bring(blob)).collect();
            let transfers = stream::iter(transfers).buffer_unordered(BLOBS_AT_ONCE);
            moved.extend(transfers.try_collect::<Vec<_>>().await?);
        }
        let mut copied = Self::nothing();
        for (moved, size) in moved {
            match moved {
                Moved::Mounted => copied.mounted += 1,
                Moved::Streamed => {
                    copied.streamed += 1;
                    copied.bytes += size;
                }
                Moved::Foreign => {}
            }
        }
        Ok(copied)
    }

    async fn bring(self, blob: &Descriptor) -> Result<(Moved, u64), Failure> {
        let moved = blob::bring(self.aws, self.http, blob, self.source, self.target).await?;
        Ok((moved, blob.size))
    }

    /// The blobs that the target lacks.
    async fn missing<'b>(self, blobs: &[&'b Descriptor]) -> Result<Vec<&'b Descriptor>, Failure> {
        let mut there = HashSet::new();
        for some in blobs.chunks(LAYERS_MAX) {
            let digests = some.iter().map(|blob| blob.digest.to_string()).collect();
            let answer = self
                .aws
                .ecr
                .batch_check_layer_availability()
                .repository_name(self.target.as_str())
                .set_layer_digests(Some(digests))
                .send()
                .await
                .map_err(|error| Failure::ecr(format!("ask {} for layers", self.target), &error))?;
            let available = answer
                .layers()
                .iter()
                .filter(|layer| layer.layer_availability() == Some(&LayerAvailability::Available))
                .filter_map(|layer| layer.layer_digest().map(str::to_owned));
            there.extend(available);
        }
        Ok(blobs
            .iter()
            .copied()
            .filter(|blob| !there.contains(blob.digest.as_str()))
            .collect())
    }

    /// Puts one manifest, byte for byte, by its digest.
    async fn put(
        self,
        digest: &Digest,
        stored: &Stored,
        tag: Option<&Tag>,
    ) -> Result<Put, Failure> {
        let media_type = &stored.manifest.media_type;
        put_image(
            self.aws,
            self.target,
            digest,
            &stored.bytes,
            media_type,
            tag,
        )
        .await
    }
}

/// Puts one manifest. Under a tag it is tried once; by its digest alone the SDK tries again.
pub(crate) async fn put_image(
    aws: &Aws,
    repository: &Repository,
    digest: &Digest,
    bytes: &str,
    media_type: &str,
    tag: Option<&Tag>,
) -> Result<Put, Failure> {
    let tried = match tag {
        Some(tag) => format!("tag {repository}:{tag} with {digest}"),
        None => format!("put {repository}@{digest}"),
    };
    let request = aws
        .ecr
        .put_image()
        .repository_name(repository.as_str())
        .image_manifest(bytes)
        .image_manifest_media_type(media_type)
        .image_digest(digest.as_str())
        .set_image_tag(tag.map(ToString::to_string));
    let sent = match tag {
        Some(_) => request.customize().config_override(once()).send().await,
        None => request.send().await,
    };
    let Err(error) = sent else {
        return Ok(Put::Written);
    };
    let service = error.as_service_error();
    if service.is_some_and(PutImageError::is_image_already_exists_exception) {
        return Ok(Put::StoodAlready);
    }
    let mut failure = Failure::ecr(tried, &error);
    if lost_something(&failure) {
        // Something was there when it was asked for and is gone: a lifecycle rule, or ECR's own
        // clean-up of layers without an image. The next copy looks again.
        failure.remedy = Remedy::Wait;
    }
    Err(failure)
}

fn once() -> aws_sdk_ecr::config::Builder {
    aws_sdk_ecr::Config::builder()
        .retry_config(RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .operation_timeout(TAG_TIMEOUT)
                .build(),
        )
}

/// What a PutImage did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It wrote.
    Written,
    /// The same image stood there, under the same tag.
    StoodAlready,
}

/// Whether a failure says that something below the root is missing at the target, so that a fresh
/// copy mends it.
#[must_use]
pub(crate) fn lost_something(failure: &Failure) -> bool {
    matches!(
        failure.code.as_str(),
        "LayersNotFoundException" | "ReferencedImagesNotFoundException"
    )
}
