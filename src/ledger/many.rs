//! Several items at once: what belongs to an image that has many tags or many policies.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use ecr_promoter_core::{Image, Push, Tag, policy::Policy};
use serde::de::DeserializeOwned;

use super::{
    Item, Ledger,
    judged::Judged,
    keys::{self, Key},
    read,
    ways::WayItem,
};
use crate::failure::{Failure, Remedy};

/// `BatchGetItem` takes at most so many keys (Amazon DynamoDB API reference).
const KEYS_MAX: usize = 100;
/// How often keys that were left over are asked for again.
const ATTEMPTS: usize = 8;
/// So many pages of one image's items are read, of 1 MB each.
const PAGES_MAX: usize = 20;

impl Ledger {
    /// What these policies made of these pushes so far, each in its place.
    pub async fn judged_of(
        &self,
        cases: &[(&Push, &Policy)],
    ) -> Result<Vec<Option<Judged>>, Failure> {
        let keys = cases
            .iter()
            .map(|(push, policy)| keys::judged(push, &policy.key()));
        let keys: Vec<Key> = keys.collect();
        if let [key] = keys.as_slice() {
            return Ok(vec![self.get(key).await?]);
        }
        let mut items = Vec::with_capacity(keys.len());
        for some in keys.chunks(KEYS_MAX) {
            items.extend(self.get_many(some).await?);
        }
        Ok(items)
    }

    /// Where the promoted tags of an image came from.
    pub async fn ways_of(&self, image: &Image) -> Result<HashMap<Tag, WayItem>, Failure> {
        let key = keys::ways_of(image);
        let mut ways = HashMap::new();
        let mut start = None;
        for _ in 0..PAGES_MAX {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":pk", AttributeValue::S(key.pk.clone()))
                .expression_attribute_values(":prefix", AttributeValue::S(key.sk.clone()))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| Failure::own(format!("query {key} in {}", self.table), &error))?;
            for item in page.items.unwrap_or_default() {
                let tag = sort_key(&item).and_then(|sk| sk.strip_prefix(&key.sk));
                if let Some(tag) = tag.and_then(|tag| Tag::parse(tag).ok()) {
                    ways.insert(tag, read(&key, item)?);
                }
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(ways);
            }
        }
        let said = format!("limit: more than {PAGES_MAX} MB of them");
        Err(Failure::new(Remedy::Never, format!("query {key}"), said))
    }

    /// Reads items, consistently, each in its place.
    async fn get_many<T: DeserializeOwned>(&self, keys: &[Key]) -> Result<Vec<Option<T>>, Failure> {
        let mut found: HashMap<(String, String), Item> = HashMap::new();
        let mut wanted = keys.iter().map(primary).collect::<Vec<_>>();
        for _ in 0..ATTEMPTS {
            wanted = self.get_some(wanted, &mut found).await?;
            if wanted.is_empty() {
                let each = keys.iter().map(|key| {
                    let item = found.remove(&(key.pk.clone(), key.sk.clone()));
                    item.map(|item| read(key, item)).transpose()
                });
                return each.collect();
            }
        }
        let tried = format!("read {} items in {}", keys.len(), self.table);
        let said = "some are left over again and again";
        Err(Failure::new(Remedy::Wait, tried, said))
    }

    /// One `BatchGetItem`: the keys that it left over.
    async fn get_some(
        &self,
        wanted: Vec<Item>,
        into: &mut HashMap<(String, String), Item>,
    ) -> Result<Vec<Item>, Failure> {
        let tried = format!("read {} items in {}", wanted.len(), self.table);
        let request = KeysAndAttributes::builder()
            .set_keys(Some(wanted))
            .consistent_read(true)
            .build()
            .map_err(|error| Failure::new(Remedy::Wait, tried.as_str(), error.to_string()))?;
        let batch = self.client.batch_get_item();
        let sent = batch.request_items(&self.table, request).send().await;
        let answer = sent.map_err(|error| Failure::own(tried, &error))?;
        let items = answer.responses.into_iter().flatten();
        for item in items.flat_map(|(_, items)| items) {
            if let (Some(pk), Some(sk)) = (text(&item, "pk"), sort_key(&item)) {
                into.insert((pk.to_owned(), sk.to_owned()), item);
            }
        }
        let left = answer.unprocessed_keys.into_iter().flatten();
        Ok(left.flat_map(|(_, keys)| keys.keys).collect())
    }
}

fn primary(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

fn sort_key(item: &Item) -> Option<&str> {
    text(item, "sk")
}

fn text<'i>(item: &'i Item, attribute: &str) -> Option<&'i str> {
    item.get(attribute)?.as_s().ok().map(String::as_str)
}
