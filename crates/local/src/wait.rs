//! Waiting for the clock: the system's passes by itself, a manual one is moved by a test.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::clock::Clock;

/// The longest sleep before the clock is read again, whatever it said.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// The shortest: a clock that stands still just before the moment must not keep a processor busy.
const SHORTEST_SLEEP: Duration = Duration::from_millis(5);

/// Resolves when the clock shows the moment, or one after it.
pub(crate) async fn until(clock: &Clock, moment: DateTime<Utc>) {
    loop {
        let Ok(left) = (moment - clock.now()).to_std() else {
            return;
        };
        if left.is_zero() {
            return;
        }
        let sleep = left.clamp(SHORTEST_SLEEP, LONGEST_SLEEP);
        tokio::select! {
            () = clock.changed() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}
