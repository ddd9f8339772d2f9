//! One push promotes once under one policy, however often its events arrive, and however many
//! invocations run at once.

use serde_json::json;

use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn the_same_event_three_times_promotes_once() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1-stable", &image).await;
    let event = world.push_event("dev/website", "1-stable", &image.digest());
    world.local.raise(event.clone());
    world.local.raise(event);
    world.local.reset_requests();
    world.settle().await;
    assert_eq!(world.local.requests()["ecr:PutImage"], 1);
    assert_eq!(
        world.history().await.len(),
        1,
        "{:?}",
        world.history().await
    );
}

#[tokio::test(start_paused = true)]
async fn the_same_event_thrice_at_once_promotes_once() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["target"]["tag"] = json!("%n-%H%M%S%f");
    world.policy(policy).await;
    let image = Image::single("a", 3);
    world.push("dev/website", "1-stable", &image).await;
    let event = world.push_event("dev/website", "1-stable", &image.digest());
    world.local.raise(event.clone());
    world.local.raise(event);
    world.local.reset_requests();
    let (a, b, c) = tokio::join!(world.local.step(), world.local.step(), world.local.step());
    assert!(a && b && c);
    assert_eq!(world.local.requests()["ecr:PutImage"], 1);
    // Who found the claim alive looks again when its lease has ended, and finds the job done.
    world.later(15 * 60).await;
    assert_eq!(world.tags("qa/website").await.len(), 1);
    assert_eq!(
        world.history().await.len(),
        1,
        "{:?}",
        world.history().await
    );
}

#[tokio::test(start_paused = true)]
async fn two_policies_that_render_the_same_tag_for_one_digest_write_it_once() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let mut second = stable_to_qa();
    second["name"] = json!("again-to-qa");
    world.policy(second).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.local.reset_requests();
    world.settle().await;
    assert_eq!(world.local.requests()["ecr:PutImage"], 1);
    assert_eq!(world.history().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn two_policies_that_retag_within_one_repository_alike_write_once() {
    let world = World::new().await;
    for name in ["release", "release-again"] {
        let mut policy = stable_to_qa();
        policy["name"] = json!(name);
        policy["target"] = json!({"repository": "dev/website", "tag": "released"});
        world.policy(policy).await;
    }
    let image = Image::single("a", 1);
    world.push("dev/website", "1-stable", &image).await;
    world.local.reset_requests();
    world.settle().await;
    world.later(60 * 60).await;
    assert_eq!(world.local.requests()["ecr:PutImage"], 1);
    assert_eq!(world.tags("dev/website").await["released"], image.digest());
    let history = world.history().await;
    let promoted = history.iter().filter(|line| line.contains("promoted to"));
    assert_eq!(
        promoted.count(),
        2,
        "each policy has its answer: {history:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_dead_claim_is_taken_over_with_its_tag() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["target"]["tag"] = json!("%n-%H%M%S");
    world.policy(policy).await;
    let image = Image::single("a", 1);
    let digest = world.push("dev/website", "1-stable", &image).await;
    // The invocation dies while it copies: its claim stays, its message comes back.
    world.fault(json!([{"operation": "registry:mount", "delay_ms": 3_600_000, "times": 99}]));
    let died = tokio::time::timeout(std::time::Duration::from_secs(30), world.local.step()).await;
    assert!(died.is_err(), "the invocation was to be cut off");
    world.fault(json!([]));
    let event = world.push_event("dev/website", "1-stable", &digest);
    world.clock.advance(std::time::Duration::from_secs(121));
    world.local.raise(event);
    world.settle().await;
    let tags: Vec<String> = world.tags("qa/website").await.into_keys().collect();
    assert_eq!(tags, ["1-stable-090503"], "the tag of the first claim");
}

#[tokio::test(start_paused = true)]
async fn an_edited_deleted_or_recreated_policy_never_promotes_again_what_it_promoted() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1-stable", &image).await;
    world.settle().await;
    let mut edited = stable_to_qa();
    edited["target"]["tag"] = json!("other");
    world.policy(edited).await;
    let answer = world
        .ask(&json!({"repository": "dev/website", "tag": "1-stable"}))
        .await
        .unwrap();
    assert_eq!(answer["decisions"][0]["decision"], "skip");
    assert_eq!(world.tags("qa/website").await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_rerun_of_a_finished_build_failed_because_the_immutable_tag_stood() {
    for code in [
        "ImageAlreadyExistsException",
        "ImageTagAlreadyExistsException",
    ] {
        let world = World::new().await;
        world.immutable("qa/website").await;
        world.policy(stable_to_qa()).await;
        let image = Image::single("a", 1);
        let digest = world.push("dev/website", "1-stable", &image).await;
        // The tag stands, and ECR answers as to a write that came before.
        world.fault(json!([{
            "operation": "ecr:PutImage", "match": "1-stable", "code": code, "status": 400, "times": 1,
            "after_effect": true,
        }]));
        world.settle().await;
        assert_eq!(world.tags("qa/website").await["1-stable"], digest, "{code}");
        assert_eq!(
            world.history().await,
            ["dev/website:1-stable promoted: promoted to qa/website:1-stable"],
            "{code}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_tag_whose_answer_was_lost_is_found_standing() {
    let world = World::new().await;
    world.immutable("qa/website").await;
    world.policy(stable_to_qa()).await;
    let digest = world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.fault(json!([{
        "operation": "ecr:PutImage", "code": "ConnectionReset", "status": 0, "times": 1, "after_effect": true,
    }]));
    world.settle().await;
    assert!(world.history().await.is_empty(), "not known yet");
    world.later(75).await;
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    assert_eq!(
        world.history().await,
        ["dev/website:1-stable promoted: promoted to qa/website:1-stable"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_conditional_write_failed_on_its_own_first_attempt() {
    for operation in ["dynamodb:PutItem", "dynamodb:TransactWriteItems"] {
        let world = World::new().await;
        world.policy(stable_to_qa()).await;
        world
            .push("dev/website", "1-stable", &Image::single("a", 1))
            .await;
        world.fault(json!([{
            "operation": operation, "code": "ConnectionReset", "status": 0, "times": 1, "after_effect": true,
        }]));
        world.settle().await;
        assert_eq!(world.tags("qa/website").await.len(), 1, "{operation}");
        assert_eq!(world.history().await.len(), 1, "{operation}");
        assert_eq!(world.local.queue().dead, 0, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_policies_that_retag_to_one_tag_write_it_once() {
    let world = World::new().await;
    for name in ["first", "second"] {
        let mut policy = stable_to_qa();
        policy["name"] = json!(name);
        policy["target"] = json!({"repository": "dev/website", "tag": "released"});
        world.policy(policy).await;
    }
    let digest = world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    let event = world.push_event("dev/website", "1-stable", &digest);
    world.local.reset_requests();
    world.ask(&event).await.unwrap();
    assert_eq!(world.local.requests()["ecr:PutImage"], 1);
}
