//! Formats of the ledger's items: a release reads its own and the next one, so that a rollback of
//! the function is harmless; what is newer is left alone.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

/// Writes a version into the items whose keys begin so.
async fn version(world: &World, pk: &str, sk: &str, version: u64) {
    let dynamodb = &world.aws.dynamodb;
    let items = dynamodb
        .scan()
        .table_name("promotions")
        .send()
        .await
        .unwrap()
        .items;
    let mut found = 0;
    for mut item in items.unwrap_or_default() {
        let begins = |key: &str, with: &str| item[key].as_s().unwrap().starts_with(with);
        if begins("pk", pk) && begins("sk", sk) {
            item.insert("v".to_owned(), AttributeValue::N(version.to_string()));
            let put = dynamodb.put_item().table_name("promotions");
            put.set_item(Some(item)).send().await.unwrap();
            found += 1;
        }
    }
    assert!(found > 0, "no item {pk} {sk}");
}

#[tokio::test(start_paused = true)]
async fn an_item_newer_than_the_next_format_is_left_alone_and_its_delivery_comes_back() {
    for (pk, sk) in [("TAGS#", ""), ("IMAGE#", "CASE#"), ("TARGET#", "latest")] {
        for (newer, read) in [(2, true), (3, false), (u64::from(u32::MAX), false)] {
            let case = format!("{pk} {sk} of version {newer}");
            let world = World::new().await;
            let mut policy = stable_to_qa();
            policy["target"]["tag"] = json!("latest");
            world.policy(policy).await;
            let image = Image::single("a", 1);
            world.push("dev/website", "1-stable", &image).await;
            world.settle().await;
            version(&world, pk, sk, newer).await;
            let items = world.items(pk, sk).await;
            world.clock.advance(std::time::Duration::from_secs(5));
            // Its own tag's runs, its own judgement and its target tag's head are read again.
            let again = Image::single("b", 1);
            let event = world.push_event("dev/website", "1-stable", &image.digest());
            world.local.raise(event);
            world.push("dev/website", "2-stable", &again).await;
            world.settle().await;
            let comes_back = world.local.queue().in_flight;
            assert_eq!(comes_back, usize::from(!read), "{case}");
            if !read {
                let now = world.items(pk, sk).await;
                assert!(
                    items.iter().all(|item| now.contains(item)),
                    "{case}: left alone"
                );
                // The release that writes that format is done; then it is this release's turn.
                version(&world, pk, sk, 2).await;
                world.later(15).await;
            }
            let queue = world.local.queue();
            assert_eq!(
                (queue.visible, queue.in_flight, queue.dead),
                (0, 0, 0),
                "{case}"
            );
            assert_eq!(
                world.tags("qa/website").await["latest"],
                again.digest(),
                "{case}"
            );
            assert_eq!(world.history().await.len(), 2, "{case}");
        }
    }
}
