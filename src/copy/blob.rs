//! One blob from the source repository to the target: mounted if the registry allows it, else
//! streamed from download to upload and hashed on the way.
//!
//! No more than one frame of the body is in memory.

use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use ecr_promoter_core::manifest::Descriptor;

use super::{
    body::{Hashed, Lie},
    room::Room,
    route::Route,
};
use crate::{
    ecr::{
        downloads::Address,
        handed::Handed,
        uploads::{Location, Mount},
    },
    failure::{Code, Failure, Remedy},
};

/// A blob is tried this many times; each try mounts or uploads again.
const ATTEMPTS: u32 = 3;
/// What the registry throttles, and what goes to a target that it does not know yet everywhere, is tried this many
/// times, in about twenty seconds; after that its slot is left to others. `InitiateLayerUpload` has a rate that is
/// shared with everybody's builds (Amazon ECR user guide, "Service quotas").
pub(super) const PATIENT_ATTEMPTS: u32 = 8;
/// The first pause between two tries; each is four times the one before.
const PAUSE_MILLIS: u64 = 200;
/// The longest pause.
const PAUSE_MILLIS_MAX: u64 = 4_000;

/// How a blob came to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moved {
    /// The registry linked it.
    Mounted,
    /// Its bytes went through the function.
    Streamed,
    /// A foreign layer that the source does not hold either: its `urls` say where it is.
    Foreign,
    /// It is not there: the invocation's time cannot hold it.
    Left,
}

/// Brings one blob to its target. As many move at once as there is `room` for.
pub(super) async fn bring(
    route: Route<'_>,
    blob: &Descriptor,
    room: &Room<'_>,
) -> Result<Moved, Failure> {
    let mut tried = 0;
    loop {
        tried += 1;
        let failure = match once(route, blob, room).await {
            Ok(moved) => return Ok(moved),
            Err(failure) => failure,
        };
        room.measure_again();
        if tried >= attempts(route, &failure) {
            return Err(failure);
        }
        tracing::warn!(digest = %blob.digest, %failure, "trying a blob again");
        wait(route, tried).await;
    }
}

/// How many times a blob is tried that fails like this.
fn attempts(route: Route<'_>, failure: &Failure) -> u32 {
    if *failure.code() == Code::TooManyRequests || route.comes_yet(failure) {
        PATIENT_ATTEMPTS
    } else if failure.remedy() == Remedy::Wait {
        ATTEMPTS
    } else {
        1
    }
}

/// Waits after this many tries.
pub(super) async fn wait(route: Route<'_>, tried: u32) {
    let seam = &route.aws.seam;
    seam.sleep(pause(tried, (seam.random)())).await;
}

/// The pause after this many tries, jittered over its upper half so that what was refused together does
/// not come again together.
fn pause(tried: u32, random: u64) -> Duration {
    let longest = PAUSE_MILLIS.saturating_mul(4_u64.saturating_pow(tried - 1));
    let longest = longest.min(PAUSE_MILLIS_MAX);
    Duration::from_millis(longest - random % (longest / 2 + 1))
}

async fn once(route: Route<'_>, blob: &Descriptor, room: &Room<'_>) -> Result<Moved, Failure> {
    let Route {
        aws,
        uploads,
        source,
        target,
        ..
    } = route;
    let location = match uploads.mount(target, &blob.digest, source).await? {
        Mount::Mounted => return Ok(Moved::Mounted),
        // ECR takes no upload without a byte (it answers EmptyUploadException, or 400 BLOB_UPLOAD_INVALID).
        Mount::NotMounted(_) if blob.size == 0 && !blob.may_lie_elsewhere() => {
            return Err(empty(blob));
        }
        Mount::NotMounted(location) => location,
    };
    // Asked before there is room: a layer that lies elsewhere needs none.
    let address = match Address::ask(aws, blob, source).await {
        Err(failure) if blob.may_lie_elsewhere() && *failure.code() == Code::LayersNotFound => {
            return Ok(Moved::Foreign);
        }
        other => other?,
    };
    match room.slot(blob).await {
        Some(_slot) => stream(route, blob, address, &location).await,
        None => Ok(Moved::Left),
    }
}

/// An empty blob, which no registry of ECR's holds: it cannot be brought.
fn empty(blob: &Descriptor) -> Failure {
    let tried = format!("copy {}", blob.digest);
    let said = "it is an empty blob, and ECR stores none";
    Failure::new(Remedy::Never, tried, said).advised("build the image without its empty layer")
}

async fn stream(
    route: Route<'_>,
    blob: &Descriptor,
    address: Address,
    location: &Location,
) -> Result<Moved, Failure> {
    let Route {
        aws,
        uploads,
        source,
        progress,
        ..
    } = route;
    let body = address.open_from(aws, 0).await?;
    let (lie, handed) = (Lie::default(), Handed::default());
    let told = (lie.clone(), progress.clone(), handed.clone());
    let hashed = Hashed::new(body, (aws, blob, source), told);
    let body = (SdkBody::from_body_1_x(hashed), &handed);
    let sent = uploads
        .finish(location, &blob.digest, blob.size, body)
        .await;
    match (sent, lie.get()) {
        (Ok(()), _) => Ok(Moved::Streamed),
        // The download was whole: what disagrees is the manifest, and trying again fixes nothing.
        (Err(failure), Some(words)) => {
            Err(Failure::new(Remedy::Never, failure.tried(), words.as_str()))
        }
        (Err(failure), None) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_that_were_refused_together_came_again_together() {
        for (tried, longest) in [(1, 200), (2, 800), (3, 3_200), (4, 4_000), (40, 4_000)] {
            let at = |random| u64::try_from(pause(tried, random).as_millis()).unwrap();
            assert_eq!(at(0), longest);
            assert_eq!(at(longest / 2), longest / 2);
            assert!((longest / 2..=longest).contains(&at(u64::MAX)));
        }
    }
}
