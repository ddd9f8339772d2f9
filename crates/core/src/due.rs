//! When open work is looked at again.
//!
//! Open work lives in the ledger: each item that is not finished carries the time at which it is
//! due. Pure arithmetic on times; must not know what is looked at.

use chrono::TimeDelta;

use crate::{Time, claim::LEASE};

/// The open cases of a missing policy close after this long.
pub const WITHOUT_POLICY: TimeDelta = TimeDelta::hours(1);
/// Those of a policy that is disabled or invalid.
pub const WITH_USELESS_POLICY: TimeDelta = TimeDelta::days(30);
/// What an administrator has to fix is tried for this long.
const MENDED_WITHIN: TimeDelta = TimeDelta::days(1);

/// When evidence that is awaited is looked at: when it can be there, if that is known; else after
/// ten minutes, an hour, six hours, and then daily. `looks` is how many times it was already looked at.
#[must_use]
pub fn awaited(can_be_there: Option<Time>, looks: u32, now: Time) -> Time {
    let pause = match looks {
        0 => TimeDelta::minutes(10),
        1 => TimeDelta::hours(1),
        2 => TimeDelta::hours(6),
        _ => TimeDelta::days(1),
    };
    can_be_there.filter(|at| *at > now).unwrap_or(now + pause)
}

/// When something that an administrator has to fix is tried again: after one, five and fifteen minutes, then
/// hourly for a day; `None` once it has failed for good. `since` is the first failure, `tries` how
/// many there were before this one.
#[must_use]
pub fn mended(since: Time, tries: u32, now: Time) -> Option<Time> {
    let pause = match tries {
        0 => TimeDelta::minutes(1),
        1 => TimeDelta::minutes(5),
        2 => TimeDelta::minutes(15),
        _ => TimeDelta::hours(1),
    };
    (now < since + MENDED_WITHIN).then(|| now + pause)
}

/// How long work that was sent to the queue is postponed: as long as a lease, doubling to six hours. `moves`
/// is how often it was postponed since it was last judged.
///
/// The message alone does not do: who dies before it is hidden for two minutes leaves it hidden for as long as the queue
/// says.
#[must_use]
pub fn moved_on(moves: u32) -> TimeDelta {
    const LAST_MINUTES: i64 = 6 * 60;
    let minutes = LEASE.num_minutes() << moves.min(16);
    TimeDelta::minutes(minutes.min(LAST_MINUTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Time {
        Time::from_timestamp(minutes * 60, 0).unwrap()
    }

    #[test]
    fn awaited_evidence_is_looked_at_when_it_can_be_there_or_more_and_more_rarely() {
        for (case, can_be_there, looks, expected) in [
            ("settling", Some(102), 0, 102),
            ("it can be there since long", Some(90), 0, 110),
            ("it can be there since just now", Some(100), 0, 110),
            ("first", None, 0, 110),
            ("second", None, 1, 160),
            ("third", None, 2, 460),
            ("fourth", None, 3, 1_540),
            ("later", None, 9, 1_540),
        ] {
            let due = awaited(can_be_there.map(at), looks, at(100));
            assert_eq!(due, at(expected), "{case}");
        }
    }

    #[test]
    fn what_an_administrator_mends_is_tried_for_a_day() {
        for (tries, now, expected) in [
            (0, 0, Some(1)),
            (1, 1, Some(6)),
            (2, 6, Some(21)),
            (3, 21, Some(81)),
            (26, 1_439, Some(1_499)),
            (27, 1_440, None),
        ] {
            assert_eq!(mended(at(0), tries, at(now)), expected.map(at), "{tries}");
        }
    }

    #[test]
    fn work_that_was_sent_is_moved_on_by_two_minutes_to_six_hours() {
        for (moves, minutes) in [(0, 2), (1, 4), (2, 8), (7, 256), (8, 360), (u32::MAX, 360)] {
            assert_eq!(moved_on(moves).num_minutes(), minutes, "{moves}");
        }
    }
}
