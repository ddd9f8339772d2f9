//! What others are told: once for each outcome, under the same id however often.

use serde_json::json;

use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn a_promotion_is_announced() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.settle().await;
    let announced = world.announced();
    assert_eq!(announced.len(), 1);
    assert_eq!(announced[0]["detail-type"], "Image Promoted");
    insta::assert_json_snapshot!(announced[0]["detail"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_promotion_is_announced_in_ecrs_words() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world.delete_repository("qa/website").await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.settle().await;
    let announced = world.announced();
    assert_eq!(announced[0]["detail-type"], "Promotion Failed");
    insta::assert_json_snapshot!(announced[0]["detail"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_announcement_is_tried_again_and_changes_no_outcome() {
    for fault in [
        json!([{"operation": "events:PutEvents", "code": "ThrottlingException", "status": 400, "times": 9}]),
        json!([{"operation": "events:PutEvents", "code": "AccessDeniedException", "status": 400, "times": 9}]),
        json!([{"operation": "events:PutEvents", "code": "ConnectionReset", "status": 0, "times": 9}]),
    ] {
        let world = World::new().await;
        world.policy(stable_to_qa()).await;
        world
            .push("dev/website", "1-stable", &Image::single("a", 1))
            .await;
        world.fault(fault.clone());
        world.settle().await;
        assert_eq!(
            world.history().await,
            ["dev/website:1-stable promoted: promoted to qa/website:1-stable"],
            "{fault}"
        );
        assert!(world.announced().is_empty(), "{fault}");
        world.fault(json!([]));
        world.local.reset_requests();
        world.later(60).await;
        assert_eq!(world.announced().len(), 1, "{fault}");
        assert!(
            !world.local.requests().contains_key("ecr:PutImage"),
            "{fault}: not promoted again"
        );
        world.later(60 * 60).await;
        assert_eq!(world.announced().len(), 1, "{fault}: told once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeat_has_the_same_id() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1-stable", &image).await;
    // It is told, and the answer that says so is lost more often than the SDK asks.
    world.fault(json!([{
        "operation": "events:PutEvents", "code": "ConnectionReset", "status": 0, "times": 4, "after_effect": true,
    }]));
    world.settle().await;
    world.later(60).await;
    let ids: Vec<_> = world
        .announced()
        .iter()
        .map(|event| event["detail"]["id"].clone())
        .collect();
    assert!(
        ids.len() > 1 && ids.iter().all(|id| *id == ids[0]),
        "{ids:?}"
    );
}
