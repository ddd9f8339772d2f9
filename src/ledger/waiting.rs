//! Open work for people: what waits, for what, since when, and when it is looked at next; the first due
//! first, a page at a time.

use aws_sdk_dynamodb::types::AttributeValue;
use ecr_promoter_core::{Repository, Time, event::Work, policy::PolicyKey};
use futures_util::future::try_join_all;
use serde::Deserialize;

use super::{
    Item, Ledger,
    cases::Waits,
    keys::{self, DUE_SHARDS, Key},
    reads::key_of,
};
use crate::failure::Failure;

/// The most of one page.
pub const PAGE_MAX: usize = 1_000;
/// So much open work is looked at for one page where most of it is not asked for.
const LOOKED_AT_MAX: usize = 20_000;
/// What stands between the parts of a place; a policy's name alone may have one, and stands last.
const PARTS: &str = "|";
/// So much is read at once of each partition where only some of it is asked for.
const FILTERED_AT_ONCE: usize = 500;

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
    // One more tells whether there is a next page.
    let at_once = wanted.at_once(limit + 1);
    let mut page = WaitingPage::default();
    let mut after = wanted.after.and_then(Place::read);
    let mut looked_at = 0;
    loop {
        let (some, more) = first_due(ledger, after.as_ref(), at_once).await?;
        looked_at += some.len();
        for (place, item) in some {
            let place = after.insert(place);
            let Some(waiting) = read(&item).filter(|waiting| wanted.takes(waiting)) else {
                continue;
            };
            if page.waiting.len() == limit {
                return Ok(page);
            }
            page.waiting.push(waiting);
            page.next = Some(place.written());
        }
        if !more {
            page.next = None;
            return Ok(page);
        }
        if looked_at >= LOOKED_AT_MAX {
            page.next = after.as_ref().map(Place::written);
            return Ok(page);
        }
    }
}

impl OpenWanted<'_> {
    /// How much is read at once of each partition.
    fn at_once(&self, all: usize) -> usize {
        if self.repository.is_none() && self.policy.is_none() {
            all
        } else {
            FILTERED_AT_ONCE
        }
    }

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

/// Where a piece of open work stands among all of it: by its time, then by its partition, then as the partition has it.
#[derive(Debug, Clone)]
struct Place {
    due: String,
    shard: u8,
    key: Key,
}

impl Place {
    fn of(shard: u8, item: &Item) -> Option<Self> {
        Some(Self {
            due: item.get("due_sk")?.as_s().ok()?.clone(),
            shard,
            key: key_of(item)?,
        })
    }

    /// As a page names it.
    fn written(&self) -> String {
        let Self { due, shard, key } = self;
        format!("{due}{PARTS}{shard}{PARTS}{}{PARTS}{}", key.pk, key.sk)
    }

    /// As a page named it; what was not written by one is nowhere.
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, PARTS);
        Some(Self {
            due: parts.next()?.to_owned(),
            shard: parts.next()?.parse().ok()?,
            key: Key::new(parts.next()?, parts.next()?),
        })
    }

    fn order(&self) -> (&str, u8) {
        (&self.due, self.shard)
    }

    /// The key behind which the place's own partition goes on.
    fn start(&self) -> Item {
        let Self { due, shard, key } = self;
        let text = |name: &str, value: &str| (name.to_owned(), AttributeValue::S(value.to_owned()));
        let mut start = key.attributes();
        start.extend([text("due_pk", &keys::due_of(*shard)), text("due_sk", due)]);
        start
    }
}

/// The first due of all partitions behind a place, and whether there is more. Nothing is shown that may stand behind what
/// another partition has not shown yet.
async fn first_due(
    ledger: &Ledger,
    after: Option<&Place>,
    at_once: usize,
) -> Result<(Vec<(Place, Item)>, bool), Failure> {
    let shards = (0..DUE_SHARDS).map(|shard| of_shard(ledger, shard, after, at_once));
    let mut all = Vec::new();
    let mut shown_until: Option<(String, u8)> = None;
    for (shard, (items, is_cut)) in (0..DUE_SHARDS).zip(try_join_all(shards).await?) {
        let placed = items
            .into_iter()
            .filter_map(|item| Some((Place::of(shard, &item)?, item)));
        let placed: Vec<_> = placed.collect();
        if is_cut && let Some((last, _)) = placed.last() {
            let until = (last.due.clone(), shard);
            shown_until = Some(shown_until.map_or(until.clone(), |before| before.min(until)));
        }
        all.extend(placed);
    }
    // Stable: what has the same order stays as its partition had it.
    all.sort_by(|(one, _), (other, _)| one.order().cmp(&other.order()));
    let more = shown_until.is_some();
    if let Some((due, shard)) = shown_until {
        all.retain(|(place, _)| place.order() <= (due.as_str(), shard));
    }
    Ok((all, more))
}

/// The first due of one partition behind a place, and whether there is more.
async fn of_shard(
    ledger: &Ledger,
    shard: u8,
    after: Option<&Place>,
    at_once: usize,
) -> Result<(Vec<Item>, bool), Failure> {
    let from = after.map_or(" ", |place| &place.due);
    // Of one time, what stands in the partitions before the place's was shown.
    let condition = match after {
        Some(place) if shard < place.shard => "due_pk = :pk AND due_sk > :from",
        _ => "due_pk = :pk AND due_sk >= :from",
    };
    let start = after.filter(|place| place.shard == shard).map(Place::start);
    let answer = ledger
        .client
        .query()
        .table_name(&ledger.table)
        .index_name("due")
        .key_condition_expression(condition)
        .expression_attribute_values(":pk", AttributeValue::S(keys::due_of(shard)))
        .expression_attribute_values(":from", AttributeValue::S(from.to_owned()))
        .limit(i32::try_from(at_once).unwrap_or(i32::MAX))
        .set_exclusive_start_key(start)
        .send()
        .await
        .map_err(|error| {
            Failure::own(
                format!("read open work in the table {}", ledger.table),
                &error,
            )
        })?;
    let is_cut = answer.last_evaluated_key.is_some();
    Ok((answer.items.unwrap_or_default(), is_cut))
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
