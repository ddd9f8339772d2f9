//! A blob as it arrives, for a reader that waits for it on a thread of its own: no more than a few
//! frames of it are ever held.

use std::io::{self, Read};

use bytes::{Buf as _, Bytes};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::spawn_blocking,
};

/// How many frames lie ready for the reader.
const FRAMES_AHEAD: usize = 2;

/// What has arrived of a blob, and a wait for the rest.
pub(crate) struct Arriving {
    frames: Receiver<Bytes>,
    frame: Bytes,
}

impl Read for Arriving {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.frame.is_empty() {
            match self.frames.blocking_recv() {
                Some(frame) => self.frame = frame,
                None => return Ok(0),
            }
        }
        let count = self.frame.as_ref().read(into)?;
        self.frame.advance(count);
        Ok(count)
    }
}

/// Runs a reader beside what feeds it, and returns both results. The reader sees an end when
/// the feeder drops its sender, whether the blob ended there or broke off: what it says counts only
/// if the feeder says that all went well. So it never outlives the feeder for longer than it takes to see
/// that end.
pub(crate) async fn beside<T: Send + 'static, F>(
    read: impl FnOnce(Arriving) -> T + Send + 'static,
    hand_on: impl FnOnce(Sender<Bytes>) -> F,
) -> (T, F::Output)
where
    F: Future,
{
    let (sender, frames) = channel(FRAMES_AHEAD);
    let arriving = Arriving {
        frames,
        frame: Bytes::new(),
    };
    let reader = spawn_blocking(move || read(arriving));
    let fed = hand_on(sender).await;
    match reader.await {
        Ok(read) => (read, fed),
        // A thread is not cancelled once it runs: it panicked, and so does its waiter.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
