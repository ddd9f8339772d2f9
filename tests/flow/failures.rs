//! What goes wrong, who can fix it, and that it costs its own record alone.

use serde_json::{Value, json};

use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

/// Pushes an image under a policy, with `before` in between, and lets the function handle it.
async fn promote(before: impl AsyncFnOnce(&World)) -> World {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    before(&world).await;
    world.settle().await;
    world
}

#[tokio::test(start_paused = true)]
async fn what_an_administrator_mends_is_recorded_in_ecrs_words_and_acknowledged() {
    let missing = promote(async |world| world.delete_repository("qa/website").await).await;
    let denied = promote(async |world| {
        world.fault(json!([{
            "operation": "ecr:PutImage", "code": "AccessDeniedException", "status": 400, "times": 9,
        }]));
    })
    .await;
    let quota = promote(async |world| {
        world.fault(json!([{
            "operation": "ecr:PutImage", "code": "LimitExceededException", "status": 400, "times": 9,
        }]));
    })
    .await;
    for (case, world, code) in [
        (
            "no such repository",
            &missing,
            "RepositoryNotFoundException",
        ),
        ("access denied", &denied, "AccessDeniedException"),
        (
            "the image limit answered 403 and was taken for a login problem",
            &quota,
            "LimitExceededException",
        ),
    ] {
        let history = world.history().await;
        assert_eq!(history.len(), 1, "{case}");
        assert!(
            history[0].contains("failed") && history[0].contains(code),
            "{case}: {history:?}"
        );
        let queue = world.local.queue();
        assert_eq!(
            (queue.visible, queue.in_flight, queue.delayed, queue.dead),
            (0, 0, 0, 0),
            "{case}"
        );
    }
    assert_eq!(
        quota.local.requests()["ecr:PutImage"],
        2,
        "pushed once, refused once: a quota is not retried"
    );
}

#[tokio::test(start_paused = true)]
async fn an_immutable_tag_that_holds_another_digest_fails_with_both_named() {
    let other = Image::single("other", 1);
    let world = promote(async |world| {
        world.immutable("qa/website").await;
        other
            .push(&world.aws.ecr, "qa/website", Some("1-stable"))
            .await;
    })
    .await;
    let history = world.history().await;
    assert!(
        history.iter().any(|line| line.contains("failed")
            && line.contains(&other.digest())
            && line.contains("ImageTagAlreadyExistsException")),
        "{history:?}"
    );
    assert_eq!(world.tags("qa/website").await["1-stable"], other.digest());
}

#[tokio::test(start_paused = true)]
async fn what_failed_for_good_is_judged_again_by_hand_alone() {
    let world = promote(async |world| world.delete_repository("qa/website").await).await;
    world.repository("qa/website").await;
    let digest = Image::single("a", 1).digest();
    world
        .local
        .raise(world.push_event("dev/website", "1-stable", &digest));
    world.settle().await;
    assert!(
        world.tags("qa/website").await.is_empty(),
        "an event does not try again"
    );
    let answer = world
        .ask(&json!({"repository": "dev/website", "tag": "1-stable"}))
        .await
        .unwrap();
    assert_eq!(answer["decisions"][0]["decision"], "promote", "{answer}");
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
}

#[tokio::test(start_paused = true)]
async fn the_same_failure_by_hand_again_leaves_no_second_record_and_no_second_announcement() {
    let world = promote(async |world| world.delete_repository("qa/website").await).await;
    for _ in 0..3 {
        world.clock.advance(std::time::Duration::from_mins(1));
        let request = json!({"repository": "dev/website", "tag": "1-stable"});
        let answer = world.ask(&request).await.unwrap();
        assert!(
            answer["decisions"][0]["reason"]
                .as_str()
                .unwrap()
                .contains("create the repository"),
            "{answer}"
        );
    }
    assert_eq!(world.history().await.len(), 1);
    assert_eq!(world.announced().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_typo_in_a_source_advised_to_create_it() {
    let world = World::new().await;
    let request = json!({"repository": "dev/websit", "tag": "1-stable"});
    let told = world.ask(&request).await.unwrap_err();
    assert!(
        told.ends_with("(RepositoryNotFoundException); check the repository's name"),
        "{told}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again_and_then_done() {
    let faults: Vec<Value> = [
        ("ecr:BatchGetImage", "ThrottlingException", 400),
        ("ecr:PutImage", "ThrottlingException", 400),
        ("ecr:PutImage", "ServerException", 500),
        ("ecr:BatchCheckLayerAvailability", "ServerException", 500),
        ("ecr:GetAuthorizationToken", "ExpiredTokenException", 400),
        ("registry:mount", "TOOMANYREQUESTS", 429),
        ("registry:mount", "ConnectionReset", 0),
        ("dynamodb:Query", "ProvisionedThroughputExceededException", 400),
        ("dynamodb:GetItem", "AccessDeniedException", 400),
        ("dynamodb:PutItem", "InternalServerError", 500),
        ("dynamodb:TransactWriteItems", "ThrottlingException", 400),
    ]
    .iter()
    .map(|(operation, code, status)| {
        json!([{"operation": operation, "code": code, "status": status, "times": 30}])
    })
    .collect();
    for fault in faults {
        let world = promote(async |world| {
            world.fault(fault.clone());
            world.local.step().await;
            world.fault(json!([]));
            let queue = world.local.queue();
            let waits = queue.visible + queue.in_flight + queue.delayed;
            assert!(waits + world.open().await > 0, "{fault}: it comes back");
            world.later(6 * 60 + 1).await;
        })
        .await;
        assert_eq!(world.tags("qa/website").await.len(), 1, "{fault}");
        let history = world.history().await;
        assert_eq!(history.len(), 1, "{fault}: {history:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn cleaners_took_untagged_children() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let index = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
    let digest = world.push("dev/website", "1-stable", &index).await;
    // A child is taken between its copy and the tag: ECR refuses the index, and it is copied again.
    world.fault(json!([
        {"operation": "ecr:PutImage", "match": "1-stable", "delay_ms": 5000, "times": 1},
    ]));
    let cleaner = async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let child = index.children[0].digest();
        world.delete_image("qa/website", &child).await;
    };
    world.local.reset_requests();
    tokio::join!(world.settle(), cleaner);
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    for child in &index.children {
        let there = world.manifest("qa/website", &child.digest()).await;
        assert_eq!(there.as_ref(), Some(&child.manifest));
    }
    let puts = world.local.requests()["ecr:PutImage"];
    assert_eq!(
        puts,
        3 + 3,
        "the index was refused, and all of it put again"
    );
}

#[tokio::test(start_paused = true)]
async fn one_bad_policy_hurts_nobody_else() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let mut bad = stable_to_qa();
    bad["name"] = json!("a-bad-one");
    bad["criteria"][0]["operator"] = json!("endswith");
    world.policy(bad).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.settle().await;
    assert_eq!(world.tags("qa/website").await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_broken_download_never_becomes_a_blob() {
    let world = World::with(crate::world::Choices {
        blob_mounting: false,
        ..crate::world::Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    let digest = world
        .push("dev/website", "1-stable", &Image::single("a", 2))
        .await;
    world.fault(json!([
        {"operation": "blobs:GET", "code": "AccessDenied", "status": 403, "times": 1},
        {"operation": "registry:PUT blob", "code": "ConnectionReset", "status": 0, "times": 1},
    ]));
    world.settle().await;
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
}

#[tokio::test(start_paused = true)]
async fn an_image_deleted_between_claim_and_copy_is_a_failed_promotion() {
    for blob_mounting in [true, false] {
        let world = World::with(crate::world::Choices {
            blob_mounting,
            ..crate::world::Choices::default()
        })
        .await;
        world.policy(stable_to_qa()).await;
        let image = Image::single("a", 1);
        let digest = world.push("dev/website", "1-stable", &image).await;
        world.fault(json!([{"operation": "registry:mount", "delay_ms": 5000, "times": 1}]));
        let deletion = async {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            world.delete_image("dev/website", &digest).await;
        };
        tokio::join!(world.local.step(), deletion);
        world.settle().await;
        for _ in 0..4 {
            world.later(15 * 60).await;
        }
        let case = format!("mounting: {blob_mounting}");
        let history = world.history().await;
        assert!(
            history.len() == 1 && history[0].contains("failed"),
            "{case}: {history:?}"
        );
        assert!(world.tags("qa/website").await.is_empty(), "{case}");
        let queue = world.local.queue();
        assert_eq!(
            (queue.visible, queue.in_flight, queue.delayed, queue.dead),
            (0, 0, 0, 0),
            "{case}"
        );
        assert_eq!(
            world.announced()[0]["detail-type"],
            "Promotion Failed",
            "{case}"
        );
    }
}
