//! What is announced: once for each outcome, under the same id however often, and as the schemas
//! in `docs/events` say.

mod held;

use boon::{Compiler, Schemas};
use serde_json::{Value, json};

use crate::{
    between::{Between, json_answer},
    findings::{basic, no_critical},
    image::Image,
    world::{Choices, World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn a_promotion_is_announced() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.settle().await;
    let announced = world.announced();
    assert_eq!(announced.len(), 1);
    assert_eq!(announced[0]["detail-type"], "Image Promoted");
    assert_eq!(refusal(&announced[0]), None);
    insta::assert_json_snapshot!(announced[0]["detail"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_promotion_is_announced_in_ecrs_words() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world.delete_repository("qa/website").await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.settle().await;
    let announced = world.announced();
    assert_eq!(announced[0]["detail-type"], "Promotion Failed");
    assert_eq!(refusal(&announced[0]), None);
    insta::assert_json_snapshot!(announced[0]["detail"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_announcement_is_tried_again_and_changes_no_outcome() {
    for fault in [
        json!([{"operation": "events:PutEvents", "code": "ThrottlingException", "status": 400, "times": 9}]),
        json!([{"operation": "events:PutEvents", "code": "AccessDeniedException", "status": 400, "times": 9}]),
        json!([{"operation": "events:PutEvents", "code": "ConnectionReset", "status": 0, "times": 9}]),
    ] {
        let world = World::new().await;
        world.policy(stable_to_qa()).await;
        world
            .push("dev/website", "1-stable", &Image::single("a", 1))
            .await;
        world.fault(fault.clone());
        world.settle().await;
        assert_eq!(
            world.history().await,
            ["dev/website:1-stable promoted: promoted to qa/website:1-stable"],
            "{fault}"
        );
        assert!(world.announced().is_empty(), "{fault}");
        world.fault(json!([]));
        world.local.reset_requests();
        world.later(60).await;
        assert_eq!(world.announced().len(), 1, "{fault}");
        assert!(
            !world.local.requests().contains_key("ecr:PutImage"),
            "{fault}: not promoted again"
        );
        world.later(60 * 60).await;
        assert_eq!(world.announced().len(), 1, "{fault}: told once");
    }
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_the_bus_did_not_take_is_told_again() {
    // The answer is 200 all the same.
    let between = Between::answering({
        let refusals = std::sync::atomic::AtomicU32::new(2);
        let order = std::sync::atomic::Ordering::Relaxed;
        move |seen| {
            let refused = seen.operation == "PutEvents"
                && refusals
                    .fetch_update(order, order, |left| left.checked_sub(1))
                    .is_ok();
            let entry = json!({"ErrorCode": "InternalFailure", "ErrorMessage": "try again"});
            let answer = json!({"FailedEntryCount": 1, "Entries": [entry]});
            refused.then(|| json_answer(&answer))
        }
    });
    let world = World::with(Choices {
        between: Some(between.clone()),
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.settle().await;
    for (minutes, told) in [(0, 0), (1, 0), (11, 1)] {
        world.later(minutes * 60_u64).await;
        assert_eq!(
            world.history().await,
            ["dev/website:1-stable promoted: promoted to qa/website:1-stable"]
        );
        assert_eq!(world.announced().len(), told);
        world.local.reset_requests();
    }
    world.later(60).await;
    assert!(!world.local.requests().contains_key("ecr:PutImage"));
    world.later(60 * 60).await;
    assert_eq!(world.announced().len(), 1, "told once");
    let seen = between.take().into_iter();
    let details: Vec<Value> = seen
        .filter(|seen| seen.operation == "PutEvents")
        .map(|seen| seen.body["Entries"][0]["Detail"].clone())
        .collect();
    assert!(
        details.len() == 3 && details.iter().all(|it| *it == details[0]),
        "the same each time: {details:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_repeat_has_the_same_id() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1-stable", &image).await;
    // It is announced, and the answer that says so is lost more often than the SDK asks.
    world.fault(json!([{
        "operation": "events:PutEvents", "code": "ConnectionReset", "status": 0, "times": 4, "after_effect": true,
    }]));
    world.settle().await;
    world.later(60).await;
    let ids: Vec<_> = world
        .announced()
        .iter()
        .map(|event| event["detail"]["id"].clone())
        .collect();
    assert!(
        ids.len() > 1 && ids.iter().all(|id| *id == ids[0]),
        "{ids:?}"
    );
}

/// Strict on both sides: what a consumer reads in a schema is there, and nothing else is.
/// A world in which something was announced.
async fn announcing(kind: &str) -> World {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    match kind {
        "Policy Invalid" => policy["name"] = json!("two words"),
        "Image Held" => policy["criteria"] = no_critical()["criteria"].clone(),
        "Promotion Failed" => world.delete_repository("qa/website").await,
        _ => {}
    }
    world.policy(policy).await;
    world.edits().await;
    let digest = world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.scan("dev/website", &digest, &basic(&world, &["CRITICAL"]));
    world.settle().await;
    world
}

#[tokio::test(start_paused = true)]
async fn the_schemas_of_events_are_exact() {
    for kind in KINDS {
        let world = announcing(kind).await;
        let event = world.announced().remove(0);
        assert_eq!(event["detail-type"], kind);
        assert_eq!(refusal(&event), None);
        let places = [
            "",
            "/policy",
            "/source",
            "/target",
            "/error",
            "/criteria/0",
            "/errors/0",
        ];
        for place in places {
            let Some(Value::Object(fields)) = event["detail"].pointer(place) else {
                continue;
            };
            for key in fields.keys() {
                let mut lacking = event.clone();
                fields_at(&mut lacking, place).remove(key);
                assert!(refusal(&lacking).is_some(), "without {place}/{key}");
                let mut wrong = event.clone();
                fields_at(&mut wrong, place).insert(key.clone(), json!([[]]));
                assert!(refusal(&wrong).is_some(), "{place}/{key} is a list");
            }
            let mut more = event.clone();
            fields_at(&mut more, place).insert("findings".to_owned(), json!([]));
            assert!(refusal(&more).is_some(), "with {place}/findings");
        }
    }
}

/// What a schema shows is what it allows.
#[test]
fn the_examples_of_the_schemas_are_valid() {
    for kind in KINDS {
        let examples = schema(kind)["examples"].clone();
        for example in examples.as_array().unwrap() {
            let event = json!({"detail-type": kind, "detail": example});
            assert_eq!(refusal(&event), None, "{kind}");
        }
    }
}

/// What is announced.
const KINDS: [&str; 4] = [
    "Image Promoted",
    "Promotion Failed",
    "Image Held",
    "Policy Invalid",
];

fn schema(kind: &str) -> Value {
    let text = match kind {
        "Image Promoted" => include_str!("../../docs/events/image-promoted.schema.json"),
        "Promotion Failed" => include_str!("../../docs/events/promotion-failed.schema.json"),
        "Image Held" => include_str!("../../docs/events/image-held.schema.json"),
        "Policy Invalid" => include_str!("../../docs/events/policy-invalid.schema.json"),
        other => panic!("no schema for {other}"),
    };
    serde_json::from_str(text).unwrap()
}

/// Why an event's detail does not fit its schema.
pub fn refusal(event: &Value) -> Option<String> {
    const LOCATION: &str = "http://localhost/event.schema.json";
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    let schema = schema(event["detail-type"].as_str().unwrap());
    compiler.add_resource(LOCATION, schema).unwrap();
    let checked = compiler.compile(LOCATION, &mut schemas).unwrap();
    let refused = schemas.validate(&event["detail"], checked).err();
    refused.map(|error| error.to_string())
}

fn fields_at<'a>(event: &'a mut Value, place: &str) -> &'a mut serde_json::Map<String, Value> {
    let at = event["detail"].pointer_mut(place).unwrap();
    at.as_object_mut().unwrap()
}
