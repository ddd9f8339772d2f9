//! The body of an answer whose bytes come when, and as far as, a test says.

use std::{
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll},
};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http_body::{Body, Frame};

/// What comes next, or what broke.
pub type Data = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// A body of these parts. It is asked again after its end, too.
pub fn of(parts: impl Stream<Item = Data> + Send + 'static) -> SdkBody {
    SdkBody::from_body_1_x(Parts(Mutex::new(Box::pin(parts.fuse()))))
}

/// Bodies have to be `Sync`. The lock is never contended: `get_mut` needs no locking.
struct Parts(Mutex<Pin<Box<dyn Stream<Item = Data> + Send>>>);

impl Body for Parts {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let parts = self.get_mut().0.get_mut().unwrap();
        let next = parts.as_mut().poll_next(context);
        next.map(|part| part.map(|data| data.map(Frame::data)))
    }
}
