//! One partition of a history: its newest summaries within a span of time.

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::NaiveDate;
use ecr_promoter_core::{Registry, Repository};
use futures_util::future::try_join_all;
use serde::Deserialize;

use crate::{
    failure::Failure,
    ledger::{Item, Ledger, keys, record::Summary},
};

/// A summary with what it is sorted by: its time and its id.
pub(super) type Dated = (String, Summary);

/// Sorts behind every time.
const LAST: &str = "~";

/// A partition of an index, or of the table.
#[derive(Debug)]
pub(super) struct Partition {
    pub index: Option<&'static str>,
    pub pk: (&'static str, String),
    pub sk: &'static str,
    /// What stands before the time in its sort keys.
    pub prefix: String,
}

#[derive(Deserialize)]
struct HasSummary {
    summary: Summary,
}

/// The newest of several partitions, `limit` or more of them, and whether there are more.
pub(super) async fn merged(
    ledger: &Ledger,
    partitions: &[Partition],
    span: (Option<&str>, Option<&str>),
    limit: usize,
) -> Result<(Vec<Dated>, bool), Failure> {
    let reads = partitions
        .iter()
        .map(|partition| read(ledger, partition, span, limit));
    let mut all = Vec::new();
    // What is older than the last of a partition that has more may have something newer before it.
    let mut complete_to: Option<String> = None;
    for (some, has_more) in try_join_all(reads).await? {
        if has_more {
            complete_to = complete_to.max(some.last().map(|(at, _)| at.clone()));
        }
        all.extend(some);
    }
    if let Some(oldest) = &complete_to {
        all.retain(|(at, _): &Dated| at >= oldest);
    }
    all.sort_by(|(one, _): &Dated, (other, _)| other.cmp(one));
    Ok((all, complete_to.is_some()))
}

/// The newest of one partition within a span of time, and whether there are more.
pub(super) async fn read(
    ledger: &Ledger,
    partition: &Partition,
    (since, after): (Option<&str>, Option<&str>),
    limit: usize,
) -> Result<(Vec<Dated>, bool), Failure> {
    let Partition { prefix, .. } = partition;
    let low = format!("{prefix}{}", since.unwrap_or_default());
    let high = format!("{prefix}{}", after.unwrap_or(LAST));
    let (low, high) = if low.is_empty() {
        (" ".to_owned(), high)
    } else {
        (low, high)
    };
    if low > high {
        return Ok((Vec::new(), false));
    }
    let mut found = Vec::new();
    let mut start = None;
    // One more than is asked for tells whether there are more; the place itself is not asked for.
    let most = limit + 2;
    loop {
        let page = query(ledger, partition, (&low, &high), most - found.len(), start).await?;
        let (items, next) = page;
        for item in items {
            found.extend(dated(partition, item).filter(|(at, _)| Some(at.as_str()) != after));
        }
        start = next;
        if start.is_none() || found.len() > limit {
            break;
        }
    }
    let more = found.len() > limit || start.is_some();
    found.truncate(limit);
    Ok((found, more))
}

async fn query(
    ledger: &Ledger,
    partition: &Partition,
    (low, high): (&str, &str),
    limit: usize,
    start: Option<Item>,
) -> Result<(Vec<Item>, Option<Item>), Failure> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let (pk, value) = &partition.pk;
    let answer = ledger
        .client
        .query()
        .table_name(&ledger.table)
        .set_index_name(partition.index.map(str::to_owned))
        .key_condition_expression("#pk = :pk AND #sk BETWEEN :low AND :high")
        .expression_attribute_names("#pk", *pk)
        .expression_attribute_names("#sk", partition.sk)
        .expression_attribute_values(":pk", text(value))
        .expression_attribute_values(":low", text(low))
        .expression_attribute_values(":high", text(high))
        .scan_index_forward(false)
        .limit(i32::try_from(limit).unwrap_or(i32::MAX))
        .set_exclusive_start_key(start)
        .send()
        .await
        .map_err(|error| {
            Failure::own(
                format!("read the history in the table {}", ledger.table),
                &error,
            )
        })?;
    Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
}

/// A summary with its place, where it can be read.
fn dated(partition: &Partition, item: Item) -> Option<Dated> {
    let at = item.get(partition.sk)?.as_s().ok()?;
    // Of a single tag all have the same before their time.
    let at = at.strip_prefix(&partition.prefix)?.to_owned();
    let read: Result<HasSummary, _> = serde_dynamo::from_item(item);
    match read {
        Ok(HasSummary { summary }) => Some((at, summary)),
        Err(error) => {
            tracing::warn!(%error, %at, "a summary cannot be read");
            None
        }
    }
}

impl Partition {
    pub(super) fn of(
        index: &'static str,
        (pk, sk): (&'static str, &'static str),
        value: String,
    ) -> Self {
        Self {
            index: Some(index),
            pk: (pk, value),
            sk,
            prefix: String::new(),
        }
    }

    /// A part of what a day came to.
    pub(super) fn of_day(day: NaiveDate, shard: u8) -> Self {
        Self {
            index: None,
            pk: ("pk", keys::history_of(day, shard)),
            sk: "sk",
            prefix: String::new(),
        }
    }

    pub(super) fn of_target(registry: &Registry, repository: &Repository) -> Self {
        let value = format!("{registry}/{repository}");
        Self::of("by_target", ("by_target_pk", "by_target_sk"), value)
    }
}
