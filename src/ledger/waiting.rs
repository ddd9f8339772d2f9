//! Open work for people: what waits, for what, since when, and when it is looked at next; the first due
//! first, a page at a time.

use aws_sdk_dynamodb::types::AttributeValue;
use ecr_promoter_core::{Repository, Time, event::Work, policy::PolicyKey};
use futures_util::future::try_join_all;
use serde::Deserialize;

use super::{
    Item, Ledger,
    cases::Waits,
    keys::{self, DUE_SHARDS},
    reads::key_of,
};
use crate::failure::Failure;

/// The most of one page.
pub const PAGE_MAX: usize = 1_000;
/// So much open work is looked at for one page where most of it is not asked for.
const LOOKED_AT_MAX: usize = 20_000;
/// So much is read at once of each partition.
const AT_ONCE: i32 = 500;

/// What of the open work is asked for.
#[derive(Debug, Clone, Copy)]
pub struct OpenWanted<'a> {
    /// That of this source repository, or on the heads of its tags.
    pub repository: Option<&'a Repository>,
    /// That of this policy.
    pub policy: Option<&'a PolicyKey>,
    /// Where the page before ended.
    pub after: Option<&'a str>,
    /// At most so much, and at most [`PAGE_MAX`].
    pub limit: usize,
}

/// A page of open work.
#[derive(Debug, Default)]
pub struct WaitingPage {
    /// The first due first.
    pub waiting: Vec<Waiting>,
    /// Where the next page begins; `None` where there is none.
    pub next: Option<String>,
}

/// One piece of open work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What is looked at.
    pub work: Work,
    /// What a case is open for.
    pub waits: Option<Waits>,
    /// Why, as it was told last; empty for a head.
    pub reason: String,
    /// Since when it is open for this reason.
    pub since: Option<Time>,
    /// When it is looked at next; what was due already is under way.
    pub due: Time,
}

/// What the index keeps of it.
#[derive(Deserialize)]
struct OpenSummary {
    #[serde(flatten)]
    work: Work,
    #[serde(default)]
    waits: Option<Waits>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    since: Option<Time>,
}

/// A page of open work, the first due first.
pub async fn page(ledger: &Ledger, wanted: &OpenWanted<'_>) -> Result<WaitingPage, Failure> {
    let limit = wanted.limit.clamp(1, PAGE_MAX);
    let mut page = WaitingPage::default();
    let mut after = wanted.after.map(str::to_owned);
    let mut looked_at = 0;
    loop {
        let (some, more) = first_due(ledger, after.as_deref()).await?;
        looked_at += some.len();
        for (place, item) in some {
            after = Some(place);
            let Some(waiting) = read(&item).filter(|waiting| wanted.takes(waiting)) else {
                continue;
            };
            if page.waiting.len() == limit {
                return Ok(page);
            }
            page.waiting.push(waiting);
            page.next.clone_from(&after);
        }
        if !more {
            page.next = None;
            return Ok(page);
        }
        if looked_at >= LOOKED_AT_MAX {
            page.next = after;
            return Ok(page);
        }
    }
}

impl OpenWanted<'_> {
    fn takes(&self, waiting: &Waiting) -> bool {
        let (repository, policies) = match &waiting.work {
            Work::Case(id) => (&id.repository, std::slice::from_ref(&id.policy)),
            Work::Head(target) => (&target.repository, &[][..]),
            Work::Found(found) => (&found.repository, found.policies.as_slice()),
        };
        self.repository.is_none_or(|wanted| wanted == repository)
            && self.policy.is_none_or(|wanted| policies.contains(wanted))
    }
}

/// The first due of all partitions behind a place, and whether there is more. Nothing is told that may
/// stand behind what another partition has not shown yet.
async fn first_due(
    ledger: &Ledger,
    after: Option<&str>,
) -> Result<(Vec<(String, Item)>, bool), Failure> {
    let shards = (0..DUE_SHARDS).map(|shard| of_shard(ledger, shard, after));
    let mut all = Vec::new();
    let mut shown_until: Option<String> = None;
    for (items, is_cut) in try_join_all(shards).await? {
        if is_cut && let Some((last, _)) = items.last() {
            let earlier = shown_until.as_ref().is_none_or(|until| last < until);
            if earlier {
                shown_until = Some(last.clone());
            }
        }
        all.extend(items);
    }
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    let more = shown_until.is_some();
    if let Some(until) = shown_until {
        all.retain(|(place, _)| *place <= until);
    }
    Ok((all, more))
}

/// The first due of one partition, and whether there is more. Of one time either all or none: their
/// order among each other is the index's own.
async fn of_shard(
    ledger: &Ledger,
    shard: u8,
    after: Option<&str>,
) -> Result<(Vec<(String, Item)>, bool), Failure> {
    // A place begins with the time; of one time there may be several.
    let from = after.map_or(" ", moment_of);
    let mut found: Vec<(String, Item)> = Vec::new();
    let mut start = None;
    loop {
        let (items, next) = query(ledger, shard, from, start).await?;
        let placed = items
            .into_iter()
            .filter_map(|item| Some((place(&item)?, item)));
        found.extend(placed.filter(|(place, _)| after.is_none_or(|after| place.as_str() > after)));
        start = next;
        if start.is_none() {
            return Ok((found, false));
        }
        let last = found.last().map(|(place, _)| moment_of(place).to_owned());
        let whole = |(place, _): &(String, Item)| Some(moment_of(place)) != last.as_deref();
        if found.iter().any(whole) {
            found.retain(whole);
            return Ok((found, true));
        }
    }
}

async fn query(
    ledger: &Ledger,
    shard: u8,
    from: &str,
    start: Option<Item>,
) -> Result<(Vec<Item>, Option<Item>), Failure> {
    let answer = ledger
        .client
        .query()
        .table_name(&ledger.table)
        .index_name("due")
        .key_condition_expression("due_pk = :pk AND due_sk >= :from")
        .expression_attribute_values(":pk", AttributeValue::S(keys::due_of(shard)))
        .expression_attribute_values(":from", AttributeValue::S(from.to_owned()))
        .limit(AT_ONCE)
        .set_exclusive_start_key(start)
        .send()
        .await
        .map_err(|error| {
            Failure::own(
                format!("read open work in the table {}", ledger.table),
                &error,
            )
        })?;
    Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
}

fn moment_of(place: &str) -> &str {
    place.split('#').next().unwrap_or_default()
}

/// Where an item stands among all open work.
fn place(item: &Item) -> Option<String> {
    let moment = item.get("due_sk")?.as_s().ok()?;
    Some(format!("{moment}#{}", key_of(item)?))
}

fn read(item: &Item) -> Option<Waiting> {
    let due = item.get("due_sk")?.as_s().ok()?.parse().ok()?;
    let summary = item.get("summary")?.clone();
    let summary: Result<OpenSummary, _> = serde_dynamo::from_attribute_value(summary);
    let summary = summary
        .inspect_err(|error| tracing::warn!(%error, "open work cannot be read"))
        .ok()?;
    Some(Waiting {
        work: summary.work,
        waits: summary.waits,
        reason: summary.reason,
        since: summary.since,
        due,
    })
}
