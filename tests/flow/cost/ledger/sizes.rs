//! How large the items of a promoted push are, and when they leave the table.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::TimeDelta;
use serde_json::json;

use super::{
    Metered, documented,
    events::{attach_sbom, findings_and_components},
};
use crate::{findings::basic, image::Image, world::World};

type Item = HashMap<String, AttributeValue>;

/// The items by the names of the document's table, with what their keys begin with.
const KINDS: [(&str, &str, &str); 10] = [
    ("tag", "TAGS#", ""),
    ("push", "IMAGE#", "PUSH#"),
    ("case", "IMAGE#", "CASE#"),
    ("provenance", "IMAGE#", "FROM#"),
    ("sightings", "IMAGE#", "SIGHTINGS"),
    ("index", "IMAGE#", "IN#"),
    ("head", "TARGET#", ""),
    ("name", "NAMES#", "NAME#"),
    ("record", "RECORD#", "BODY"),
    ("history", "HISTORY#", ""),
];
/// The indexes that a history item has entries of.
const HISTORIES: [&str; 3] = ["by_repository", "by_policy", "by_target"];
/// DynamoDB stores so much more for each item and each entry of an index (Amazon DynamoDB developer
/// guide, "Global Secondary Indexes", storage considerations).
const OVERHEAD_BYTES: usize = 100;
/// The document's figures are rounded.
const TOLERANCE: f64 = 0.1;

/// An index of two platforms, judged by findings and components, and promoted under a tag that tells
/// seconds.
async fn promoted() -> World {
    let mut policy = findings_and_components();
    policy["target"]["tag"] = json!("%Y%m%d-%H%M%S");
    let young = json!({"attribute": "finding_age.minor", "operator": "<=", "value": 30});
    policy["criteria"].as_array_mut().unwrap().push(young);
    let Metered { world, .. } = Metered::new(&[policy]).await;
    let image = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
    let digest = world.push("dev/website", "1", &image).await;
    for child in &image.children {
        world.scan("dev/website", &child.digest(), &basic(&world, &["LOW"]));
        attach_sbom(&world, child).await;
    }
    let event = world.push_event("dev/website", "1", &digest);
    world.ask(&event).await.unwrap();
    assert_eq!(world.tags("qa/website").await.len(), 1);
    world
}

async fn items(world: &World) -> Vec<Item> {
    let scan = world.aws.dynamodb.scan().table_name("promotions");
    scan.send().await.unwrap().items.unwrap()
}

fn text<'i>(item: &'i Item, attribute: &str) -> &'i str {
    item[attribute].as_s().unwrap()
}

fn kind(item: &Item) -> &'static str {
    let [pk, sk] = ["pk", "sk"].map(|key| text(item, key));
    let found = KINDS
        .iter()
        .find(|(_, of_pk, of_sk)| pk.starts_with(of_pk) && sk.starts_with(of_sk));
    found.unwrap_or_else(|| panic!("{pk} {sk}")).0
}

/// The bytes of an item (Amazon DynamoDB developer guide, "Item sizes and formats").
fn size(item: &Item) -> usize {
    let attributes = item.iter();
    attributes
        .map(|(name, value)| name.len() + of_value(value))
        .sum()
}

fn of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number.len().div_ceil(2) + 1,
        AttributeValue::Bool(_) | AttributeValue::Null(_) => 1,
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + of_value(value)).sum::<usize>(),
        AttributeValue::M(map) => {
            let entries = map.iter();
            3 + entries
                .map(|(name, value)| 1 + name.len() + of_value(value))
                .sum::<usize>()
        }
        other => panic!("{other:?}"),
    }
}

/// An item's entry in an index, without its overhead.
fn entry(item: &Item, index: &str) -> usize {
    let keys = ["_pk", "_sk"].map(|key| format!("{index}{key}"));
    let kept =
        |name: &str| ["pk", "sk", "summary"].contains(&name) || keys.iter().any(|key| key == name);
    let attributes = item.iter().filter(|(name, _)| kept(name));
    attributes
        .map(|(name, value)| name.len() + of_value(value))
        .sum()
}

fn near(told: f64, found: usize) -> bool {
    let found = f64::from(u32::try_from(found).unwrap());
    (told - found).abs() <= found * TOLERANCE
}

#[tokio::test(start_paused = true)]
async fn each_item_is_as_large_and_stays_as_long_as_the_document_says() {
    let world = promoted().await;
    let documented = documented("what is kept");
    let mut found = BTreeMap::new();
    for item in items(&world).await {
        let expires: i64 = item["expires_at"].as_n().unwrap().parse().unwrap();
        let kept = TimeDelta::seconds(expires - world.clock.now().timestamp());
        found.insert(kind(&item), (size(&item), kept.num_days()));
    }
    assert_eq!(found.len(), KINDS.len(), "{found:?}");
    for (kind, (bytes, days)) in &found {
        let row = &documented[*kind];
        let told: f64 = row[0].parse().unwrap();
        assert!(near(told, *bytes), "{kind}: {bytes} bytes: {found:?}");
        assert_eq!(row[1], format!("{days} days"), "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_push_leaves_as_much_as_the_document_says() {
    let world = promoted().await;
    let mut bytes = 0;
    for item in items(&world).await {
        bytes += size(&item) + OVERHEAD_BYTES;
        if kind(&item) == "history" {
            let entries = HISTORIES
                .iter()
                .map(|index| entry(&item, index) + OVERHEAD_BYTES);
            bytes += entries.sum::<usize>();
        }
    }
    let documented = documented("what is kept");
    let told: f64 = documented["all of it"][0].parse().unwrap();
    assert!(near(told, bytes), "{bytes}");
}
