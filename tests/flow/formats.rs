//! Items of the ledger that another release wrote.

use serde_json::json;

use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn an_item_of_a_format_that_is_too_new_is_left_alone_and_its_delivery_comes_back() {
    for (version, promoted) in [(2, true), (3, false)] {
        let world = World::new().await;
        world.policy(stable_to_qa()).await;
        // An item of the tag as a release to come might leave it.
        world
            .push("dev/website", "1-stable", &Image::single("a", 1))
            .await;
        world.settle().await;
        let key = json!({"pk": {"S": world.items("TAGS#", "1-stable").await[0]["pk"]}, "sk": {"S": "1-stable"}});
        let update = json!({
            "TableName": "promotions", "Key": key, "UpdateExpression": "SET v = :v",
            "ExpressionAttributeValues": {":v": {"N": version.to_string()}},
        });
        world.api("DynamoDB_20120810.UpdateItem", &update).await;
        let second = world
            .push("dev/website", "1-stable", &Image::single("b", 1))
            .await;
        world.settle().await;
        let there = world.tags("qa/website").await;
        assert_eq!(there["1-stable"] == second, promoted, "version {version}");
        assert_eq!(
            world.items("TAGS#", "1-stable").await[0]["v"],
            if promoted { 1 } else { version }
        );
        let queue = world.local.queue();
        assert_eq!(
            queue.in_flight + queue.visible + queue.delayed,
            usize::from(!promoted),
            "version {version}"
        );
    }
}
