//! What a saved policy held, or waits for, is looked at again.

use std::time::Duration;

use ecr_promoter::ledger::keys::moment;
use serde_json::json;

use super::push;
use crate::{
    crash::die_in,
    image::Image,
    world::{World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn what_was_held_is_looked_at_again_within_a_minute_of_a_saved_policy() {
    let world = World::new().await;
    let mut strict = stable_to_qa();
    strict["criteria"] = json!([
        {"attribute": "tag", "operator": "ends_with", "value": "stable"},
        {"attribute": "component", "operator": "not_one_of", "value": ["log4j-core"]},
    ]);
    world.policy(strict).await;
    world.edits().await;
    for tag in ["1-stable", "2-stable", "3"] {
        world.push("dev/website", tag, &Image::single(tag, 1)).await;
    }
    world.settle().await;
    // Without an SBOM both are held, at once or when evidence never came.
    world.later(8 * 24 * 60 * 60).await;
    let held = |lines: &[String]| lines.iter().filter(|line| line.contains(" held: ")).count();
    assert_eq!(held(&world.history().await), 2);
    assert_eq!(world.open().await, 0);

    world.policy(stable_to_qa()).await;
    world.edits().await;
    assert_eq!(world.open().await, 2, "both are due");
    world.later(60).await;
    assert_eq!(
        world
            .tags("qa/website")
            .await
            .into_keys()
            .collect::<Vec<_>>(),
        ["1-stable", "2-stable"]
    );
    assert_eq!(world.open().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_disabled_or_broken_policy_wakes_nothing() {
    let world = World::new().await;
    let mut strict = stable_to_qa();
    push(
        &mut strict["criteria"],
        json!({"attribute": "component", "operator": "not_one_of", "value": ["log4j-core"]}),
    );
    world.policy(strict.clone()).await;
    world.edits().await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.settle().await;
    world.later(8 * 24 * 60 * 60).await;
    for (key, value) in [("enabled", json!(false)), ("enabled", json!("no"))] {
        let mut edited = strict.clone();
        edited[key] = value;
        world.policy(edited).await;
        world.edits().await;
        assert_eq!(world.open().await, 0);
    }
}

/// More cases than one message wakes.
const MANY: usize = 130;

/// Many cases wait for a scan, and their policy was edited: a second message goes on with them.
async fn many_are_woken() -> World {
    let world = World::new().await;
    let mut strict = stable_to_qa();
    push(
        &mut strict["criteria"],
        json!({"attribute": "vulnerabilities.critical", "operator": "=", "value": 0}),
    );
    world.policy(strict.clone()).await;
    world.edits().await;
    let image = Image::single("a", 1);
    for number in 0..MANY {
        world
            .push("dev/website", &format!("{number}-stable"), &image)
            .await;
    }
    world.settle().await;
    assert_eq!(world.open().await, MANY, "all of them wait for the scan");
    strict["description"] = json!("edited");
    world.policy(strict).await;
    world.edits().await;
    world
}

async fn are_due(world: &World) -> usize {
    let now = moment(world.clock.now());
    let items = world.items("IMAGE#", "CASE#").await;
    let due = items
        .iter()
        .filter(|item| item["due_sk"].as_str().unwrap() <= now.as_str());
    due.count()
}

#[tokio::test(start_paused = true)]
async fn the_cases_of_a_long_history_are_woken_piece_by_piece() {
    let world = many_are_woken().await;
    assert!(are_due(&world).await < MANY, "one message is enough");
    world.settle().await;
    assert_eq!(are_due(&world).await, MANY);
}

#[tokio::test(start_paused = true)]
async fn the_cases_of_a_long_history_are_woken_though_who_went_on_with_it_died() {
    let world = many_are_woken().await;
    die_in(&world, "dynamodb:Query", None).await;
    world.clock.advance(Duration::from_secs(125));
    world.settle().await;
    assert_eq!(are_due(&world).await, MANY);
}
