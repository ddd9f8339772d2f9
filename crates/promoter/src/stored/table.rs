//! The policies table, read consistently and written over nothing but what was read.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::AttributeValue,
};
use ecr_promoter_core::{
    node::Node,
    policy::{self, PolicyKey},
};

use super::document::{STATUS, own};
use crate::{local::policies, refusal::Refusal};

/// A policy's item as it was read.
pub(crate) struct Stored {
    /// Its document, what the system wrote included.
    pub(crate) node: Node,
    item: Item,
}

type Item = HashMap<String, AttributeValue>;

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// It is written.
    Done,
    /// Somebody changed the item since it was read.
    Changed,
}

/// The table.
pub(super) struct Table {
    dynamodb: Client,
    pub(super) name: String,
}

impl Table {
    pub(super) fn new(dynamodb: Client, name: &str) -> Self {
        Self {
            dynamodb,
            name: name.to_owned(),
        }
    }

    /// The policy of a key.
    pub(super) async fn get(&self, key: &PolicyKey) -> Result<Option<Stored>, Refusal> {
        let tried = || format!("read policy {key} in the table {}", self.name);
        let get = self.dynamodb.get_item().table_name(&self.name);
        let answer = get
            .set_key(Some(key_of(key)))
            .consistent_read(true)
            .send()
            .await;
        let answer = answer.map_err(|error| self.refused(tried(), &error))?;
        answer.item.map(|item| stored(item, tried)).transpose()
    }

    /// Every policy, or those of one source, in the order of their keys.
    pub(super) async fn all(&self, source: Option<&str>) -> Result<Vec<Stored>, Refusal> {
        let tried = || format!("read the policies in the table {}", self.name);
        let items = match source {
            Some(source) => self.query(source).await?,
            None => self.scan().await?,
        };
        let stored = items.into_iter().map(|item| stored(item, tried));
        let mut all = stored.collect::<Result<Vec<_>, _>>()?;
        all.sort_by_key(|stored| key(&stored.node).map(|key| (key.source, key.name)));
        Ok(all)
    }

    async fn query(&self, source: &str) -> Result<Vec<Item>, Refusal> {
        let query = self.dynamodb.query().table_name(&self.name);
        let pages = query
            .key_condition_expression("#source = :source")
            .expression_attribute_names("#source", "source")
            .expression_attribute_values(":source", AttributeValue::S(source.to_owned()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let tried = || format!("read the policies of {source} in the table {}", self.name);
        let items = pages.collect::<Result<Vec<_>, _>>().await;
        items.map_err(|error| self.refused(tried(), &error))
    }

    async fn scan(&self) -> Result<Vec<Item>, Refusal> {
        let scan = self.dynamodb.scan().table_name(&self.name);
        let pages = scan.consistent_read(true).into_paginator().items().send();
        let tried = || format!("read the policies in the table {}", self.name);
        let items = pages.collect::<Result<Vec<_>, _>>().await;
        items.map_err(|error| self.refused(tried(), &error))
    }

    /// Writes a document over what was read of it.
    pub(super) async fn put(
        &self,
        key: &PolicyKey,
        node: &Node,
        before: Option<&Stored>,
    ) -> Result<Written, Refusal> {
        let condition = Unchanged::since(before);
        let put = self.dynamodb.put_item().table_name(&self.name);
        let sent = put
            .set_item(Some(policies::item(&own(node))))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(Some(condition.names))
            .set_expression_attribute_values(condition.values)
            .send()
            .await;
        self.written(
            format!("write policy {key} to the table {}", self.name),
            sent,
        )
    }

    /// Deletes what was read.
    pub(super) async fn delete(
        &self,
        key: &PolicyKey,
        before: &Stored,
    ) -> Result<Written, Refusal> {
        let condition = Unchanged::since(Some(before));
        let delete = self.dynamodb.delete_item().table_name(&self.name);
        let sent = delete
            .set_key(Some(key_of(key)))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(Some(condition.names))
            .set_expression_attribute_values(condition.values)
            .send()
            .await;
        self.written(
            format!("delete policy {key} in the table {}", self.name),
            sent,
        )
    }

    fn written<T, E>(&self, tried: String, sent: Result<T, SdkError<E>>) -> Result<Written, Refusal>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match sent {
            Ok(_) => Ok(Written::Done),
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => {
                Ok(Written::Changed)
            }
            Err(error) => Err(self.refused(tried, &error)),
        }
    }

    fn refused<E>(&self, tried: String, error: &SdkError<E>) -> Refusal
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let refusal = Refusal::of(tried, error);
        if refusal.code() == Some("ResourceNotFoundException") {
            return refusal.in_words(format!(
                "there is no table {:?}; name it with --table or POLICIES_TABLE",
                self.name
            ));
        }
        refusal
    }
}

/// The key of a document, if it has one.
pub(crate) fn key(node: &Node) -> Option<PolicyKey> {
    let Node::Map(entries) = node else {
        return None;
    };
    let text = |wanted: &str| {
        entries.iter().find_map(|(key, value)| match value {
            Node::String(text) if key == wanted => Some(text.clone()),
            _ => None,
        })
    };
    Some(PolicyKey {
        source: text("source")?,
        name: text("name")?,
    })
}

fn key_of(key: &PolicyKey) -> Item {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([
        ("source".to_owned(), text(&key.source)),
        ("name".to_owned(), text(&key.name)),
    ])
}

fn stored(item: Item, tried: impl Fn() -> String) -> Result<Stored, Refusal> {
    let node = serde_dynamo::from_item(item.clone());
    let node = node.map_err(|error: serde_dynamo::Error| Refusal::new(tried(), error.to_string()));
    Ok(Stored { node: node?, item })
}

/// The condition that people's part of an item is as it was: the system may write its status at any time.
struct Unchanged {
    expression: String,
    names: HashMap<String, String>,
    values: Option<Item>,
}

impl Unchanged {
    fn since(before: Option<&Stored>) -> Self {
        let Some(before) = before else {
            return Self {
                expression: "attribute_not_exists(#source)".to_owned(),
                names: HashMap::from([("#source".to_owned(), "source".to_owned())]),
                values: None,
            };
        };
        let schema = policy::schema();
        let known = schema
            .pointer("/properties")
            .and_then(|all| all.as_object());
        let known = known.into_iter().flat_map(|all| all.keys());
        let keys: BTreeSet<&String> = known.chain(before.item.keys()).collect();
        let mut terms = Vec::new();
        let (mut names, mut values) = (HashMap::new(), HashMap::new());
        for (number, key) in keys.into_iter().filter(|key| *key != STATUS).enumerate() {
            names.insert(format!("#k{number}"), key.clone());
            terms.push(match before.item.get(key) {
                Some(value) => {
                    values.insert(format!(":v{number}"), value.clone());
                    format!("#k{number} = :v{number}")
                }
                None => format!("attribute_not_exists(#k{number})"),
            });
        }
        Self {
            expression: terms.join(" AND "),
            names,
            values: Some(values),
        }
    }
}
