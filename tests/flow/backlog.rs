//! Events that come late, as they do in a backlog: what was read of the policies after a push answers for it, and for nothing
//! that is younger.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

/// A policy of another tag, and an image of the repository under a tag that it does not mean.
async fn not_meant() -> (World, String) {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let digest = world
        .push("dev/website", "1-dev", &Image::single("dev", 1))
        .await;
    world.settle().await;
    (world, digest)
}

fn pass(world: &World, seconds: u64) {
    world.clock.advance(Duration::from_secs(seconds));
}

/// How many requests an event takes.
async fn requests(world: &World, event: &Value) -> u64 {
    world.local.reset_requests();
    world.ask(event).await.unwrap();
    world.local.requests().values().sum()
}

#[tokio::test(start_paused = true)]
async fn each_event_of_a_backlog_read_two_hundred_policies() {
    let (world, digest) = not_meant().await;
    let first = world.push_event("dev/website", "1-dev", &digest);
    pass(&world, 1);
    let second = world.push_event("dev/website", "2-dev", &digest);
    pass(&world, 4);
    assert_eq!(requests(&world, &first).await, 3, "five seconds after it");
    assert_eq!(requests(&world, &first).await, 0);
    assert_eq!(requests(&world, &second).await, 3, "four seconds after it");
    pass(&world, 1);
    assert_eq!(requests(&world, &second).await, 3, "five seconds after it");
    assert_eq!(requests(&world, &second).await, 0);
    assert_eq!(requests(&world, &first).await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_was_read_before_hides_no_newer_policy() {
    let (world, digest) = not_meant().await;
    let old = world.push_event("dev/website", "1-dev", &digest);
    pass(&world, 5);
    assert_eq!(requests(&world, &old).await, 3);
    assert_eq!(requests(&world, &old).await, 0);
    let mut policy = stable_to_qa();
    policy["name"] = json!("dev");
    policy["criteria"] = json!([{"attribute": "tag", "operator": "ends_with", "value": "-dev"}]);
    world.policy(policy).await;
    world
        .push("dev/website", "2-dev", &Image::single("newer", 1))
        .await;
    world.settle().await;
    assert!(world.tags("qa/website").await.contains_key("2-dev"));
    // A person is always answered by what is there.
    world
        .ask(&json!({"repository": "dev/website", "tag": "1-dev"}))
        .await
        .unwrap();
    assert!(world.tags("qa/website").await.contains_key("1-dev"));
}
