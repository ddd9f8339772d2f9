//! What the record says of an image's referrers, and what of them is open: what a look saw, and what an earlier one left
//! and this one did not see.

use std::collections::HashSet;

use chrono::TimeDelta;
use ecr_promoter_core::{Time, due};

use crate::{
    copy::referrers::{Brought, Left},
    failure::Failure,
    function::Function,
    ledger::{
        cases::{CaseItem, Open, Waits},
        history,
        record::{ReferrerLeft, ReferrersTold, cut},
    },
};

/// So many that did not go along are named in the record.
const NAMED_MAX: usize = 20;
/// The longest reason of each, in characters.
const REASON_MAX: usize = 300;
/// What ECR showed once and does not show so long after is gone; before that its lists may be behind.
const GONE_AFTER: TimeDelta = TimeDelta::seconds(60);
/// What is said of one that is not seen any more, before its own reason.
const GONE: &str =
    "the source no longer shows it, or the policy no longer takes it; it was left because: ";

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sweep {
    /// All that is attached to the image, for the first time.
    First,
    /// All of it, again.
    Whole,
    /// Some of it.
    Part,
}

impl Sweep {
    /// The same, where it failed on the way.
    pub(super) fn failed(self) -> Self {
        match self {
            Self::First => Self::First,
            Self::Whole | Self::Part => Self::Part,
        }
    }
}

/// Adds what the record says was left, where this look did not see it: it is not at the target for all that.
pub(super) async fn carry_over(
    function: &Function,
    case: &CaseItem,
    sweep: Sweep,
    brought: &mut Brought,
) -> Result<(), Failure> {
    let Some(last) = &case.recorded else {
        return Ok(());
    };
    let ids = std::slice::from_ref(&last.id);
    let records = history::records(&function.ledger, ids).await?;
    let before = records.into_iter().next();
    if let Some(before) = before.and_then(|record| record.referrers) {
        add(brought, before, sweep, function.now());
    }
    Ok(())
}

fn add(brought: &mut Brought, before: ReferrersTold, sweep: Sweep, now: Time) {
    let whole = sweep == Sweep::Whole;
    let again = whole && now - before.at < GONE_AFTER;
    let named = brought.left.iter().map(|left| Left::name(&left.referrer));
    let named: HashSet<String> = named.map(str::to_owned).collect();
    for left in before.left {
        let name = Left::name(&left.referrer);
        // That the lists could not be read is said again, or is over.
        let is_over = whole && name.is_empty();
        if is_over || named.contains(name) || brought.met.contains(name) {
            continue;
        }
        let why = if whole && !left.reason.starts_with(GONE) {
            format!("{GONE}{}", left.reason)
        } else {
            left.reason
        };
        brought.left.push(Left {
            referrer: left.referrer,
            kind: left.artifact_type,
            why,
            again,
        });
    }
    if !whole {
        brought.more += before.left_unnamed;
    }
}

/// What is open of a case by what became of its referrers: what may go along yet is tried for a day.
pub(super) fn open(before: Option<Open>, left: &[Left], now: Time) -> Option<Open> {
    let before = before.filter(|open| open.waits == Waits::Referrers);
    let (since, looks) = before.map_or((now, 0), |open| (open.since, open.looks));
    let again = left.iter().any(|left| left.again);
    let due = due::mended(since, looks, now).filter(|_| again)?;
    Some(Open {
        since,
        looks: looks + 1,
        ..Open::new(Waits::Referrers, due, now)
    })
}

/// What the record says of it.
pub(super) fn told(brought: &Brought, now: Time) -> ReferrersTold {
    let left = brought.left.iter();
    let named = left.take(NAMED_MAX).map(|left| ReferrerLeft {
        referrer: left.referrer.clone(),
        artifact_type: cut(&left.kind, REASON_MAX),
        reason: cut(&left.why, REASON_MAX),
    });
    ReferrersTold {
        at: now,
        copied: brought.copied,
        there: brought.there,
        left_unnamed: brought.left.len().saturating_sub(NAMED_MAX) + brought.more,
        left: named.collect(),
    }
}
