//! What is recorded, what passes into the queue, and what `PutEvents` refuses.

use chrono::DateTime;

use super::*;
use crate::sqs::Rules;

fn bus(pattern: Option<Value>, file: Option<&Path>) -> Bus {
    let rules = Rules {
        account: "000000000000".to_owned(),
        region: "us-east-1".to_owned(),
        visibility: Duration::from_mins(6),
        max_receive_count: 5,
        clock: Clock::manual(DateTime::UNIX_EPOCH),
    };
    let queues = Arc::new(Queues::open(None, rules).unwrap());
    let pattern = pattern.map(|it| Pattern::parse(&it).unwrap());
    Bus::open(file, pattern, queues).unwrap()
}

async fn put(bus: &Bus, entries: Value) -> (u16, Value) {
    let response = bus.call(
        "PutEvents",
        json!({"Entries": entries}).to_string().as_bytes(),
    );
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20)
        .await
        .unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[test]
fn an_event_is_completed_recorded_and_passed_by_its_source() {
    let bus = bus(None, None);
    bus.raise(json!({"source": "aws.ecr", "detail-type": "ECR Image Action", "detail": {}}));
    bus.raise(json!({"source": "aws.s3", "id": "mine", "time": "2026-01-01T00:00:00Z"}));
    bus.raise(json!("no event"));
    let events = bus.events();
    assert_eq!(events.len(), 3);
    assert_eq!(events[0]["time"], "1970-01-01T00:00:00Z");
    assert_eq!(
        (&events[0]["account"], &events[0]["region"]),
        (&json!("000000000000"), &json!("us-east-1"))
    );
    assert_eq!(
        (&events[1]["id"], &events[1]["time"]),
        (&json!("mine"), &json!("2026-01-01T00:00:00Z"))
    );
    assert_eq!(bus.queues.counts().visible, 1);
}

#[test]
fn a_pattern_decides_what_passes() {
    let bus = bus(Some(json!({"detail": {"result": ["SUCCESS"]}})), None);
    bus.raise(json!({"source": "aws.ecr", "detail": {"result": "FAILURE"}}));
    bus.raise(json!({"source": "mine", "detail": {"result": "SUCCESS"}}));
    assert_eq!((bus.events().len(), bus.queues.counts().visible), (2, 1));
}

#[test]
fn the_journal_survives_a_restart_and_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events");
    let first = bus(Some(json!({"source": ["none"]})), Some(&file));
    for number in 0..EVENTS_MAX + 5 {
        first.raise(json!({"number": number}));
    }
    assert_eq!(first.events().len(), EVENTS_MAX);
    drop(first);
    let events = bus(None, Some(&file)).events();
    assert_eq!(
        (events.len(), &events[0]["number"]),
        (EVENTS_MAX, &json!(5))
    );
}

#[tokio::test]
async fn put_events_fails_in_part_and_in_order() {
    let bus = bus(None, None);
    let good =
        json!({"Source": "mine", "DetailType": "Thing", "Detail": "{\"a\": 1}", "Time": 86_400.0});
    let with = |name: &str, value: Value| {
        let mut entry = good.clone();
        entry[name] = value;
        entry
    };
    let (status, answer) = put(
        &bus,
        json!([
            good,
            with("Source", json!("aws.ecr")),
            with("Detail", json!("text")),
            with("Detail", json!("[1]")),
            with("DetailType", json!("x".repeat(129))),
            with("Source", json!("")),
            with("EventBusName", json!("other")),
        ]),
    )
    .await;
    assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(5)));
    let codes: Vec<_> = answer["Entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["ErrorCode"].as_str().unwrap_or(""))
        .collect();
    let refused = [
        "",
        "NotAuthorizedForSourceException",
        "MalformedDetail",
        "MalformedDetail",
        "InvalidArgument",
        "InvalidArgument",
        "",
    ];
    assert_eq!(codes, refused);
    let events = bus.events();
    assert_eq!(
        (events.len(), &events[0]["time"]),
        (2, &json!("1970-01-02T00:00:00Z"))
    );
    assert_eq!(events[0]["id"], answer["Entries"][0]["EventId"]);
}

#[tokio::test]
async fn a_request_out_of_bounds_is_refused_whole() {
    let bus = bus(None, None);
    let entry = |detail: String| json!({"Source": "mine", "DetailType": "Thing", "Detail": detail});
    let long = format!("{{\"a\": \"{}\"}}", "x".repeat(ENTRIES_BYTES_MAX));
    for entries in [
        json!([]),
        Value::from(vec![entry("{}".to_owned()); 11]),
        json!([entry(long)]),
    ] {
        let (status, answer) = put(&bus, entries).await;
        assert_eq!(
            (status, &answer["__type"]),
            (400, &json!("ValidationException"))
        );
    }
    assert_eq!(bus.call("PutRule", b"{}").status(), 400);
    assert!(bus.events().is_empty());
}

#[test]
fn large_events_are_kept_up_to_a_sum() {
    let bus = bus(None, None);
    let large = "x".repeat(1 << 20);
    for number in 0..70 {
        bus.raise(json!({"source": "mine", "id": number, "detail": {"large": large}}));
    }
    let events = bus.events();
    assert_eq!((events.len(), &events[0]["id"]), (63, &json!(7)));
    bus.raise(json!({"source": "mine", "id": 70, "detail": "x".repeat(EVENTS_BYTES_MAX)}));
    assert_eq!(bus.events().len(), 1, "the last one stays");
}
