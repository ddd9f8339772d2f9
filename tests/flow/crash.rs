//! An invocation that dies at any point, and what comes of it.

use std::time::Duration;

use serde_json::json;

use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

/// Runs one delivery that dies in the middle of `operation`.
pub async fn die_in(world: &World, operation: &str, aimed: Option<&str>) {
    let mut fault =
        json!({"operation": operation, "delay_ms": 3_600_000, "times": 99, "after_effect": true});
    if let Some(aimed) = aimed {
        fault["match"] = json!(aimed);
    }
    world.fault(json!([fault]));
    let died = tokio::time::timeout(Duration::from_secs(5), world.local.step()).await;
    assert!(
        died.is_err(),
        "the invocation was to be cut off in {operation}"
    );
    world.fault(json!([]));
}

#[tokio::test(start_paused = true)]
async fn whatever_an_invocation_dies_in_the_next_one_finishes_the_job_once() {
    for (operation, aimed) in [
        ("dynamodb:TransactWriteItems", Some("PUSH#")),
        ("dynamodb:PutItem", Some("CASE#")),
        ("registry:mount", None),
        ("dynamodb:TransactWriteItems", Some("FROM#")),
        ("ecr:PutImage", None),
        ("dynamodb:TransactWriteItems", Some("RECORD#")),
        ("events:PutEvents", None),
    ] {
        let world = World::new().await;
        let mut policy = stable_to_qa();
        policy["target"]["tag"] = json!("%n-%H%M%S");
        world.policy(policy).await;
        let digest = world
            .push("dev/website", "1-stable", &Image::single("a", 2))
            .await;
        die_in(&world, operation, aimed).await;
        world
            .local
            .raise(world.push_event("dev/website", "1-stable", &digest));
        world.clock.advance(Duration::from_secs(125));
        world.settle().await;
        world.later(15 * 60).await;
        let tags: Vec<String> = world.tags("qa/website").await.into_keys().collect();
        assert_eq!(tags.len(), 1, "{operation} {aimed:?}: {tags:?}");
        let history = world.history().await;
        assert_eq!(history.len(), 1, "{operation} {aimed:?}: {history:?}");
        let ids: std::collections::BTreeSet<String> = world
            .announced()
            .iter()
            .map(|event| event["detail"]["id"].to_string())
            .collect();
        assert_eq!(ids.len(), 1, "{operation} {aimed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_stands_is_recorded_though_its_policy_was_switched_off_meanwhile() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world.repository("dev/other").await;
    let digest = world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    die_in(&world, "ecr:PutImage", None).await;
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    let mut changed = stable_to_qa();
    changed["criteria"][0]["value"] = json!("never");
    world.policy(changed).await;
    world.later(125).await;
    assert_eq!(
        world.history().await,
        ["dev/website:1-stable promoted: promoted to qa/website:1-stable"]
    );
    assert_eq!(world.announced().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_claim_is_not_taken_over_to_a_target_that_the_policy_no_longer_names() {
    let world = World::new().await;
    world.repository("qa/elsewhere").await;
    world.policy(stable_to_qa()).await;
    let digest = world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.fault(json!([{"operation": "ecr:BatchCheckLayerAvailability", "code": "ServerException", "status": 500, "times": 9}]));
    world.settle().await;
    world.fault(json!([]));
    let mut moved = stable_to_qa();
    moved["target"]["repository"] = json!("qa/elsewhere");
    world.policy(moved).await;
    world.later(60).await;
    assert!(world.tags("qa/website").await.is_empty());
    assert_eq!(world.tags("qa/elsewhere").await["1-stable"], digest);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_does_not_end_in_time_gives_its_claim_back() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let digest = world
        .push("dev/website", "1-stable", &Image::single("a", 100))
        .await;
    world.fault(json!([{"operation": "registry:mount", "delay_ms": 15_000, "times": 99}]));
    world.local.step().await;
    assert!(
        world.tags("qa/website").await.is_empty(),
        "the invocation's time was up"
    );
    world.fault(json!([]));
    world.later(20).await;
    assert_eq!(
        world.tags("qa/website").await["1-stable"],
        digest,
        "nobody waits for a lease"
    );
}

/// An image under two tags waits for an SBOM.
async fn two_wait() -> (World, Image) {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["criteria"] =
        json!([{"attribute": "component", "operator": "not_one_of", "value": ["x"]}]);
    world.policy(policy).await;
    let image = Image::single("a", 1);
    for tag in ["1-stable", "2-stable"] {
        world.push("dev/website", tag, &image).await;
    }
    world.settle().await;
    assert!(
        world
            .history()
            .await
            .iter()
            .all(|line| line.contains("awaiting"))
    );
    (world, image)
}

/// How many were closed.
async fn closed(world: &World) -> usize {
    let history = world.history().await;
    let closed = history.iter().filter(|line| line.contains("skipped"));
    closed.count()
}

#[tokio::test(start_paused = true)]
async fn a_deleted_image_closes_what_was_open_of_it_though_who_began_to_died() {
    for (operation, aimed) in [
        ("ecr:BatchGetImage", None),
        ("dynamodb:TransactWriteItems", Some("RECORD#")),
    ] {
        let (world, image) = two_wait().await;
        world.delete_image("dev/website", &image.digest()).await;
        // ECR tells of each tag.
        for _ in 0..2 {
            die_in(&world, operation, aimed).await;
        }
        world.clock.advance(Duration::from_secs(125));
        world.settle().await;
        assert_eq!(closed(&world).await, 2, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deleted_image_closes_what_was_open_of_it_and_nothing_is_judged() {
    let (world, image) = two_wait().await;
    // A tag alone goes: the policy would let everything pass by now, and nothing is promoted.
    world.policy(stable_to_qa()).await;
    world.untag("dev/website", "1-stable").await;
    world.settle().await;
    world.later(60).await;
    assert!(world.tags("qa/website").await.is_empty());
    world.delete_image("dev/website", &image.digest()).await;
    world.settle().await;
    assert_eq!(closed(&world).await, 2, "{:?}", world.history().await);
}

#[tokio::test(start_paused = true)]
async fn a_restored_image_is_looked_at_again() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1-stable", &image).await;
    world.archive("dev/website", &image.digest()).await;
    world.settle().await;
    world.later(60).await;
    assert!(world.tags("qa/website").await.is_empty());
    world.restore("dev/website", &image.digest()).await;
    world.settle().await;
    assert_eq!(world.tags("qa/website").await["1-stable"], image.digest());
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_deleted_while_it_is_copied_is_a_failed_promotion() {
    let world = World::with(crate::world::Choices {
        blob_mounting: false,
        ..crate::world::Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 2);
    world.push("dev/website", "1-stable", &image).await;
    world.fault(json!([{"operation": "registry:mount", "delay_ms": 5000, "times": 99}]));
    let delete = async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        world.delete_image("dev/website", &image.digest()).await;
    };
    tokio::join!(world.local.step(), delete);
    world.fault(json!([]));
    world.later(15 * 60).await;
    let history = world.history().await.join("\n");
    assert!(history.contains("failed"), "{history}");
    assert!(world.tags("qa/website").await.is_empty());
}
