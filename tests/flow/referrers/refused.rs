//! What the target refuses is named in the record and is open work; the image stands all the same.

use aws_sdk_ecr::types::ImageTagMutability;
use serde_json::{Value, json};

use super::{NOTATION, SPDX, attached, by_cosign, digests, put, tag_of, told};
use crate::{
    between::Between,
    image::Image,
    world::{Choices, World, stable_to_qa},
};

const HOUR: u64 = 60 * 60;

/// An image, and an SBOM and its signature attached to it; nothing is promoted yet.
async fn signed(world: &World) -> (Image, Image, Image) {
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    image.push(&world.aws.ecr, "dev/website", None).await;
    let sbom = attached(SPDX, &image, "an sbom");
    let signature = attached(NOTATION, &image, "a signature");
    put(world, &sbom, None).await;
    put(world, &signature, None).await;
    world.settle().await;
    (image, sbom, signature)
}

/// After a rate limit midway some images were signed and some were not.
#[tokio::test(start_paused = true)]
async fn some_images_were_signed_and_some_were_not() {
    for (operation, code, status) in [
        ("ecr:PutImage", "AccessDeniedException", 400),
        ("ecr:PutImage", "LimitExceededException", 400),
        ("ecr:PutImage", "ThrottlingException", 400),
        ("ecr:PutImage", "ServerException", 500),
    ] {
        for refused in [SPDX, NOTATION] {
            let world = World::new().await;
            let (image, sbom, signature) = signed(&world).await;
            world.fault(json!([{
                "operation": operation, "code": code, "status": status, "times": 999, "match": refused,
            }]));
            let digest = world.push("dev/website", "1-stable", &image).await;
            world.settle().await;
            let (gone, goes) = if refused == SPDX {
                (&sbom, &signature)
            } else {
                (&signature, &sbom)
            };
            let there = digests(&world, "qa/website").await;
            assert!(
                there.contains(&digest) && there.contains(&goes.digest()),
                "{code}"
            );
            assert!(!there.contains(&gone.digest()), "{code}");
            let left = told(&world).await["left"].clone();
            assert_eq!(left[0]["referrer"], gone.digest(), "{code}: {left}");
            assert_eq!(left[0]["artifact_type"], refused, "{code}");
            assert!(left[0]["reason"].as_str().unwrap().contains(code), "{left}");
            assert_eq!(world.open().await, 1, "{code}");
            world.fault(json!([]));
            world.later(60).await;
            assert!(
                digests(&world, "qa/website").await.contains(&gone.digest()),
                "{code}"
            );
            let told = told(&world).await;
            assert_eq!(
                (&told["copied"], &told["there"], &told["left"]),
                (&json!(1), &json!(1), &json!(null))
            );
            assert_eq!(world.open().await, 0, "{code}");
            assert_eq!(world.announced().len(), 1, "{code}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lists_that_are_refused_are_looked_at_again() {
    for (code, status) in [
        ("AccessDeniedException", 400),
        ("ThrottlingException", 400),
        ("ServerException", 500),
        ("UnableToListUpstreamImageReferrersException", 400),
    ] {
        let world = World::new().await;
        let (image, sbom, _) = signed(&world).await;
        let tag = tag_of(&image, ".sig");
        let by_tag = put(&world, &by_cosign("a signature"), Some(&tag)).await;
        world.settle().await;
        world.fault(json!([{"operation": "ecr:ListImageReferrers", "code": code, "status": status, "times": 999}]));
        let digest = world.push("dev/website", "1-stable", &image).await;
        world.settle().await;
        assert_eq!(world.tags("qa/website").await["1-stable"], digest);
        assert_eq!(
            world.announced().len(),
            1,
            "what follows does not hold up the announcement"
        );
        // What is attached by a tag needs no list.
        assert_eq!(world.tags("qa/website").await.get(&tag), Some(&by_tag));
        let left = told(&world).await["left"].clone();
        assert!(
            left[0]["reason"]
                .as_str()
                .unwrap()
                .contains("list the referrers"),
            "{left}"
        );
        world.fault(json!([]));
        world.later(60).await;
        assert!(
            digests(&world, "qa/website").await.contains(&sbom.digest()),
            "{code}"
        );
        assert_eq!(world.open().await, 0, "{code}");
    }
}

/// What is not mended within a day is given up, and stays named; the upstream of a pull through cache was asked hourly
/// without end.
#[tokio::test(start_paused = true)]
async fn what_is_refused_for_good_is_not_tried_forever() {
    for (operation, code) in [
        ("ecr:PutImage", "AccessDeniedException"),
        ("ecr:PutImage", "ThrottlingException"),
        ("ecr:PutImage", "SomethingNewException"),
        (
            "ecr:ListImageReferrers",
            "UnableToListUpstreamImageReferrersException",
        ),
        ("ecr:ListImageReferrers", "ThrottlingException"),
        ("ecr:ListImageReferrers", "SomethingNewException"),
    ] {
        let world = World::new().await;
        let (image, sbom, _) = signed(&world).await;
        let list = operation == "ecr:ListImageReferrers";
        let about = if list { "subjectId" } else { SPDX };
        world.fault(json!([{
            "operation": operation, "code": code, "status": 400, "times": 999_999, "match": about,
        }]));
        world.push("dev/website", "1-stable", &image).await;
        world.settle().await;
        for _ in 0..30 {
            world.later(HOUR).await;
        }
        assert_eq!(world.open().await, 0, "{operation} {code}");
        let left = told(&world).await["left"].clone();
        let name = if list { String::new() } else { sbom.digest() };
        assert_eq!(left[0]["referrer"], name, "{operation} {code}");
        assert!(left[0]["reason"].as_str().unwrap().contains(code), "{left}");
    }
}

/// What arrived when the day of another one was over was tried once.
#[tokio::test(start_paused = true)]
async fn a_late_referrer_had_what_was_left_of_anothers_day() {
    let world = World::new().await;
    let (image, sbom, _) = signed(&world).await;
    let refused = |about: &str| {
        json!([{
            "operation": "ecr:PutImage", "code": "AccessDeniedException", "status": 400, "times": 999_999, "match": about,
        }])
    };
    world.fault(refused(SPDX));
    world.push("dev/website", "1-stable", &image).await;
    world.settle().await;
    for _ in 0..22 {
        world.later(HOUR).await;
    }
    world.later(HOUR + HOUR / 2).await;
    assert_eq!(world.open().await, 1);
    world.fault(json!([]));
    let late = put(&world, &attached(SPDX, &image, "another sbom"), None).await;
    world.fault(refused("qa/website"));
    world.settle().await;
    world.later(HOUR).await;
    assert_eq!(world.open().await, 1, "a day has gone by for one of them");
    world.fault(json!([]));
    world.later(HOUR).await;
    let there = digests(&world, "qa/website").await;
    assert!(there.contains(&late) && there.contains(&sbom.digest()));
    assert_eq!(world.open().await, 0);
}

/// On an immutable repository the second signature under cosign's tag fails; elsewhere a tag that somebody else put
/// there is his.
#[tokio::test(start_paused = true)]
async fn a_tag_of_cosign_that_is_somebody_elses_is_left_alone() {
    for immutable in [true, false] {
        let world = World::new().await;
        world.policy(stable_to_qa()).await;
        let image = Image::single("a", 1);
        let tag = tag_of(&image, ".sig");
        let theirs = by_cosign("signed by QA")
            .push(&world.aws.ecr, "qa/website", Some(&tag))
            .await;
        if immutable {
            let ecr = world
                .aws
                .ecr
                .put_image_tag_mutability()
                .repository_name("qa/website");
            ecr.image_tag_mutability(ImageTagMutability::Immutable)
                .send()
                .await
                .unwrap();
        }
        image.push(&world.aws.ecr, "dev/website", None).await;
        put(&world, &by_cosign("signed by the developers"), Some(&tag)).await;
        let digest = world.push("dev/website", "1-stable", &image).await;
        world.settle().await;
        let tags = world.tags("qa/website").await;
        assert_eq!((&tags["1-stable"], &tags[&tag]), (&digest, &theirs));
        let left = told(&world).await["left"].clone();
        assert!(
            left[0]["reason"]
                .as_str()
                .unwrap()
                .contains("which the source does not hold"),
            "{left}"
        );
        assert_eq!(world.open().await, 0);
    }
}

/// The image is tagged before anything that is attached to it is put, and each referrer comes behind its subject.
#[tokio::test(start_paused = true)]
async fn the_image_comes_first() {
    let between = Between::listening();
    let world = World::with(Choices {
        between: Some(between.clone()),
        ..Choices::default()
    })
    .await;
    let (image, sbom, _) = signed(&world).await;
    let of_sbom = attached(NOTATION, &sbom, "a signature of the sbom");
    put(&world, &of_sbom, None).await;
    world.settle().await;
    world.push("dev/website", "1-stable", &image).await;
    between.take();
    world.settle().await;
    let puts = between
        .take()
        .into_iter()
        .filter(|seen| seen.operation == "PutImage");
    let puts: Vec<Value> = puts.map(|seen| seen.body).collect();
    let place = |digest: String| {
        puts.iter()
            .position(|put| put["imageDigest"] == digest)
            .unwrap()
    };
    assert_eq!(puts[0]["imageTag"], "1-stable");
    assert_eq!(place(image.digest()), 0);
    assert!(place(sbom.digest()) < place(of_sbom.digest()));
    assert_eq!(puts.len(), 4);
}

/// Cosign adds each signature to those before it. Once a lifecycle rule had removed the first, untagged one from the
/// source, the target's was taken for somebody else's.
#[tokio::test(start_paused = true)]
async fn a_second_signature_was_not_followed_once_the_first_had_expired() {
    for (case, keeps_the_first) in [("one more", true), ("another one", false)] {
        let world = World::new().await;
        world.policy(stable_to_qa()).await;
        let image = Image::single("a", 1);
        let tag = tag_of(&image, ".sig");
        world.push("dev/website", "1-stable", &image).await;
        let first = by_cosign("one");
        let digest = put(&world, &first, Some(&tag)).await;
        world.settle().await;
        assert_eq!(world.tags("qa/website").await.get(&tag), Some(&digest));
        let mut second = by_cosign("two");
        if keeps_the_first {
            let mut manifest: Value = serde_json::from_str(&second.manifest).unwrap();
            let before: Value = serde_json::from_str(&first.manifest).unwrap();
            let layers = manifest["layers"].as_array_mut().unwrap();
            layers.insert(0, before["layers"][0].clone());
            second.manifest = manifest.to_string();
            second.blobs.extend(first.blobs.clone());
        }
        let expired = digest;
        let digest = put(&world, &second, Some(&tag)).await;
        world.delete_image("dev/website", &expired).await;
        world.drop_events_of("DELETE").await;
        world.settle().await;
        let stands = world.tags("qa/website").await[&tag].clone();
        let wanted = if keeps_the_first { digest } else { expired };
        assert_eq!(stands, wanted, "{case}");
        let left = told(&world).await["left"].clone();
        assert_eq!(left == Value::Null, keeps_the_first, "{case}: {left}");
    }
}
