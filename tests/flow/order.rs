//! Which push is which: the order of events and of pushes are two things.

use std::time::Duration;

use serde_json::json;

use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn an_overtaken_push_stays_the_push_it_is() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["target"]["tag"] = json!("%n-{digest}");
    world.policy(policy).await;
    let first = world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    let second = world
        .push("dev/website", "1-stable", &Image::single("b", 1))
        .await;
    world.settle().await;
    world.later(60).await;
    let runs = &world.items("TAGS#", "1-stable").await[0]["body"]["runs"];
    let order: Vec<_> = runs
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["digest"].as_str().unwrap())
        .collect();
    assert_eq!(
        order,
        [first.as_str(), second.as_str()],
        "oldest first, though its event came back"
    );
    assert_eq!(
        world.tags("qa/website").await.len(),
        2,
        "both are pushes, both are promoted"
    );
}

/// A run that is left to its claim is refused where another push of the tag was placed meanwhile.
#[tokio::test(start_paused = true)]
async fn two_pushes_of_one_tag_that_are_claimed_at_once_are_both_placed() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["target"]["tag"] = json!("%n-{digest}");
    world.policy(policy).await;
    let mut events = Vec::new();
    for seed in ["a", "b"] {
        let image = Image::single(seed, 1);
        let digest = world.push("dev/website", "1-stable", &image).await;
        world.drop_events_of(&digest).await;
        events.push(world.push_event("dev/website", "1-stable", &digest));
        world.clock.advance(Duration::from_secs(90));
    }
    for event in events {
        world.local.raise(event);
    }
    let (first, second) = tokio::join!(world.local.step(), world.local.step());
    assert!(first && second);
    assert_eq!(world.tags("qa/website").await.len(), 2);
    let runs = &world.items("TAGS#", "1-stable").await[0]["body"]["runs"];
    let mut placed: Vec<_> = runs.as_array().unwrap().iter().collect();
    placed.sort_by_key(|run| run["number"].as_u64());
    let own = world.items("IMAGE#", "PUSH#").await;
    let mut own: Vec<_> = own.iter().map(|item| &item["run"]).collect();
    own.sort_by_key(|run| run["number"].as_u64());
    assert_eq!(placed, own, "each with its own item");
    let cases = world.items("IMAGE#", "CASE#").await;
    let mut of_cases: Vec<_> = cases.iter().map(|item| &item["body"]["run"]).collect();
    of_cases.sort_by_key(|run| run["number"].as_u64());
    assert_eq!(placed, of_cases, "and each case has the run of its push");
}

#[tokio::test(start_paused = true)]
async fn a_rollback_of_the_source_tag_is_a_new_push() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let (old, new) = (Image::single("a", 1), Image::single("b", 1));
    for image in [&old, &new, &old] {
        world.push("dev/website", "1-stable", image).await;
        world.later(90).await;
    }
    assert_eq!(world.tags("qa/website").await["1-stable"], old.digest());
    assert_eq!(
        world.items("TAGS#", "1-stable").await[0]["body"]["last_number"],
        3
    );
}

#[tokio::test(start_paused = true)]
async fn newest_was_told_by_the_configs_created() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    // Reproducible builds: their configs say the same of when they were made.
    let (old, new) = (Image::single("a", 1), Image::single("b", 1));
    for image in [&old, &new] {
        world.push("dev/website", "1-stable", image).await;
        world.later(90).await;
    }
    assert_eq!(world.tags("qa/website").await["1-stable"], new.digest());
}

#[tokio::test(start_paused = true)]
async fn a_push_whose_tag_has_moved_on_is_skipped_where_the_policy_says_so() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["require_current_tag"] = json!(true);
    world.policy(policy).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    let second = world
        .push("dev/website", "1-stable", &Image::single("b", 1))
        .await;
    world.settle().await;
    world.later(60).await;
    assert_eq!(world.tags("qa/website").await["1-stable"], second);
    assert!(
        world
            .history()
            .await
            .iter()
            .any(|line| line.contains("skipped")),
        "{:?}",
        world.history().await
    );
}
