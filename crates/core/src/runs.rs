//! A tag's runs: which push an event belongs to, and where it stands among the pushes of its tag.
//!
//! A pure transition. What the tag points to comes from ECR and is handed in; what must be written is
//! handed out, and the caller writes it conditionally. Only push events, the walk and people place
//! pushes; other work names its run.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{Digest, Repository, Tag, Time};

/// The most runs that a tag's item keeps; older ones are known by their own items alone.
pub const RUNS_MAX: usize = 32;
/// A read of ECR counts against a write of the ledger only if it began this long after it: clocks
/// differ, and reads may be stale.
pub const COUNTS_AFTER: TimeDelta = TimeDelta::seconds(5);

/// One push of a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its name within the tag, given once. A greater number was given later, and that is all it
    /// says of order.
    pub number: u64,
    /// What the tag was put on.
    pub digest: Digest,
    /// Where it stands among other pushes; in whole microseconds, never changed.
    pub order_time: Time,
    /// The time of its newest event; `None` if it was seen without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Time>,
    /// When the run was written.
    pub seen: Time,
}

/// The last runs of one tag.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs {
    /// The last number that was given; 0 before the first run.
    pub last_number: u64,
    /// When the last run was written or confirmed; `None` before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Time>,
    /// Oldest first, at most [`RUNS_MAX`].
    pub runs: Vec<Run>,
}

/// What is known of a push to be placed.
#[derive(Debug, Clone)]
pub struct Unplaced<'a> {
    /// The digest that the tag was put on.
    pub digest: &'a Digest,
    /// What the tag points to now, as ECR shows it; `None` if the tag is gone.
    pub standing: Option<&'a Digest>,
    /// When the read that shows it began.
    pub read_began: Time,
    /// The event's time; `None` without an event.
    pub told: Option<Time>,
    /// Where the push would go in order: `told`, the image's push time, or the order time of the
    /// push that a promoted one came from.
    pub desired: Time,
    /// The present time.
    pub now: Time,
}

/// Where a push belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// It is a run that is known already: what is unfinished of it goes on.
    Known(Run),
    /// It is the last run, and a newer event confirms it: the tag's runs must be written.
    Confirmed {
        /// The run.
        run: Run,
        /// The tag's runs.
        runs: Runs,
    },
    /// It is a new run.
    New {
        /// The run.
        run: Run,
        /// The tag's runs with it, to be written in one transaction with the run's own item. They
        /// lack it only where it lies before all that are kept.
        runs: Runs,
    },
    /// The read may be older than the last run: it must be made again, not before this time.
    ReadAgain {
        /// When a read counts.
        not_before: Time,
    },
}

/// Where a push stands among all pushes of a registry: the greater one is newer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Order {
    /// The run's order time.
    pub order_time: Time,
    /// When the run was written: of two pushes of one second the first seen is the older.
    pub seen: Time,
    /// The source repository.
    pub repository: Repository,
    /// The source tag.
    pub tag: Tag,
}

/// Finds the run that a push of `sight.digest` belongs to, or makes it. `fallen_off` is the newest
/// run of the digest beyond the [`RUNS_MAX`], if there is one.
///
/// | the tag points to | and | then |
/// | --- | --- | --- |
/// | the digest | it is the last run's | that run; a newer event confirms it |
/// | the digest | the last run differs | a new last run, if the read counts against it |
/// | anything else | the digest has a run | its newest run |
/// | anything else | the digest has none | a new run placed by time, before the last if the tag points to that |
#[must_use]
pub fn place(runs: &Runs, sight: &Unplaced<'_>, fallen_off: Option<&Run>) -> Placed {
    let last = runs.runs.last();
    if sight.standing == Some(sight.digest) {
        return match (last, runs.seen_at) {
            (Some(last), _) if last.digest == *sight.digest => confirm(runs, last, sight),
            (Some(_), Some(seen_at)) if sight.read_began < seen_at + COUNTS_AFTER => {
                Placed::ReadAgain {
                    not_before: seen_at + COUNTS_AFTER,
                }
            }
            _ => insert(runs, runs.runs.len(), sight),
        };
    }
    let listed = runs.runs.iter().rfind(|run| run.digest == *sight.digest);
    if let Some(known) = listed.or(fallen_off) {
        return Placed::Known(known.clone());
    }
    let at = sight.told.unwrap_or(sight.desired);
    let later = runs.runs.iter().position(|run| run.happened() > at);
    let stands = last.is_some_and(|last| sight.standing == Some(&last.digest));
    let end = runs.runs.len().saturating_sub(usize::from(stands));
    insert(runs, later.unwrap_or(end).min(end), sight)
}

impl Run {
    /// When it happened, as far as is known.
    fn happened(&self) -> Time {
        self.told.unwrap_or(self.order_time)
    }
}

/// The last run again; an event that is newer than all that named it renews `seen_at`.
fn confirm(runs: &Runs, last: &Run, sight: &Unplaced<'_>) -> Placed {
    let newer = sight.told.filter(|told| *told > last.happened());
    let Some(told) = newer else {
        return Placed::Known(last.clone());
    };
    let mut runs = runs.clone();
    runs.seen_at = runs.seen_at.max(Some(sight.now));
    let run = Run {
        told: Some(told),
        ..last.clone()
    };
    if let Some(last) = runs.runs.last_mut() {
        last.clone_from(&run);
    }
    Placed::Confirmed { run, runs }
}

fn insert(runs: &Runs, at: usize, sight: &Unplaced<'_>) -> Placed {
    let at = before_equals(&runs.runs, at);
    let before = at.checked_sub(1).and_then(|before| runs.runs.get(before));
    let after = runs.runs.get(at);
    let run = Run {
        number: runs.last_number.saturating_add(1),
        digest: sight.digest.clone(),
        order_time: order_time(before, after, sight),
        told: sight.told,
        seen: seen(runs, sight.now),
    };
    let mut list = runs.runs.clone();
    list.insert(at, run.clone());
    let too_many = list.len().saturating_sub(RUNS_MAX);
    list.drain(..too_many);
    Placed::New {
        runs: Runs {
            last_number: run.number,
            seen_at: runs.seen_at.max(Some(sight.now)),
            runs: list,
        },
        run,
    }
}

/// No run goes between two that share an order time: its later sight would make it the newer one.
fn before_equals(runs: &[Run], at: usize) -> usize {
    let time = |at: usize| runs.get(at).map(|run| run.order_time);
    let mut at = at;
    while at > 0 && time(at).is_some() && time(at) == time(at - 1) {
        at -= 1;
    }
    at
}

/// Later than every other run was seen: between equal order times the later sight is the newer push.
fn seen(runs: &Runs, now: Time) -> Time {
    let others = runs.runs.iter().map(|run| run.seen).max();
    let next = others.and_then(|seen| seen.checked_add_signed(TimeDelta::microseconds(1)));
    next.map_or(now, |next| next.max(now))
}

/// The desired time, moved as little as it takes to lie between its neighbours and not after the
/// present. Where no microsecond is left it is that of the neighbour before.
fn order_time(before: Option<&Run>, after: Option<&Run>, sight: &Unplaced<'_>) -> Time {
    let microsecond = TimeDelta::microseconds(1);
    let mut latest = whole(sight.now);
    if let Some(after) = after.map(|run| whole(run.order_time)) {
        latest = latest.min(after.checked_sub_signed(microsecond).unwrap_or(after));
    }
    let wanted = whole(sight.desired).min(latest);
    let Some(before) = before.map(|run| whole(run.order_time)) else {
        return wanted;
    };
    match before.checked_add_signed(microsecond) {
        Some(earliest) if earliest <= latest => wanted.max(earliest),
        _ => before,
    }
}

/// The time in whole microseconds, as the ledger keeps it.
fn whole(time: Time) -> Time {
    Time::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}

#[cfg(test)]
mod tests;
