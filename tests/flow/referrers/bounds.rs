//! What strangers attach is bounded, and what is beyond the bounds is named.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{NOTATION, SIMPLE_SIGNING, SPDX, attached, by_cosign, digests, put, put_many, told};
use crate::{
    attach::{artifact, index},
    image::Image,
    world::{World, stable_to_qa},
};

/// Several of the largest manifests still fit into what one image may take.
const LARGE_BYTES: usize = 3_900 * 1024;

/// An artifact whose manifest is so much longer.
fn padded(words: &str, bytes: usize) -> Image {
    let mut image = artifact("a/b", "a/b", &json!({}), None, words.as_bytes());
    let long = format!(r#"{{"annotations":{{"long":"{}"}},"#, "x".repeat(bytes));
    image.manifest = image.manifest.replacen('{', &long, 1);
    image
}

/// An index that lists these, attached to something.
fn attached_index(children: &[Image], subject: &Image, number: usize) -> Image {
    let entry = |child: &Image| json!({"mediaType": child.media_type, "digest": child.digest(), "size": child.manifest.len()});
    let entries: Vec<Value> = children.iter().map(entry).collect();
    let mut list = index(&entries, Vec::new());
    let mut manifest: Value = serde_json::from_str(&list.manifest).unwrap();
    manifest["artifactType"] = json!("a/list");
    manifest["annotations"] = json!({"number": number.to_string()});
    manifest["subject"] = entry(subject);
    list.manifest = manifest.to_string();
    list
}

/// The image pushed, and what became of its referrers.
async fn promoted(world: &World, image: &Image) -> Value {
    world.drop_events_of("sha256:").await;
    let root = Image {
        children: Vec::new(),
        ..image.clone()
    };
    let digest = world.push("dev/website", "1-stable", &root).await;
    let event = world.push_event("dev/website", "1-stable", &digest);
    world.ask(&event).await.unwrap();
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    told(world).await
}

/// Four manifests of 4 MiB that a hundred small indexes list were held in memory a hundred times.
#[tokio::test(start_paused = true)]
async fn a_manifest_was_kept_once_for_each_index_that_lists_it() {
    for (case, children, bytes, lists, fit) in [
        ("bytes", 4, LARGE_BYTES, 6, 1),
        ("number", 90, 0, 5, 2),
        ("all fit", 40, 0, 4, 4),
    ] {
        let world = World::new().await;
        world.policy(stable_to_qa()).await;
        let image = Image::single("a", 1);
        image.push(&world.aws.ecr, "dev/website", None).await;
        let children: Vec<Image> = (0..children)
            .map(|n| padded(&n.to_string(), bytes))
            .collect();
        for child in &children {
            put(&world, child, None).await;
        }
        let small = attached(SPDX, &image, "an sbom");
        put(&world, &small, None).await;
        for number in 0..lists {
            // Of the image, and of what is attached to it.
            let subject = if number % 2 == 0 { &image } else { &small };
            put(&world, &attached_index(&children, subject, number), None).await;
        }
        let told = promoted(&world, &image).await;
        assert_eq!(told["copied"], fit + 1, "{case}: {told}");
        let left = told["left"].as_array().cloned().unwrap_or_default();
        assert_eq!(left.len(), lists - fit, "{case}: {told}");
        for left in left {
            let reason = left["reason"].as_str().unwrap();
            assert!(
                reason.contains("at most 200 manifests of 16777216 bytes"),
                "{case}: {reason}"
            );
        }
        assert_eq!(world.open().await, 0, "{case}");
    }
}

/// Signatures of an image, each another manifest.
async fn sign(world: &World, image: &Image, many: usize) {
    let first = attached(NOTATION, image, "the same words");
    put_many(world, &first, many).await;
}

/// An SBOM that a list in the order of digests shows behind all others.
fn last_of_all(subject: &Image) -> Image {
    (0..100_000)
        .map(|n| attached(SPDX, subject, &format!("an sbom {n}")))
        .find(|sbom| sbom.digest().starts_with("sha256:fff"))
        .unwrap()
}

/// The limit of a hundred counted what the policy does not take.
#[tokio::test(start_paused = true)]
async fn sboms_behind_a_hundred_signatures_were_lost_in_silence() {
    for (case, signatures, all) in [
        ("few", 3, true),
        ("more than a hundred", 160, true),
        ("more than are listed", 1_050, false),
    ] {
        let world = World::new().await;
        let mut policy = stable_to_qa();
        policy["target"]["referrers"] = json!([SPDX]);
        world.policy(policy).await;
        let image = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
        image.push(&world.aws.ecr, "dev/website", None).await;
        sign(&world, &image, signatures).await;
        let sbom = last_of_all(&image);
        let of_child = attached(SPDX, &image.children[1], "an sbom of a platform");
        put(&world, &sbom, None).await;
        put(&world, &of_child, None).await;
        let told = promoted(&world, &image).await;
        let there = digests(&world, "qa/website").await;
        let mut wanted = BTreeSet::from([image.digest(), of_child.digest()]);
        wanted.extend(image.children.iter().map(Image::digest));
        wanted.extend(all.then(|| sbom.digest()));
        assert_eq!(there, wanted, "{case}");
        let reason = told["left"][0]["reason"].as_str().unwrap_or_default();
        let limit = format!(
            "expected at most 20 pages of referrers of {}",
            image.digest()
        );
        assert_eq!(reason.contains(&limit), !all, "{case}: {told}");
        assert_eq!(world.open().await, 0, "{case}");
    }
}

/// Where a manifest names no type of its own, ECR's list gives that of its config.
#[tokio::test(start_paused = true)]
async fn what_says_its_type_in_its_manifest_alone_goes_along_behind_a_hundred_others() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["target"]["referrers"] = json!([SIMPLE_SIGNING]);
    world.policy(policy).await;
    let image = Image::single("a", 1);
    image.push(&world.aws.ecr, "dev/website", None).await;
    sign(&world, &image, 120).await;
    let mut wanted = by_cosign("attached by its subject");
    let mut manifest: Value = serde_json::from_str(&wanted.manifest).unwrap();
    manifest["subject"] = json!({"mediaType": image.media_type, "digest": image.digest(), "size": image.manifest.len()});
    wanted.manifest = manifest.to_string();
    put(&world, &wanted, None).await;
    let told = promoted(&world, &image).await;
    let there = digests(&world, "qa/website").await;
    assert_eq!(
        there,
        BTreeSet::from([image.digest(), wanted.digest()]),
        "{told}"
    );
    assert_eq!(told["left"], Value::Null, "{told}");
}
