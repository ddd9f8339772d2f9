//! Copies that take longer than an invocation has time, and uploads that come to a standstill.

use std::{collections::BTreeMap, sync::atomic::Ordering, time::Duration};

use serde_json::json;

use crate::{
    between::Between,
    image::{self, Image, OCI_LAYER},
    line::Line,
    world::{Choices, World, stable_to_qa},
};

/// Bytes a second of the line.
const RATE: u32 = 300_000;
/// An invocation copies for five seconds less.
const TIMEOUT: Duration = Duration::from_secs(20);
const LAYER_BYTES: usize = 2_000_000;

async fn world(between: &Between, timeout: Duration) -> World {
    let world = World::with(Choices {
        blob_mounting: false,
        between: Some(between.clone()),
        timeout,
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    world.settle().await;
    world
}

/// An image of so many layers, each of so many bytes and unlike the others.
fn image(layers: u8, bytes: usize) -> Image {
    let layers = (0..layers).map(|number| vec![number; bytes]).collect();
    Image::of("a", OCI_LAYER, layers)
}

/// How often each blob was sent to the target.
fn uploads(between: &Between) -> BTreeMap<String, usize> {
    let mut sent = BTreeMap::new();
    for seen in between.take() {
        let digest = seen.uri.split_once("digest=");
        if let Some((_, digest)) = digest.filter(|_| seen.method == "PUT") {
            *sent.entry(digest.to_owned()).or_default() += 1;
        }
    }
    sent
}

/// Lets the schedule send what is due, and the function handle it.
async fn next_invocation(world: &World) {
    world.local.fire_schedule().await.unwrap();
    world.settle().await;
}

#[tokio::test(start_paused = true)]
async fn an_image_that_took_five_invocations_never_finished() {
    let between = Line::of(RATE).between();
    let world = world(&between, TIMEOUT).await;
    let goes = world.goes();
    let digest = world
        .push("dev/website", "1-stable", &image(10, LAYER_BYTES))
        .await;
    between.take();
    let mut invocations = 1;
    world.settle().await;
    while world.tags("qa/website").await.is_empty() {
        assert!(invocations < 9, "{:?}", world.history().await);
        let open = world.open_until("1-stable").await;
        let due: chrono::DateTime<chrono::Utc> = open[0].1.parse().unwrap();
        assert!(due <= world.clock.now(), "it goes on at once: {open:?}");
        let queue = world.local.queue();
        assert_eq!(queue.visible + queue.in_flight + queue.delayed, 0);
        invocations += 1;
        next_invocation(&world).await;
    }
    goes.abort();
    assert_eq!(invocations, 5);
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    let sent = uploads(&between);
    assert_eq!(sent.len(), 11, "{sent:?}");
    assert!(sent.values().all(|times| *times == 1), "{sent:?}");
    assert_eq!(world.history().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_layer_that_no_invocation_can_copy_is_a_failure_that_says_so() {
    let between = Line::of(RATE).between();
    let world = world(&between, TIMEOUT).await;
    let goes = world.goes();
    world
        .push("dev/website", "1-stable", &image(1, 3 * LAYER_BYTES))
        .await;
    world.settle().await;
    goes.abort();
    let history = world.history().await.join("\n");
    assert!(
        history.contains("1-stable failed: cannot copy"),
        "{history}"
    );
    assert!(
        history.contains("it has 6000000 bytes") && history.contains("raise the parameter Timeout"),
        "{history}"
    );
    let open = world.open_until("1-stable").await;
    assert_eq!(open[0].0, "mending", "it is tried again for a day");
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_began_late_in_its_invocation_was_blamed_for_its_time_out() {
    let between = Line::of(RATE).between();
    let world = world(&between, TIMEOUT).await;
    let goes = world.goes();
    let digest = world
        .push("dev/website", "1-stable", &image(1, 3_000_000))
        .await;
    world.fault(json!([{"operation": "ecr:BatchCheckLayerAvailability", "delay_ms": 12_000}]));
    world.settle().await;
    assert_eq!(world.history().await, Vec::<String>::new());
    next_invocation(&world).await;
    goes.abort();
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_server_took_nothing_more_held_the_whole_invocation() {
    for (stalls, layers) in [(1, 1), (2, 1), (3, 4)] {
        let line = Line::of(RATE);
        let between = line.between();
        let world = world(&between, Duration::from_mins(5)).await;
        let goes = world.goes();
        let digest = world
            .push("dev/website", "1-stable", &image(layers, 1_000_000))
            .await;
        between.take();
        line.stalls.store(stalls, Ordering::Relaxed);
        let began = world.clock.now();
        world.settle().await;
        goes.abort();
        let case = format!("{stalls} of {layers}");
        assert_eq!(world.tags("qa/website").await["1-stable"], digest, "{case}");
        let took = (world.clock.now() - began).num_seconds();
        assert!((30..=100).contains(&took), "{case}: {took} s");
        let sent: usize = uploads(&between).values().sum();
        assert_eq!(sent, usize::from(layers) + 1 + stalls, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_blob_that_failed_threw_away_all_that_were_half_sent() {
    for (case, status, code, again) in [
        ("throttled", 429, "TOOMANYREQUESTS", "open"),
        ("broken", 500, "UNKNOWN", "open"),
        ("refused", 403, "DENIED", "mending"),
    ] {
        let between = Line::of(RATE).between();
        let world = world(&between, Duration::from_mins(2)).await;
        let goes = world.goes();
        let layers = vec![vec![1; 9_000_000], vec![2; 1_000]];
        let small = image::digest(&layers[1]);
        let image = Image::of("a", OCI_LAYER, layers);
        let digest = world.push("dev/website", "1-stable", &image).await;
        world.fault(json!([{
            "operation": "registry:mount", "match": small, "code": code, "status": status, "times": 9999,
        }]));
        between.take();
        assert!(world.local.step().await);
        assert!(world.tags("qa/website").await.is_empty(), "{case}");
        let failed = world.history().await.join("\n");
        assert_eq!(failed.contains(" failed: "), again == "mending", "{failed}");
        world.fault(json!([]));
        world.later(60).await;
        goes.abort();
        assert_eq!(world.tags("qa/website").await["1-stable"], digest, "{case}");
        let sent = uploads(&between);
        let once = sent.len() == 3 && sent.values().all(|times| *times == 1);
        assert!(once, "{case}: {sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_blob_that_was_throttled_for_a_while_held_up_the_others() {
    let between = Line::of(RATE).between();
    let world = world(&between, Duration::from_mins(2)).await;
    let goes = world.goes();
    let layers = vec![vec![1; 3_000_000], vec![2; 1_000]];
    let small = image::digest(&layers[1]);
    let image = Image::of("a", OCI_LAYER, layers);
    let digest = world.push("dev/website", "1-stable", &image).await;
    // About eight seconds of pauses, beside ten of the large layer.
    world.fault(json!([{
        "operation": "registry:mount", "match": small, "code": "TOOMANYREQUESTS", "status": 429, "times": 4,
    }]));
    between.take();
    world.local.reset_requests();
    let began = world.clock.now();
    assert!(world.local.step().await);
    goes.abort();
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    let took = (world.clock.now() - began).num_seconds();
    assert!((10..=12).contains(&took), "{took} s");
    assert_eq!(world.local.requests()["registry:mount"], 3 + 4);
    let sent = uploads(&between);
    assert!(sent.values().all(|times| *times == 1), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn layers_that_lie_elsewhere_stopped_those_that_move() {
    let between = Line::of(RATE).between();
    let world = world(&between, TIMEOUT).await;
    let goes = world.goes();
    let mut image = image(2, 100_000);
    let mut manifest: serde_json::Value = serde_json::from_str(&image.manifest).unwrap();
    for number in ["7", "8", "9"] {
        manifest["layers"].as_array_mut().unwrap().push(json!({
            "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            "digest": format!("sha256:{}", number.repeat(64)),
            "size": 2_000_000_000,
            "urls": ["https://example.com/layer"],
        }));
    }
    image.manifest = manifest.to_string();
    let digest = world.push("dev/website", "1-stable", &image).await;
    let slow = ["7", "8", "9"].map(|number| {
        json!({"operation": "ecr:GetDownloadUrlForLayer", "match": number.repeat(64), "delay_ms": 1_500})
    });
    world.fault(json!(slow));
    assert!(world.local.step().await);
    goes.abort();
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
}

#[tokio::test(start_paused = true)]
async fn an_index_whose_children_took_longer_than_an_invocation_never_finished() {
    let world = World::with(Choices {
        environment: &[("PUT_IMAGE_RATE", "1"), ("MAX_CONCURRENCY", "1")],
        timeout: TIMEOUT,
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    let children: Vec<Image> = (0..40)
        .map(|number| Image::single(&number.to_string(), 1))
        .collect();
    let platforms: Vec<String> = (0..40).map(|number| format!("linux/{number}")).collect();
    let platforms: Vec<&str> = platforms.iter().map(String::as_str).collect();
    let index = Image::index_of(children, &platforms);
    let digest = world.push("dev/website", "1-stable", &index).await;
    world.local.reset_requests();
    let mut invocations = 1;
    // Each has seventeen seconds.
    world.settle().await;
    while world.tags("qa/website").await.is_empty() {
        assert!(invocations < 9, "{:?}", world.requests("ecr:"));
        invocations += 1;
        world.clock.advance(Duration::from_mins(1));
        next_invocation(&world).await;
    }
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    let requests = world.requests("ecr:");
    assert_eq!(requests["ecr:PutImage"], 41, "each once: {requests:?}");
}
