//! The table of pushes, claims, ways and history, and the only module tree that speaks to it.
//!
//! Every decision is taken by a conditional write on the item itself: no index decides a claim, no
//! answer is cached between invocations. A write whose condition is refused gets the item that
//! stands there, since the SDK's own retry may have written it (a lost answer fails on its own
//! effect).
//!
//! Layout: [`keys`] names the items, [`pushes`] keeps a tag's runs, [`judged`] what a policy made
//! of a push and its claim, [`heads`] which push may write a target tag, [`ways`] where a promoted tag came from, [`records`] what people read.

pub mod heads;
pub mod indexes;
pub mod judged;
pub mod keys;
mod many;
pub mod pushes;
pub mod record;
pub mod records;
pub mod ways;

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::failure::{Failure, Remedy};
use keys::Key;

/// The version that this release writes into each item.
pub const VERSION: u64 = 1;
/// The newest version that this release reads, so that a rollback of the function is harmless.
pub const VERSION_READ_MAX: u64 = VERSION + 1;

/// One item as DynamoDB gives it.
pub type Item = HashMap<String, AttributeValue>;

/// The promotions table.
#[derive(Clone)]
pub struct Ledger {
    client: Client,
    table: String,
}

/// What became of a conditional write.
#[derive(Debug)]
pub enum Written {
    /// The write is done.
    Done,
    /// The condition was refused; this is the item that stands there, if any.
    Refused(Option<Item>),
}

/// One put of a transaction, with its condition.
#[derive(Debug, Clone)]
pub(crate) struct Write {
    item: Item,
    condition: Option<Condition>,
}

/// What must hold for a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The item must not be there.
    Absent,
    /// The item must stand at this revision.
    Revision(u64),
}

impl Ledger {
    /// The ledger in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Reads one item, consistently.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Failure> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| Failure::own(format!("read {key} in {}", self.table), &error))?;
        answer.item.map(|item| read(key, item)).transpose()
    }

    /// Reads the items of one partition whose sort key begins with `prefix`, newest key first.
    pub(crate) async fn newest<T: DeserializeOwned>(
        &self,
        pk: &str,
        prefix: &str,
        limit: i32,
    ) -> Result<Vec<T>, Failure> {
        let key = Key::new(pk, prefix);
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(key.pk.clone()))
            .expression_attribute_values(":prefix", AttributeValue::S(key.sk.clone()))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(limit)
            .send()
            .await
            .map_err(|error| Failure::own(format!("query {key} in {}", self.table), &error))?;
        let items = answer.items.unwrap_or_default();
        items.into_iter().map(|item| read(&key, item)).collect()
    }

    /// Puts one item under a condition.
    pub(crate) async fn put(&self, write: Write) -> Result<Written, Failure> {
        let mut request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(write.item));
        if let Some(condition) = write.condition {
            request = request
                .condition_expression(condition.expression())
                .set_expression_attribute_values(condition.values())
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                );
        }
        let Err(error) = request.send().await else {
            return Ok(Written::Done);
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                Ok(Written::Refused(refused.item.clone()))
            }
            // A transaction on the same item is under way: whoever lost reads again.
            Some(PutItemError::TransactionConflictException(_)) => Ok(Written::Refused(None)),
            _ => Err(Failure::own(format!("write to {}", self.table), &error)),
        }
    }

    /// Puts several items, all or none. A refusal names the item that stands at the first place
    /// whose condition failed.
    pub(crate) async fn put_all(&self, writes: Vec<Write>) -> Result<Written, Failure> {
        let mut actions = Vec::with_capacity(writes.len());
        for write in writes {
            actions.push(self.action(write)?);
        }
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(actions))
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(Written::Done);
        };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_service_error()
        {
            let refused = cancelled.cancellation_reasons().iter().find(|reason| {
                // A conflict with another transaction is a refusal, too: whoever lost reads
                // again.
                matches!(
                    reason.code(),
                    Some("ConditionalCheckFailed" | "TransactionConflict")
                )
            });
            if let Some(reason) = refused {
                return Ok(Written::Refused(reason.item.clone()));
            }
        }
        Err(Failure::own(format!("write to {}", self.table), &error))
    }

    fn action(&self, write: Write) -> Result<TransactWriteItem, Failure> {
        let mut put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(write.item));
        if let Some(condition) = write.condition {
            put = put
                .condition_expression(condition.expression())
                .set_expression_attribute_values(condition.values())
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                );
        }
        let put = put.build().map_err(|error| {
            Failure::new(Remedy::Wait, "build a transaction", error.to_string())
        })?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

impl Condition {
    fn expression(self) -> &'static str {
        match self {
            Self::Absent => "attribute_not_exists(pk)",
            Self::Revision(_) => "revision = :revision",
        }
    }

    fn values(self) -> Option<HashMap<String, AttributeValue>> {
        match self {
            Self::Absent => None,
            Self::Revision(revision) => Some(HashMap::from([(
                ":revision".to_owned(),
                AttributeValue::N(revision.to_string()),
            )])),
        }
    }

    /// The condition for an item that was read at `revision`, or was not there.
    pub(crate) fn unchanged_since(revision: Option<u64>) -> Self {
        revision.map_or(Self::Absent, Self::Revision)
    }
}

impl Write {
    /// The item `body` under `key`, written if `condition` holds.
    pub(crate) fn new<T: Serialize>(
        key: &Key,
        body: &T,
        condition: Option<Condition>,
    ) -> Result<Self, Failure> {
        let mut item: Item = serde_dynamo::to_item(body).map_err(|error| {
            Failure::new(Remedy::Wait, format!("write {key}"), error.to_string())
        })?;
        item.insert("pk".to_owned(), AttributeValue::S(key.pk.clone()));
        item.insert("sk".to_owned(), AttributeValue::S(key.sk.clone()));
        item.insert("v".to_owned(), AttributeValue::N(VERSION.to_string()));
        Ok(Self { item, condition })
    }

    /// Adds an attribute that is a key of an index.
    #[must_use]
    pub(crate) fn with(mut self, attribute: &str, value: AttributeValue) -> Self {
        self.item.insert(attribute.to_owned(), value);
        self
    }
}

/// Reads an item's body, unless a newer release wrote it in a format that this one cannot know.
pub(crate) fn read<T: DeserializeOwned>(key: &Key, item: Item) -> Result<T, Failure> {
    let version = match item.get("v") {
        Some(AttributeValue::N(number)) => number.parse::<u64>().unwrap_or(u64::MAX),
        _ => u64::MAX,
    };
    if version > VERSION_READ_MAX {
        return Err(Failure::new(
            Remedy::Wait,
            format!("read {key}"),
            format!("its format {version} is newer than {VERSION_READ_MAX}, the newest that this release reads"),
        )
        .advised("upgrade the function, or wait until the newer one has finished this work"));
    }
    serde_dynamo::from_item(item)
        .map_err(|error| Failure::new(Remedy::Wait, format!("read {key}"), error.to_string()))
}
