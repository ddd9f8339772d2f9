//! Idle means that no open work is due, wherever it is remembered.

use std::time::Duration;

use chrono::DateTime;
use ecr_promoter_local::{Clock, Local, OpenWork, Options};
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

fn world() -> Local {
    let local = Local::open(Options {
        clock: Clock::manual(DateTime::UNIX_EPOCH),
        ..Options::default()
    });
    let local = local.unwrap();
    local.set_open_work(OpenWork {
        table: "ledger".to_owned(),
        index: "due".to_owned(),
        moment: "due_at".to_owned(),
    });
    local
}

async fn make_table(local: &Local) {
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let text = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    let index = json!({"IndexName": "due", "Projection": {"ProjectionType": "KEYS_ONLY"},
                       "KeySchema": [key("due_in", "HASH"), key("due_at", "RANGE")]});
    let table = json!({
        "TableName": "ledger", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [key("pk", "HASH")],
        "AttributeDefinitions": [text("pk"), text("due_in"), text("due_at")], "GlobalSecondaryIndexes": [index],
    });
    ask(local, "CreateTable", table).await;
}

async fn put(local: &Local, name: &str, due: Option<&str>) {
    let mut item = json!({"pk": {"S": name}});
    if let Some(due) = due {
        (item["due_in"], item["due_at"]) = (json!({"S": "1"}), json!({"S": due}));
    }
    ask(
        local,
        "PutItem",
        json!({"TableName": "ledger", "Item": item}),
    )
    .await;
}

async fn is_idle(local: &Local) -> bool {
    local.idle(Duration::from_millis(1)).await
}

#[tokio::test]
async fn idle_waits_for_work_that_is_due_and_for_no_other() {
    let local = world();
    assert!(is_idle(&local).await, "no table");
    make_table(&local).await;
    put(&local, "closed", None).await;
    put(&local, "later", Some("1970-01-01T00:00:10.000001Z")).await;
    assert!(is_idle(&local).await, "nothing is due");
    local.clock().advance(Duration::from_secs(10));
    assert!(is_idle(&local).await, "a microsecond is left");
    local.clock().advance(Duration::from_secs(1));
    assert!(!is_idle(&local).await, "due");
    let closing = async {
        tokio::task::yield_now().await;
        put(&local, "later", None).await;
    };
    let (idle, ()) = tokio::join!(local.idle(Duration::from_mins(5)), closing);
    assert!(idle, "closed");
    assert!(
        !local.requests().contains_key("dynamodb:Scan"),
        "its own look is not counted"
    );
}
