//! The main job: a push that meets a policy stands in its target, whole and by its digest.

use serde_json::json;

use crate::{
    image::{Image, OCI_LAYER},
    world::{Choices, World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn an_image_that_meets_its_policy_stands_in_the_target_under_its_tag() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let digest = world
        .push("dev/website", "1.4-stable", &Image::single("a", 2))
        .await;
    world.settle().await;
    assert_eq!(world.tags("qa/website").await["1.4-stable"], digest);
    assert_eq!(
        world.history().await,
        ["dev/website:1.4-stable promoted: promoted to qa/website:1.4-stable"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_index_arrives_with_all_its_platforms_byte_for_byte() {
    for blob_mounting in [true, false] {
        let world = World::with(Choices {
            blob_mounting,
            ..Choices::default()
        })
        .await;
        world.policy(stable_to_qa()).await;
        let index = Image::index("a", &["linux/amd64", "linux/arm64"], 2);
        let digest = world.push("dev/website", "2-stable", &index).await;
        world.settle().await;
        assert_eq!(world.tags("qa/website").await["2-stable"], digest);
        for image in index.children.iter().chain([&index]) {
            let there = world.manifest("qa/website", &image.digest()).await;
            assert_eq!(
                there.as_deref(),
                Some(image.manifest.as_str()),
                "mounting {blob_mounting}"
            );
        }
        for blob in index.children.iter().flat_map(|child| &child.blobs) {
            let there = world.blob("qa/website", &crate::image::digest(blob)).await;
            assert_eq!(there.as_ref(), Some(blob), "mounting {blob_mounting}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_template_makes_the_tag_of_the_time_of_the_claim() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["target"]["tag"] = json!("%n-%Y%m%d-%H%M%S");
    world.policy(policy).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.settle().await;
    assert!(
        world
            .tags("qa/website")
            .await
            .contains_key("1-stable-20260307-090503")
    );
}

#[tokio::test(start_paused = true)]
async fn one_push_with_three_tags_replicated_one_tag() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    for tag in ["a-stable", "b-stable", "c-stable"] {
        world.push("dev/website", tag, &image).await;
    }
    world.settle().await;
    let tags: Vec<String> = world.tags("qa/website").await.into_keys().collect();
    assert_eq!(tags, ["a-stable", "b-stable", "c-stable"]);
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_a_namespace_keeps_repositories_apart() {
    let world = World::with(Choices {
        paths: "dev/{rest} => qa/{rest}",
        ..Choices::default()
    })
    .await;
    for repository in ["dev/team/shop", "qa/team/shop"] {
        world.repository(repository).await;
    }
    world
        .policy(json!({"source": "dev/*", "name": "all", "target": {"repository": "qa/{rest}"}}))
        .await;
    let website = world.push("dev/website", "1", &Image::single("w", 1)).await;
    let shop = world
        .push("dev/team/shop", "1", &Image::single("s", 1))
        .await;
    world.settle().await;
    assert_eq!(world.tags("qa/website").await["1"], website);
    assert_eq!(world.tags("qa/team/shop").await["1"], shop);
}

#[tokio::test(start_paused = true)]
async fn a_tag_within_the_repository_is_a_retag() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["target"] = json!({"repository": "dev/website", "tag": "released"});
    world.policy(policy).await;
    let digest = world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.settle().await;
    assert_eq!(world.tags("dev/website").await["released"], digest);
}

#[tokio::test(start_paused = true)]
async fn a_foreign_layer_that_nobody_holds_is_left_where_its_urls_are() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let mut image = Image::single("a", 1);
    let elsewhere = json!({
        "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "digest": format!("sha256:{}", "7".repeat(64)),
        "size": 1000,
        "urls": ["https://example.com/layer"],
    });
    let mut manifest: serde_json::Value = serde_json::from_str(&image.manifest).unwrap();
    manifest["layers"].as_array_mut().unwrap().push(elsewhere);
    image.manifest = manifest.to_string();
    let digest = world.push("dev/website", "1-stable", &image).await;
    world.settle().await;
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
}

#[tokio::test(start_paused = true)]
async fn a_large_layer_streams_through() {
    let world = World::with(Choices {
        blob_mounting: false,
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    let layer: Vec<u8> = (0..3_000_000_u32)
        .flat_map(u32::to_le_bytes)
        .take(9_000_000)
        .collect();
    let image = Image::of("big", OCI_LAYER, vec![layer.clone()]);
    world.push("dev/website", "1-stable", &image).await;
    world.settle().await;
    let there = world
        .blob("qa/website", &crate::image::digest(&layer))
        .await;
    assert!(there == Some(layer));
}

#[tokio::test(start_paused = true)]
async fn tag_checked_then_used_by_tag_another_digest_was_admitted() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let judged = world
        .push("dev/website", "1-stable", &Image::single("judged", 1))
        .await;
    // The tag moves on while the first push is on its way; its own event is lost.
    let moved = Image::single("moved", 1);
    world.push("dev/website", "1-stable", &moved).await;
    world.drop_events_of(&moved.digest()).await;
    world.later(60).await;
    assert_eq!(world.tags("qa/website").await["1-stable"], judged);
}
