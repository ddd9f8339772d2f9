//! How many events a second real processes of the function handle, by how many policies there are.
//!
//! `cargo bench --bench rate` starts the embedded AWS on a socket, as `promoter local` does, with 2 and
//! with 10 processes of the binary, and measures how long the queue takes to empty: of events that
//! no policy means, and of pushes that one policy promotes, an image of one layer each, mounted.
//! Each with that policy alone, with 200 and with 10,000 policies of other repositories beside it,
//! and with 199 others of the same repository. PutImage is not paced here.
//!
//! The embedded AWS shares the processors with the processes, so the figures compare the columns with each
//! other and say little of AWS.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    unreachable_pub,
    reason = "a bench stops where a step fails, and needs a part of the world of the tests"
)]

include!("parts/world.inc");
#[path = "../tests/flow/deployed.rs"]
mod deployed;

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use serde_json::{Value, json};

use deployed::Deployed;
use image::Image;
use world::{Choices, World, stable_to_qa};

/// How many events of each kind are handled.
const UNMATCHED: usize = 12_000;
const MATCHED: usize = 100;
/// `BatchWriteItem` takes at most this many.
const ITEMS_AT_ONCE: usize = 25;

#[tokio::main]
async fn main() {
    let columns: [(&str, Vec<Value>); 4] = [
        ("1 policy", Vec::new()),
        ("200 elsewhere", of_others(200)),
        ("10,000 elsewhere", of_others(10_000)),
        ("200 on the source", of_the_source(199)),
    ];
    for processes in [2, 10] {
        let mut rates = Vec::new();
        for (name, policies) in &columns {
            let (unmatched, matched) = Box::pin(measured(processes, policies)).await;
            println!(
                "{processes:>3} processes, {name:18} {unmatched:>7.0} unmatched/s {matched:>7.1} promoted/s"
            );
            rates.push((unmatched, matched));
        }
        let spread = |of: fn(&(f64, f64)) -> f64| {
            let all = rates.iter().map(of);
            all.clone().fold(0.0, f64::max) / all.fold(f64::MAX, f64::min)
        };
        let (unmatched, matched) = (spread(|it| it.0), spread(|it| it.1));
        println!(
            "{processes:>3} processes, fastest by slowest {unmatched:>10.1} {matched:>18.1} (aim: at most 2)"
        );
    }
}

/// Policies of repositories of their own.
fn of_others(count: usize) -> Vec<Value> {
    let policies = (0..count).map(|number| {
        let mut policy = stable_to_qa();
        policy["source"] = json!(format!("other/{number}"));
        policy
    });
    policies.collect()
}

/// Policies of the same repository, which mean other tags.
fn of_the_source(count: usize) -> Vec<Value> {
    let policies = (0..count).map(|number| {
        let mut policy = stable_to_qa();
        policy["name"] = json!(format!("beside-{number}"));
        policy["criteria"][0]["value"] = json!(format!("-{number}"));
        policy
    });
    policies.collect()
}

/// Events a second, unmatched and promoted.
async fn measured(processes: usize, policies: &[Value]) -> (f64, f64) {
    let choices = Choices {
        processes,
        ..Choices::default()
    };
    let deployed = Deployed::with(choices, &UNPACED).await;
    let world = &deployed.world;
    world.policy(stable_to_qa()).await;
    store(world, policies).await;
    // Their check, where they are edited, is not what is measured.
    while world.local.step_stream().await {}
    let image = Image::single("unmatched", 1);
    let digest = image
        .push(&world.aws.ecr, "dev/website", Some("1-dev"))
        .await;
    let event = world.push_event("dev/website", "1-dev", &digest);
    // Every process is started, and has asked for everything once.
    for _ in 0..4 * processes {
        world.local.raise(event.clone());
    }
    emptied(world).await;
    for _ in 0..UNMATCHED {
        world.local.raise(event.clone());
    }
    let unmatched = emptied(world).await;
    for number in 0..MATCHED {
        let tag = format!("{number}-stable");
        let image = Image::single(&tag, 1);
        image.push(&world.aws.ecr, "dev/website", Some(&tag)).await;
    }
    let matched = emptied(world).await;
    assert_eq!(world.tags("qa/website").await.len(), MATCHED);
    let rate = |count: usize, took: Duration| {
        f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64()
    };
    (rate(UNMATCHED, unmatched), rate(MATCHED, matched))
}

/// How long the queue takes to empty.
async fn emptied(world: &World) -> Duration {
    let began = Instant::now();
    let poller = world.local.start_poller();
    loop {
        let queue = world.local.queue();
        assert_eq!(queue.dead, 0, "{queue:?}");
        if queue.visible + queue.in_flight == 0 {
            break;
        }
        tokio::time::sleep(deployed::LOOK).await;
    }
    let took = began.elapsed();
    poller.abort();
    took
}

async fn store(world: &World, policies: &[Value]) {
    for some in policies.chunks(ITEMS_AT_ONCE) {
        let writes = some.iter().map(|policy| {
            let item = serde_dynamo::to_item(policy).unwrap();
            let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        let write = world.aws.dynamodb.batch_write_item();
        let sent = write.request_items("policies", writes.collect()).send();
        assert!(
            sent.await
                .unwrap()
                .unprocessed_items
                .unwrap_or_default()
                .is_empty()
        );
    }
}
