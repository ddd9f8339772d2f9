//! A ledger of any size, and a thousand policies: made of what the function itself wrote once.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use chrono::{DateTime, TimeDelta, Utc};
use ecr_promoter::ledger::keys;
use ecr_promoter_core::{Registry, Repository, Tag, policy::PolicyKey};
use serde_json::{Value, json};

use super::deployed::Deployed;

pub(crate) const POLICIES: usize = 1_000;
/// The most cases of one digest.
pub(crate) const OF_ONE_DIGEST: usize = 10_000;
/// `BatchWriteItem` takes at most this many.
const BATCH: usize = 25;

type Item = HashMap<String, AttributeValue>;

fn item(document: &Value) -> Item {
    serde_dynamo::to_item(document).unwrap()
}

async fn write(world: &Deployed, table: &str, items: Vec<Item>) {
    for some in items.chunks(BATCH) {
        let puts = some.iter().map(|item| {
            let put = PutRequest::builder()
                .set_item(Some(item.clone()))
                .build()
                .unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        let write = world.clients.dynamodb.batch_write_item();
        let answer = write
            .request_items(table, puts.collect())
            .send()
            .await
            .unwrap();
        assert!(answer.unprocessed_items().is_none_or(HashMap::is_empty));
    }
}

/// The items of the ledger whose keys begin so.
pub(crate) async fn items(world: &Deployed, pk: &str, sk: &str) -> Vec<Item> {
    let all = world
        .clients
        .dynamodb
        .scan()
        .table_name("promotions")
        .send()
        .await
        .unwrap();
    let begins = |item: &Item, key: &str, with: &str| item[key].as_s().unwrap().starts_with(with);
    let all = all.items.unwrap_or_default().into_iter();
    all.filter(|item| begins(item, "pk", pk) && begins(item, "sk", sk))
        .collect()
}

/// A record like one that the function wrote, of another time, repository and outcome.
fn record(model: (&Item, &Item), number: usize, newest: DateTime<Utc>) -> [Item; 2] {
    let text = |text: String| AttributeValue::S(text);
    let registry = Registry::new("000000000000", "us-east-1").unwrap();
    let at = newest - TimeDelta::minutes(i64::try_from(number).unwrap());
    let id = format!("{number:032x}");
    let repository = Repository::parse(&format!("dev/r{:03}", number % POLICIES)).unwrap();
    let policy = PolicyKey {
        source: repository.to_string(),
        name: "p".to_owned(),
    };
    let tag = Tag::parse(&format!("t{number}")).unwrap();
    let target_of = Repository::parse("qa/website").unwrap();
    let (mut summary, mut whole) = (model.0.clone(), model.1.clone());
    let key = keys::history(at, &id);
    summary.insert("pk".to_owned(), text(key.pk));
    summary.insert("sk".to_owned(), text(key.sk));
    let target = (!number.is_multiple_of(10)).then_some((&registry, &target_of, &tag));
    for gone in ["by_target_pk", "by_target_sk"] {
        summary.remove(gone);
    }
    for (name, value) in keys::history_indexes(at, &id, (&registry, &repository), &policy, target) {
        summary.insert(name.to_owned(), text(value));
    }
    let outcome = if number.is_multiple_of(10) {
        "failed"
    } else {
        "held"
    };
    let AttributeValue::M(told) = summary.get_mut("summary").unwrap() else {
        panic!("a summary is a map");
    };
    for (name, value) in [
        ("id", id.clone()),
        ("at", keys::moment(at)),
        ("outcome", outcome.to_owned()),
        ("policy", policy.to_string()),
        ("source", format!("{repository}:{tag}")),
        ("target", format!("{}:{tag}", target_of.as_str())),
    ] {
        told.insert(name.to_owned(), text(value));
    }
    whole.insert("pk".to_owned(), text(keys::record(&id).pk));
    for (name, value) in [
        ("id", id.clone()),
        ("at", keys::moment(at)),
        ("outcome", outcome.to_owned()),
        ("repository", repository.to_string()),
        ("tag", tag.to_string()),
    ] {
        whole.insert(name.to_owned(), text(value));
    }
    [summary, whole]
}

/// A case like one that waits, of another tag of the same digest.
fn case(model: &Item, number: usize) -> Item {
    let mut case = model.clone();
    let tag = format!("t{number}");
    let sk = model["sk"].as_s().unwrap().replacen("1-wait", &tag, 1);
    case.insert("sk".to_owned(), AttributeValue::S(sk));
    let shard = number % usize::from(keys::DUE_SHARDS);
    let shard = u8::try_from(shard).unwrap();
    case.insert("due_pk".to_owned(), AttributeValue::S(keys::due_of(shard)));
    for place in [&["body", "id", "tag"][..], &["summary", "case", "tag"]] {
        set(&mut case, place, &tag);
    }
    case
}

fn set(item: &mut Item, place: &[&str], value: &str) {
    let (first, rest) = place.split_first().unwrap();
    match (item.get_mut(*first), rest) {
        (Some(of), []) => *of = AttributeValue::S(value.to_owned()),
        (Some(AttributeValue::M(inner)), rest) => set(inner, rest, value),
        other => panic!("{first}: {other:?}"),
    }
}

/// Fills the ledger with so many records, one a minute, and with cases of one digest, a third as many and 10,000 at most.
pub(crate) async fn fill(world: &Deployed, records: usize) {
    let waits = json!({
        "source": "dev/website", "name": "p",
        "criteria": [{"attribute": "vulnerabilities.critical", "operator": "=", "value": 0}],
        "target": {"repository": "qa/website"},
    });
    world.policy(&waits).await;
    world.aws.bare("dev/website", "a", "1-wait").await;
    world.settle().await;
    let [summary, whole, waiting] = [("HISTORY#", ""), ("RECORD#", ""), ("IMAGE#", "CASE#")]
        .map(|(pk, sk)| async move { items(world, pk, sk).await.remove(0) });
    let (summary, whole, waiting) = (summary.await, whole.await, waiting.await);
    let newest = world.aws.local.clock().now() - TimeDelta::minutes(1);
    let all = (0..records).flat_map(|number| record((&summary, &whole), number, newest));
    write(world, "promotions", all.collect()).await;
    let cases = (0..OF_ONE_DIGEST.min(records / 3)).map(|number| case(&waiting, number));
    write(world, "promotions", cases.collect()).await;
    let policies = (0..POLICIES).map(|number| {
        item(&json!({
            "source": format!("dev/r{number:03}"), "name": "p", "target": {"repository": format!("qa/r{number:03}")},
            "criteria": [{"attribute": "tag", "operator": "ends_with", "value": "stable"}],
        }))
    });
    write(world, "policies", policies.collect()).await;
}
