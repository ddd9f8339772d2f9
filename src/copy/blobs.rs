//! The blobs of an image or of its referrers: which of them the target lacks, and these brought to it, several at once.

use std::collections::{HashMap, HashSet};

use aws_sdk_ecr::types::LayerAvailability;
use ecr_promoter_core::{Digest, Repository, Time, manifest::Descriptor};
use futures_util::{
    FutureExt as _, StreamExt as _, TryStreamExt as _,
    future::BoxFuture,
    stream::{self, FuturesUnordered},
};

use super::{
    blob::{self, Moved},
    room::Room,
    route::{Moves, Route},
};
use crate::{
    aws::Aws,
    failure::{Code, Failure, Remedy},
};

/// BatchCheckLayerAvailability takes at most this many digests (Amazon ECR API reference).
const LAYERS_MAX: usize = 100;
/// How many requests that look for layers are under way at once.
const LOOKS_AT_ONCE: usize = 4;
/// The memory for blobs that move, in bytes: parts of one blob are in order, blobs are not.
const MOVING_BYTES: usize = 32 * 1024 * 1024;
/// A large blob takes so much of it: the buffers of two connections, as the kernel's and the client's grow, and a frame
/// between them.
const BLOB_BYTES: usize = 2 * 1024 * 1024;
/// How many blobs are under way at once, those included that the registry mounts: as many large ones as the memory holds.
const AT_ONCE: usize = MOVING_BYTES / BLOB_BYTES;

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
    let there: HashSet<String> = looks.try_concat().await?;
    let lacks = |blob: &&Descriptor| !there.contains(blob.digest.as_str());
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
        .map_err(|error| Failure::ecr(format!("look for layers in {target}"), &error));
    let answer = match answer {
        // The first write decides whether the target is missing.
        Err(failure) if *failure.code() == Code::RepositoryNotFound => return Ok(HashSet::new()),
        other => other?,
    };
    let available = answer
        .layers()
        .iter()
        .filter(|layer| layer.layer_availability() == Some(&LayerAvailability::Available))
        .filter_map(|layer| layer.layer_digest().map(str::to_owned));
    Ok(available.collect())
}

/// Brings blobs to the target. Once one fails, none starts any more, but those that move arrive, so that another try does
/// not send them again; where another try cannot help, the first failure ends all. `None` if the invocation's time
/// cannot hold all of them: those that it held are there.
pub(super) async fn bring(
    route: Route<'_>,
    blobs: Vec<&Descriptor>,
) -> Result<Option<Moves>, Failure> {
    let began = route.aws.seam.now();
    let room = Room::new(route);
    let mut flights = Flights::new(route, blobs, &room);
    let (mut moves, mut left, mut failed) = (Moves::default(), Vec::new(), None);
    while let Some((blob, moved)) = flights.next().await {
        match moved {
            Ok(Moved::Left) => left.push(blob),
            Ok(there) => moves.add(blob, there),
            Err(failure) if failure.remedy() == Remedy::Never => return Err(failure),
            Err(failure) => {
                room.close();
                failed = failed.or(Some(failure));
            }
        }
    }
    if let Some(failure) = failed {
        return Err(failure);
    }
    let Some(largest) = left.iter().max_by_key(|blob| blob.size) else {
        return Ok(Some(moves));
    };
    if moves == Moves::default() && route.span.is_early(began) {
        return Err(too_large(route, largest, began));
    }
    tracing::info!(
        ?moves,
        left = left.len(),
        "the next invocation copies the rest"
    );
    Ok(None)
}

/// An invocation that had most of its time for blobs brought none: another one of the same length will not either.
fn too_large(route: Route<'_>, blob: &Descriptor, began: Time) -> Failure {
    let tried = format!("copy {} within one invocation", blob.digest);
    let (moved, seconds) = (
        route.progress.bytes(),
        (route.span.until - began).num_seconds(),
    );
    let said = format!(
        "it has {} bytes, and {moved} bytes were copied in {seconds} s",
        blob.size
    );
    if moved == 0 {
        return Failure::new(Remedy::Wait, tried, said);
    }
    Failure::new(Remedy::Mend, tried, said)
        .advised("raise the parameter Timeout; 1800 s are enough for ECR's largest layer")
}

/// Brings blobs to the target, each by itself; those that failed, and why.
pub(super) async fn bring_each(
    route: Route<'_>,
    blobs: Vec<&Descriptor>,
) -> HashMap<Digest, Failure> {
    let room = Room::new(route);
    let mut flights = Flights::new(route, blobs, &room);
    let mut failed = HashMap::new();
    while let Some((blob, moved)) = flights.next().await {
        let failure = match moved {
            Ok(Moved::Left) => {
                let tried = format!("copy {}", blob.digest);
                Failure::not_sent(tried, "the invocation's time was not enough for it")
            }
            Ok(_) => continue,
            Err(failure) => failure,
        };
        failed.insert(blob.digest.clone(), failure);
    }
    failed
}

/// What became of a blob.
type Landed<'a> = (&'a Descriptor, Result<Moved, Failure>);

/// Blobs on their way: as one lands the next takes off, the largest first, so that the last one is small. Only those
/// in the air take memory.
struct Flights<'a> {
    route: Route<'a>,
    room: &'a Room<'a>,
    waiting: std::vec::IntoIter<&'a Descriptor>,
    flying: FuturesUnordered<BoxFuture<'a, Landed<'a>>>,
}

impl<'a> Flights<'a> {
    fn new(route: Route<'a>, mut blobs: Vec<&'a Descriptor>, room: &'a Room<'a>) -> Self {
        blobs.sort_by_key(|blob| std::cmp::Reverse(blob.size));
        Self {
            route,
            room,
            waiting: blobs.into_iter(),
            flying: FuturesUnordered::new(),
        }
    }

    async fn next(&mut self) -> Option<Landed<'a>> {
        while self.flying.len() < AT_ONCE
            && let Some(blob) = self.waiting.next()
        {
            self.flying
                .push(flight(self.route, blob, self.room).boxed());
        }
        self.flying.next().await
    }
}

async fn flight<'a>(route: Route<'a>, blob: &'a Descriptor, room: &'a Room<'a>) -> Landed<'a> {
    let moved = room.in_time(blob::bring(route, blob, room).boxed()).await;
    if moved.is_some() {
        route.progress.made();
    }
    (blob, moved.unwrap_or(Ok(Moved::Left)))
}

impl Moves {
    fn add(&mut self, blob: &Descriptor, moved: Moved) {
        match moved {
            Moved::Mounted => self.mounted += 1,
            Moved::Streamed => {
                self.streamed += 1;
                self.bytes += blob.size;
            }
            Moved::Foreign | Moved::Left => {}
        }
    }
}
