//! Ten thousand pushes at once, on virtual time: 500 repositories, 1,000 policies, ten invocations, one push in ten eligible.
//!
//! `cargo bench --bench load` lets each request take ten milliseconds on a virtual clock. A test runs the same
//! with five hundred pushes (`tests/flow/load.rs`).
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    unreachable_pub,
    reason = "a bench stops where a step fails, and needs a part of the world of the tests"
)]

include!("parts/world.inc");
#[path = "../tests/flow/load.rs"]
mod load;

use load::{ELIGIBLE, Load};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let load = Load {
        pushes: 10_000,
        repositories: 500,
        policies: 1_000,
        invocations: 10,
    };
    let outcome = load.run().await;
    let eligible = load.pushes / ELIGIBLE;
    println!("{load:?}, {eligible} eligible");
    println!(
        "promoted: {} records, {} tags stand",
        outcome.promoted, outcome.standing
    );
    println!(
        "PutImage: {} of tags, at most {} within a second (rate: 10)",
        outcome.put, outcome.put_a_second
    );
    println!(
        "took: {:.0} s by the virtual clock, {:.0} s of computing",
        outcome.took.as_secs_f64(),
        outcome.computed.as_secs_f64()
    );
    let all: u64 = outcome.requests.values().sum();
    println!("requests: {all}");
    for (name, count) in &outcome.requests {
        println!("{count:>9}  {name}");
    }
    assert_eq!(
        (outcome.promoted, outcome.standing, outcome.put),
        (eligible, eligible, eligible)
    );
    assert!(outcome.put_a_second <= 10);
}
