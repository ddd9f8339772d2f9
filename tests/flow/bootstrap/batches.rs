//! Batches in which each record meets another fate: exactly the right ones are in
//! `batchItemFailures`.

use std::time::Duration;

use serde_json::{Value, json};

use super::record;
use crate::{
    deployed::Deployed,
    image::Image,
    world::{Choices, stable_to_qa},
};

#[tokio::test]
async fn each_record_of_a_batch_meets_its_own_fate() {
    let deployed = Deployed::new(&[]).await;
    let world = &deployed.world;
    world.policy(stable_to_qa()).await;
    let never = json!({
        "source": "dev/held", "name": "never",
        "dry_run": true,
        "target": {"repository": "qa/website"},
    });
    world.policy(never).await;
    world.repository("dev/held").await;
    let mut events = Vec::new();
    for (repository, tag) in [
        ("dev/website", "promoted-stable"),
        ("dev/held", "held"),
        ("dev/website", "cut-stable"),
        ("dev/website", "unnamed-stable"),
    ] {
        let digest = world.push(repository, tag, &Image::single(tag, 1)).await;
        world.drop_events_of(&digest).await;
        events.push(world.push_event(repository, tag, &digest));
    }
    let [promoted, held, cut, unnamed]: [Value; 4] = events.try_into().unwrap();
    let unknown = format!("sha256:{}", "0".repeat(64));
    let unknown = world.push_event("dev/website", "unknown-stable", &unknown);
    let mut foreign = promoted.clone();
    foreign["account"] = json!("999999999999");
    let mut nameless = record("x", &unnamed.to_string());
    nameless.as_object_mut().unwrap().remove("messageId");
    nameless.as_object_mut().unwrap().remove("receiptHandle");
    world.fault(json!([
        {"operation": "ecr:BatchGetImage", "match": "cut-stable", "code": "ExpiredTokenException"},
        {"operation": "ecr:BatchGetImage", "match": "unnamed-stable", "code": "ExpiredTokenException"},
    ]));
    let records = json!({"Records": [
        record("promoted", &promoted.to_string()),
        record("held", &held.to_string()),
        record("no JSON", "no JSON"),
        record("another account", &foreign.to_string()),
        record("unknown", &unknown.to_string()),
        record("cut", &cut.to_string()),
        nameless,
        record("promoted again", &promoted.to_string()),
    ]});
    let answer = deployed.invoke(records.to_string()).await.unwrap();
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": "cut"}]})
    );
    assert_eq!(
        world.history().await,
        [
            "dev/website:promoted-stable promoted: promoted to qa/website:promoted-stable",
            "dev/held:held skipped: dry run: would promote",
        ]
    );
    assert_eq!(world.announced().len(), 1, "a duplicate is promoted once");
    let queue = world.local.queue();
    assert_eq!(
        queue.delayed, 2,
        "what is unknown, and what has no name, come back: {queue:?}"
    );
    world.clock.advance(Duration::from_mins(15));
    world.fault(json!([]));
    deployed.settle().await;
    assert!(
        world
            .tags("qa/website")
            .await
            .contains_key("unnamed-stable")
    );
}

#[tokio::test]
async fn a_poisoned_record_ends_in_the_dead_letter_queue_with_all_that_redriving_needs() {
    let choices = Choices {
        batch_size: 10,
        ..Choices::default()
    };
    let deployed = Deployed::with(choices, &[]).await;
    let world = &deployed.world;
    world.policy(stable_to_qa()).await;
    let poison = Image::single("poison", 1);
    for tag in ["1-stable", "2-stable"] {
        world.push("dev/website", tag, &Image::single(tag, 1)).await;
    }
    let poisoned = world.push("dev/website", "poison-stable", &poison).await;
    world.fault(json!([{
        "operation": "ecr:BatchGetImage", "match": "poison-stable", "code": "ExpiredTokenException",
        "status": 400, "times": 1_000,
    }]));
    while world.local.queue().dead == 0 {
        deployed.settle().await;
        world.clock.advance(Duration::from_mins(15));
    }
    let tags: Vec<String> = world.tags("qa/website").await.into_keys().collect();
    assert_eq!(tags, ["1-stable", "2-stable"], "the others are unharmed");
    let letters = world.local.dead_letters();
    let letter: Value = serde_json::from_str(&letters[0]).unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(
        letter["detail"]["image-digest"],
        json!(poisoned),
        "the event, whole"
    );
    world.fault(json!([]));
    let redriven = json!({"Records": [record("redriven", &letters[0])]});
    let answer = deployed.invoke(redriven.to_string()).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(world.tags("qa/website").await["poison-stable"], poisoned);
}

/// Nothing that is sent can make the binary panic, so a panic is provoked in process: by a source
/// of randomness that fails for one claim.
#[tokio::test(start_paused = true)]
async fn a_panic_costs_one_record_and_its_batch_goes_on() {
    let world = crate::world::World::new().await;
    world.policy(stable_to_qa()).await;
    let mut records = Vec::new();
    for tag in ["1-stable", "2-stable", "3-stable"] {
        let digest = world.push("dev/website", tag, &Image::single(tag, 1)).await;
        world.drop_events_of(&digest).await;
        let event = world.push_event("dev/website", tag, &digest);
        let mut record = record(tag, &event.to_string());
        record.as_object_mut().unwrap().remove("receiptHandle");
        records.push(record);
    }
    world.panic_at_random(2);
    let answer = world.ask(&json!({"Records": records})).await.unwrap();
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": "2-stable"}]})
    );
    let tags: Vec<String> = world.tags("qa/website").await.into_keys().collect();
    assert_eq!(tags, ["1-stable", "3-stable"]);
}
