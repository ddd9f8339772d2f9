//! The policies table as it is: items, of one policy, of one source, of all. Says nothing of what they mean.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use ecr_promoter_core::policy::{KEYS, POLICIES_PER_SOURCE_MAX, PolicyKey};

use crate::{failure::Failure, ledger::write::Write};

/// A policy's item.
pub(crate) type PolicyItem = HashMap<String, AttributeValue>;

/// The attribute that is the system's own: what the last check said.
pub(crate) const STATUS: &str = "status";

/// The policies table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    dynamodb: aws_sdk_dynamodb::Client,
    pub(super) name: String,
}

impl Table {
    pub(crate) fn new(dynamodb: aws_sdk_dynamodb::Client, name: String) -> Self {
        Self { dynamodb, name }
    }
}

/// The sources of all policies.
pub(crate) async fn sources(table: &Table) -> Result<BTreeSet<String>, Failure> {
    let mut sources = BTreeSet::new();
    let mut start = None;
    loop {
        let page = table
            .dynamodb
            .scan()
            .table_name(&table.name)
            .projection_expression("#source")
            .expression_attribute_names("#source", "source")
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| Failure::own(format!("scan the sources in {}", table.name), &error))?;
        let items = page.items.into_iter().flatten();
        sources.extend(items.filter_map(|item| item.get("source")?.as_s().ok().cloned()));
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok(sources);
        }
    }
}

/// Reads one policy's item, consistently, as it is in the table.
pub(crate) async fn item(table: &Table, key: &PolicyKey) -> Result<Option<PolicyItem>, Failure> {
    let answer = table
        .dynamodb
        .get_item()
        .table_name(&table.name)
        .set_key(Some(key_of(key)))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| Failure::own(format!("read policy {key} in {}", table.name), &error))?;
    Ok(answer.item)
}

/// The items of a source, consistently; one more than a source may have where it has more.
pub(super) async fn of_source(table: &Table, source: &str) -> Result<Vec<PolicyItem>, Failure> {
    let mut items = Vec::new();
    let mut start = None;
    loop {
        let page = table
            .dynamodb
            .query()
            .table_name(&table.name)
            .key_condition_expression("#source = :source")
            .expression_attribute_names("#source", "source")
            .expression_attribute_values(":source", AttributeValue::S(source.to_owned()))
            .consistent_read(true)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| {
                Failure::own(
                    format!("query policies of {source} in {}", table.name),
                    &error,
                )
            })?;
        items.extend(page.items.unwrap_or_default());
        start = page.last_evaluated_key;
        if start.is_none() || items.len() > POLICIES_PER_SOURCE_MAX {
            return Ok(items);
        }
    }
}

/// The key of a policy's item.
pub(crate) fn key_of(key: &PolicyKey) -> PolicyItem {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([
        ("source".to_owned(), text(&key.source)),
        ("name".to_owned(), text(&key.name)),
    ])
}

/// The check that a policy's item is what was read. Its `status` is the system's and may change.
pub(super) fn unchanged(table: &str, item: &PolicyItem) -> Write {
    const KEY: [&str; 2] = ["source", "name"];
    let is_key = |name: &String| KEY.contains(&name.as_str());
    let entry = |(name, value): (&String, &AttributeValue)| (name.clone(), value.clone());
    let key = item.iter().filter(|(name, _)| is_key(name)).map(entry);
    let there = item
        .iter()
        .filter(|(name, _)| !is_key(name) && name.as_str() != STATUS)
        .map(|(name, value)| (name.clone(), Some(value.clone())));
    let lacking = KEYS
        .iter()
        .filter(|name| !item.contains_key(**name) && **name != STATUS)
        .map(|name| ((*name).to_owned(), None));
    let mut attributes: Vec<_> = there.chain(lacking).collect();
    // Two checks of one document are the same, whatever order its attributes came in.
    attributes.sort_by(|(one, _), (other, _)| one.cmp(other));
    Write::check(table, key.collect(), attributes)
}

#[cfg(test)]
mod tests;
