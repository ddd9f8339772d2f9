//! What a copy takes, beside skopeo that copies the same image within the same embedded registry, and beside `curl | curl` for one
//! large layer.
//!
//! `cargo bench --bench copy` starts the embedded AWS on a socket and the binary as its function. Both copy in turns, to a
//! repository of their own each time, so that the machine's other work meets both. The ratio is skopeo's wall time by ours:
//! above 1 the function is faster. A word after `--` measures only the rows that hold it. Needs skopeo and curl.
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
mod peer;
mod rows;
#[path = "../parts/usage.rs"]
mod usage;

use std::time::Instant;

use serde_json::{Value, json};

use deployed::Deployed;
use image::Image;
use peer::Peer;
use rows::{Row, Way};
use usage::Usage;
use world::Choices;

/// What one copy took.
#[derive(Clone, Copy)]
struct Took {
    seconds: f64,
    processor_seconds: f64,
    /// Requests to the registry, of the function alone.
    requests: u64,
}

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` asks for no measuring.
    if !words.iter().any(|word| word == "--bench") {
        return;
    }
    let wanted = words.iter().find(|word| !word.starts_with("--"));
    println!(
        "{:44} {:>8} {:>8} {:>6} {:>6} {:>7} {:>8}",
        "median seconds", "ours", "peer", "ratio", "CPU", "peak", "requests"
    );
    for row in rows::all() {
        if wanted.is_none_or(|word| row.name.contains(word.as_str())) {
            Box::pin(measured(&row)).await;
        }
    }
}

/// Copies in turns, and prints the medians, the processor's time by the peer's, the peak above idle, and the requests.
async fn measured(row: &Row) {
    let choices = Choices {
        blob_mounting: row.way == Way::Mounted,
        ..Choices::default()
    };
    let deployed = Deployed::with(choices, &UNPACED).await;
    let world = &deployed.world;
    let ecr = &world.aws.ecr;
    // The process is started, and knows the registry's token.
    let small = Image::single("small", 1);
    small.push(ecr, "dev/website", Some("seed")).await;
    ours(&deployed, row, 0).await;
    let idle = Usage::of(&deployed).peak;
    let image = (row.image)();
    image.push(ecr, "dev/website", Some("seed")).await;
    let peer = Peer::new(&deployed, &image).await;
    let mut both = (Vec::new(), Vec::new());
    for number in 1..=row.rounds {
        world.fault(row.delays());
        both.0.push(ours(&deployed, row, number).await);
        both.1.push(theirs(&deployed, &peer, row, number).await);
        world.fault(json!([]));
    }
    let peak = Usage::of(&deployed).peak;
    let (own, other) = (median(&both.0), median(&both.1));
    println!(
        "{:44} {:8.2} {:8.2} {:6.2} {:6.2} {:4} MB {:8}   (idle {} MB)",
        row.name,
        own.seconds,
        other.seconds,
        other.seconds / own.seconds,
        own.processor_seconds / other.processor_seconds,
        peak.div_ceil(1 << 20),
        own.requests,
        idle.div_ceil(1 << 20),
    );
}

/// The function promotes the image to a repository that is new, or has it already.
async fn ours(deployed: &Deployed, row: &Row, number: usize) -> Took {
    let world = &deployed.world;
    let (tag, target) = (format!("{number}-own"), format!("qa/own-{number}"));
    prepare(deployed, row, &target).await;
    world.policy(policy(&tag, &target)).await;
    while world.local.step_stream().await {}
    let digest = world.tags("dev/website").await["seed"].clone();
    let event = world.push_event("dev/website", &tag, &digest);
    retag(deployed, &tag).await;
    world.local.reset_requests();
    let (before, began) = (Usage::of(deployed), Instant::now());
    let answer = deployed.invoke(event.to_string()).await.unwrap();
    let seconds = began.elapsed().as_secs_f64();
    let requests = world.registry_requests();
    assert_eq!(world.tags(&target).await["1"], digest, "{answer}");
    Took {
        seconds,
        processor_seconds: Usage::of(deployed).processor_seconds - before.processor_seconds,
        requests,
    }
}

/// The peer copies it to another one.
async fn theirs(deployed: &Deployed, peer: &Peer, row: &Row, number: usize) -> Took {
    let target = format!("qa/peer-{number}");
    prepare(deployed, row, &target).await;
    let began = Instant::now();
    let processor_seconds = if row.beside_curl {
        peer.curl(&target).await
    } else {
        peer.skopeo(&target).await
    };
    let seconds = began.elapsed().as_secs_f64();
    Took {
        seconds,
        processor_seconds,
        requests: 0,
    }
}

/// The target repository, which has every blob already where the row says so.
async fn prepare(deployed: &Deployed, row: &Row, target: &str) {
    deployed.world.repository(target).await;
    if row.way == Way::There && target != "qa/own-0" {
        let image = (row.image)();
        image.push(&deployed.world.aws.ecr, target, None).await;
    }
}

/// Puts another tag on the image.
async fn retag(deployed: &Deployed, tag: &str) {
    let ecr = &deployed.world.aws.ecr;
    let id = aws_sdk_ecr::types::ImageIdentifier::builder().image_tag("seed");
    let read = ecr.batch_get_image().repository_name("dev/website");
    let types = [image::OCI_INDEX, image::OCI_MANIFEST].map(str::to_owned);
    let read = read
        .image_ids(id.build())
        .set_accepted_media_types(Some(types.to_vec()));
    let found = read.send().await.unwrap();
    let manifest = found.images()[0].image_manifest().unwrap();
    let put = ecr.put_image().repository_name("dev/website");
    let put = put.image_manifest(manifest).image_tag(tag);
    put.send().await.unwrap();
}

/// It means one tag, and lets nothing go along.
fn policy(tag: &str, target: &str) -> Value {
    json!({
        "source": "dev/website", "name": tag,
        "criteria": [{"attribute": "tag", "operator": "equals", "value": tag}],
        "target": {"repository": target, "tag": "1", "referrers": false},
    })
}

fn median(took: &[Took]) -> Took {
    let of = |value: fn(&Took) -> f64| {
        let mut values: Vec<f64> = took.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Took {
        seconds: of(|it| it.seconds),
        processor_seconds: of(|it| it.processor_seconds),
        requests: took.iter().map(|it| it.requests).max().unwrap_or_default(),
    }
}
