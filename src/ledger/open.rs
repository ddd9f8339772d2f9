//! Open work: what must be looked at again, with its due time, in the index `due`.
//!
//! An item that is not finished carries the index's keys beside its body; rewriting it without
//! them ends the matter. The index is only asked what to look at: handlers trust the item.

use aws_sdk_dynamodb::{operation::update_item::UpdateItemError, types::AttributeValue};
use ecr_promoter_core::{Time, due::moved_on, event::Work};
use serde::{Deserialize, Serialize};

use super::{
    Item, Ledger,
    keys::{self, Key},
    reads::key_of,
    write::Write,
};
use crate::failure::Failure;

/// So much open work of one partition of the index is read at once.
const PAGE: i32 = 250;

/// Open work as the index shows it.
#[derive(Debug, Clone)]
pub struct Due {
    key: Key,
    /// The index's sort key as it was read.
    moment: String,
    /// How many times it was moved on since it was last judged.
    moves: u32,
    /// What to look at; `None` if the summary cannot be read.
    pub work: Option<Work>,
}

/// The part of a summary that is read here; the rest is for people.
#[derive(Deserialize)]
struct DueSummary {
    #[serde(flatten)]
    work: Work,
    #[serde(default)]
    moves: u32,
}

/// Adds the keys of the index and a summary to the write of an item that is due.
pub(crate) fn due<S: Serialize>(write: Write, key: &Key, at: Option<Time>, summary: &S) -> Write {
    let Some(at) = at else { return write };
    let mut write = write;
    for (attribute, value) in keys::due(key, at) {
        write = write.with(attribute, AttributeValue::S(value));
    }
    match serde_dynamo::to_attribute_value(summary) {
        Ok(summary) => write.with("summary", summary),
        Err(error) => {
            tracing::error!(%error, "a summary cannot be written");
            write
        }
    }
}

/// What of one partition of the index is due now, the longest due first.
pub async fn due_now(ledger: &Ledger, shard: u8, now: Time) -> Result<Vec<Due>, Failure> {
    let answer = ledger
        .client
        .query()
        .table_name(&ledger.table)
        .index_name("due")
        .key_condition_expression("due_pk = :pk AND due_sk <= :now")
        .expression_attribute_values(":pk", AttributeValue::S(keys::due_of(shard)))
        .expression_attribute_values(":now", AttributeValue::S(keys::moment(now)))
        .limit(PAGE)
        .send()
        .await
        .map_err(|error| Failure::own(format!("query open work in {}", ledger.table), &error))?;
    let items = answer.items.unwrap_or_default();
    Ok(items.iter().filter_map(read_due).collect())
}

fn read_due(item: &Item) -> Option<Due> {
    let key = key_of(item)?;
    let moment = item.get("due_sk")?.as_s().ok()?.clone();
    let summary = item.get("summary").cloned();
    let summary = summary.and_then(|summary| serde_dynamo::from_attribute_value(summary).ok());
    let (work, moves) = match summary {
        Some(DueSummary { work, moves }) => (Some(work), moves),
        None => (None, 0),
    };
    if work.is_none() {
        tracing::error!(%key, "open work cannot be read; trying again later");
    }
    Some(Due {
        key,
        moment,
        moves,
        work,
    })
}

/// Postpones work that was sent to the queue, unless somebody wrote it in the meantime.
pub async fn move_on(ledger: &Ledger, due: &Due, now: Time) -> Result<(), Failure> {
    let next = keys::moment(now + moved_on(due.moves));
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let moves = due.moves.saturating_add(1).to_string();
    let sent = ledger
        .client
        .update_item()
        .table_name(&ledger.table)
        .set_key(Some(due.key.attributes()))
        .update_expression("SET due_sk = :next, summary.moves = :moves")
        .condition_expression("due_sk = :read")
        .expression_attribute_values(":next", text(&next))
        .expression_attribute_values(":moves", AttributeValue::N(moves))
        .expression_attribute_values(":read", text(&due.moment))
        .send()
        .await;
    match sent {
        Err(error)
            if !error
                .as_service_error()
                .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
        {
            let tried = format!("postpone {} in {}", due.key, ledger.table);
            Err(Failure::own(tried, &error))
        }
        _ => Ok(()),
    }
}
