//! The blobs of an image or of its referrers: which of them the target lacks, and these brought to it, several at once.

use std::collections::{HashMap, HashSet};

use aws_sdk_ecr::types::LayerAvailability;
use ecr_promoter_core::{Digest, Repository, manifest::Descriptor};
use futures_util::{
    FutureExt as _, StreamExt as _, TryStreamExt as _,
    future::BoxFuture,
    stream::{self, FuturesUnordered},
};
use tokio::sync::Semaphore;

use super::{
    blob::{self, Moved},
    route::{Moves, Route},
};
use crate::{aws::Aws, failure::Failure};

/// BatchCheckLayerAvailability takes at most this many digests (Amazon ECR API reference).
const LAYERS_MAX: usize = 100;
/// How many requests that look for layers are under way at once.
const LOOKS_AT_ONCE: usize = 4;
/// How many blobs are under way at once, those included that the registry mounts.
const AT_ONCE: usize = 16;
/// The budget of those that move, in KiB: parts of one blob are in order, blobs are not.
const MOVING_KIB: usize = 32 * 1024;

/// Which of some blobs, each named once, a repository lacks.
pub(crate) async fn missing<'b>(
    aws: &Aws,
    target: &Repository,
    blobs: Vec<&'b Descriptor>,
) -> Result<Vec<&'b Descriptor>, Failure> {
    let looks: Vec<_> = blobs
        .chunks(LAYERS_MAX)
        .map(|some| available(aws, target, some))
        .collect();
    let looks = stream::iter(looks).buffer_unordered(LOOKS_AT_ONCE);
    let there: Vec<HashSet<String>> = looks.try_collect().await?;
    let lacks = |blob: &&Descriptor| !there.iter().any(|some| some.contains(blob.digest.as_str()));
    Ok(blobs.into_iter().filter(lacks).collect())
}

/// Which of some blobs the target has.
async fn available(
    aws: &Aws,
    target: &Repository,
    some: &[&Descriptor],
) -> Result<HashSet<String>, Failure> {
    let digests = some.iter().map(|blob| blob.digest.to_string()).collect();
    let answer = aws
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

/// Brings blobs to the target; the first that fails ends it.
pub(super) async fn bring(route: Route<'_>, blobs: Vec<&Descriptor>) -> Result<Moves, Failure> {
    let moving = Semaphore::new(MOVING_KIB);
    let mut flights = Flights::new(route, blobs, &moving);
    let mut moves = Moves::default();
    while let Some((blob, moved)) = flights.next().await {
        moves.add(blob, moved?);
    }
    Ok(moves)
}

/// Brings blobs to the target, each by itself; those that failed, and why.
pub(super) async fn bring_each(
    route: Route<'_>,
    blobs: Vec<&Descriptor>,
) -> HashMap<Digest, Failure> {
    let moving = Semaphore::new(MOVING_KIB);
    let mut flights = Flights::new(route, blobs, &moving);
    let mut failed = HashMap::new();
    while let Some((blob, moved)) = flights.next().await {
        if let Err(failure) = moved {
            failed.insert(blob.digest.clone(), failure);
        }
    }
    failed
}

/// What became of a blob.
type Landed<'a> = (&'a Descriptor, Result<Moved, Failure>);

/// Blobs on their way: as one lands the next takes off, the largest first, so that the last one is small. Only those
/// in the air take memory.
struct Flights<'a> {
    route: Route<'a>,
    moving: &'a Semaphore,
    waiting: std::vec::IntoIter<&'a Descriptor>,
    flying: FuturesUnordered<BoxFuture<'a, Landed<'a>>>,
}

impl<'a> Flights<'a> {
    fn new(route: Route<'a>, mut blobs: Vec<&'a Descriptor>, moving: &'a Semaphore) -> Self {
        blobs.sort_by_key(|blob| std::cmp::Reverse(blob.size));
        Self {
            route,
            moving,
            waiting: blobs.into_iter(),
            flying: FuturesUnordered::new(),
        }
    }

    async fn next(&mut self) -> Option<Landed<'a>> {
        while self.flying.len() < AT_ONCE
            && let Some(blob) = self.waiting.next()
        {
            self.flying
                .push(flight(self.route, blob, self.moving).boxed());
        }
        self.flying.next().await
    }
}

async fn flight<'a>(route: Route<'a>, blob: &'a Descriptor, moving: &'a Semaphore) -> Landed<'a> {
    let moved = blob::bring(route, blob, moving).await;
    route.progress.made();
    (blob, moved)
}

impl Moves {
    fn add(&mut self, blob: &Descriptor, moved: Moved) {
        match moved {
            Moved::Mounted => self.mounted += 1,
            Moved::Streamed => {
                self.streamed += 1;
                self.bytes += blob.size;
            }
            Moved::Foreign => {}
        }
    }
}
