//! The most memory that the real binary takes for what strangers write and push: the kernel's `VmHWM` of one process a
//! case, which has done nothing before. The promise is 256 MB, whatever comes.
//!
//! `cargo bench --bench memory` (`BOOTSTRAP=PATH` measures another binary, a word after `--` only the cases that hold it).
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    unreachable_pub,
    reason = "a bench stops where a step fails, and needs a part of the world of the tests"
)]

include!("../parts/world.inc");
mod cases;
#[path = "../../tests/flow/deployed.rs"]
mod deployed;
mod documents;
#[path = "../parts/usage.rs"]
mod usage;

use std::time::Instant;

use cases::Case;
use deployed::Deployed;
use serde_json::{Value, json};
use usage::Usage;
use world::Choices;

/// The promise, in bytes.
const MEMORY_MAX: u64 = 256 * 1024 * 1024;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` asks for no measuring.
    if !words.iter().any(|word| word == "--bench") {
        return;
    }
    let wanted = words.iter().find(|word| !word.starts_with("--"));
    let mut over = Vec::new();
    for (name, make) in cases::all() {
        if wanted.is_some_and(|word| !name.contains(word.as_str())) {
            continue;
        }
        let peak = Box::pin(measured(name, make())).await;
        if peak >= MEMORY_MAX {
            over.push(name);
        }
    }
    assert!(over.is_empty(), "over {MEMORY_MAX} bytes: {over:?}");
}

/// Prints what a case came to: the peak in bytes.
async fn measured(name: &str, case: Case) -> u64 {
    let choices = Choices {
        blob_mounting: !case.moves,
        ..Choices::default()
    };
    // What moves is not paced: memory is measured, not the quota.
    let pace = if case.moves { &UNPACED[..] } else { &[] };
    let deployed = Deployed::with(choices, pace).await;
    for policy in case.policies {
        deployed.world.policy(policy).await;
    }
    let ecr = &deployed.world.aws.ecr;
    for artifact in &case.attached {
        artifact.push(ecr, "dev/website", None).await;
    }
    let request = json!({"repository": "dev/website", "tag": "1"}).to_string();
    let payload = case.payload.unwrap_or(request);
    let digest = case.image.push(ecr, "dev/website", Some("1")).await;
    if let Some(findings) = case.findings {
        deployed.world.scan("dev/website", &digest, &findings);
    }
    // What a direct invocation is answered must not wait for events of what was pushed.
    let began = Instant::now();
    let answer = deployed.invoke(payload).await;
    let took = began.elapsed().as_secs_f64();
    let peak = Usage::of(&deployed).peak;
    let megabytes = peak.div_ceil(1024 * 1024);
    println!("{name:62} {megabytes:4} MB {took:6.1} s  {}", said(&answer));
    peak
}

/// The beginning of what was answered.
fn said(answer: &Result<Value, String>) -> String {
    let text = match answer {
        Ok(answer) => {
            let decisions = answer["decisions"]
                .as_array()
                .map_or(&[][..], Vec::as_slice);
            let invalid = answer["invalid"].as_array().map_or(0, Vec::len);
            let words =
                |decision: &Value| format!("{} {}", decision["outcome"], decision["reason"]);
            let first = decisions.first().map(words).unwrap_or_default();
            format!("{} judged, {invalid} invalid: {first}", decisions.len())
        }
        Err(failure) => failure.clone(),
    };
    text.chars().take(160).collect()
}
