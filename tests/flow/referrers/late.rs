//! What is attached after its image was promoted.

use serde_json::json;

use super::{NOTATION, SPDX, attached, by_cosign, digests, put, tag_of, told};
use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

/// An index that was promoted, to which nothing is attached.
async fn promoted(world: &World) -> Image {
    world.policy(stable_to_qa()).await;
    let image = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
    world.push("dev/website", "1-stable", &image).await;
    world.settle().await;
    assert_eq!(told(world).await, json!(null));
    assert_eq!(world.open().await, 0);
    image
}

#[tokio::test(start_paused = true)]
async fn a_referrer_that_arrives_late_follows_its_image_without_a_second_promotion() {
    let world = World::new().await;
    let image = promoted(&world).await;
    let child = image.children[0].clone();
    let sbom = attached(SPDX, &image, "an sbom");
    let cosign = tag_of(&image, ".sig");
    for (case, referrer, tag) in [
        ("of the index", sbom.clone(), None),
        (
            "of a child",
            attached(NOTATION, &child, "a signature"),
            None,
        ),
        (
            "of an SBOM",
            attached(NOTATION, &sbom, "its signature"),
            None,
        ),
        ("by cosign's tag", by_cosign("one"), Some(cosign.as_str())),
        (
            "cosign's tag moves",
            by_cosign("two"),
            Some(cosign.as_str()),
        ),
    ] {
        world.local.reset_requests();
        let digest = put(&world, &referrer, tag).await;
        world.settle().await;
        let there = digests(&world, "qa/website").await;
        assert!(there.contains(&digest), "{case}");
        assert_eq!(
            world.tags("qa/website").await.get(&cosign),
            world.tags("dev/website").await.get(&cosign),
            "{case}"
        );
        // Its own push, and its copy.
        assert_eq!(world.local.requests()["ecr:PutImage"], 2, "{case}");
        assert_eq!(told(&world).await["copied"], 1, "{case}");
        assert_eq!(world.open().await, 0, "{case}");
    }
    let history = world.history().await;
    assert_eq!(history.len(), 1, "{history:?}");
    assert_eq!(world.announced().len(), 1);
}

/// The signature of an SBOM was told before the SBOM itself.
#[tokio::test(start_paused = true)]
async fn a_signature_was_copied_before_its_image() {
    let world = World::new().await;
    let image = promoted(&world).await;
    let sbom = attached(SPDX, &image, "an sbom");
    let signature = attached(NOTATION, &sbom, "its signature");
    put(&world, &sbom, None).await;
    world.drop_events_of(&sbom.digest()).await;
    put(&world, &signature, None).await;
    world.settle().await;
    let there = digests(&world, "qa/website").await;
    for referrer in [sbom, signature] {
        assert!(there.contains(&referrer.digest()));
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_follows_where_nobody_lets_it() {
    for change in ["referrers", "enabled", "deleted"] {
        let world = World::new().await;
        let image = promoted(&world).await;
        let mut policy = stable_to_qa();
        match change {
            "referrers" => policy["target"]["referrers"] = json!(false),
            "enabled" => policy["enabled"] = json!(false),
            _ => policy["source"] = json!("dev/other"),
        }
        if change == "deleted" {
            world.delete_policy("dev/website", "stable-to-qa").await;
        }
        world.policy(policy).await;
        world.settle().await;
        world.local.reset_requests();
        let digest = put(&world, &attached(SPDX, &image, "an sbom"), None).await;
        world.settle().await;
        assert!(
            !digests(&world, "qa/website").await.contains(&digest),
            "{change}"
        );
        // Its own push alone: nothing is read of it.
        let reads = world.local.requests().get("ecr:BatchGetImage").copied();
        assert_eq!(reads, None, "{change}");
    }
}
