//! The bytes of a blob between download and upload: hashed and counted as they pass, and resumed where the download
//! breaks off, the hash going on. A body that does not hash to its digest is cut off before its last byte, so the
//! registry cannot take it either.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, OnceLock},
    task::{Context, Poll},
};

use aws_smithy_async::rt::sleep::{AsyncSleep as _, Sleep};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use ecr_promoter_core::{Digest, Repository, manifest::Descriptor};
use futures_util::{FutureExt as _, future::BoxFuture};
use http_body::{Body, Frame, SizeHint};
use sha2::{Digest as _, Sha256};

use super::progress::Progress;
use crate::{
    aws::Aws,
    ecr::{
        downloads::{self, IDLE_TIMEOUT},
        handed::Handed,
    },
    failure::{Failure, chain},
};

/// A download is resumed this many times before the blob begins again.
const RESUMED_MAX: u32 = 4;

/// Why a download that was whole is not what the manifest says.
pub(super) type Lie = Arc<OnceLock<String>>;

/// A body that is checked as it passes: its length, its hash, and that it does not stall.
pub(super) struct Hashed {
    aws: Aws,
    blob: Descriptor,
    source: Repository,
    // `SdkBody` and futures are `Send` but not `Sync`, and a request's body has to be both. The locks are never
    // contended: `get_mut` needs no locking.
    inner: Mutex<SdkBody>,
    /// The rest of the download, where it is asked for again.
    rest: Mutex<Option<BoxFuture<'static, Result<SdkBody, Failure>>>>,
    resumed: u32,
    hasher: Sha256,
    left: u64,
    /// Set where a whole download is not what the manifest says.
    lie: Lie,
    progress: Progress,
    /// What the upload took.
    handed: Handed,
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

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Hashed {
    pub(super) fn new(
        inner: SdkBody,
        (aws, blob, source): (&Aws, &Descriptor, &Repository),
        (lie, progress, handed): (Lie, Progress, Handed),
    ) -> Self {
        Self {
            aws: aws.clone(),
            blob: blob.clone(),
            source: source.clone(),
            inner: Mutex::new(inner),
            rest: Mutex::default(),
            resumed: 0,
            hasher: Sha256::new(),
            left: blob.size,
            lie,
            progress,
            handed,
            idle: Mutex::default(),
        }
    }

    /// What does not agree with the manifest. Of a download that was resumed it may be the storage that is wrong.
    fn lies(&self, broken: Broken) -> BoxError {
        if self.resumed == 0 {
            let _ = self.lie.set(broken.to_string());
        }
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
        self.progress.moved(length);
        if self.left == 0 {
            let found = Digest::from_sha256(self.hasher.finalize_reset().into());
            if found != self.blob.digest {
                return Err(Broken::Digest(found));
            }
        }
        Ok(())
    }

    /// The next frame of the download as it is open now.
    fn poll_download(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let (Ok(inner), Ok(idle)) = (self.inner.get_mut(), self.idle.get_mut()) else {
            return Poll::Ready(None);
        };
        let frame = match Pin::new(inner).poll_frame(context) {
            Poll::Pending => {
                let sleep = &self.aws.seam.sleep;
                let timer = idle.get_or_insert_with(|| Box::pin(sleep.sleep(IDLE_TIMEOUT)));
                if timer.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                Some(Err(Broken::Idle))
            }
            Poll::Ready(frame) => {
                let told = |error: BoxError| Broken::Download(chain(error.as_ref()));
                frame.map(|frame| frame.map_err(told))
            }
        };
        *idle = None;
        Poll::Ready(frame)
    }

    /// Asks for the rest of a download that broke off; the error, where that was done too often.
    fn resume(&mut self, broken: Broken) -> Result<(), BoxError> {
        if self.resumed >= RESUMED_MAX {
            return Err(broken.into());
        }
        self.resumed += 1;
        let first = self.blob.size - self.left;
        tracing::warn!(digest = %self.blob.digest, first, %broken, "resuming a download");
        let (aws, blob, source) = (self.aws.clone(), self.blob.clone(), self.source.clone());
        let rest = async move { downloads::open_from(&aws, &blob, &source, first).await };
        self.rest = Mutex::new(Some(rest.boxed()));
        Ok(())
    }

    fn is_waiting(&mut self) -> bool {
        self.rest.get_mut().is_ok_and(|rest| rest.is_some())
    }

    /// Opens the rest of a download that broke off, if it did.
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let Ok(Some(rest)) = self.rest.get_mut() else {
            return Poll::Ready(Ok(()));
        };
        let opened = match rest.as_mut().poll(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(opened) => opened,
        };
        self.rest = Mutex::default();
        Poll::Ready(match opened {
            Ok(body) => {
                self.inner = Mutex::new(body);
                Ok(())
            }
            Err(failure) => self.resume(Broken::Download(failure.to_string())),
        })
    }

    /// The next bytes of the blob, wherever they come from.
    fn poll_bytes(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            match self.poll_rest(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Ok(())) if self.is_waiting() => continue,
                Poll::Ready(Ok(())) => {}
            }
            let frame = match self.poll_download(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(frame) => frame,
            };
            let data = match frame {
                // Trailers add nothing to the digest.
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                // All of it came before the connection broke.
                Some(Err(_)) if self.left == 0 => return Poll::Ready(None),
                Some(Err(broken)) => match self.resume(broken) {
                    Ok(()) => continue,
                    Err(error) => return Poll::Ready(Some(Err(error))),
                },
                None if self.left > 0 => {
                    return Poll::Ready(Some(Err(self.lies(Broken::TooShort(self.left)))));
                }
                None => return Poll::Ready(None),
            };
            return Poll::Ready(Some(match self.take(&data) {
                Ok(()) => Ok(Frame::data(data)),
                Err(broken) => Err(self.lies(broken)),
            }));
        }
    }
}

impl Body for Hashed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let frame = this.poll_bytes(context);
        if frame.is_pending() {
            this.handed.waits();
        } else {
            this.handed.took(this.left == 0);
        }
        frame
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
