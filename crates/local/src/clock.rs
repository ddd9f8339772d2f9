//! The one source of time of the embedded AWS: the machine's, or one that a test moves by hand.
//! Must not sleep and must not own a task.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// A clock. Clones of a manual clock show the same time and move together.
#[derive(Debug)]
pub struct Clock {
    hands: Hands,
}

#[derive(Debug)]
enum Hands {
    System,
    /// Each clone keeps its own receiver, so that each learns of every advance.
    Manual {
        time: Arc<watch::Sender<DateTime<Utc>>>,
        seen: Mutex<watch::Receiver<DateTime<Utc>>>,
    },
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self {
            hands: Hands::System,
        }
    }

    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(start: DateTime<Utc>) -> Self {
        let (time, seen) = watch::channel(start);
        Self {
            hands: Hands::Manual {
                time: Arc::new(time),
                seen: Mutex::new(seen),
            },
        }
    }

    /// What time it is, in UTC.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.hands {
            Hands::System => DateTime::from(SystemTime::now()),
            Hands::Manual { time, .. } => *time.borrow(),
        }
    }

    /// Moves a manual clock, and its clones, forward. Does nothing on the system's clock, nor where the
    /// sum is a time that cannot be told.
    pub fn advance(&self, by: Duration) {
        if let Hands::Manual { time, .. } = &self.hands {
            time.send_modify(|now| {
                if let Some(later) = TimeDelta::from_std(by)
                    .ok()
                    .and_then(|by| now.checked_add_signed(by))
                {
                    *now = later;
                }
            });
        }
    }

    /// Returns once this clone's clock was advanced since it last returned (at once where that happened
    /// before the call, so that no advance is missed). Never returns on the system's clock.
    pub async fn changed(&self) {
        let Hands::Manual { seen, .. } = &self.hands else {
            return std::future::pending().await;
        };
        let mut receiver = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // An error means that every sender is gone, and this clone holds one.
        let _ = receiver.changed().await;
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = receiver;
    }
}

impl Clone for Clock {
    fn clone(&self) -> Self {
        let hands = match &self.hands {
            Hands::System => Hands::System,
            Hands::Manual { time, seen } => Hands::Manual {
                time: Arc::clone(time),
                seen: Mutex::new(seen.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            },
        };
        Self { hands }
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
}
