//! How long one promotion takes, beside a script that makes the same calls in a straight line.
//!
//! `cargo bench --bench latency` starts the embedded AWS on a socket and the binary as its function, and invokes
//! it with one push after the other, an image of one layer that is mounted; then it runs
//! `straight_line.py` (`python3` with boto3, or what `PYTHON` names) against the same address. Once as it is, where a call takes
//! a fraction of a millisecond, and once with ten milliseconds added to each call, which is nearer to AWS.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    unreachable_pub,
    reason = "a bench stops where a step fails, and needs a part of the world of the tests"
)]

include!("../parts/world.inc");
#[path = "../../tests/flow/deployed.rs"]
mod deployed;

use std::time::Instant;

use serde_json::{Value, json};
use tokio::{net::TcpListener, process::Command};

use deployed::Deployed;
use image::Image;
use world::{Choices, REGION, World, stable_to_qa};

const PUSHES: usize = 30;
const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/benches/latency/straight_line.py"
);
/// The calls of a promotion, by their names.
const CALLS: [&str; 12] = [
    "dynamodb:Query",
    "dynamodb:BatchGetItem",
    "dynamodb:TransactWriteItems",
    "dynamodb:PutItem",
    "ecr:BatchGetImage",
    "ecr:BatchCheckLayerAvailability",
    "ecr:PutImage",
    "registry:mount",
    "events:PutEvents",
    "ecr:GetAuthorizationToken",
    "sqs:ChangeMessageVisibility",
    "dynamodb:GetItem",
];

#[tokio::main]
async fn main() {
    println!(
        "milliseconds of one promotion, of {PUSHES}: {:>10} {:>10}",
        "median", "fastest"
    );
    for delay in [0, 10] {
        let ours = Box::pin(function(delay)).await;
        print(&format!("the function, {delay} ms a call more"), ours);
        let peer = Box::pin(straight_line(delay)).await;
        print(&format!("a straight line, {delay} ms a call more"), peer);
    }
}

/// An embedded AWS whose calls take so much longer, with pushes of as many images: their tags and digests.
async fn deployed(delay: u64) -> (Deployed, Vec<(String, String)>) {
    let deployed = Deployed::with(Choices::default(), &UNPACED).await;
    let world = &deployed.world;
    world.policy(stable_to_qa()).await;
    let mut pushes = Vec::new();
    for number in 0..=PUSHES {
        let tag = format!("{number}-stable");
        let image = Image::single(&tag, 1);
        let digest = image.push(&world.aws.ecr, "dev/website", Some(&tag)).await;
        pushes.push((tag, digest));
    }
    let slow = CALLS.map(|name| json!({"operation": name, "delay_ms": delay, "times": 1_000_000}));
    let slow = if delay > 0 {
        Value::Array(slow.to_vec())
    } else {
        json!([])
    };
    world.fault(slow);
    (deployed, pushes)
}

/// The function, invoked with each push.
async fn function(delay: u64) -> Vec<f64> {
    let (deployed, pushes) = deployed(delay).await;
    let world = &deployed.world;
    let mut took = Vec::new();
    for (tag, digest) in &pushes {
        let event = world.push_event("dev/website", tag, digest).to_string();
        let began = Instant::now();
        deployed.invoke(event).await.unwrap();
        took.push(began.elapsed().as_secs_f64() * 1e3);
    }
    promoted(world).await;
    // The first one starts the process.
    took.split_off(1)
}

/// The script, of which each line is a promotion.
async fn straight_line(delay: u64) -> Vec<f64> {
    let (deployed, pushes) = deployed(delay).await;
    let address = served(&deployed.world).await;
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let pushes = pushes.iter().map(|(tag, digest)| format!("{tag}@{digest}"));
    let script = Command::new(python)
        .args([SCRIPT, &address, REGION])
        .args(pushes)
        .output();
    let ran = script.await.unwrap();
    let wrong = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{wrong}");
    promoted(&deployed.world).await;
    let lines = String::from_utf8(ran.stdout).unwrap();
    lines.lines().map(|line| line.parse().unwrap()).collect()
}

/// An address of the embedded AWS for the script.
async fn served(world: &World) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let local = world.local.clone();
    tokio::spawn(async move { local.serve(listener).await });
    address
}

async fn promoted(world: &World) {
    world.fault(json!([]));
    assert_eq!(world.tags("qa/website").await.len(), PUSHES + 1);
}

fn print(name: &str, mut took: Vec<f64>) {
    took.sort_by(f64::total_cmp);
    println!(
        "  {name:36} {:>10.1} {:>10.1}",
        took[took.len() / 2],
        took[0]
    );
}
