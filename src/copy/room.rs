//! What may move at once: as many blobs as the invocation has time for.
//!
//! The time is judged by how fast this copy was so far. Bytes of a blob that does not arrive in time are lost, so a blob
//! does not start that does not fit; and since blobs that move at once arrive at about the same time, no more of them
//! move than half of the time is enough for. One may always move by itself.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use ecr_promoter_core::manifest::Descriptor;
use tokio::sync::Notify;

use super::{
    line::{Line, Start},
    route::Route,
};

/// A blob that waits looks again after this long, as more may have moved, and whenever another one arrives.
const LOOKS_EVERY: Duration = Duration::from_millis(100);

/// The room of one copy.
pub(super) struct Room<'a> {
    route: Route<'a>,
    line: Mutex<Line>,
    /// Nothing starts any more.
    closed: AtomicBool,
    /// Told whenever a blob stops moving.
    stopped: Notify,
}

/// A blob that moves; its room is free again when this is dropped.
pub(super) struct Slot<'r> {
    room: &'r Room<'r>,
    size: u64,
}

impl<'a> Room<'a> {
    pub(super) fn new(route: Route<'a>) -> Self {
        Self {
            route,
            line: Mutex::new(Line::new(route.progress.bytes())),
            closed: AtomicBool::default(),
            stopped: Notify::new(),
        }
    }

    /// Room for a blob, once there is; `None` if the time cannot hold it, and then none of the others either.
    pub(super) async fn slot<'r>(&'r self, blob: &Descriptor) -> Option<Slot<'r>>
    where
        'a: 'r,
    {
        loop {
            let stopped = self.stopped.notified();
            match self.start(blob.size) {
                Start::Now => {
                    return Some(Slot {
                        room: self,
                        size: blob.size,
                    });
                }
                Start::Later => {
                    self.route.aws.seam.within(LOOKS_EVERY, stopped).await;
                }
                Start::Never => {
                    self.close();
                    return None;
                }
            }
        }
    }

    /// Work that is dropped when the time is up; `None` then, and nothing starts any more.
    pub(super) async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let left = self.left().to_std().unwrap_or_default();
        if self.closed.load(Ordering::Relaxed) || left.is_zero() {
            return None;
        }
        let done = self.route.aws.seam.within(left, work).await;
        if done.is_none() {
            self.close();
        }
        done
    }

    /// Something broke, and may have been silent before that: how fast the copy is, is measured again from here.
    pub(super) fn measure_again(&self) {
        let now = self.route.aws.seam.now();
        self.line().measure_from(self.route.progress.bytes(), now);
    }

    /// Nothing starts any more; what moves goes on.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.stopped.notify_waiters();
    }

    fn left(&self) -> TimeDelta {
        self.route.span.until - self.route.aws.seam.now()
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a blob of this size may start; if so, it has.
    fn start(&self, size: u64) -> Start {
        if self.closed.load(Ordering::Relaxed) {
            return Start::Never;
        }
        let (now, left) = (self.route.aws.seam.now(), self.left());
        let moved = self.route.progress.bytes();
        self.line().start(size, moved, (now, left))
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let now = self.room.route.aws.seam.now();
        self.room.line().stops(self.size, now);
        self.room.stopped.notify_waiters();
    }
}
