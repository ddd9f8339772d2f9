//! The histories for people: summaries of records, the newest first, a page at a time. Whatever the
//! table's size, a page costs a bounded number of queries, and never a scan.

mod partition;

use std::iter;

use chrono::TimeDelta;
use ecr_promoter_core::{Registry, Repository, Tag, Time, decision::Outcome, policy::PolicyKey};

use partition::{Dated, Partition, merged, read};

use super::{
    KEPT, Ledger,
    keys::{self, HISTORY_SHARDS, POLICY_SHARDS},
    reads,
    record::{Record, Summary},
};
use crate::failure::Failure;

/// The most summaries of one page.
pub const PAGE_MAX: usize = 1_000;
/// So many summaries are read for one page where most of them are not asked for.
const LOOKED_AT_MAX: usize = 20_000;
/// So many are read at once of each partition where only some are asked for.
const FILTERED_AT_ONCE: usize = 500;
/// The most summaries of a target repository that are put in order of time: its index is in the order of tags. Where there are
/// more, they are looked for among everybody's, which is in the order of time.
const TARGET_MAX: usize = 2_000;
/// So far the history of everything reaches back where nobody says since when.
pub const EVERYTHING_SINCE: TimeDelta = TimeDelta::days(7);
/// So many days are read at once where those after them had little.
const DAYS_AT_ONCE: usize = 8;
/// Whose history is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// Everybody's.
    Everything,
    /// That of a source repository.
    Repository(Repository),
    /// That of a policy.
    Policy(PolicyKey),
    /// That of a target repository, or of one tag in it.
    Target(Repository, Option<Tag>),
}

/// What of a history is asked for.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Whose.
    pub of: Of,
    /// Nothing older than this.
    pub since: Option<Time>,
    /// Where the page before ended.
    pub after: Option<&'a str>,
    /// At most so many, and at most [`PAGE_MAX`].
    pub limit: usize,
    /// Those with one of these outcomes; all of them where it is empty.
    pub outcomes: &'a [Outcome],
    /// Those of this source repository alone.
    pub repository: Option<&'a Repository>,
    /// Those of this policy alone.
    pub policy: Option<&'a PolicyKey>,
    /// The present time.
    pub now: Time,
}

/// A page of a history.
#[derive(Debug, Clone, Default)]
pub struct HistoryPage {
    /// The newest first.
    pub summaries: Vec<Summary>,
    /// Where the next page begins; `None` where there is none.
    pub next: Option<String>,
}

impl HistoryPage {
    /// Its first summaries, as a page of their own.
    #[must_use]
    pub fn cut(&self, limit: usize) -> Self {
        match self.summaries.get(..limit) {
            Some(first) if first.len() < self.summaries.len() => Self {
                summaries: first.to_vec(),
                next: first
                    .last()
                    .map(|last| keys::moment_and_id(last.at, &last.id)),
            },
            _ => self.clone(),
        }
    }
}

/// A page of a history, the newest first.
pub async fn page(
    ledger: &Ledger,
    registry: &Registry,
    wanted: &Wanted<'_>,
) -> Result<HistoryPage, Failure> {
    let limit = wanted.limit.clamp(1, PAGE_MAX);
    if let Of::Target(repository, None) = &wanted.of
        && let Some(all) = of_target(ledger, registry, repository, wanted).await?
    {
        return Ok(finished(all, None).cut(limit));
    }
    let mut kept: Vec<Dated> = Vec::new();
    let mut after = wanted.after.map(str::to_owned);
    let mut looked_at = 0;
    loop {
        let at_once = if wanted.takes_all() {
            limit
        } else {
            FILTERED_AT_ONCE
        };
        let (some, more) = newest(ledger, registry, wanted, after.as_deref(), at_once).await?;
        looked_at += some.len();
        after = some.last().map(|(at, _)| at.clone()).or(after);
        let fits = some
            .into_iter()
            .filter(|(_, summary)| wanted.takes(summary));
        kept.extend(fits);
        if kept.len() > limit || (kept.len() == limit && more) {
            kept.truncate(limit);
            let next = kept.last().map(|(at, _)| at.clone());
            return Ok(finished(kept, next));
        }
        if !more {
            return Ok(finished(kept, None));
        }
        if looked_at >= LOOKED_AT_MAX {
            return Ok(finished(kept, after));
        }
    }
}

/// The records of these ids that are there still.
pub async fn records(ledger: &Ledger, ids: &[String]) -> Result<Vec<Record>, Failure> {
    let keys: Vec<_> = ids.iter().map(|id| keys::record(id)).collect();
    let mut items = reads::get_all(ledger, &keys).await?;
    let found = keys.iter().filter_map(|key| {
        let item = items.remove(key)?;
        Some(super::read(key, item))
    });
    found.collect()
}

fn finished(kept: Vec<Dated>, next: Option<String>) -> HistoryPage {
    let summaries = kept.into_iter().map(|(_, summary)| summary).collect();
    HistoryPage { summaries, next }
}

impl Wanted<'_> {
    /// Since when, at most as long ago as records are kept: an earlier date would be read day by day for nothing.
    fn since(&self) -> Option<Time> {
        let kept = self.now - KEPT;
        self.since
            .map(|since| since.clamp(kept, self.now + TimeDelta::days(1)))
    }

    fn takes_all(&self) -> bool {
        self.outcomes.is_empty()
            && self.repository.is_none()
            && self.policy.is_none()
            && !matches!(self.of, Of::Target(_, None))
    }

    fn takes(&self, summary: &Summary) -> bool {
        let outcome = self.outcomes.is_empty() || self.outcomes.contains(&summary.outcome);
        let repository = self.repository.is_none_or(|wanted| {
            let source = summary.source.rsplit_once(':');
            source.is_some_and(|(repository, _)| repository == wanted.as_str())
        });
        let policy = self
            .policy
            .is_none_or(|wanted| summary.policy == wanted.to_string());
        let target = match &self.of {
            Of::Target(wanted, None) => summary
                .target
                .as_deref()
                .and_then(|target| target.rsplit_once(':'))
                .is_some_and(|(repository, _)| repository == wanted.as_str()),
            _ => true,
        };
        outcome && repository && policy && target
    }
}

/// The newest summaries before `after`, and whether there may be more.
async fn newest(
    ledger: &Ledger,
    registry: &Registry,
    wanted: &Wanted<'_>,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Dated>, bool), Failure> {
    let since = wanted.since().map(keys::moment);
    let partitions = match &wanted.of {
        Of::Everything | Of::Target(_, None) => return of_days(ledger, wanted, after, limit).await,
        Of::Repository(repository) => vec![Partition::of(
            "by_repository",
            ("by_repository_pk", "by_repository_sk"),
            format!("{registry}/{repository}"),
        )],
        Of::Policy(policy) => (0..POLICY_SHARDS)
            .map(|shard| {
                let pk = keys::policy_history(policy, shard);
                Partition::of("by_policy", ("by_policy_pk", "by_policy_sk"), pk)
            })
            .collect(),
        Of::Target(repository, Some(tag)) => vec![Partition {
            prefix: format!("{tag}#"),
            ..Partition::of_target(registry, repository)
        }],
    };
    merged(ledger, &partitions, (since.as_deref(), after), limit).await
}

/// From today on backwards. The less some days had, the more of those before them are read at once.
async fn of_days(
    ledger: &Ledger,
    wanted: &Wanted<'_>,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Dated>, bool), Failure> {
    let back = match wanted.of {
        Of::Everything => EVERYTHING_SINCE,
        _ => KEPT,
    };
    let since = wanted.since().unwrap_or(wanted.now - back);
    let from = keys::moment(since);
    let first = after.and_then(moment_of).unwrap_or(wanted.now);
    let mut days = first.date_naive().iter_days().rev();
    let mut found: Vec<Dated> = Vec::new();
    for at_once in [2, 4].into_iter().chain(iter::repeat(DAYS_AT_ONCE)) {
        let some = days.by_ref().take(at_once);
        let partitions: Vec<_> = some
            .take_while(|day| *day >= since.date_naive())
            .flat_map(|day| (0..HISTORY_SHARDS).map(move |shard| Partition::of_day(day, shard)))
            .collect();
        if partitions.is_empty() {
            break;
        }
        let left = limit - found.len();
        let (some, more) = merged(ledger, &partitions, (Some(&from), after), left).await?;
        found.extend(some);
        if more || found.len() >= limit {
            return Ok((found, true));
        }
    }
    Ok((found, false))
}

/// The time with which a place in a history begins.
fn moment_of(place: &str) -> Option<Time> {
    place.split('#').next()?.parse().ok()
}

/// The summaries of a target repository's tags, in the order of time; `None` where there are too many to put them in order.
async fn of_target(
    ledger: &Ledger,
    registry: &Registry,
    repository: &Repository,
    wanted: &Wanted<'_>,
) -> Result<Option<Vec<Dated>>, Failure> {
    let partition = Partition::of_target(registry, repository);
    let (mut all, more) = read(ledger, &partition, (None, None), TARGET_MAX).await?;
    if more {
        return Ok(None);
    }
    for (at, _) in &mut all {
        // Before the time stands the tag, which has no "#".
        if let Some((_, time)) = at.split_once('#') {
            *at = time.to_owned();
        }
    }
    let since = wanted.since().map(keys::moment);
    all.retain(|(at, summary)| {
        since.as_ref().is_none_or(|since| at >= since)
            && wanted.after.is_none_or(|after| at.as_str() < after)
            && wanted.takes(summary)
    });
    all.sort_by(|one, other| other.0.cmp(&one.0));
    Ok(Some(all))
}
