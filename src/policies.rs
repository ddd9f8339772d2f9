//! The policies of a repository: one consistent Query for each level of its name, in parallel,
//! whatever the size of the table. Only the walk scans it, and the check of an edited policy whose target has placeholders.
//!
//! An item that is not a policy is reported and affects nothing else.

mod present;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use aws_sdk_dynamodb::types::AttributeValue;
use ecr_promoter_core::{
    Repository,
    node::Node,
    policy::{
        KEYS, Matchers, POLICIES_PER_SOURCE_MAX, Policy, PolicyError, PolicyKey, Source, too_heavy,
    },
};
use futures_util::future::try_join_all;

use crate::{aws::Aws, failure::Failure, ledger::write::Write};

/// What a table says of one repository.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    /// The policies that apply, in the order of their keys.
    pub good: Vec<Loaded>,
    /// The items that are not policies, with every mistake in them.
    pub bad: Vec<BadPolicy>,
}

/// A policy as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// The policy.
    pub policy: Policy,
    /// That the item is still what was read: a part of the transaction that raises a head under it.
    pub unchanged: Write,
}

/// What became of a policy.
#[derive(Debug, Clone)]
pub(crate) enum PolicyNow {
    /// It is a policy.
    Good(Box<Loaded>),
    /// Its item is not a policy any more.
    Bad,
    /// Its item is gone.
    Gone,
}

/// An item that is not a policy.
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
    let policies = at(aws, matchers, table, &Source::levels(repository)).await?;
    for bad in &policies.bad {
        let errors: Vec<String> = bad.errors.iter().map(ToString::to_string).collect();
        tracing::error!(policy = %bad.policy, errors = %errors.join("; "), "policy is invalid and skipped");
    }
    Ok(policies)
}

/// Reads the policies of these sources.
pub(crate) async fn at(
    aws: &Aws,
    matchers: &Mutex<Matchers>,
    table: &str,
    sources: &[String],
) -> Result<Policies, Failure> {
    let queries = sources.iter().map(|source| query(aws, table, source));
    let mut policies = Policies::default();
    for (source, items) in sources.iter().zip(try_join_all(queries).await?) {
        if items.len() > POLICIES_PER_SOURCE_MAX {
            policies.bad.push(too_many(source));
        }
        for item in items.into_iter().take(POLICIES_PER_SOURCE_MAX) {
            match parse(table, source, item, &mut known(matchers)) {
                Ok(policy) => policies.good.push(policy),
                Err(bad) => policies.bad.push(bad),
            }
        }
    }
    let heaviest = without_heaviest(&mut policies.good);
    policies
        .bad
        .extend(heaviest.into_iter().map(|(policy, error)| BadPolicy {
            policy,
            errors: vec![error],
        }));
    Ok(policies)
}

/// The sources of all policies.
pub(crate) async fn sources(aws: &Aws, table: &str) -> Result<BTreeSet<String>, Failure> {
    let mut sources = BTreeSet::new();
    let mut start = None;
    loop {
        let page = aws
            .dynamodb
            .scan()
            .table_name(table)
            .projection_expression("#source")
            .expression_attribute_names("#source", "source")
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| Failure::own(format!("scan the sources in {table}"), &error))?;
        let items = page.items.into_iter().flatten();
        sources.extend(items.filter_map(|item| item.get("source")?.as_s().ok().cloned()));
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok(sources);
        }
    }
}

/// Reads one policy again, consistently.
pub(crate) async fn again(
    aws: &Aws,
    matchers: &Mutex<Matchers>,
    table: &str,
    key: &PolicyKey,
) -> Result<PolicyNow, Failure> {
    Ok(match item(aws, table, key).await? {
        None => PolicyNow::Gone,
        Some(item) => match parse(table, &key.source, item, &mut known(matchers)) {
            Ok(stored) => PolicyNow::Good(Box::new(stored)),
            Err(_) => PolicyNow::Bad,
        },
    })
}

/// Reads one policy's item, consistently, as it is in the table.
pub(crate) async fn item(
    aws: &Aws,
    table: &str,
    key: &PolicyKey,
) -> Result<Option<PolicyItem>, Failure> {
    let answer = aws
        .dynamodb
        .get_item()
        .table_name(table)
        .set_key(Some(key_of(key)))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| Failure::own(format!("read policy {key} in {table}"), &error))?;
    Ok(answer.item)
}

/// The policy of an item, or every mistake in it.
pub(crate) fn read(
    matchers: &Mutex<Matchers>,
    table: &str,
    key: &PolicyKey,
    item: PolicyItem,
) -> Result<Policy, Vec<PolicyError>> {
    let parsed = parse(table, &key.source, item, &mut known(matchers));
    parsed.map(|loaded| loaded.policy).map_err(|bad| bad.errors)
}

/// The key of a policy's item.
pub(crate) fn key_of(key: &PolicyKey) -> PolicyItem {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([
        ("source".to_owned(), text(&key.source)),
        ("name".to_owned(), text(&key.name)),
    ])
}

/// Refuses the policies whose expressions are too large in total.
fn without_heaviest(good: &mut Vec<Loaded>) -> Vec<(PolicyKey, PolicyError)> {
    let refused = too_heavy(good.iter().map(|loaded| &loaded.policy));
    if !refused.is_empty() {
        good.retain(|loaded| {
            let key = loaded.policy.key();
            !refused.iter().any(|(policy, _)| *policy == key)
        });
    }
    refused
}

/// The expressions that were compiled before; those left by a panic are still good.
fn known(matchers: &Mutex<Matchers>) -> MutexGuard<'_, Matchers> {
    matchers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A policy's item.
pub(crate) type PolicyItem = HashMap<String, AttributeValue>;

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

fn parse(
    table: &str,
    source: &str,
    item: PolicyItem,
    matchers: &mut Matchers,
) -> Result<Loaded, BadPolicy> {
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
    let unchanged = unchanged(table, &item);
    let node: Node = serde_dynamo::from_item(item).map_err(|error| {
        bad(vec![PolicyError {
            place: String::new(),
            message: error.to_string(),
        }])
    })?;
    let policy = Policy::parse_with(&node, matchers).map_err(bad)?;
    Ok(Loaded { policy, unchanged })
}

/// The check that a policy's item is what was read. Its `status` is the system's and may change.
fn unchanged(table: &str, item: &PolicyItem) -> Write {
    const KEY: [&str; 2] = ["source", "name"];
    let is_key = |name: &String| KEY.contains(&name.as_str());
    let entry = |(name, value): (&String, &AttributeValue)| (name.clone(), value.clone());
    let key = item.iter().filter(|(name, _)| is_key(name)).map(entry);
    let there = item
        .iter()
        .filter(|(name, _)| !is_key(name) && name.as_str() != "status")
        .map(|(name, value)| (name.clone(), Some(value.clone())));
    let lacking = KEYS
        .iter()
        .filter(|name| !item.contains_key(**name) && **name != "status")
        .map(|name| ((*name).to_owned(), None));
    let mut attributes: Vec<_> = there.chain(lacking).collect();
    // Two checks of one document are the same, whatever order its attributes came in.
    attributes.sort_by(|(one, _), (other, _)| one.cmp(other));
    Write::check(table, key.collect(), attributes)
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

#[cfg(test)]
mod tests;
