//! Policies are answered where they are edited: the table's stream has the function check them, write their
//! status, announce their mistakes, and look again at what they held.

mod between;
mod wake;

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::{
    announce,
    world::{Choices, World, stable_to_qa},
};

impl World {
    /// Lets the stream bring what was edited since, and what comes of that.
    pub async fn edits(&self) {
        const STEPS_MAX: usize = 50;
        for _ in 0..STEPS_MAX {
            if !self.local.step_stream().await {
                return;
            }
        }
        panic!("the stream never ends: a loop");
    }

    /// A policy's item.
    pub async fn policy_item(&self, source: &str, name: &str) -> Option<Value> {
        let get = self.aws.dynamodb.get_item().table_name("policies");
        let get = get
            .key("source", AttributeValue::S(source.to_owned()))
            .key("name", AttributeValue::S(name.to_owned()));
        let item = get.send().await.unwrap().item?;
        Some(serde_dynamo::from_item(item).unwrap())
    }

    /// State and message of a policy's status.
    pub async fn status(&self, source: &str, name: &str) -> String {
        let item = self.policy_item(source, name).await.unwrap();
        let text = |key: &str| item["status"][key].as_str().unwrap_or("none").to_owned();
        format!("{}: {}", text("state"), text("message"))
    }
}

fn push(list: &mut Value, more: Value) {
    list.as_array_mut().unwrap().push(more);
}

fn policy(source: &str, name: &str, target: &str) -> Value {
    json!({
        "source": source, "name": name,
        "criteria": [{"attribute": "tag", "operator": "ends_with", "value": "stable"}],
        "target": {"repository": target},
    })
}

#[tokio::test(start_paused = true)]
async fn an_edited_policy_gets_its_status_and_its_own_write_causes_no_round() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world.edits().await;
    let requests = world.requests("dynamodb:");
    assert_eq!(requests["dynamodb:UpdateItem"], 1);
    assert_eq!(
        requests["dynamodb:GetItem"], 2,
        "the policy, and since when it is known; its own write is ended without a call"
    );
    assert!(
        !requests.contains_key("dynamodb:Scan"),
        "its target is one repository: what it feeds is asked for by name"
    );
    let item = world
        .policy_item("dev/website", "stable-to-qa")
        .await
        .unwrap();
    assert_eq!(
        item["status"],
        json!({"state": "valid", "message": "", "checked_at": "2026-03-07T09:05:03.000000Z"})
    );
    let mut own = item.clone();
    own.as_object_mut().unwrap().remove("status");
    assert_eq!(own, stable_to_qa(), "nothing else is written");

    let mut broken = item;
    broken["criteria"][0]["operator"] = json!("endswith");
    world.policy(broken).await;
    world.edits().await;
    insta::assert_snapshot!(
        world.status("dev/website", "stable-to-qa").await,
        @r#"invalid: criteria[0].operator: expected an operator, found "endswith": did you mean "ends_with"?"#
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_said_of_a_policy() {
    let mut disabled = policy("dev/website", "b", "qa/website");
    disabled["enabled"] = json!(false);
    let mut spaced = policy("dev/website ", "a", "qa/website");
    spaced["criteria"] = json!([]);
    let rows: Vec<(&str, Vec<Value>, Value)> = vec![
        ("valid", vec![], policy("dev/website", "a", "qa/website")),
        ("a source that no lookup asks for", vec![], spaced),
        (
            "outside the paths",
            vec![],
            policy("dev/website", "a", "prod/website"),
        ),
        (
            "a target that is missing",
            vec![],
            policy("dev/website", "a", "qa/shop"),
        ),
        (
            "a target that only a push tells",
            vec![],
            policy("dev/*", "a", "qa/{rest}"),
        ),
        (
            "an identical one before it",
            vec![policy("dev/website", "0", "qa/website")],
            policy("dev/website", "a", "qa/website"),
        ),
        (
            "an identical one behind it",
            vec![policy("dev/website", "b", "qa/website")],
            policy("dev/website", "a", "qa/website"),
        ),
        (
            "an identical one of a namespace",
            vec![policy("dev/*", "b", "qa/{repository}")],
            policy("dev/website", "a", "qa/{repository}"),
        ),
        (
            "an identical one that is disabled",
            vec![disabled],
            policy("dev/website", "a", "qa/website"),
        ),
        (
            "a cycle by one repository",
            vec![policy("qa/website", "back", "dev/website")],
            policy("dev/website", "a", "qa/website"),
        ),
        (
            "a cycle through namespaces",
            vec![policy("qa/website", "back", "dev/website")],
            policy("dev/*", "a", "qa/{rest}"),
        ),
        (
            "a cycle of three",
            vec![
                policy("qa/*", "on", "dev/mid/{rest}"),
                policy("dev/mid/*", "back", "dev/{rest}"),
            ],
            policy("dev/website", "a", "qa/website"),
        ),
        ("itself", vec![], policy("dev/*", "a", "dev/sub/{rest}")),
    ];
    let mut told = String::new();
    for (case, others, edited) in rows {
        let world = World::with(Choices {
            paths: "dev/* => qa/*, dev/* => dev/*, qa/* => dev/*",
            ..Choices::default()
        })
        .await;
        for other in others {
            world.policy(other).await;
        }
        world.policy(edited.clone()).await;
        world.edits().await;
        let [source, name] = ["source", "name"].map(|key| edited[key].as_str().unwrap());
        let status = world.status(source, name).await;
        told += case;
        told += "\n  ";
        told += status.trim_end();
        told += "\n";
    }
    insta::assert_snapshot!(told, @r#"
    valid
      valid:
    a source that no lookup asks for
      invalid: source: expected a repository as in "dev/website", a namespace as in "dev/*", or "*"; found "dev/website "; no push is ever looked up under this source
    outside the paths
      invalid: target.repository: expected a target inside the paths (dev/* => qa/*, dev/* => dev/*, qa/* => dev/*), found "prod/website" for the source "dev/website"
    a target that is missing
      valid: the repository qa/shop does not exist: promotions to it fail until you create it, or a creation template does
    a target that only a push tells
      valid:
    an identical one before it
      valid: "dev/website 0" does the same for all of its pushes: one of the two is enough
    an identical one behind it
      valid:
    an identical one of a namespace
      valid: the repository qa/dev/website does not exist: promotions to it fail until you create it, or a creation template does; "dev/* b" does the same for all of its pushes: one of the two is enough
    an identical one that is disabled
      valid:
    a cycle by one repository
      valid: "dev/website a", "qa/website back" form a cycle; harmless: no policy promotes a push that came by it
    a cycle through namespaces
      valid: "dev/* a", "qa/website back" form a cycle; harmless: no policy promotes a push that came by it
    a cycle of three
      valid: "dev/mid/* back", "dev/website a", "qa/* on" form a cycle; harmless: no policy promotes a push that came by it
    itself
      valid: it could judge what it promoted itself; harmless: no policy promotes a push that came by it
    "#);
}

#[tokio::test(start_paused = true)]
async fn of_more_policies_of_one_source_than_are_read_the_last_is_told() {
    let world = World::new().await;
    for number in 0..=200 {
        let name = format!("p{number:03}");
        world
            .policy(policy("dev/website", &name, "qa/website"))
            .await;
    }
    // The records of these two alone: each of the others would be checked beside all.
    let record = |number: u8, name: &str| {
        json!({"eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": {
            "Keys": {"source": {"S": "dev/website"}, "name": {"S": name}},
            "NewImage": {}, "SequenceNumber": number.to_string(),
        }})
    };
    let answer = world
        .ask(&json!({"Records": [record(1, "p000"), record(2, "p200")]}))
        .await;
    assert_eq!(answer.unwrap(), json!({"batchItemFailures": []}));
    let first = world.status("dev/website", "p000").await;
    assert!(first.starts_with("valid"), "{first}");
    let last = world.status("dev/website", "p200").await;
    insta::assert_snapshot!(last, @"invalid: source: expected at most 200 policies of one source, found more: this one is not used");
}

#[tokio::test(start_paused = true)]
async fn an_invalid_policy_is_announced_once_for_each_edit() {
    let world = World::new().await;
    let mut broken = stable_to_qa();
    broken["criteria"][0]["operator"] = json!("endswith");
    world.policy(broken.clone()).await;
    // The status cannot be written at first, and the record comes again.
    world.fault(json!([{"operation": "dynamodb:UpdateItem", "code": "ThrottlingException", "status": 400, "times": 5}]));
    assert!(
        !world.local.step_stream().await,
        "it failed, and comes again"
    );
    world.fault(json!([]));
    world.edits().await;
    let announced = world.announced();
    assert!(announced.len() >= 2, "{announced:?}");
    let ids: BTreeSet<&str> = announced
        .iter()
        .map(|it| it["detail"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 1, "every repeat has the same id");
    assert_eq!(announced[0]["detail-type"], "Policy Invalid");
    assert_eq!(announce::refusal(&announced[0]), None);
    let mut detail = announced[0]["detail"].clone();
    // Of the record's number, which is new in each run.
    detail["id"] = json!("id");
    insta::assert_json_snapshot!(detail);

    // What it says already is not announced; what was saved without a status is.
    world
        .policy(
            world
                .policy_item("dev/website", "stable-to-qa")
                .await
                .unwrap(),
        )
        .await;
    world.edits().await;
    assert_eq!(world.announced().len(), announced.len());
    world.policy(broken).await;
    world.edits().await;
    let again = world.announced();
    let ids: BTreeSet<&str> = again
        .iter()
        .map(|it| it["detail"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 2, "another edit, another announcement");
}
