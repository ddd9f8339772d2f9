//! From an event to the function and back: what is deleted, what comes again, what dies.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::DateTime;
use ecr_promoter_local::{Clock, Local, Options, QueueCounts};
use serde_json::{Value, json};

const LONG: Duration = Duration::from_mins(5);

fn manual() -> Options {
    Options {
        clock: Clock::manual(DateTime::UNIX_EPOCH),
        max_receive_count: 2,
        ..Options::default()
    }
}

fn event(name: &str) -> Value {
    json!({"source": "aws.ecr", "detail-type": "ECR Image Action", "detail": {"repository-name": name}})
}

/// A function that answers what it was given and remembers the repositories it was handed.
fn answering(
    local: &Local,
    answer: impl Fn(&Value) -> Result<Value, String> + Send + Sync + 'static,
) -> Arc<Mutex<Vec<String>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let remembered = seen.clone();
    local.set_function(move |invocation| {
        let payload: Value = serde_json::from_slice(&invocation.payload).unwrap();
        for record in payload["Records"].as_array().unwrap() {
            let event: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
            let name = event["detail"]["repository-name"].as_str().unwrap();
            remembered.lock().unwrap().push(name.to_owned());
        }
        let answer = answer(&payload).map(|it| it.to_string().into_bytes());
        Box::pin(async move { answer })
    });
    seen
}

#[tokio::test]
async fn an_event_reaches_the_function_once_and_is_deleted() {
    let local = Local::open(Options::default()).unwrap();
    let seen = answering(&local, |_| Ok(json!({"batchItemFailures": []})));
    let poller = local.start_poller();
    local.raise(event("dev/a"));
    local.raise(event("dev/b"));
    assert!(local.idle(LONG).await);
    poller.abort();
    seen.lock().unwrap().sort();
    assert_eq!(*seen.lock().unwrap(), ["dev/a", "dev/b"]);
    assert_eq!(local.queue(), QueueCounts::default());
    assert!(
        local.requests().is_empty(),
        "the poller's own calls are not counted"
    );
}

#[tokio::test]
async fn a_reported_message_comes_again_after_its_visibility_and_then_dies() {
    let local = Local::open(manual()).unwrap();
    let failing = |payload: &Value| {
        let id = &payload["Records"][0]["messageId"];
        Ok(json!({"batchItemFailures": [{"itemIdentifier": id}]}))
    };
    let seen = answering(&local, failing);
    local.raise(event("dev/a"));
    assert!(local.step().await);
    assert!(!local.step().await, "it is hidden");
    assert_eq!(local.queue().in_flight, 1);
    assert!(!local.idle(Duration::ZERO).await);
    local.clock().advance(Duration::from_mins(6));
    assert!(local.step().await);
    local.clock().advance(Duration::from_mins(6));
    assert!(!local.step().await);
    assert_eq!(seen.lock().unwrap().len(), 2);
    assert_eq!(local.queue().dead, 1);
    assert!(local.dead_letters()[0].contains("dev/a"));
}

#[tokio::test]
async fn a_batch_fails_whole_when_the_function_does() {
    for (case, answer) in [
        ("error", Err("no".to_owned())),
        (
            "unknown identifier",
            Ok(json!({"batchItemFailures": [{"itemIdentifier": "x"}]})),
        ),
        ("wrong key", Ok(json!({"batchItemFailures": [{"id": "x"}]}))),
    ] {
        let local = Local::open(Options {
            batch_size: 10,
            ..manual()
        })
        .unwrap();
        let seen = answering(&local, move |_| answer.clone());
        local.raise(event("dev/a"));
        local.raise(event("dev/b"));
        assert!(local.step().await);
        assert_eq!(
            (seen.lock().unwrap().len(), local.queue().in_flight),
            (2, 2),
            "{case}"
        );
    }
}

#[tokio::test]
async fn only_what_is_reported_fails() {
    let local = Local::open(Options {
        batch_size: 10,
        ..manual()
    })
    .unwrap();
    answering(&local, |payload| {
        let id = &payload["Records"][1]["messageId"];
        Ok(json!({"batchItemFailures": [{"itemIdentifier": id}]}))
    });
    for name in ["dev/a", "dev/b", "dev/c"] {
        local.raise(event(name));
    }
    assert!(local.step().await);
    assert_eq!(
        local.queue(),
        QueueCounts {
            in_flight: 1,
            ..QueueCounts::default()
        }
    );
}

#[tokio::test]
async fn a_panic_costs_the_batch_alone() {
    let local = Local::open(manual()).unwrap();
    local.set_function(|_| Box::pin(async { panic!("on purpose") }));
    local.raise(event("dev/a"));
    assert!(local.step().await);
    assert_eq!(local.queue().in_flight, 1);
    local.set_function(|_| panic!("before there is a future"));
    assert_eq!(
        local.invoke(b"{}".to_vec()).await,
        Err("the function panicked".to_owned())
    );
}

#[tokio::test]
async fn a_function_is_stopped_at_its_deadline() {
    let local = Local::open(manual()).unwrap();
    let clock = local.clock().clone();
    local.set_function(move |invocation| {
        assert_eq!(
            invocation.deadline,
            DateTime::UNIX_EPOCH + Duration::from_mins(1)
        );
        clock.advance(Duration::from_mins(1));
        Box::pin(std::future::pending())
    });
    let error = local.invoke(b"{}".to_vec()).await.unwrap_err();
    assert!(
        error.ends_with("Task timed out after 60.00 seconds"),
        "{error}"
    );
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let data = Some(folder.path().join("data"));
        Local::open(Options { data, ..manual() }).unwrap()
    };
    let local = open();
    local.raise(event("dev/a"));
    drop(local);
    let local = open();
    assert_eq!((local.events().len(), local.queue().visible), (1, 1));
    let seen = answering(&local, |_| Ok(Value::Null));
    assert!(local.step().await);
    assert_eq!(*seen.lock().unwrap(), ["dev/a"]);
    drop(local);
    assert_eq!(open().queue(), QueueCounts::default());
}

#[tokio::test]
async fn without_a_function_events_stay_in_the_queue() {
    let local = Local::open(Options::default()).unwrap();
    local.raise(event("dev/a"));
    assert!(!local.step().await);
    assert!(local.invoke(b"{}".to_vec()).await.is_err());
    assert_eq!(local.queue().visible, 1);
    let wrong = Options {
        pattern: Some(json!({"source": "aws.ecr"})),
        ..Options::default()
    };
    let error = Local::open(wrong).unwrap_err().to_string();
    assert_eq!(
        error,
        "event pattern: source: must be an object or a list of values that is not empty"
    );
}

#[tokio::test]
async fn the_last_failure_makes_the_account_idle() {
    let local = Local::open(manual()).unwrap();
    let clock = local.clock().clone();
    local.set_function(move |_| {
        // Makes the message visible again by the time that the failure is known.
        clock.advance(Duration::from_mins(6));
        Box::pin(async { Err("no".to_owned()) })
    });
    local.raise(event("dev/a"));
    drop(local.start_poller());
    assert!(local.idle(LONG).await);
    assert_eq!(
        local.queue(),
        QueueCounts {
            dead: 1,
            ..QueueCounts::default()
        }
    );
}
