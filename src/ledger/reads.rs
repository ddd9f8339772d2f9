//! Consistent reads: an item, several at once, those of a partition whose sort keys begin with the same text.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use serde::de::DeserializeOwned;

use super::{Item, Ledger, keys::Key, read};
use crate::failure::{Failure, Remedy};

/// `BatchGetItem` takes at most this many keys (Amazon DynamoDB API reference).
const KEYS_MAX: usize = 100;
/// How many times keys that were left over are asked for again.
const ATTEMPTS: usize = 8;
/// How many pages of one query are read, of 1 MB each.
const PAGES_MAX: usize = 20;

/// Reads one item.
pub(crate) async fn get<T: DeserializeOwned>(
    ledger: &Ledger,
    key: &Key,
) -> Result<Option<T>, Failure> {
    let answer = ledger
        .client
        .get_item()
        .table_name(&ledger.table)
        .set_key(Some(key.attributes()))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| Failure::own(format!("read {key} in {}", ledger.table), &error))?;
    answer.item.map(|item| read(key, item)).transpose()
}

/// Reads items of any kind; those that are there, by their keys.
pub(crate) async fn get_all(ledger: &Ledger, keys: &[Key]) -> Result<HashMap<Key, Item>, Failure> {
    let mut found = HashMap::new();
    for some in keys.chunks(KEYS_MAX) {
        get_some(ledger, some, &mut found).await?;
    }
    Ok(found)
}

async fn get_some(
    ledger: &Ledger,
    keys: &[Key],
    found: &mut HashMap<Key, Item>,
) -> Result<(), Failure> {
    let tried = || format!("read {} items in {}", keys.len(), ledger.table);
    let mut wanted: Vec<Item> = keys.iter().map(Key::attributes).collect();
    for _ in 0..ATTEMPTS {
        let request = KeysAndAttributes::builder()
            .set_keys(Some(std::mem::take(&mut wanted)))
            .consistent_read(true)
            .build()
            .map_err(|error| Failure::new(Remedy::Wait, tried(), error.to_string()))?;
        let answer = ledger
            .client
            .batch_get_item()
            .request_items(&ledger.table, request)
            .send()
            .await
            .map_err(|error| Failure::own(tried(), &error))?;
        let items = answer.responses.into_iter().flatten();
        for item in items.flat_map(|(_, items)| items) {
            if let Some(key) = key_of(&item) {
                found.insert(key, item);
            }
        }
        let left = answer.unprocessed_keys.into_iter().flatten();
        wanted = left.flat_map(|(_, keys)| keys.keys).collect();
        if wanted.is_empty() {
            return Ok(());
        }
    }
    let said = format!("some were left unread after {ATTEMPTS} attempts");
    Err(Failure::new(Remedy::Wait, tried(), said))
}

/// Which items of a partition are read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Many {
    /// All, in the order of their sort keys.
    All,
    /// The last this many, the last first.
    Last(i32),
}

/// Reads the items of one partition whose sort key begins as `key`'s, with their keys.
pub(crate) async fn query<T: DeserializeOwned>(
    ledger: &Ledger,
    key: &Key,
    many: Many,
) -> Result<Vec<(Key, T)>, Failure> {
    let mut found = Vec::new();
    let mut start = None;
    for _ in 0..PAGES_MAX {
        let request = ledger
            .client
            .query()
            .table_name(&ledger.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(key.pk.clone()))
            .expression_attribute_values(":prefix", AttributeValue::S(key.sk.clone()))
            .consistent_read(true)
            .set_exclusive_start_key(start);
        let request = match many {
            Many::All => request,
            Many::Last(limit) => request.scan_index_forward(false).limit(limit),
        };
        let page = request
            .send()
            .await
            .map_err(|error| Failure::own(format!("query {key} in {}", ledger.table), &error))?;
        for item in page.items.unwrap_or_default() {
            if let Some(key) = key_of(&item) {
                let body = read(&key, item)?;
                found.push((key, body));
            }
        }
        start = page.last_evaluated_key;
        if start.is_none() || matches!(many, Many::Last(_)) {
            return Ok(found);
        }
    }
    let said = format!("limit: expected at most {PAGES_MAX} MB of items, found more");
    Err(Failure::new(Remedy::Never, format!("query {key}"), said))
}

/// The key of an item as it was read.
pub(crate) fn key_of(item: &Item) -> Option<Key> {
    let text = |attribute: &str| item.get(attribute)?.as_s().ok().cloned();
    Some(Key::new(text("pk")?, text("sk")?))
}
