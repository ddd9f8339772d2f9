//! Manifests, put byte for byte by their digests.

use ecr_promoter_core::{
    Digest,
    manifest::{Stored, Tree},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    blob::{PATIENT_ATTEMPTS, wait},
    route::Route,
};
use crate::{
    ecr::{
        images::Holds,
        put::{Put, Tagging, put_image},
    },
    failure::Failure,
};

/// How many manifests of one level are put at once, each in its turn.
pub(super) const MANIFESTS_AT_ONCE: usize = 8;

/// Puts every manifest below the root that the target was not seen to hold, side by side by level; how many these are.
pub(super) async fn children(
    route: Route<'_>,
    tree: &Tree,
    there: &Holds,
) -> Result<usize, Failure> {
    let mut count = 0;
    let levels = tree.levels_leaves_first();
    if let Some((_root, below)) = levels.split_last() {
        for level in below {
            let lacking = level
                .iter()
                .filter(|(digest, _)| !there.manifests.contains_key(*digest));
            let puts: Vec<_> = lacking
                .map(|(digest, stored)| put_in_turn(route, digest, stored, None))
                .collect();
            count += puts.len();
            let puts = stream::iter(puts).buffer_unordered(MANIFESTS_AT_ONCE);
            puts.try_collect::<()>().await?;
        }
    }
    Ok(count)
}

/// Puts one manifest in its turn, and again where its target was just made and is not known yet.
pub(super) async fn put_in_turn(
    route: Route<'_>,
    digest: &Digest,
    stored: &Stored,
    tagging: Option<Tagging<'_>>,
) -> Result<(), Failure> {
    for tried in 1.. {
        route.aws.turn_to_put().await;
        match put(route, digest, stored, tagging).await {
            Err(failure) if tried < PATIENT_ATTEMPTS && route.comes_yet(&failure) => {
                wait(route, tried).await;
            }
            put => {
                put?;
                break;
            }
        }
    }
    route.progress.made();
    Ok(())
}

/// Puts one manifest, byte for byte, by its digest.
pub(super) async fn put(
    route: Route<'_>,
    digest: &Digest,
    stored: &Stored,
    tagging: Option<Tagging<'_>>,
) -> Result<Put, Failure> {
    let media_type = &stored.manifest.media_type;
    let bytes = &stored.bytes;
    put_image(route.aws, route.target, digest, bytes, media_type, tagging).await
}
