//! How fast a copy is, and whether another blob fits into the time that is left. Pure: times and counts are arguments.

use chrono::TimeDelta;
use ecr_promoter_core::Time;

/// A rate is believed that was measured for so long.
const MEASURED_FOR: TimeDelta = TimeDelta::seconds(1);
/// Until then a copy is taken to move so many bytes a second: any network moves more.
const ASSUMED_RATE: u64 = 256 * 1024;

/// What moves, and how fast it was so far.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The bytes of the blobs that move, each as a whole.
    moving: u64,
    /// Since when any moves.
    since: Option<Time>,
    /// For how long any moved before that.
    before: TimeDelta,
    /// How many bytes the copy moved in that time.
    moved: u64,
    /// How many it had moved before.
    measured_from: u64,
}

/// Whether a blob may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Now,
    /// When others have arrived, or when it is known how fast they are.
    Later,
    /// The time cannot hold it.
    Never,
}

impl Line {
    /// Nothing moves yet; `moved` is what the promotion moved before.
    pub(super) fn new(moved: u64) -> Self {
        Self {
            measured_from: moved,
            ..Self::default()
        }
    }

    /// Measures again from here.
    pub(super) fn measure_from(&mut self, moved: u64, now: Time) {
        self.before = TimeDelta::zero();
        self.since = self.since.map(|_| now);
        self.measured_from = moved;
    }

    /// Whether a blob of this size may start, with so much time left; if so, it has.
    pub(super) fn start(&mut self, size: u64, moved: u64, (now, left): (Time, TimeDelta)) -> Start {
        self.moved = moved.saturating_sub(self.measured_from);
        let start = self.judge(size, now, left);
        if start == Start::Now {
            self.moving = self.moving.saturating_add(size);
            self.since = self.since.or(Some(now));
        }
        start
    }

    /// A blob of this size has stopped.
    pub(super) fn stops(&mut self, size: u64, now: Time) {
        self.moving = self.moving.saturating_sub(size);
        if self.moving == 0
            && let Some(since) = self.since.take()
        {
            self.before += now - since;
        }
    }

    fn judge(&self, size: u64, now: Time, left: TimeDelta) -> Start {
        let took = self.before + self.since.map_or_else(TimeDelta::zero, |since| now - since);
        // Where nothing moved, something was silent: that says nothing of how fast the line is.
        let is_measured = took >= MEASURED_FOR && self.moved > 0;
        let measured = is_measured.then(|| self.moved.saturating_mul(1_000) / millis(took).max(1));
        let holds = |rate: u64, left: TimeDelta| rate.saturating_mul(millis(left)) / 1_000;
        if self.moving == 0 {
            return match measured {
                Some(rate) if holds(rate, left) < size => Start::Never,
                _ => Start::Now,
            };
        }
        let rate = measured.unwrap_or(self.moved.max(ASSUMED_RATE));
        if self.moving.saturating_add(size) <= holds(rate, left / 2) {
            Start::Now
        } else {
            Start::Later
        }
    }
}

fn millis(time: TimeDelta) -> u64 {
    time.num_milliseconds().try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    #[test]
    fn what_the_time_cannot_hold_does_not_start() {
        // For so long a copy moved so many MB; of others so many are under way; a blob's MB; the seconds that are left.
        for (case, took, moved, moving, size, left, expected) in [
            ("the first", 0, 0, 0, 50_000, 60, Start::Now),
            ("alone, and it fits", 10, 100, 0, 500, 50, Start::Now),
            ("alone, and it does not", 10, 100, 0, 501, 50, Start::Never),
            ("alone, and no time is left", 10, 100, 0, 1, 0, Start::Never),
            ("alone, after a silence", 10, 0, 0, 500, 50, Start::Now),
            ("beside another, unmeasured", 0, 0, 10, 1, 900, Start::Now),
            ("beside a silent one", 10, 0, 10, 1, 900, Start::Now),
            (
                "the same, too large for that",
                10,
                0,
                10,
                108,
                900,
                Start::Later,
            ),
            (
                "the same, too large for that",
                0,
                0,
                10,
                108,
                900,
                Start::Later,
            ),
            (
                "the same, much moved within a second",
                0,
                100,
                10,
                500,
                900,
                Start::Now,
            ),
            (
                "beside others, in half of the time",
                10,
                100,
                50,
                200,
                50,
                Start::Now,
            ),
            (
                "beside others, in more than that",
                10,
                100,
                50,
                201,
                50,
                Start::Later,
            ),
            (
                "a lie about its size",
                10,
                100,
                50,
                u64::MAX / MB,
                50,
                Start::Later,
            ),
        ] {
            let line = Line {
                moving: moving * MB,
                since: None,
                before: TimeDelta::seconds(took),
                moved: moved * MB,
                measured_from: 0,
            };
            let left = TimeDelta::seconds(left);
            assert_eq!(
                line.judge(size * MB, Time::UNIX_EPOCH, left),
                expected,
                "{case}"
            );
        }
    }
}
