//! What is left of a request's body when its answer is ready.
//!
//! A client sends its whole body before it reads the answer. If the connection is closed on what is still under way, the client
//! finds a broken connection and no answer. So the rest is received first, as AWS does it. Must not receive without a bound.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;

/// How much of a body is received after its answer is ready, in bytes: more than a chunk of any client.
const REST_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A body on loan: it comes back when it is dropped.
pub(super) struct Lent {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

/// The other end of a loan.
pub(super) struct Rest(oneshot::Receiver<Incoming>);

pub(super) fn lend(body: Incoming) -> (Lent, Rest) {
    let (back, rest) = oneshot::channel();
    let lent = Lent {
        body: Some(body),
        back: Some(back),
    };
    (lent, Rest(rest))
}

impl Rest {
    /// Receives what is left of a body that came back. A body that breaks off has no rest.
    pub(super) async fn receive(mut self) {
        let Ok(mut body) = self.0.try_recv() else {
            return;
        };
        let mut left = REST_BYTES_MAX;
        while let Some(Ok(frame)) = body.frame().await {
            let received = frame.data_ref().map_or(0, Bytes::len);
            let Some(less) = left.checked_sub(received) else {
                return;
            };
            left = less;
        }
    }
}

impl Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            // Nobody waits for it where the answer is given already.
            let _ = back.send(body);
        }
    }
}
