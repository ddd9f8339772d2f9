//! A promotion is itself a push: chains go on, circles end.

use serde_json::json;

use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn two_registries_replicated_to_each_other_without_end() {
    let world = World::new().await;
    world
        .policy(json!({"source": "dev/website", "name": "there", "target": {"repository": "qa/website"}}))
        .await;
    world
        .policy(json!({"source": "qa/website", "name": "back", "target": {"repository": "dev/website"}}))
        .await;
    world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.settle().await;
    world.later(15 * 60).await;
    insta::assert_snapshot!(world.history().await.join("\n"), @"
    dev/website:1 promoted: promoted to qa/website:1
    qa/website:1 promoted: promoted to dev/website:1
    ");
}

#[tokio::test(start_paused = true)]
async fn a_circle_that_renames_its_tags_ends_too() {
    let world = World::new().await;
    world
        .policy(json!({"source": "dev/website", "name": "there", "target": {"repository": "qa/website", "tag": "%n-a"}}))
        .await;
    world
        .policy(json!({"source": "qa/website", "name": "back", "target": {"repository": "dev/website", "tag": "%n-b"}}))
        .await;
    world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.settle().await;
    insta::assert_snapshot!(world.history().await.join("\n"), @"
    dev/website:1 promoted: promoted to qa/website:1-a
    dev/website:1-a-b skipped: loop: this policy already promoted what was pushed
    qa/website:1-a promoted: promoted to dev/website:1-a-b
    ");
}

#[tokio::test(start_paused = true)]
async fn a_retag_does_not_retag_itself() {
    let world = World::new().await;
    world
        .policy(json!({"source": "dev/website", "name": "more", "target": {"repository": "dev/website", "tag": "%n-x"}}))
        .await;
    world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.settle().await;
    let tags: Vec<String> = world.tags("dev/website").await.into_keys().collect();
    assert_eq!(tags, ["1", "1-x"]);
}

#[tokio::test(start_paused = true)]
async fn a_chain_goes_on_from_stage_to_stage() {
    let world = World::new().await;
    world.repository("prod/website").await;
    world.policy(stable_to_qa()).await;
    world
        .policy(
            json!({"source": "qa/website", "name": "on", "target": {"repository": "prod/website"}}),
        )
        .await;
    let digest = world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.settle().await;
    assert_eq!(world.tags("prod/website").await["1-stable"], digest);
}

#[tokio::test(start_paused = true)]
async fn a_way_has_eight_steps_at_most() {
    let world = World::new().await;
    for n in 0..12 {
        world.repository(&format!("stage/s{n:02}")).await;
        world
            .policy(json!({
                "source": format!("stage/s{n:02}"),
                "name": "on",
                "target": {"repository": format!("stage/s{:02}", n + 1)},
            }))
            .await;
    }
    world.push("stage/s00", "1", &Image::single("a", 1)).await;
    world.settle().await;
    assert!(world.tags("stage/s08").await.contains_key("1"));
    assert!(world.tags("stage/s09").await.is_empty());
}
