//! The walk: what stands in the sources is found, though no event told of it.

mod cost;
mod names;

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::{
    image::Image,
    world::{Choices, World, stable_to_qa},
};

const HOUR: u64 = 60 * 60;

impl World {
    /// Pushes an image that no event ever tells of.
    async fn push_unheard(&self, repository: &str, tag: &str, seed: &str) -> String {
        let image = Image::single(seed, 1);
        let digest = self.push(repository, tag, &image).await;
        self.drop_events_of(&digest).await;
        digest
    }

    pub async fn delete_policy(&self, source: &str, name: &str) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let delete = self.aws.dynamodb.delete_item().table_name("policies");
        let delete = delete.key("source", text(source)).key("name", text(name));
        delete.send().await.unwrap();
    }

    /// An hour and the walk that comes with it.
    async fn walk(&self) {
        self.later(HOUR).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_push_whose_event_was_lost_was_never_promoted() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world.walk().await;
    world.clock.advance(Duration::from_mins(1));
    let digest = world.push_unheard("dev/website", "1-stable", "a").await;
    world.push_unheard("dev/website", "1-beta", "b").await;
    world.later(60).await;
    assert!(world.tags("qa/website").await.is_empty());
    world.walk().await;
    let promoted = [("1-stable".to_owned(), digest)];
    assert_eq!(world.tags("qa/website").await, promoted.into());
    world.walk().await;
    assert_eq!(
        world.history().await.len(),
        1,
        "{:?}",
        world.history().await
    );
    assert!(world.items("TAGS#", "1-beta").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_push_before_the_first_walk_after_an_edit_was_lost_with_its_event() {
    for (edit, is_found) in [("is written", true), ("is not seen", false)] {
        let world = World::new().await;
        world.push_unheard("dev/website", "0-stable", "z").await;
        world.walk().await;
        world.policy(stable_to_qa()).await;
        if is_found {
            world.edits().await;
        }
        world.clock.advance(Duration::from_mins(1));
        let digest = world.push_unheard("dev/website", "1-stable", "a").await;
        world.walk().await;
        world.walk().await;
        let promoted = is_found.then(|| ("1-stable".to_owned(), digest));
        let promoted: BTreeMap<_, _> = promoted.into_iter().collect();
        assert_eq!(
            world.tags("qa/website").await,
            promoted,
            "a policy that {edit}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_was_disabled_for_minutes_promotes_nothing_of_them() {
    let world = World::new().await;
    let enabled = stable_to_qa();
    let mut disabled = enabled.clone();
    disabled["enabled"] = json!(false);
    world.policy(enabled.clone()).await;
    world.edits().await;
    world.walk().await;
    world.policy(disabled).await;
    world.edits().await;
    world.clock.advance(Duration::from_mins(1));
    world.push_unheard("dev/website", "1-stable", "a").await;
    world.clock.advance(Duration::from_mins(1));
    world.policy(enabled).await;
    world.edits().await;
    world.walk().await;
    assert!(world.tags("qa/website").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_stood_there_before_the_policy_leaves_no_item() {
    let world = World::new().await;
    world.push_unheard("dev/website", "1-stable", "a").await;
    world.walk().await;
    world.policy(stable_to_qa()).await;
    world.walk().await;
    world.walk().await;
    assert!(world.items("TAGS#", "").await.is_empty());
    assert!(world.tags("qa/website").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_stood_there_is_judged_once_where_the_policy_says_so() {
    let world = World::new().await;
    let digest = world.push_unheard("dev/website", "1-stable", "a").await;
    world.push_unheard("dev/website", "1-beta", "b").await;
    world.walk().await;
    let mut policy = stable_to_qa();
    policy["evaluate_existing"] = json!(true);
    world.policy(policy.clone()).await;
    let mut beside = stable_to_qa();
    beside["name"] = json!("beside");
    beside["target"] = json!({"repository": "qa/website", "tag": "beside-{digest}"});
    world.policy(beside).await;
    world.walk().await;
    let promoted = [("1-stable".to_owned(), digest)];
    assert_eq!(
        world.tags("qa/website").await,
        promoted.into(),
        "under that policy alone"
    );
    world.untag("qa/website", "1-stable").await;
    world.walk().await;
    policy["description"] = json!("edited");
    world.policy(policy).await;
    world.walk().await;
    assert!(world.tags("qa/website").await.is_empty(), "once forever");
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_moved_unheard_is_found_by_its_run() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world.walk().await;
    let old = world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.later(60).await;
    let new = world
        .push("dev/website", "2-stable", &Image::single("b", 1))
        .await;
    world.later(60).await;
    assert_eq!(world.tags("qa/website").await["1-stable"], old);
    world.push_unheard("dev/website", "1-stable", "b").await;
    world.walk().await;
    assert_eq!(world.tags("qa/website").await["1-stable"], new);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_enabled_or_made_again_promotes_nothing_of_the_time_between() {
    let disabled = |enabled: bool| {
        let mut policy = stable_to_qa();
        policy["enabled"] = json!(enabled);
        policy
    };
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world.walk().await;
    world.policy(disabled(false)).await;
    world.walk().await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.walk().await;
    world.policy(disabled(true)).await;
    world.walk().await;
    world.delete_policy("dev/website", "stable-to-qa").await;
    world.walk().await;
    world
        .push("dev/website", "2-stable", &Image::single("b", 1))
        .await;
    world.walk().await;
    world.policy(stable_to_qa()).await;
    world.walk().await;
    world.walk().await;
    assert!(world.tags("qa/website").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_means_other_tags_promotes_nothing_that_stood_there() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world.walk().await;
    world
        .push("dev/website", "1-beta", &Image::single("a", 1))
        .await;
    world.walk().await;
    let mut policy = stable_to_qa();
    policy["criteria"] = json!([]);
    world.policy(policy).await;
    world.walk().await;
    world.walk().await;
    assert!(world.tags("qa/website").await.is_empty());
}

/// A policy for everything below `dev`.
fn dev_to_qa() -> Value {
    json!({"source": "dev/*", "name": "all", "target": {"repository": "qa/{rest}"}})
}

#[tokio::test(start_paused = true)]
async fn one_repository_that_cannot_be_read_stops_no_other() {
    let world = World::new().await;
    for name in ["dev/a", "dev/z", "qa/a", "qa/z"] {
        world.repository(name).await;
    }
    world.policy(dev_to_qa()).await;
    let mut nowhere = stable_to_qa();
    nowhere["source"] = json!("dev/nowhere");
    world.policy(nowhere).await;
    world.walk().await;
    world.clock.advance(Duration::from_mins(1));
    let digest = world.push_unheard("dev/z", "1", "z").await;
    world.clock.advance(Duration::from_mins(10));
    world.fault(json!([
        {"operation": "ecr:DescribeImages", "match": "dev/a", "code": "AccessDeniedException", "status": 400, "times": 100},
        {"operation": "ecr:DescribeImages", "match": "dev/website", "code": "ServerException", "status": 500, "times": 100},
    ]));
    world.walk().await;
    world.later(60).await;
    world.later(60).await;
    assert_eq!(world.tags("qa/z").await["1"], digest);
}

#[tokio::test(start_paused = true)]
async fn a_walk_that_takes_longer_than_an_invocation_goes_on_in_the_next() {
    let world = World::with(Choices {
        // Five pauses between pages, and the ten seconds before its end.
        timeout: Duration::from_secs(11),
        ..Choices::default()
    })
    .await;
    let names: Vec<String> = (10..30).map(|number| number.to_string()).collect();
    for name in &names {
        world.repository(&format!("dev/{name}")).await;
        world.repository(&format!("qa/{name}")).await;
    }
    world.policy(dev_to_qa()).await;
    for _ in 0..5 {
        world.later(60).await;
    }
    for name in &names {
        world.push_unheard(&format!("dev/{name}"), "1", name).await;
    }
    world.walk().await;
    let state = world.items("WALK#", "STATE").await;
    assert!(
        state[0]["body"]["at"]["repository"].is_string(),
        "{state:?}"
    );
    for _ in 0..5 {
        world.later(60).await;
    }
    for name in &names {
        assert_eq!(world.tags(&format!("qa/{name}")).await.len(), 1, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_minute_without_work_asks_for_what_is_due_and_whose_turn_the_walk_is() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world.walk().await;
    world.local.reset_requests();
    world.clock.advance(Duration::from_mins(1));
    world.local.fire_schedule().await.unwrap();
    let requests = world.requests("");
    let requests: Vec<_> = requests
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    assert_eq!(requests, ["dynamodb:GetItem 1", "dynamodb:Query 4"]);
}
