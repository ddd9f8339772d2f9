//! The policies of a repository: one consistent Query for each level of its name, in parallel,
//! whatever the size of the table. Never a Scan.
//!
//! An item that is no policy is reported and hurts nobody else.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use aws_sdk_dynamodb::types::AttributeValue;
use ecr_promoter_core::{
    Repository,
    node::Node,
    policy::{
        Matchers, POLICIES_PER_SOURCE_MAX, Policy, PolicyError, PolicyKey, Source, refuse_heaviest,
    },
};
use futures_util::future::try_join_all;

use crate::{aws::Aws, failure::Failure};

/// What a table says of one repository.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    /// The policies that apply, in the order of their keys.
    pub good: Vec<Policy>,
    /// The items that are none, with every mistake in them.
    pub bad: Vec<BadPolicy>,
}

/// An item that is no policy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BadPolicy {
    /// Its key.
    pub policy: PolicyKey,
    /// Its mistakes.
    pub errors: Vec<PolicyError>,
}

/// Reads the policies whose source may match `repository`.
pub(crate) async fn load(
    aws: &Aws,
    matchers: &Mutex<Matchers>,
    table: &str,
    repository: &Repository,
) -> Result<Policies, Failure> {
    let levels = Source::levels(repository);
    let queries = levels.iter().map(|source| query(aws, table, source));
    let mut policies = Policies::default();
    for (source, items) in levels.iter().zip(try_join_all(queries).await?) {
        if items.len() > POLICIES_PER_SOURCE_MAX {
            policies.bad.push(too_many(source));
        }
        for item in items.into_iter().take(POLICIES_PER_SOURCE_MAX) {
            match parse(source, item, &mut known(matchers)) {
                Ok(policy) => policies.good.push(policy),
                Err(bad) => policies.bad.push(bad),
            }
        }
    }
    let heaviest = refuse_heaviest(&mut policies.good);
    policies
        .bad
        .extend(heaviest.into_iter().map(|(policy, error)| BadPolicy {
            policy,
            errors: vec![error],
        }));
    for bad in &policies.bad {
        let errors: Vec<String> = bad.errors.iter().map(ToString::to_string).collect();
        tracing::error!(policy = %bad.policy, errors = %errors.join("; "), "policy is invalid and skipped");
    }
    Ok(policies)
}

/// Reads one policy anew, consistently; `None` where its item is gone or is no policy any more.
pub(crate) async fn again(
    aws: &Aws,
    matchers: &Mutex<Matchers>,
    table: &str,
    key: &PolicyKey,
) -> Result<Option<Policy>, Failure> {
    let answer = aws
        .dynamodb
        .get_item()
        .table_name(table)
        .key("source", AttributeValue::S(key.source.clone()))
        .key("name", AttributeValue::S(key.name.clone()))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| Failure::own(format!("read policy {key} in {table}"), &error))?;
    Ok(answer
        .item
        .and_then(|item| parse(&key.source, item, &mut known(matchers)).ok()))
}

/// The expressions that were compiled before; those of a panic are as good as any.
fn known(matchers: &Mutex<Matchers>) -> MutexGuard<'_, Matchers> {
    matchers.lock().unwrap_or_else(PoisonError::into_inner)
}

type PolicyItem = HashMap<String, AttributeValue>;

async fn query(aws: &Aws, table: &str, source: &str) -> Result<Vec<PolicyItem>, Failure> {
    let mut items = Vec::new();
    let mut start = None;
    loop {
        let page = aws
            .dynamodb
            .query()
            .table_name(table)
            .key_condition_expression("#source = :source")
            .expression_attribute_names("#source", "source")
            .expression_attribute_values(":source", AttributeValue::S(source.to_owned()))
            .consistent_read(true)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| {
                Failure::own(format!("query policies of {source} in {table}"), &error)
            })?;
        items.extend(page.items.unwrap_or_default());
        start = page.last_evaluated_key;
        if start.is_none() || items.len() > POLICIES_PER_SOURCE_MAX {
            return Ok(items);
        }
    }
}

fn parse(source: &str, item: PolicyItem, matchers: &mut Matchers) -> Result<Policy, BadPolicy> {
    let name = match item.get("name") {
        Some(AttributeValue::S(name)) => name.clone(),
        _ => String::new(),
    };
    let bad = |errors| BadPolicy {
        policy: PolicyKey {
            source: source.to_owned(),
            name: name.clone(),
        },
        errors,
    };
    let node: Node = serde_dynamo::from_item(item).map_err(|error| {
        bad(vec![PolicyError {
            place: String::new(),
            message: error.to_string(),
        }])
    })?;
    Policy::parse_with(&node, matchers).map_err(bad)
}

fn too_many(source: &str) -> BadPolicy {
    BadPolicy {
        policy: PolicyKey {
            source: source.to_owned(),
            name: "*".to_owned(),
        },
        errors: vec![PolicyError {
            place: "source".to_owned(),
            message: format!(
                "expected at most {POLICIES_PER_SOURCE_MAX} policies of one source, found more: the first {POLICIES_PER_SOURCE_MAX} by name are used"
            ),
        }],
    }
}
