//! Time that passes by hand, and the rule that invokes the function once a minute.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::DateTime;
use ecr_promoter_local::{Clock, Local, Options};
use serde_json::{Value, json};

const MINUTE: Duration = Duration::from_mins(1);

fn open(schedule: bool) -> (Local, Arc<Mutex<Vec<Value>>>) {
    let local = Local::open(Options {
        account: "123456789012".to_owned(),
        region: "eu-central-1".to_owned(),
        clock: Clock::manual(DateTime::UNIX_EPOCH),
        schedule,
        ..Options::default()
    });
    let local = local.unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let remembered = seen.clone();
    local.set_function(move |invocation| {
        let payload = serde_json::from_slice(&invocation.payload).unwrap();
        remembered.lock().unwrap().push(payload);
        Box::pin(async { Ok(b"{}".to_vec()) })
    });
    (local, seen)
}

#[tokio::test]
async fn the_schedule_s_event_is_event_bridge_s() {
    let (local, seen) = open(false);
    assert_eq!(local.fire_schedule().await.unwrap(), b"{}");
    let mut event = seen.lock().unwrap().remove(0);
    let id = event.as_object_mut().unwrap().remove("id").unwrap();
    assert_eq!(id.as_str().unwrap().len(), 36);
    assert_eq!(
        event,
        json!({
            "version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "account": "123456789012",
            "time": "1970-01-01T00:00:00Z", "region": "eu-central-1",
            "resources": ["arn:aws:events:eu-central-1:123456789012:rule/ecr-promoter-schedule"], "detail": {},
        })
    );
    assert_eq!(local.events(), Vec::<Value>::new(), "no rule sees it");
}

#[tokio::test]
async fn the_schedule_fires_once_a_minute_and_once_after_many() {
    let (local, seen) = open(true);
    for (passes, fired) in [
        (59, 0),
        (1, 1),
        (59, 1),
        (1, 2),
        (3_600, 3),
        (59, 3),
        (1, 4),
    ] {
        local.advance(Duration::from_secs(passes)).await;
        assert_eq!(seen.lock().unwrap().len(), fired, "{passes} s");
    }
}

#[tokio::test]
async fn the_schedule_is_off_unless_asked_for() {
    let (local, seen) = open(false);
    let _poller = local.start_poller();
    local.advance(60 * MINUTE).await;
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_schedule_runs_by_itself_beside_the_poller() {
    let (local, seen) = open(true);
    let _poller = local.start_poller();
    local.clock().advance(MINUTE);
    while seen.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(seen.lock().unwrap()[0]["source"], "aws.events");
}

#[tokio::test]
async fn what_becomes_due_when_time_passes_is_queued_before_the_answer() {
    let (local, _) = open(true);
    let sender = local.clone();
    local.set_function(move |_| {
        let sender = sender.clone();
        Box::pin(async move {
            tokio::task::yield_now().await;
            sender.raise(json!({"source": "aws.ecr"}));
            Ok(b"{}".to_vec())
        })
    });
    let request = http::Request::post("http://local/_local/clock")
        .body(axum::body::Body::from(r#"{"advance_seconds": 60}"#))
        .unwrap();
    let answer = tower::ServiceExt::oneshot(local.router(), request).await;
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(local.queue().visible, 1);
}
