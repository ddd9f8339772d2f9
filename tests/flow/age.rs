//! Nothing that was pushed more than 400 days ago is promoted but by hand: its case has left the
//! ledger by then, and it is not known that it was promoted before.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    findings::{basic, no_critical},
    image::Image,
    world::World,
};

/// A world with a promoted push, this many days after it, without what has expired meanwhile.
async fn later_without_its_case(days: i64) -> (World, String) {
    let world = World::new().await;
    world.policy(no_critical()).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.scan("dev/website", &digest, &basic(&world, &[]));
    world.settle().await;
    assert_eq!(world.tags("qa/website").await["1"], digest);
    world.clock.advance(TimeDelta::days(days).to_std().unwrap());
    for item in world.items("", "").await {
        let [pk, sk] = ["pk", "sk"].map(|key| item[key].as_str().unwrap().to_owned());
        // Tags and pushes are kept for 900 days.
        if !pk.starts_with("TAGS#") && !sk.starts_with("PUSH#") {
            let text = aws_sdk_dynamodb::types::AttributeValue::S;
            let delete = world.aws.dynamodb.delete_item().table_name("promotions");
            let delete = delete.key("pk", text(pk)).key("sk", text(sk));
            delete.send().await.unwrap();
        }
    }
    world.untag("qa/website", "1").await;
    (world, digest)
}

#[tokio::test(start_paused = true)]
async fn a_rescan_promoted_again_what_had_left_the_ledger() {
    let (world, digest) = later_without_its_case(401).await;
    world.scan("dev/website", &digest, &basic(&world, &[]));
    world.settle().await;
    assert!(world.tags("qa/website").await.is_empty());
    let history = world.history().await;
    let last = history.last().unwrap();
    assert!(
        last.contains("skipped: pushed more than 400 days ago"),
        "{last}"
    );
}

#[tokio::test(start_paused = true)]
async fn by_hand_an_old_push_is_promoted() {
    let (world, digest) = later_without_its_case(401).await;
    world.scan("dev/website", &digest, &basic(&world, &[]));
    let request = json!({"repository": "dev/website", "tag": "1"});
    world.ask(&request).await.unwrap();
    assert_eq!(world.tags("qa/website").await["1"], digest);
}
