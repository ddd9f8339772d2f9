//! A body that keeps the promise of its `Content-Length`, as HTTP on a socket makes it: shorter or longer is an error.
//!
//! Streams and buffers nothing; ends once and stays ended.

use std::{
    pin::Pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::body::{Body, BodyDataStream, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// What is wrong with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body ended {0} bytes before its Content-Length")]
    Short(u64),
    #[error("the body is longer than its Content-Length")]
    Long,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body and how much of it is still to come. The lock makes it `Sync`, which the SDK's bodies have to be; it is
/// never taken.
pub(crate) struct Measured {
    body: Mutex<Body>,
    left: Option<u64>,
    ended: bool,
    broken: std::sync::Arc<AtomicBool>,
}

impl Measured {
    /// Measures a body against a length; without one only its end is guarded.
    pub(crate) fn new(body: Body, length: Option<u64>) -> Self {
        Self {
            body: Mutex::new(body),
            left: length,
            ended: false,
            broken: std::sync::Arc::default(),
        }
    }

    /// Becomes true when the body broke its promise.
    pub(crate) fn broken(&self) -> std::sync::Arc<AtomicBool> {
        self.broken.clone()
    }

    fn fail(&mut self, error: impl Into<BoxError>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.ended = true;
        self.broken.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(error.into())))
    }
}

impl HttpBody for Measured {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let body = self.body.get_mut().unwrap_or_else(PoisonError::into_inner);
        let frame = match Pin::new(body).poll_frame(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(frame) => frame,
        };
        match frame {
            None => {
                self.ended = true;
                match self.left {
                    None | Some(0) => Poll::Ready(None),
                    Some(left) => self.fail(BodyError::Short(left)),
                }
            }
            Some(Err(error)) => self.fail(error),
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, |it| it.len() as u64);
                match self.left.map(|left| left.checked_sub(length)) {
                    Some(None) => self.fail(BodyError::Long),
                    Some(left) => {
                        self.left = left;
                        Poll::Ready(Some(Ok(frame)))
                    }
                    None => Poll::Ready(Some(Ok(frame))),
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// Reads a body to its end and keeps nothing of it.
pub(crate) async fn drain(body: Body) {
    use futures_util::StreamExt;
    let mut stream: BodyDataStream = body.into_data_stream();
    while let Some(Ok(_)) = stream.next().await {}
}
