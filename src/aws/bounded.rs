//! Bounds what the SDK reads of an answer: it keeps the whole of it in memory. Blobs do not come this
//! way; they are streamed.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::failure::TooLong;

/// The longest answer that is read, in bytes: the manifests of one image, each `"` of them escaped,
/// and once more for the tags of a small one.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A connector whose answers end at [`ANSWER_BYTES_MAX`].
#[derive(Debug)]
pub(super) struct Bounded {
    connector: SharedHttpConnector,
    answered: Arc<AtomicBool>,
}

impl Bounded {
    /// Notes in `answered` that something was.
    pub(super) fn new(connector: SharedHttpConnector, answered: Arc<AtomicBool>) -> Self {
        Self {
            connector,
            answered,
        }
    }
}

impl HttpConnector for Bounded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.connector.call(request);
        let answered = self.answered.clone();
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            answered.store(true, Ordering::Relaxed);
            let body = std::mem::replace(response.body_mut(), SdkBody::taken());
            *response.body_mut() = cut(body, ANSWER_BYTES_MAX);
            Ok(response)
        })
    }
}

/// A body that breaks off when it is longer than `bytes_max`.
fn cut(body: SdkBody, bytes_max: u64) -> SdkBody {
    // What is already in memory, as in tests, has its length.
    SdkBody::from_body_1_x(Cut {
        inner: Mutex::new(body),
        left: bytes_max,
    })
}

/// A body, and how many of its bytes may still be read.
struct Cut {
    // `SdkBody` is `Send` but not `Sync`. The lock is never contended: `get_mut` needs no locking.
    inner: Mutex<SdkBody>,
    left: u64,
}

impl Body for Cut {
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
        let frame = std::task::ready!(Pin::new(inner).poll_frame(context));
        if let Some(Ok(frame)) = &frame {
            let length = frame.data_ref().map_or(0, Bytes::len);
            match this
                .left
                .checked_sub(u64::try_from(length).unwrap_or(u64::MAX))
            {
                Some(left) => this.left = left,
                None => return Poll::Ready(Some(Err(Box::new(TooLong(ANSWER_BYTES_MAX))))),
            }
        }
        Poll::Ready(frame)
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.inner.lock().map(|inner| inner.size_hint());
        hint.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn an_index_whose_children_lie_about_their_size_filled_the_memory() {
        for (length, whole) in [
            (0, true),
            (99, true),
            (100, true),
            (101, false),
            (5_000, false),
        ] {
            let body = cut(SdkBody::from(vec![b'x'; length]), 100);
            let read = body.collect().await;
            assert_eq!(read.is_ok(), whole, "{length}");
            if let Err(error) = read {
                assert!(error.downcast_ref::<TooLong>().is_some(), "{error}");
            }
        }
    }
}
