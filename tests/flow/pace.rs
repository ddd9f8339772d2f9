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
    for (operation, code, status) in [
        ("ecr:PutImage", "ThrottlingException", 400),
        ("registry:mount", "TOOMANYREQUESTS", 429),
    ] {
        let world = World::new().await;
        world.policy(stable_to_qa()).await;
        let image = Image::single("a", 1);
        let digest = world.push("dev/website", "1-stable", &image).await;
        world.fault(json!([
            {"operation": operation, "code": code, "status": status, "times": 999},
        ]));
        let began = world.clock.now();
        assert!(world.local.step().await);
        let took = (world.clock.now() - began).num_milliseconds();
        assert!((10_000..21_000).contains(&took), "{operation}: {took} ms");
        let queue = world.local.queue();
        let waits = queue.visible + queue.in_flight + queue.delayed;
        let remembered = (waits, world.open().await);
        assert_eq!(remembered, (0, 1), "{operation}: the ledger remembers");
        world.fault(json!([]));
        world.later(60).await;
        assert_eq!(world.tags("qa/website").await["1-stable"], digest);
        assert_eq!(world.history().await.len(), 1);
    }
}
