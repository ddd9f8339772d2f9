//! How long the page's first byte takes over a large ledger.
//!
//! `cargo bench --workspace --bench screens` fills the embedded DynamoDB with 100,000 records and 1,000 policies (`LEDGER_RECORDS`
//! says otherwise), asks `promoter ui` for each screen, and prints the median and the slowest of its answers, and how many requests
//! a screen makes. Beside them stands what one of these requests takes: a Query for the newest of one partition.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    unused_imports,
    reason = "a bench stops where a step fails, and needs a part of the world of the tests"
)]

#[path = "../tests/command/world/mod.rs"]
mod world;

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use ecr_promoter::ledger::keys;
use world::{deployed::Deployed, filled, ui::Ui};

/// How many records the ledger is promised to answer for.
const RECORDS: usize = 100_000;
/// How often each screen is asked for.
const ROUNDS: usize = 9;
/// What the first byte of a screen may take.
const AIM: Duration = Duration::from_millis(300);

const SCREENS: [&str; 9] = [
    "/ui/",
    "/ui/?outcome=promoted",
    "/ui/?repository=dev/r007",
    "/ui/?policy=dev/r007+p",
    "/ui/waiting",
    "/ui/image?name=dev/website:1-wait",
    "/ui/repository?name=dev/r007",
    "/ui/repository?name=qa/website",
    "/ui/policy?source=dev/r007&name=p",
];

#[tokio::main]
async fn main() {
    let records = std::env::var("LEDGER_RECORDS").ok();
    let records = records.map_or(RECORDS, |number| number.parse().unwrap());
    let world = Deployed::new().await;
    let began = Instant::now();
    Box::pin(filled::fill(&world, records)).await;
    println!(
        "{records} records and {} policies, written in {:.0} s",
        filled::POLICIES,
        began.elapsed().as_secs_f64()
    );
    let query = times(async || one_query(&world).await).await;
    println!("{:>8} {:>8} {:>9}", "median", "slowest", "requests");
    line("one Query of the history", &query, 1);
    let ui = Ui::of(&world, &[]).await;
    let mut slowest = Duration::ZERO;
    for path in SCREENS {
        world.aws.local.reset_requests();
        ui.get(path).await;
        let requests = world.aws.local.requests().values().sum();
        let took = times(async || ui.first_byte(path).await).await;
        slowest = slowest.max(took[ROUNDS / 2]);
        line(path, &took, requests);
    }
    println!(
        "the slowest median {} ms (aim: at most {})",
        slowest.as_millis(),
        AIM.as_millis()
    );
}

/// How long something takes, in order.
async fn times(what: impl AsyncFn()) -> Vec<Duration> {
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        what().await;
        took.push(began.elapsed());
    }
    took.sort();
    took
}

fn line(what: &str, took: &[Duration], requests: u64) {
    let ms = |at: usize| took[at].as_secs_f64() * 1_000.0;
    println!(
        "{:6.1}ms {:6.1}ms {requests:>9} {what}",
        ms(ROUNDS / 2),
        ms(ROUNDS - 1)
    );
}

/// The newest summaries of one partition of yesterday's history.
async fn one_query(world: &Deployed) {
    let yesterday = (world.aws.local.clock().now() - chrono::TimeDelta::days(1)).date_naive();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let query = world.clients.dynamodb.query().table_name("promotions");
    let query = query
        .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
        .expression_attribute_values(":pk", text(&keys::history_of(yesterday, 0)))
        .expression_attribute_values(":low", text(" "))
        .expression_attribute_values(":high", text("~"))
        .scan_index_forward(false)
        .limit(1_000);
    query.send().await.unwrap();
}
