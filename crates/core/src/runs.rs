//! A tag's runs: which push an event belongs to, and where it stands among the pushes of its tag.
//!
//! A pure transition. What the tag stands on is told by ECR and handed in; what is to be written is
//! handed out, and the caller writes it conditionally. Within one tag order needs no clock: it is
//! the order of the list, and [`Order`] agrees with it.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{Digest, Repository, Tag, Time};

/// The most runs that a tag's item keeps; older ones are known by their own items alone.
pub const RUNS_MAX: usize = 32;

/// One push of a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its name within the tag, given once. A greater number was given later, and that is all it
    /// says of order.
    pub number: u64,
    /// What the tag came to stand on.
    pub digest: Digest,
    /// Where it stands among other pushes; in whole microseconds, never changed.
    pub order_time: Time,
}

/// The last runs of one tag.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs {
    /// The last number that was given; 0 before the first run.
    pub last_number: u64,
    /// Oldest first, at most [`RUNS_MAX`].
    pub runs: Vec<Run>,
}

/// Where an event's push belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// It is a run that is known already: what is unfinished of it goes on.
    Known(Run),
    /// It is a new run.
    New {
        /// The run.
        run: Run,
        /// The tag's runs with it, to be written in one transaction with the run's own item. They
        /// lack it only where it lies before all that are kept.
        runs: Runs,
    },
}

/// Where a push stands among all pushes of a registry: by order time, then by repository and tag.
/// Within one tag two runs share an order time only where no microsecond was left between their
/// neighbours; then the greater number is the newer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Order {
    /// The run's order time.
    pub order_time: Time,
    /// The source repository.
    pub repository: Repository,
    /// The source tag.
    pub tag: Tag,
    /// The run's number.
    pub number: u64,
}

/// Finds the run that an event with `digest` belongs to, or makes it.
///
/// `current` is what the tag stands on now, as ECR shows it, `None` where the tag is gone.
/// `desired` is the event's time (or the image's, or the order time of the push that a promoted one
/// came from). `fallen_off` is the newest run of `digest` beyond the [`RUNS_MAX`], where there is
/// one.
///
/// | the digest is | and | then |
/// | --- | --- | --- |
/// | known | the tag stands on it, and the last run has another | a rollback: a new last run |
/// | known | anything else | that run, the newest of the digest |
/// | unknown | the tag stands on it | a new last run |
/// | unknown | the last run is what the tag stands on | a new run before the last |
/// | unknown | neither | a new last run |
#[must_use]
pub fn place(
    runs: &Runs,
    digest: &Digest,
    current: Option<&Digest>,
    desired: Time,
    now: Time,
    fallen_off: Option<&Run>,
) -> Placed {
    let last = runs.runs.last();
    let in_list = runs.runs.iter().rfind(|run| run.digest == *digest);
    let is_current = current == Some(digest);
    if let Some(known) = in_list.or(fallen_off) {
        let rolled_back = is_current && last.is_some_and(|last| last.digest != *digest);
        if !rolled_back {
            return Placed::Known(known.clone());
        }
    }
    let overtaken = !is_current && last.is_some_and(|last| current == Some(&last.digest));
    let at = if overtaken {
        before_last(&runs.runs)
    } else {
        runs.runs.len()
    };
    insert(runs, at, digest, desired.min(now), now)
}

/// Where a run before the last goes: before all runs that share the last's order time, since a
/// greater number would make it newer than the last among them.
fn before_last(runs: &[Run]) -> usize {
    let Some(last) = runs.last() else { return 0 };
    runs.iter()
        .position(|run| run.order_time >= last.order_time)
        .unwrap_or_default()
}

fn insert(runs: &Runs, at: usize, digest: &Digest, desired: Time, now: Time) -> Placed {
    let before = at.checked_sub(1).and_then(|before| runs.runs.get(before));
    let after = runs.runs.get(at);
    let run = Run {
        number: runs.last_number.saturating_add(1),
        digest: digest.clone(),
        order_time: order_time(
            before.map(|run| run.order_time),
            after.map(|run| run.order_time),
            desired,
            now,
        ),
    };
    let mut list = runs.runs.clone();
    list.insert(at, run.clone());
    let too_many = list.len().saturating_sub(RUNS_MAX);
    list.drain(..too_many);
    Placed::New {
        runs: Runs {
            last_number: run.number,
            runs: list,
        },
        run,
    }
}

/// `desired`, moved as little as it takes to lie after `before`, before `after` and not after
/// `now`. Where no microsecond is left it is that of `before`.
fn order_time(before: Option<Time>, after: Option<Time>, desired: Time, now: Time) -> Time {
    let microsecond = TimeDelta::microseconds(1);
    let mut latest = whole(now);
    if let Some(after) = after.map(whole) {
        latest = latest.min(after.checked_sub_signed(microsecond).unwrap_or(after));
    }
    let wanted = whole(desired).min(latest);
    let Some(before) = before.map(whole) else {
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
