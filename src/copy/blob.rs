//! One blob from the source repository to the target: mounted if the registry allows it, else
//! streamed from download to upload and hashed on the way.
//!
//! No more than one frame of the body is in memory. A body that does not hash to its digest is
//! cut off before its last byte, so the registry cannot take it either.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use aws_smithy_async::rt::sleep::{AsyncSleep as _, SharedAsyncSleep, Sleep};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use ecr_promoter_core::{Digest, manifest::Descriptor};
use http_body::{Body, Frame, SizeHint};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::{progress::Progress, route::Route};
use crate::{
    ecr::{
        downloads::{self, IDLE_TIMEOUT},
        uploads::{Location, Mount},
    },
    failure::{Code, Failure, Remedy, chain},
};

/// A blob is tried this many times; each try mounts or uploads again.
const ATTEMPTS: u32 = 3;
/// A blob that the registry throttles is tried this many times, in about twenty seconds; after that its
/// slot is left to others. `InitiateLayerUpload` has a rate that is shared with everybody's builds (Amazon
/// ECR user guide, "Service quotas").
const THROTTLED_ATTEMPTS: u32 = 8;
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
}

/// Brings one blob to its target. As many move at once as `moving` has permits.
pub(super) async fn bring(
    route: Route<'_>,
    blob: &Descriptor,
    moving: &Semaphore,
) -> Result<Moved, Failure> {
    let aws = route.aws;
    for tried in 1.. {
        let failure = match once(route, blob, moving).await {
            Err(failure) if failure.remedy() == Remedy::Wait => failure,
            other => return other,
        };
        let throttled = *failure.code() == Code::TooManyRequests;
        if tried
            >= if throttled {
                THROTTLED_ATTEMPTS
            } else {
                ATTEMPTS
            }
        {
            return Err(failure);
        }
        tracing::warn!(digest = %blob.digest, %failure, "trying a blob again");
        aws.seam.sleep(pause(tried, (aws.seam.random)())).await;
    }
    once(route, blob, moving).await
}

/// The pause after this many tries, jittered over its upper half so that what was refused together does
/// not come again together.
fn pause(tried: u32, random: u64) -> Duration {
    let longest = PAUSE_MILLIS.saturating_mul(4_u64.saturating_pow(tried - 1));
    let longest = longest.min(PAUSE_MILLIS_MAX);
    Duration::from_millis(longest - random % (longest / 2 + 1))
}

async fn once(route: Route<'_>, blob: &Descriptor, moving: &Semaphore) -> Result<Moved, Failure> {
    let Route {
        uploads,
        source,
        target,
        ..
    } = route;
    match uploads.mount(target, &blob.digest, source).await? {
        Mount::Mounted => Ok(Moved::Mounted),
        Mount::NotMounted(location) => {
            // The semaphore is never closed.
            let _permit = moving.acquire().await;
            stream(route, blob, &location).await
        }
    }
}

async fn stream(
    route: Route<'_>,
    blob: &Descriptor,
    location: &Location,
) -> Result<Moved, Failure> {
    let Route {
        aws,
        uploads,
        source,
        progress,
        ..
    } = route;
    let body = match downloads::open(aws, blob, source).await {
        Err(failure) if blob.may_lie_elsewhere() && *failure.code() == Code::LayersNotFound => {
            return Ok(Moved::Foreign);
        }
        other => other?,
    };
    let lie = Lie::default();
    let sleep = aws.seam.sleep.clone();
    let body = Hashed::new(body, blob, sleep, lie.clone(), progress.clone());
    let body = SdkBody::from_body_1_x(body);
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

/// Why a download that was whole is not what the manifest says.
type Lie = Arc<OnceLock<String>>;

/// A body that is checked as it passes: its length, its hash, and that it does not stall.
struct Hashed {
    // `SdkBody` is `Send` but not `Sync`, and a request's body has to be both. The lock is never
    // contended: `get_mut` needs no locking.
    inner: Mutex<SdkBody>,
    hasher: Sha256,
    digest: Digest,
    left: u64,
    /// Set where a whole download is not what the manifest says.
    lie: Lie,
    progress: Progress,
    sleep: SharedAsyncSleep,
    idle: Mutex<Option<Pin<Box<Sleep>>>>,
}

/// Why a body was cut off.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the download broke off: {0}")]
    Download(String),
    #[error("the download sent nothing for {} s", IDLE_TIMEOUT.as_secs())]
    Idle,
    #[error("the download is longer than the manifest says")]
    TooLong,
    #[error("the download ended {0} bytes early")]
    TooShort(u64),
    #[error("the download's digest is {0}, not the one in the manifest")]
    Digest(Digest),
}

impl Hashed {
    fn new(
        inner: SdkBody,
        blob: &Descriptor,
        sleep: SharedAsyncSleep,
        lie: Lie,
        progress: Progress,
    ) -> Self {
        Self {
            inner: Mutex::new(inner),
            hasher: Sha256::new(),
            digest: blob.digest.clone(),
            left: blob.size,
            lie,
            progress,
            sleep,
            idle: Mutex::new(None),
        }
    }

    /// A whole download that is not what the manifest says.
    fn lies(&self, broken: Broken) -> Box<dyn std::error::Error + Send + Sync> {
        let _ = self.lie.set(broken.to_string());
        broken.into()
    }

    /// Takes one chunk in; the last one only passes if the whole hashes to the digest.
    fn take(&mut self, data: &Bytes) -> Result<(), Broken> {
        if data.is_empty() {
            return Ok(());
        }
        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(length).ok_or(Broken::TooLong)?;
        self.hasher.update(data);
        self.progress.made();
        if self.left == 0 {
            let found = Digest::from_sha256(self.hasher.finalize_reset().into());
            if found != self.digest {
                return Err(Broken::Digest(found));
            }
        }
        Ok(())
    }

    fn stands_still(&mut self, context: &mut Context<'_>) -> bool {
        let sleep = &self.sleep;
        let Ok(idle) = self.idle.get_mut() else {
            return false;
        };
        let timer = idle.get_or_insert_with(|| Box::pin(sleep.sleep(IDLE_TIMEOUT)));
        timer.as_mut().poll(context).is_ready()
    }

    fn moves_on(&mut self) {
        if let Ok(idle) = self.idle.get_mut() {
            *idle = None;
        }
    }
}

impl Body for Hashed {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let Ok(inner) = this.inner.get_mut() else {
            return Poll::Ready(None);
        };
        let frame = match Pin::new(inner).poll_frame(context) {
            Poll::Pending if this.stands_still(context) => {
                return Poll::Ready(Some(Err(Broken::Idle.into())));
            }
            Poll::Pending => return Poll::Pending,
            Poll::Ready(frame) => frame,
        };
        this.moves_on();
        match frame {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => match this.take(&data) {
                    Ok(()) => Poll::Ready(Some(Ok(Frame::data(data)))),
                    Err(broken) => Poll::Ready(Some(Err(this.lies(broken)))),
                },
                // Trailers add nothing to the digest.
                Err(_) => Poll::Ready(None),
            },
            Some(Err(error)) => {
                Poll::Ready(Some(Err(Broken::Download(chain(error.as_ref())).into())))
            }
            None if this.left > 0 => Poll::Ready(Some(Err(this.lies(Broken::TooShort(this.left))))),
            None => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
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
