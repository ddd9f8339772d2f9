//! A table's stream invokes the function as Lambda's event source mapping does.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use ecr_promoter_local::{Local, Options, StreamMapping};
use serde_json::{Value, json};
use tower::ServiceExt as _;

async fn ask(local: &Local, operation: &str, body: Value) {
    let request = http::Request::post("http://local/")
        .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
        .header("authorization", "AWS4-HMAC-SHA256 any")
        .body(axum::body::Body::from(body.to_string()));
    let answer = local.router().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200, "{operation}");
}

async fn put(local: &Local, pk: &str, value: &str) {
    let item = json!({"pk": {"S": pk}, "value": {"S": value}});
    ask(
        local,
        "PutItem",
        json!({"TableName": "things", "Item": item}),
    )
    .await;
}

fn mapping(filter: Option<Value>) -> StreamMapping {
    StreamMapping {
        table: "things".to_owned(),
        filter,
        batch_size: 2,
        retries_max: 1,
    }
}

type Payloads = Arc<Mutex<Vec<Value>>>;

/// An account with a table that has a stream, and a function that answers with what `answer` makes of its payload.
async fn world(
    data: Option<&Path>,
    filter: Option<Value>,
    answer: impl Fn(&Value) -> Result<Value, String> + Send + Sync + 'static,
) -> (Local, Payloads) {
    let is_new = data.is_none_or(|folder| !folder.join("dynamodb.sqlite3").exists());
    let local = Local::open(Options {
        account: "123456789012".to_owned(),
        region: "eu-central-1".to_owned(),
        data: data.map(Path::to_owned),
        ..Options::default()
    });
    let local = local.unwrap();
    if is_new {
        let table = json!({
            "TableName": "things", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        });
        ask(&local, "CreateTable", table).await;
    }
    local.set_stream(mapping(filter)).unwrap();
    let seen = Payloads::default();
    let remembered = seen.clone();
    local.set_function(move |invocation| {
        let payload = serde_json::from_slice(&invocation.payload).unwrap();
        let answered = answer(&payload).map(|answer| answer.to_string().into_bytes());
        remembered.lock().unwrap().push(payload);
        Box::pin(async { answered })
    });
    (local, seen)
}

/// The keys of the records of each invocation.
fn keys(seen: &Payloads) -> Vec<String> {
    let seen = seen.lock().unwrap();
    let keys = seen.iter().map(|payload| {
        let records = payload["Records"].as_array().unwrap().iter();
        let keys = records.map(|record| record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap());
        keys.collect::<Vec<_>>().join(" ")
    });
    keys.collect()
}

#[tokio::test]
async fn records_come_as_lambda_brings_them() {
    let (local, seen) = world(None, None, |_| Ok(json!({}))).await;
    put(&local, "a", "1").await;
    put(&local, "a", "2").await;
    assert!(!local.idle(Duration::from_millis(30)).await, "records wait");
    assert!(local.step_stream().await);
    assert!(local.idle(Duration::from_millis(30)).await);
    assert!(!local.step_stream().await, "nothing is left");
    let records = seen.lock().unwrap().remove(0)["Records"].clone();
    let [first, second] = [&records[0], &records[1]];
    assert_eq!(
        [&first["eventName"], &second["eventName"]],
        ["INSERT", "MODIFY"]
    );
    assert_eq!(first["eventSource"], "aws:dynamodb");
    assert_eq!(first["awsRegion"], "eu-central-1");
    let arn = first["eventSourceARN"].as_str().unwrap();
    let table = "arn:aws:dynamodb:eu-central-1:123456789012:table/things/stream/";
    assert!(arn.starts_with(table), "{arn}");
    let images = &second["dynamodb"];
    assert_eq!(images["OldImage"]["value"]["S"], "1");
    assert_eq!(images["NewImage"]["value"]["S"], "2");
    assert!(images["SequenceNumber"].as_str() > first["dynamodb"]["SequenceNumber"].as_str());
}

#[tokio::test]
async fn what_the_filter_does_not_pass_invokes_nothing() {
    let filter = json!({"eventName": ["INSERT"]});
    let (local, seen) = world(None, Some(filter), |_| Ok(json!({}))).await;
    for (pk, value) in [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2"), ("b", "3")] {
        put(&local, pk, value).await;
    }
    while local.step_stream().await {}
    assert_eq!(keys(&seen), ["a", "b"]);
    let pattern = mapping(Some(json!({"eventName": "INSERT"})));
    assert!(local.set_stream(pattern).is_err(), "not a pattern");
}

#[tokio::test]
async fn a_failed_batch_comes_again_before_the_next_one_and_is_given_up_at_last() {
    let fails = |payload: &Value| {
        let first = &payload["Records"][0]["dynamodb"];
        match first["Keys"]["pk"]["S"].as_str() {
            Some("a") => Err("no".to_owned()),
            Some("c") => {
                let id = &first["SequenceNumber"];
                Ok(json!({"batchItemFailures": [{"itemIdentifier": id}]}))
            }
            _ => Ok(json!({"batchItemFailures": []})),
        }
    };
    let (local, seen) = world(None, None, fails).await;
    for pk in ["a", "b", "c", "d", "e"] {
        put(&local, pk, "1").await;
    }
    let mut steps = Vec::new();
    for _ in 0..6 {
        steps.push(local.step_stream().await);
    }
    assert_eq!(keys(&seen), ["a b", "a b", "c d", "c d", "e"]);
    assert_eq!(steps, [false, true, false, true, true, false]);
    let dead = local.dead_letters();
    assert_eq!(dead.len(), 2);
    let told: Value = serde_json::from_str(&dead[0]).unwrap();
    assert_eq!(
        told["requestContext"]["condition"],
        "RetryAttemptsExhausted"
    );
    assert_eq!(told["DDBStreamBatchInfo"]["batchSize"], 2);
}

#[tokio::test]
async fn a_restart_goes_on_after_what_was_handled() {
    let folder = tempfile::tempdir().unwrap();
    let (local, seen) = world(Some(folder.path()), None, |_| Ok(json!({}))).await;
    put(&local, "a", "1").await;
    put(&local, "b", "1").await;
    assert!(local.step_stream().await);
    put(&local, "c", "1").await;
    drop(local);
    let (local, again) = world(Some(folder.path()), None, |_| Ok(json!({}))).await;
    while local.step_stream().await {}
    assert_eq!([keys(&seen), keys(&again)], [vec!["a b"], vec!["c"]]);
}

#[tokio::test]
async fn the_poller_reads_the_stream_too() {
    let (local, seen) = world(None, None, |_| Ok(json!({}))).await;
    let _poller = local.start_poller();
    put(&local, "a", "1").await;
    assert!(local.idle(Duration::from_secs(20)).await);
    assert_eq!(keys(&seen), ["a"]);
}

#[tokio::test]
async fn a_table_without_a_stream_invokes_nothing_and_is_idle() {
    let local = Local::open(Options::default()).unwrap();
    local.set_stream(mapping(None)).unwrap();
    local.set_function(|_| Box::pin(async { Ok(b"{}".to_vec()) }));
    assert!(!local.step_stream().await);
    assert!(local.idle(Duration::from_millis(30)).await);
}
