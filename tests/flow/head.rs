//! The newest push stands under a target tag at the end, in whatever order events and invocations
//! come.

mod races;

use ecr_promoter::Invocation;
use serde_json::json;

use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

/// Two source tags that render one target tag.
fn to_latest() -> serde_json::Value {
    let mut policy = stable_to_qa();
    policy["target"]["tag"] = json!("latest");
    policy
}

/// Two pushes a second apart, the older one first.
async fn two_pushes(world: &World) -> [(String, serde_json::Value); 2] {
    let mut pushes = Vec::new();
    for tag in ["1-stable", "2-stable"] {
        let digest = world.push("dev/website", tag, &Image::single(tag, 2)).await;
        pushes.push((
            digest.clone(),
            world.push_event("dev/website", tag, &digest),
        ));
        world.drop_events_of(&digest).await;
        world.clock.advance(std::time::Duration::from_secs(1));
    }
    pushes.try_into().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_newer_push_stands_whichever_event_comes_first() {
    for newer_first in [false, true] {
        let world = World::new().await;
        world.policy(to_latest()).await;
        let [(_, older), (newest, newer)] = two_pushes(&world).await;
        let events = if newer_first {
            [newer, older]
        } else {
            [older, newer]
        };
        for event in events {
            world.ask(&event).await.unwrap();
        }
        assert_eq!(
            world.tags("qa/website").await["latest"],
            newest,
            "newer first: {newer_first}"
        );
        let history = world.history().await.join("\n");
        assert_eq!(
            history.contains(
                "1-stable skipped: older than the head: a newer push has been promoted to qa/website:latest"
            ),
            newer_first,
            "{history}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_lands_late_is_put_right() {
    let world = World::new().await;
    world.policy(to_latest()).await;
    let [(first, older), (newest, newer)] = two_pushes(&world).await;
    // The older push's write hangs until its lease is over; meanwhile the newer one is promoted.
    world.fault(json!([
        {"operation": "ecr:PutImage", "match": first, "delay_ms": 9000, "times": 1},
    ]));
    let both = async {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        world.clock.advance(std::time::Duration::from_secs(70));
        world.ask(&newer).await.unwrap();
        assert_eq!(world.tags("qa/website").await["latest"], newest);
    };
    let long = Invocation {
        request_id: "long".to_owned(),
        deadline: world.clock.now() + chrono::TimeDelta::minutes(15),
    };
    let older = older.to_string();
    let (answer, ()) = tokio::join!(world.function.handle(older.as_bytes(), &long), both);
    answer.unwrap();
    world.later(60).await;
    assert_eq!(world.tags("qa/website").await["latest"], newest);
    let history = world.history().await.join("\n");
    assert!(
        history.contains(
            "1-stable promoted: promoted to qa/website:latest, and superseded by a newer push"
        ),
        "{history}"
    );
    let superseded: Vec<_> = world
        .announced()
        .iter()
        .map(|event| event["detail"]["superseded"].clone())
        .collect();
    assert_eq!(superseded, [json!(false), json!(true)]);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_ended_without_an_end_is_looked_back_on() {
    let world = World::new().await;
    world.policy(to_latest()).await;
    let [(_, older), (newest, newer)] = two_pushes(&world).await;
    world.fault(json!([
        {"operation": "ecr:PutImage", "code": "ConnectionReset", "status": 0, "times": 1},
    ]));
    world.ask(&older).await.unwrap();
    world.ask(&newer).await.unwrap();
    assert_eq!(world.tags("qa/website").await["latest"], newest);
    let doubts = async || {
        let heads = world.items("TARGET#", "latest").await;
        heads[0]["body"]["doubts"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(doubts().await, 1, "it may still land");
    world.later(75).await;
    assert_eq!(doubts().await, 0, "it was checked");
    assert_eq!(world.tags("qa/website").await["latest"], newest);
    assert_eq!(world.open().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_moves_the_target_back() {
    let world = World::new().await;
    world.policy(to_latest()).await;
    let (old, new) = (Image::single("a", 1), Image::single("b", 1));
    for image in [&old, &new, &old] {
        world.push("dev/website", "1-stable", image).await;
        world.later(90).await;
        assert_eq!(world.tags("qa/website").await["latest"], image.digest());
    }
    let sequences: Vec<_> = world
        .announced()
        .iter()
        .map(|event| event["detail"]["sequence"].clone())
        .collect();
    assert_eq!(sequences, [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_somebody_moved_or_deleted_is_respected() {
    let world = World::new().await;
    world.policy(to_latest()).await;
    let first = Image::single("a", 1);
    world.push("dev/website", "1-stable", &first).await;
    world.settle().await;
    let moved = Image::single("by hand", 1);
    let digest = moved
        .push(&world.aws.ecr, "qa/website", Some("latest"))
        .await;
    world
        .local
        .raise(world.push_event("dev/website", "1-stable", &first.digest()));
    world.settle().await;
    assert_eq!(
        world.tags("qa/website").await["latest"],
        digest,
        "never repaired"
    );
    let next = world
        .push("dev/website", "2-stable", &Image::single("b", 1))
        .await;
    world.settle().await;
    assert_eq!(
        world.tags("qa/website").await["latest"],
        next,
        "the next newer push may replace it"
    );
}

#[tokio::test(start_paused = true)]
async fn two_pushes_of_one_second_get_a_tag_each() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["target"]["tag"] = json!("%Y%m%d-%H%M%S");
    world.policy(policy).await;
    let images = ["a-stable", "b-stable", "c-stable"];
    for tag in images {
        world.push("dev/website", tag, &Image::single(tag, 1)).await;
    }
    world.settle().await;
    let tags: Vec<String> = world.tags("qa/website").await.into_keys().collect();
    assert_eq!(
        tags,
        ["20260307-090503", "20260307-090504", "20260307-090505"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_is_valid_when_approved_not_any_more_when_run() {
    for (case, change) in [
        ("switched off", json!({"enabled": false})),
        (
            "changed",
            json!({"criteria": [{"attribute": "tag", "operator": "equals", "value": "no"}]}),
        ),
    ] {
        let world = World::new().await;
        world.policy(stable_to_qa()).await;
        world
            .push("dev/website", "1-stable", &Image::single("a", 1))
            .await;
        world.fault(json!([{"operation": "registry:mount", "delay_ms": 5000, "times": 1}]));
        let edit = async {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            let mut policy = stable_to_qa();
            policy
                .as_object_mut()
                .unwrap()
                .extend(change.as_object().unwrap().clone());
            world.policy(policy).await;
        };
        tokio::join!(world.local.step(), edit);
        assert!(world.tags("qa/website").await.is_empty(), "{case}");
        assert_eq!(
            world.history().await.len(),
            1,
            "{case}: {:?}",
            world.history().await
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_was_seen_standing_before_another_push_wrote_it_is_written_again() {
    // `latest` points to X; Y is on its way, and so is a rollback to X that has seen X standing.
    let world = World::new().await;
    world.policy(to_latest()).await;
    let (x, y) = (Image::single("x", 1), Image::single("y", 1));
    world.push("dev/website", "1-stable", &x).await;
    world.settle().await;
    let mut events = Vec::new();
    for (tag, image) in [("2-stable", &y), ("3-stable", &x)] {
        world.clock.advance(std::time::Duration::from_secs(5));
        world.push("dev/website", tag, image).await;
        events.push(world.push_event("dev/website", tag, &image.digest()));
    }
    world.drop_events_of(&x.digest()).await;
    world.drop_events_of(&y.digest()).await;
    // The rollback reads the target, then is slow; Y is promoted meanwhile.
    world.fault(json!([{"operation": "dynamodb:TransactWriteItems", "match": "TARGET#", "delay_ms": 9000, "times": 1}]));
    let slow = world.ask(&events[1]);
    let quick = async {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        world.ask(&events[0]).await.unwrap();
        assert_eq!(world.tags("qa/website").await["latest"], y.digest());
    };
    let (slow, ()) = tokio::join!(slow, quick);
    slow.unwrap();
    assert_eq!(
        world.tags("qa/website").await["latest"],
        x.digest(),
        "the newest push is the rollback"
    );
}

#[tokio::test(start_paused = true)]
async fn a_repair_never_touches_what_a_person_put_there() {
    let world = World::new().await;
    world.policy(to_latest()).await;
    let [(_, older), (_, newer)] = two_pushes(&world).await;
    world.fault(json!([
        {"operation": "ecr:PutImage", "code": "ConnectionReset", "status": 0, "times": 1},
    ]));
    world.ask(&older).await.unwrap();
    world.ask(&newer).await.unwrap();
    let by_hand = Image::single("by hand", 1);
    by_hand
        .push(&world.aws.ecr, "qa/website", Some("latest"))
        .await;
    world.later(75).await;
    world.ask(&older).await.unwrap();
    assert_eq!(world.tags("qa/website").await["latest"], by_hand.digest());
}
