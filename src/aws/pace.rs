//! The pace of writes that share a quota with everybody's builds: PutImage, and the opening of uploads.
//!
//! Ten a second are what a registry takes of PutImage by default (Amazon ECR user guide, "Service
//! quotas"). The function takes its part of that, and each of its invocations that part's part, so
//! that pushes of people find room. It decides nothing and only says how long to wait.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ecr_promoter_core::Time;

/// However many invocations share a rate, each puts one image a second.
const SLOWEST: Duration = Duration::from_secs(1);
/// A registry takes so many uploads for each image that is put: a hundred a second by default (the
/// same page).
const UPLOADS_FOR_A_PUT: u32 = 10;
/// What comes every millisecond is not paced: no timer waits that exactly.
const FASTEST: Duration = Duration::from_millis(1);

/// When this process may write next. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    every: Duration,
    next: Arc<Mutex<Option<Time>>>,
}

impl Pace {
    /// For PutImage: an even part of `rate` a second for each of `invocations`.
    #[must_use]
    pub(super) fn of_puts(rate: u32, invocations: u32) -> Self {
        let every = Duration::from_secs(1) * invocations.max(1) / rate.max(1);
        Self {
            every: every.min(SLOWEST),
            next: Arc::default(),
        }
    }

    /// For the opening of uploads, mounts included.
    #[must_use]
    pub(super) fn of_uploads(rate: u32, invocations: u32) -> Self {
        let puts = Self::of_puts(rate, invocations);
        Self {
            every: puts.every / UPLOADS_FOR_A_PUT,
            next: Arc::default(),
        }
    }

    /// How long the next turn is away; the caller has taken it.
    pub(super) fn wait(&self, now: Time) -> Duration {
        if self.every <= FASTEST {
            return Duration::ZERO;
        }
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let at = next.map_or(now, |next| next.max(now));
        *next = Some(at + self.every);
        (at - now).to_std().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_invocation_has_its_part_of_the_rate_and_one_a_second_at_least() {
        for (rate, invocations, millis) in [
            (5, 1, 200),
            (10, 2, 200),
            (5, 5, 1_000),
            (5, 10, 1_000),
            (1, 1_000, 1_000),
            (50, 10, 200),
            (1_000, 1, 1),
        ] {
            let puts = Pace::of_puts(rate, invocations);
            assert_eq!(puts.every.as_millis(), millis, "{rate} by {invocations}");
            let uploads = Pace::of_uploads(rate, invocations);
            assert_eq!(uploads.every * 10, puts.every, "{rate} by {invocations}");
        }
    }

    #[test]
    fn turns_come_one_after_the_other_and_none_is_saved_up() {
        let pace = Pace::of_puts(5, 1);
        let at = |millis: i64| Time::UNIX_EPOCH + chrono::TimeDelta::milliseconds(millis);
        for (now, wait) in [(0, 0), (0, 200), (50, 350), (5_000, 0), (5_000, 200)] {
            assert_eq!(pace.wait(at(now)).as_millis(), wait, "at {now}");
        }
    }
}
