//! An edit in between keeps the upper hand: no status stays beside a newer document than the one it is about.

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector as _, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use futures_util::FutureExt as _;
use serde_json::{Value, json};

use crate::{
    between::Between,
    world::{Choices, World, stable_to_qa},
};

/// Calls DynamoDB beside the function, at once.
fn at_once(connector: &SharedHttpConnector, operation: &str, body: &Value) {
    let mut request = HttpRequest::new(body.to_string().into());
    request.set_method("POST").unwrap();
    request.set_uri("http://local/").unwrap();
    let target = format!("DynamoDB_20120810.{operation}");
    request.headers_mut().insert("x-amz-target", target);
    request
        .headers_mut()
        .insert("authorization", "AWS4-HMAC-SHA256 any");
    let answer = connector.call(request).now_or_never().unwrap().unwrap();
    assert!(answer.status().is_success(), "{operation}");
}

#[tokio::test(start_paused = true)]
async fn a_newer_edit_in_between_keeps_the_upper_hand() {
    let mut broken = stable_to_qa();
    broken["criteria"][0]["operator"] = json!("endswith");
    let mut with_status = broken.clone();
    with_status["status"] = json!({"state": "valid", "message": "", "checked_at": "2026"});
    let key = json!({"source": {"S": "dev/website"}, "name": {"S": "stable-to-qa"}});
    for (case, newer, wanted) in [
        ("an edit that left no status", Some(broken), "invalid"),
        ("an edit that kept a status", Some(with_status), "invalid"),
        ("a deletion", None, "gone"),
    ] {
        let beside: Arc<OnceLock<SharedHttpConnector>> = Arc::default();
        let (seen, key) = (beside.clone(), key.clone());
        let edits = AtomicU32::new(0);
        let between = Between::answering(move |request| {
            // After the item was read, before its status is written.
            if request.operation == "UpdateItem" && edits.fetch_add(1, Ordering::Relaxed) == 0 {
                let connector = seen.get().unwrap();
                match &newer {
                    Some(newer) => {
                        let item: HashMap<String, AttributeValue> =
                            serde_dynamo::to_item(newer).unwrap();
                        let item: Value = to_wire(&item);
                        at_once(
                            connector,
                            "PutItem",
                            &json!({"TableName": "policies", "Item": item}),
                        );
                    }
                    None => at_once(
                        connector,
                        "DeleteItem",
                        &json!({"TableName": "policies", "Key": key}),
                    ),
                }
            }
            None
        });
        let world = World::with(Choices {
            between: Some(between),
            ..Choices::default()
        })
        .await;
        beside.set(world.local.connector()).unwrap();
        world.policy(stable_to_qa()).await;
        assert!(world.local.step_stream().await, "{case}");
        let state = async || {
            let item = world.policy_item("dev/website", "stable-to-qa").await;
            item.map_or("gone".to_owned(), |item| {
                item["status"]["state"].as_str().unwrap().to_owned()
            })
        };
        assert_eq!(
            state().await,
            wanted,
            "{case}: at once, not by the newer edit's own record"
        );
        world.edits().await;
        assert_eq!(state().await, wanted, "{case}");
    }
}

/// An item as DynamoDB's JSON has it; of strings, maps and lists alone.
fn to_wire(item: &HashMap<String, AttributeValue>) -> Value {
    fn value(of: &AttributeValue) -> Value {
        match of {
            AttributeValue::S(text) => json!({"S": text}),
            AttributeValue::M(map) => json!({"M": to_wire(map)}),
            AttributeValue::L(list) => json!({"L": list.iter().map(value).collect::<Vec<_>>()}),
            other => panic!("{other:?}"),
        }
    }
    item.iter()
        .map(|(key, of)| (key.clone(), value(of)))
        .collect()
}
