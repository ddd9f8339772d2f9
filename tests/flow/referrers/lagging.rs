//! ECR's lists and tags may be behind its events: what an event told of follows its image all the same.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Lag, NOTATION, SPDX, attached, by_cosign, digests, put, tag_of, told};
use crate::{image::Image, world::stable_to_qa};

/// With other referrers still open, all was looked for by the lists alone, and these closed the work.
#[tokio::test(start_paused = true)]
async fn a_late_referrer_was_forgotten_while_others_were_open() {
    for by_tag in [false, true] {
        let lag = Lag::default();
        let world = lag.of_lists().await;
        world.policy(stable_to_qa()).await;
        let image = Image::single("a", 1);
        image.push(&world.aws.ecr, "dev/website", None).await;
        let sbom = attached(SPDX, &image, "an sbom");
        put(&world, &sbom, None).await;
        let refused = json!([{"operation": "ecr:PutImage", "code": "AccessDeniedException", "status": 400,
            "times": 999, "match": SPDX}]);
        world.fault(refused);
        world.push("dev/website", "1-stable", &image).await;
        world.settle().await;
        assert_eq!(world.open().await, 1, "the sbom");
        lag.set(true);
        let late = if by_tag {
            by_cosign("a signature")
        } else {
            attached(NOTATION, &image, "a signature")
        };
        let tag = by_tag.then(|| tag_of(&image, ".sig"));
        put(&world, &late, tag.as_deref()).await;
        world.settle().await;
        let there = digests(&world, "qa/website").await;
        assert!(there.contains(&late.digest()), "{by_tag}");
        let left = told(&world).await["left"].clone();
        assert_eq!(left[0]["referrer"], sbom.digest(), "{left}");
        assert_eq!(world.open().await, 1, "the sbom still");
        lag.set(false);
        world.fault(json!([]));
        world.later(5 * 60).await;
        let there = digests(&world, "qa/website").await;
        assert!(there.contains(&sbom.digest()), "{by_tag}");
        assert_eq!(told(&world).await["left"], Value::Null, "{by_tag}");
        assert_eq!(world.open().await, 0, "{by_tag}");
    }
}

/// The event names the digest, and the tag was not looked at again.
#[tokio::test(start_paused = true)]
async fn a_signature_whose_tag_ecr_showed_late_was_left_behind() {
    for moved in [false, true] {
        let lag = Lag::default();
        let world = lag.of_images(|name| name.starts_with("sha256-")).await;
        world.policy(stable_to_qa()).await;
        let image = Image::single("a", 1);
        world.push("dev/website", "1-stable", &image).await;
        world.settle().await;
        let tag = tag_of(&image, ".sig");
        if moved {
            put(&world, &by_cosign("one"), Some(&tag)).await;
            world.settle().await;
        }
        lag.set(true);
        let digest = put(&world, &by_cosign("two"), Some(&tag)).await;
        world.settle().await;
        assert_ne!(world.tags("qa/website").await.get(&tag), Some(&digest));
        lag.set(false);
        world.later(60).await;
        assert_eq!(world.tags("qa/website").await.get(&tag), Some(&digest));
        assert_eq!(world.open().await, 0, "{moved}");
    }
}

/// A promotion in progress looks for what is attached at its end; where ECR does not show it by then either, nothing
/// else did.
#[tokio::test(start_paused = true)]
async fn a_referrer_that_arrived_during_its_promotion_was_left_behind() {
    for late in [false, true] {
        let lag = Lag::default();
        let world = lag.of_lists().await;
        world.policy(stable_to_qa()).await;
        let image = Image::single("a", 1);
        world.fault(
            json!([{"operation": "ecr:PutImage", "code": "ThrottlingException", "status": 400,
            "times": 999, "match": "qa/website"}]),
        );
        world.push("dev/website", "1-stable", &image).await;
        world.settle().await;
        assert!(world.tags("qa/website").await.is_empty(), "in progress");
        world.clock.advance(Duration::from_secs(30));
        lag.set(late);
        world.local.reset_requests();
        let signature = attached(NOTATION, &image, "a signature");
        put(&world, &signature, None).await;
        world.settle().await;
        let sent = world.local.requests().get("sqs:SendMessage").copied();
        assert_eq!(
            sent,
            late.then_some(1),
            "where ECR shows it, nothing has to come back"
        );
        world.fault(json!([]));
        world.later(45).await;
        assert!(world.tags("qa/website").await.contains_key("1-stable"));
        lag.set(false);
        world.later(45).await;
        let there = digests(&world, "qa/website").await;
        assert!(there.contains(&signature.digest()), "{late}");
        assert_eq!(world.open().await, 0, "{late}");
    }
}
