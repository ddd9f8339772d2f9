//! The labels of every platform, from its config: fetched only where a criterion asks for them, side by
//! side, bounded in bytes, and checked against the digest that the manifest names.

use std::collections::HashMap;

use bytes::Bytes;
use ecr_promoter_core::{
    Digest, Image, Time,
    evidence::{Known, Labels, Never, Origin, Platform, Seen},
    labels::{CONFIG_BYTES_MAX, CONFIGS_BYTES_MAX},
    manifest::{Descriptor, ManifestKind, Tree, media},
};
use futures_util::{StreamExt as _, TryStreamExt as _, future::join, stream};
use tokio::sync::mpsc::channel;

use crate::{
    ecr::downloads,
    failure::{Failure, Remedy},
    function::Function,
};

/// How many configs are fetched at once.
const CONFIGS_AT_ONCE: usize = 8;
/// How many frames of a config lie ready.
const FRAMES_AHEAD: usize = 2;

/// What is known of each platform's labels.
pub(super) async fn of_platforms(
    function: &Function,
    image: &Image,
    tree: &Tree,
    platforms: &[Platform],
    now: Time,
) -> Result<HashMap<Digest, Known<Labels>>, Failure> {
    let mut left = CONFIGS_BYTES_MAX;
    let looks: Vec<_> = platforms
        .iter()
        .map(|platform| {
            let config = config(tree, &platform.digest, &mut left);
            of_platform(function, image, &platform.digest, config, now)
        })
        .collect();
    stream::iter(looks)
        .buffer_unordered(CONFIGS_AT_ONCE)
        .try_collect()
        .await
}

/// The config of a platform, or why it is not read; `left` are the bytes that may still be read.
fn config<'t>(tree: &'t Tree, platform: &Digest, left: &mut u64) -> Result<&'t Descriptor, String> {
    let manifest = tree.get(platform).map(|stored| &stored.manifest.kind);
    let Some(ManifestKind::Image { config, .. }) = manifest else {
        return Err("its manifest cannot be read".to_owned());
    };
    let (media_type, size) = (&config.media_type, config.size);
    if !media::is_image_config(media_type) {
        return Err(format!(
            "its config is not an image's: it is of type {media_type:?}"
        ));
    }
    if size > CONFIG_BYTES_MAX {
        return Err(format!(
            "limit: expected at most {CONFIG_BYTES_MAX} bytes of an image config, found {size}"
        ));
    }
    match left.checked_sub(size) {
        Some(less) => *left = less,
        None => {
            return Err(format!(
                "limit: expected at most {CONFIGS_BYTES_MAX} bytes of configs in an image, found more"
            ));
        }
    }
    Ok(config)
}

async fn of_platform(
    function: &Function,
    image: &Image,
    platform: &Digest,
    config: Result<&Descriptor, String>,
    now: Time,
) -> Result<(Digest, Known<Labels>), Failure> {
    let never = |reason: String| Known::Never(Never::read(reason, Origin::Config, now));
    let known = match config {
        Err(reason) => never(reason),
        Ok(config) => match read(function, image, config).await {
            Ok(bytes) => match Labels::read(&bytes) {
                Ok(value) => Known::Seen(Seen {
                    value,
                    origin: Origin::Config,
                    at: now,
                }),
                Err(error) => never(error.to_string()),
            },
            Err(failure) if failure.remedy() == Remedy::Never => never(failure.to_string()),
            Err(failure) => return Err(failure),
        },
    };
    Ok((platform.clone(), known))
}

/// The bytes of a config: no more than the manifest says, and those of its digest.
async fn read(function: &Function, image: &Image, config: &Descriptor) -> Result<Vec<u8>, Failure> {
    let (aws, repository) = (&function.aws, &image.repository);
    let body = downloads::open(aws, config, repository).await?;
    let (sender, mut frames) = channel::<Bytes>(FRAMES_AHEAD);
    let collect = async {
        let mut bytes = Vec::new();
        while let Some(frame) = frames.recv().await {
            bytes.extend_from_slice(&frame);
        }
        bytes
    };
    let fed = downloads::feed(aws, config, repository, body, sender);
    let (fed, bytes) = join(fed, collect).await;
    fed.map(|()| bytes)
}
