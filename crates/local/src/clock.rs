//! The one source of time of the embedded AWS: the machine's, or one that stands; both can be moved forward by hand.
//! Must not sleep and must not own a task.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// A clock. Clones show the same time and move together.
#[derive(Debug)]
pub struct Clock {
    /// Where a manual clock started; without it the machine's time is shown.
    start: Option<DateTime<Utc>>,
    /// How far the clock was moved by hand.
    moved: Arc<watch::Sender<TimeDelta>>,
    /// Each clone keeps its own receiver, so that each learns of every advance.
    seen: Mutex<watch::Receiver<TimeDelta>>,
}

impl Clock {
    /// The machine's clock, until [`Clock::advance`] puts it ahead.
    #[must_use]
    pub fn system() -> Self {
        Self::new(None)
    }

    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self::new(Some(start))
    }

    fn new(start: Option<DateTime<Utc>>) -> Self {
        let (moved, seen) = watch::channel(TimeDelta::zero());
        Self {
            start,
            moved: Arc::new(moved),
            seen: Mutex::new(seen),
        }
    }

    /// What time it is, in UTC.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let shown = self.unmoved();
        shown
            .checked_add_signed(*self.moved.borrow())
            .unwrap_or(shown)
    }

    fn unmoved(&self) -> DateTime<Utc> {
        self.start
            .unwrap_or_else(|| DateTime::from(SystemTime::now()))
    }

    /// Moves the clock and its clones forward. Does nothing where the sum is a time that cannot be represented.
    pub fn advance(&self, by: Duration) {
        let unmoved = self.unmoved();
        self.moved.send_modify(|moved| {
            let sum = TimeDelta::from_std(by)
                .ok()
                .and_then(|by| moved.checked_add(&by))
                .filter(|sum| unmoved.checked_add_signed(*sum).is_some());
            *moved = sum.unwrap_or(*moved);
        });
    }

    /// Returns once this clone's clock was advanced since it last returned (at once where that happened
    /// before the call, so that no advance is missed).
    pub async fn changed(&self) {
        let seen = || self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut receiver = seen().clone();
        // An error means that every sender is gone, and this clone holds one.
        let _ = receiver.changed().await;
        *seen() = receiver;
    }
}

impl Clone for Clock {
    fn clone(&self) -> Self {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Self {
            start: self.start,
            moved: Arc::clone(&self.moved),
            seen: Mutex::new(seen.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_advance_moves_every_clone_and_wakes_each_once() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let clone = clock.clone();
        clock.advance(Duration::from_secs(5));
        assert_eq!(clone.now().timestamp(), 5);
        clone.changed().await;
        clock.changed().await;
    }

    #[test]
    fn the_machine_s_clock_can_be_put_ahead_but_not_out_of_the_calendar() {
        let clock = Clock::system();
        let before = clock.now();
        clock.clone().advance(Duration::from_hours(1));
        assert!(clock.now() - before >= TimeDelta::hours(1));
        clock.advance(Duration::MAX);
        assert!(clock.now() - before < TimeDelta::hours(2));
    }
}
