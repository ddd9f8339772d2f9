//! The pace of writes that share a quota with everybody's builds.

use serde_json::json;

use crate::{
    image::Image,
    world::{Choices, World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn an_invocation_of_ten_puts_one_image_a_second_at_most() {
    let world = World::with(Choices {
        environment: &[("PUT_IMAGE_RATE", "5"), ("MAX_CONCURRENCY", "10")],
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    let platforms = ["linux/amd64", "linux/arm64", "linux/s390x"];
    let index = Image::index("a", &platforms, 1);
    let digest = world.push("dev/website", "1-stable", &index).await;
    let event = world.push_event("dev/website", "1-stable", &digest);
    let began = world.clock.now();
    world.ask(&event).await.unwrap();
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    // Six blobs are mounted, ten a second; three children and the root are put, one a second.
    let took = (world.clock.now() - began).num_milliseconds();
    assert_eq!(took, 500 + 3_000);
}

#[tokio::test(start_paused = true)]
async fn a_push_that_ecr_throttles_leaves_its_slot_to_others_for_a_minute() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    let digest = world.push("dev/website", "1-stable", &image).await;
    let throttled = json!([{
        "operation": "ecr:PutImage", "code": "ThrottlingException", "status": 400, "times": 999,
    }]);
    world.fault(throttled);
    let began = world.clock.now();
    assert!(world.local.step().await);
    let took = (world.clock.now() - began).num_milliseconds();
    assert!((15_000..20_000).contains(&took), "{took} ms");
    let queue = world.local.queue();
    let waits = queue.visible + queue.in_flight + queue.delayed;
    assert_eq!((waits, world.open().await), (0, 1), "the ledger remembers");
    world.fault(json!([]));
    world.later(60).await;
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    assert_eq!(world.history().await.len(), 1);
}
