//! What is not at the target stays named in the record, whatever is looked at later; what cannot be read is named, too.

use serde_json::{Value, json};

use super::{Lag, NOTATION, SPDX, attached, by_cosign, digests, put, tag_of, told};
use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

const HOUR: u64 = 60 * 60;

fn names(told: &Value) -> Vec<&str> {
    let left = told["left"].as_array().into_iter().flatten();
    left.map(|left| left["referrer"].as_str().unwrap())
        .collect()
}

/// A look at one referrer replaced what the record said of all.
#[tokio::test(start_paused = true)]
async fn what_was_left_for_good_was_forgotten_when_another_arrived() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    let tag = tag_of(&image, ".sig");
    by_cosign("signed by QA")
        .push(&world.aws.ecr, "qa/website", Some(&tag))
        .await;
    image.push(&world.aws.ecr, "dev/website", None).await;
    let ours = put(&world, &by_cosign("signed by us"), Some(&tag)).await;
    world.push("dev/website", "1-stable", &image).await;
    world.settle().await;
    let name = format!("{tag}@{ours}");
    assert_eq!(names(&told(&world).await), [&name]);
    world.later(7 * 24 * 60 * 60).await;
    let sbom = put(&world, &attached(SPDX, &image, "an sbom"), None).await;
    world.settle().await;
    let told_then = told(&world).await;
    assert!(digests(&world, "qa/website").await.contains(&sbom));
    assert_eq!(
        (&told_then["copied"], names(&told_then)),
        (&json!(1), vec![name.as_str()])
    );
    // Under the same tag something else arrives: of that alone it is said now.
    let ours = put(&world, &by_cosign("signed by us again"), Some(&tag)).await;
    world.settle().await;
    assert_eq!(names(&told(&world).await), [format!("{tag}@{ours}")]);
    assert_eq!(world.open().await, 0);
}

/// Once its image was deleted at the source, nothing was found any more, and so nothing was missing.
#[tokio::test(start_paused = true)]
async fn what_was_refused_was_forgotten_with_its_image() {
    for image_goes in [true, false] {
        let world = World::new().await;
        world.policy(stable_to_qa()).await;
        let image = Image::single("a", 1);
        image.push(&world.aws.ecr, "dev/website", None).await;
        let sbom = put(&world, &attached(SPDX, &image, "an sbom"), None).await;
        world.fault(
            json!([{"operation": "ecr:PutImage", "code": "AccessDeniedException", "status": 400,
            "times": 999, "match": SPDX}]),
        );
        let digest = world.push("dev/website", "1-stable", &image).await;
        world.settle().await;
        assert_eq!(names(&told(&world).await), [&sbom]);
        let gone = if image_goes { &digest } else { &sbom };
        world.delete_image("dev/website", gone).await;
        world.drop_events_of(gone).await;
        world.fault(json!([]));
        for _ in 0..2 {
            world.later(60).await;
            let told = told(&world).await;
            assert_eq!(names(&told), [&sbom], "{told}");
            let reason = told["left"][0]["reason"].as_str().unwrap();
            assert!(
                reason.starts_with("the source no longer shows it")
                    && reason.matches("no longer shows").count() == 1
                    && reason.contains("AccessDeniedException"),
                "{reason}"
            );
        }
        assert_eq!(world.open().await, 0);
    }
}

/// ECR lists it, and BatchGetImage answers that there is no such image, or that this one cannot be read.
#[tokio::test(start_paused = true)]
async fn what_ecr_lists_and_does_not_return_was_dropped_without_a_word() {
    for (code, of_this_one) in [
        ("ImageNotFound", false),
        ("ImageInaccessible", false),
        ("KmsError", true),
        ("UpstreamAccessDenied", true),
    ] {
        let image = Image::single("a", 1);
        let sbom = attached(SPDX, &image, "an sbom");
        let hidden = sbom.digest();
        let lag = Lag::default();
        let world = lag.answering(code, move |name| name == hidden).await;
        world.policy(stable_to_qa()).await;
        image.push(&world.aws.ecr, "dev/website", None).await;
        put(&world, &sbom, None).await;
        let signature = put(&world, &attached(NOTATION, &image, "signed"), None).await;
        world.settle().await;
        lag.set(true);
        world.push("dev/website", "1-stable", &image).await;
        world.settle().await;
        let before = told(&world).await;
        assert!(
            names(&before).contains(&sbom.digest().as_str()),
            "{code}: {before}"
        );
        if of_this_one {
            assert_eq!(names(&before).len(), 1, "{before}");
            assert!(
                digests(&world, "qa/website").await.contains(&signature),
                "{code}"
            );
        }
        assert_eq!(world.open().await, 1, "{code}");
        lag.set(false);
        world.later(60).await;
        let there = digests(&world, "qa/website").await;
        assert!(
            there.contains(&sbom.digest()) && there.contains(&signature),
            "{code}"
        );
        assert!(names(&told(&world).await).is_empty(), "{code}");
        assert_eq!(world.open().await, 0, "{code}");
    }
}

/// Asked for an archived image by its tag, ECR names no digest: it was taken for absent, at the target for free.
#[tokio::test(start_paused = true)]
async fn an_archived_signature_was_taken_for_absent() {
    for at_source in [true, false] {
        let world = World::new().await;
        world.policy(stable_to_qa()).await;
        let image = Image::single("a", 1);
        let tag = tag_of(&image, ".sig");
        image.push(&world.aws.ecr, "dev/website", None).await;
        let ours = put(&world, &by_cosign("signed by us"), Some(&tag)).await;
        let signature = put(&world, &attached(NOTATION, &image, "another"), None).await;
        world.settle().await;
        let (archived, name) = if at_source {
            world.archive("dev/website", &ours).await;
            ("dev/website", tag.clone())
        } else {
            let theirs = by_cosign("signed by QA");
            let theirs = theirs.push(&world.aws.ecr, "qa/website", Some(&tag)).await;
            world.archive("qa/website", &theirs).await;
            ("qa/website", format!("{tag}@{ours}"))
        };
        world.push("dev/website", "1-stable", &image).await;
        world.settle().await;
        let told = told(&world).await;
        assert_eq!(names(&told), [&name], "{archived}: {told}");
        let reason = told["left"][0]["reason"].as_str().unwrap();
        assert!(reason.contains("archived"), "{reason}");
        let there = digests(&world, "qa/website").await;
        assert!(there.contains(&signature) && !there.contains(&ours));
        assert_eq!(world.open().await, usize::from(at_source), "{archived}");
        if at_source {
            world.restore("dev/website", &ours).await;
            world.later(HOUR).await;
            assert_eq!(world.tags("qa/website").await.get(&tag), Some(&ours));
            assert!(names(&super::told(&world).await).is_empty());
            assert_eq!(world.open().await, 0);
        }
    }
}

/// ECR's list leaves out what is archived, unless it is asked for; and the event of its restoring was not for us.
#[tokio::test(start_paused = true)]
async fn an_archived_sbom_was_neither_named_nor_copied_once_it_was_restored() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    image.push(&world.aws.ecr, "dev/website", None).await;
    let sbom = put(&world, &attached(SPDX, &image, "an sbom"), None).await;
    world.settle().await;
    world.archive("dev/website", &sbom).await;
    world.push("dev/website", "1-stable", &image).await;
    world.settle().await;
    let before = told(&world).await;
    assert_eq!(names(&before), [&sbom], "{before}");
    assert_eq!(before["left"][0]["artifact_type"], SPDX);
    assert_eq!(
        world.open().await,
        0,
        "its event tells when it is there again"
    );
    world.restore("dev/website", &sbom).await;
    world.later(HOUR).await;
    assert!(digests(&world, "qa/website").await.contains(&sbom));
    assert!(names(&told(&world).await).is_empty());
    assert_eq!(world.open().await, 0);
}
