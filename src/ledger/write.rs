//! Conditional writes: one put, or several actions that are done together or not at all.

mod reasons;

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::{
        AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem, Update, builders::UpdateBuilder,
    },
};
use ecr_promoter_core::Time;
use serde::Serialize;

use super::{Item, Ledger, VERSION, keys::Key};
use crate::failure::{Failure, Remedy};

/// One action with its condition: the put of an item, an attribute more of one, or the check of another table's.
#[derive(Debug, Clone, PartialEq)]
pub struct Write(Action);

#[derive(Debug, Clone, PartialEq)]
enum Action {
    Put {
        item: Item,
        condition: Option<Condition>,
    },
    Set {
        key: Item,
        attribute: &'static str,
        value: AttributeValue,
    },
    Check {
        table: String,
        key: Item,
        /// What the item's attributes must be; `None` if there must be none of that name.
        attributes: Vec<(String, Option<AttributeValue>)>,
    },
}

/// What must hold for a put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The item must not be there.
    Absent,
    /// The item must stand at this revision.
    Revision(u64),
}

/// What became of conditional writes.
#[derive(Debug)]
pub(crate) enum Written {
    /// All are done.
    Done,
    /// None is: a condition does not hold, or another transaction is in conflict with it.
    Refused,
    /// None is, and only because one of them may not replace what stands: its place, and that item.
    Stands(usize, Item),
}

impl Condition {
    /// The condition for an item that was read at `revision`, or was not there.
    pub(crate) fn unchanged_since(revision: Option<u64>) -> Self {
        revision.map_or(Self::Absent, Self::Revision)
    }

    fn expression(self) -> &'static str {
        match self {
            Self::Absent => "attribute_not_exists(pk)",
            Self::Revision(_) => "revision = :revision",
        }
    }

    /// What a transaction that it refuses shows: what stands where nothing may.
    fn shows(self) -> ReturnValuesOnConditionCheckFailure {
        match self {
            Self::Absent => ReturnValuesOnConditionCheckFailure::AllOld,
            Self::Revision(_) => ReturnValuesOnConditionCheckFailure::None,
        }
    }

    fn values(self) -> Option<Item> {
        match self {
            Self::Absent => None,
            Self::Revision(revision) => Some(HashMap::from([(
                ":revision".to_owned(),
                AttributeValue::N(revision.to_string()),
            )])),
        }
    }
}

impl Write {
    /// The item `body` under `key`, written if `condition` holds.
    pub(crate) fn put<T: Serialize>(
        key: &Key,
        body: &T,
        condition: Option<Condition>,
    ) -> Result<Self, Failure> {
        let mut item: Item = serde_dynamo::to_item(body).map_err(|error| {
            Failure::new(Remedy::Wait, format!("write {key}"), error.to_string())
        })?;
        item.extend(key.attributes());
        item.insert("v".to_owned(), AttributeValue::N(VERSION.to_string()));
        Ok(Self(Action::Put { item, condition }))
    }

    /// An attribute of an item that is there, whatever else it holds.
    pub(crate) fn set<T: Serialize>(
        key: &Key,
        attribute: &'static str,
        value: &T,
    ) -> Result<Self, Failure> {
        let value = serde_dynamo::to_attribute_value(value).map_err(|error| {
            Failure::new(Remedy::Wait, format!("write {key}"), error.to_string())
        })?;
        Ok(Self(Action::Set {
            key: key.attributes(),
            attribute,
            value,
        }))
    }

    /// That an item of another table is what was read.
    #[must_use]
    pub(crate) fn check(
        table: &str,
        key: Item,
        attributes: Vec<(String, Option<AttributeValue>)>,
    ) -> Self {
        Self(Action::Check {
            table: table.to_owned(),
            key,
            attributes,
        })
    }

    /// Adds an attribute beside the body: the key of an index, a summary.
    #[must_use]
    pub(crate) fn with(mut self, attribute: &str, value: AttributeValue) -> Self {
        if let Action::Put { item, .. } = &mut self.0 {
            item.insert(attribute.to_owned(), value);
        }
        self
    }

    /// Has the item expire (DynamoDB's time to live, in seconds since 1970).
    #[must_use]
    pub(crate) fn expiring(self, at: Time) -> Self {
        self.with("expires_at", AttributeValue::N(at.timestamp().to_string()))
    }
}

/// Performs writes, all or none; a single put needs no transaction.
pub(crate) async fn all(ledger: &Ledger, writes: Vec<Write>) -> Result<Written, Failure> {
    match <[Write; 1]>::try_from(writes) {
        Ok([Write(Action::Put { item, condition })]) => one(ledger, item, condition).await,
        Ok(single) => transact(ledger, single.into()).await,
        Err(writes) => transact(ledger, writes).await,
    }
}

async fn one(
    ledger: &Ledger,
    item: Item,
    condition: Option<Condition>,
) -> Result<Written, Failure> {
    let mut request = ledger
        .client
        .put_item()
        .table_name(&ledger.table)
        .set_item(Some(item));
    if let Some(condition) = condition {
        request = request
            .condition_expression(condition.expression())
            .set_expression_attribute_values(condition.values());
    }
    let Err(error) = request.send().await else {
        return Ok(Written::Done);
    };
    match error.as_service_error() {
        // A transaction on the same item is in progress: the loser reads again.
        Some(
            PutItemError::ConditionalCheckFailedException(_)
            | PutItemError::TransactionConflictException(_),
        ) => Ok(Written::Refused),
        _ => Err(failure(ledger, &error)),
    }
}

async fn transact(ledger: &Ledger, writes: Vec<Write>) -> Result<Written, Failure> {
    let mut actions = Vec::with_capacity(writes.len());
    for Write(action) in writes {
        actions.push(built(&ledger.table, action)?);
    }
    let sent = ledger
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
        && let Some(refused) = reasons::refused(cancelled.cancellation_reasons())
    {
        let stands = refused.0.map(|(place, item)| Written::Stands(place, item));
        return Ok(stands.unwrap_or(Written::Refused));
    }
    Err(failure(ledger, &error))
}

fn failure<E>(ledger: &Ledger, error: &aws_sdk_dynamodb::error::SdkError<E>) -> Failure
where
    E: aws_sdk_dynamodb::error::ProvideErrorMetadata + std::error::Error + 'static,
{
    Failure::own(format!("write to {}", ledger.table), error)
}

fn built(table: &str, action: Action) -> Result<TransactWriteItem, Failure> {
    let failed = |error: &dyn std::error::Error| {
        Failure::new(Remedy::Wait, "build a transaction", error.to_string())
    };
    let item = TransactWriteItem::builder();
    Ok(match action {
        Action::Put {
            item: body,
            condition,
        } => {
            let put = Put::builder().table_name(table).set_item(Some(body));
            let put = match condition {
                None => put,
                Some(condition) => put
                    .condition_expression(condition.expression())
                    .set_expression_attribute_values(condition.values())
                    .return_values_on_condition_check_failure(condition.shows()),
            };
            item.put(put.build().map_err(|error| failed(&error))?)
        }
        Action::Set {
            key,
            attribute,
            value,
        } => {
            let set = set(key, attribute, value).table_name(table);
            item.update(set.build().map_err(|error| failed(&error))?)
        }
        Action::Check {
            table,
            key,
            attributes,
        } => item.condition_check(
            check(table, key, attributes)
                .build()
                .map_err(|error| failed(&error))?,
        ),
    }
    .build())
}

fn set(key: Item, attribute: &str, value: AttributeValue) -> UpdateBuilder {
    Update::builder()
        .set_key(Some(key))
        .update_expression("SET #attribute = :value")
        .condition_expression("attribute_exists(pk)")
        .expression_attribute_names("#attribute", attribute)
        .expression_attribute_values(":value", value)
}

fn check(
    table: String,
    key: Item,
    attributes: Vec<(String, Option<AttributeValue>)>,
) -> aws_sdk_dynamodb::types::builders::ConditionCheckBuilder {
    let mut check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(key))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None);
    let mut terms = Vec::new();
    for (place, (name, value)) in attributes.into_iter().enumerate() {
        check = check.expression_attribute_names(format!("#a{place}"), name);
        terms.push(match value {
            None => format!("attribute_not_exists(#a{place})"),
            Some(value) => {
                check = check.expression_attribute_values(format!(":a{place}"), value);
                format!("#a{place} = :a{place}")
            }
        });
    }
    check.condition_expression(terms.join(" AND "))
}
