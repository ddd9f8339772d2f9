use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

mod files;

fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

fn push(detail: &Value) -> Value {
    json!({
        "detail-type": "ECR Image Action", "source": "aws.ecr", "account": "123456789012",
        "region": "eu-west-1", "time": "2026-11-24T10:15:00Z", "detail": detail,
    })
}

fn good_push() -> Value {
    push(&json!({
        "action-type": "PUSH", "result": "SUCCESS", "repository-name": "dev/website",
        "image-digest": digest('a'), "image-tag": "1.4",
    }))
}

fn record(id: &str, body: &str) -> Value {
    json!({"messageId": id, "eventSource": "aws:sqs", "body": body})
}

fn read_value(value: &Value) -> Vec<Delivery> {
    read(value.to_string().as_bytes())
}

fn only(deliveries: Vec<Delivery>) -> Delivery {
    let [delivery] = <[Delivery; 1]>::try_from(deliveries).expect("one delivery");
    delivery
}

fn words(event: &Event) -> &str {
    match event {
        Event::Other { what } | Event::Wrapped { what } => what,
        Event::Invalid { message } => message,
        event => panic!("no words: {event:?}"),
    }
}

#[test]
fn what_is_nearly_a_request_is_told_so() {
    let said = |payload: Value| match only(read_value(&payload)).event {
        Event::Invalid { message } => format!("invalid: {message}"),
        Event::Other { what } => format!("other: {what}"),
        event => panic!("{payload}: {event:?}"),
    };
    let told: Vec<String> = [
        json!({"Repository": "dev/website", "Tag": "1.2"}),
        json!({"repo": "dev/website"}),
        json!({"repositoryName": "dev/website", "imageTag": "1.2"}),
        json!({"TAGS": ["1.2"]}),
        json!({"digets": "sha256:00"}),
        json!({"repository": "dev/website", "tags": "1.2"}),
        json!({}),
        json!({"key1": "value1", "image": "dev/website", "name": "x"}),
        json!({"source": "aws.ecr", "Tag": "1.2"}),
        json!({"Records": [], "Tag": "1.2"}),
    ]
    .into_iter()
    .map(said)
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    invalid: unknown key "Repository", did you mean "repository"? a request has "repository", either "tag" or "digest", and maybe "again"
    invalid: unknown key "repo", did you mean "repository"? a request has "repository", either "tag" or "digest", and maybe "again"
    invalid: unknown key "repositoryName", did you mean "repository"? a request has "repository", either "tag" or "digest", and maybe "again"
    invalid: unknown key "TAGS", did you mean "tag"? a request has "repository", either "tag" or "digest", and maybe "again"
    invalid: unknown key "digets", did you mean "digest"? a request has "repository", either "tag" or "digest", and maybe "again"
    invalid: unknown key "tags", did you mean "tag"? a request has "repository", either "tag" or "digest", and maybe "again"
    invalid: expected {"repository": "dev/website", "tag": "1.2"}, or "digest" in place of "tag", found an empty object
    invalid: expected {"repository": "dev/website", "tag": "1.2"}, or "digest" in place of "tag", found an object with "image", "key1", "name"
    other: an event without "detail-type"
    other: records that are not of SQS
    "#);
}

#[test]
fn a_push_tells_where_what_and_when() {
    let delivery = only(read_value(&good_push()));
    assert_eq!(delivery.record, None);
    assert_eq!(delivery.round, 0);
    assert_eq!(delivery.body, good_push().to_string());
    let Event::Trigger(trigger) = delivery.event else {
        panic!("{:?}", delivery.event);
    };
    assert_eq!(trigger.registry.to_string(), "123456789012/eu-west-1");
    assert_eq!(trigger.repository.as_str(), "dev/website");
    assert_eq!(trigger.time.to_rfc3339(), "2026-11-24T10:15:00+00:00");
    assert_eq!(
        trigger.kind,
        TriggerKind::Push {
            tag: Tag::parse("1.4").unwrap(),
            digest: Digest::parse(&digest('a')).unwrap(),
            arrival: Arrival::Push,
        }
    );
}

#[test]
fn an_event_is_known_by_its_source_and_its_type_together() {
    let mut event = good_push();
    for source in ["aws.inspector2", "com.example", "", "aws.ecr.evil"] {
        event["source"] = json!(source);
        let delivery = only(read_value(&event));
        assert!(
            words(&delivery.event).starts_with("\"ECR Image Action\" of "),
            "{source}"
        );
    }
}

#[test]
fn an_arn_names_repository_and_registry_whatever_the_partition() {
    let read_name = |name: &str| {
        let mut event = good_push();
        event["detail"]["repository-name"] = json!(name);
        match only(read_value(&event)).event {
            Event::Trigger(trigger) => format!("{}/{}", trigger.registry, trigger.repository),
            event => words(&event).to_owned(),
        }
    };
    for (name, place) in [
        (
            "arn:aws:ecr:us-east-1:210987654321:repository/web",
            "210987654321/us-east-1/web",
        ),
        (
            "arn:aws-cn:ecr:cn-north-1:123456789012:repository/a/b/c",
            "123456789012/cn-north-1/a/b/c",
        ),
        (
            "arn:aws-us-gov:ecr:us-gov-east-1:123456789012:repository/a/b",
            "123456789012/us-gov-east-1/a/b",
        ),
    ] {
        assert_eq!(read_name(name), place);
    }
    for name in [
        "arn:aws:ecr:eu-west-1:123456789012:repository/",
        "arn:aws:ecr:eu-west-1:123456789012:repository/a/b:1.4",
        "arn:aws:ecr:eu-west-1:123456789012:image/a/b",
        "arn:aws:ecr-public::123456789012:repository/a/b",
        "arn::ecr:eu-west-1:123456789012:repository/a/b",
        "arn:aws:ecr:eu-west-1:12345:repository/a/b",
        "arn:aws",
    ] {
        let told = read_name(name);
        assert!(
            told.contains("is not the ARN of an ECR repository"),
            "{told}"
        );
    }
}

#[test]
fn a_nested_batch_is_not_unwrapped_twice() {
    let inner = json!({"Records": [record("inner", &good_push().to_string())]}).to_string();
    let delivery = only(read_value(&json!({"Records": [record("outer", &inner)]})));
    assert_eq!(words(&delivery.event), "records that are not of SQS");
    let message_id = delivery.record.unwrap().message_id;
    assert_eq!(message_id.as_deref(), Some("outer"));
}

#[test]
fn each_record_stands_for_itself() {
    let batch = json!({"Records": [
        record("1", "{"), record("2", &good_push().to_string()), record("3", "[]"), 7, null,
    ]});
    let deliveries = read_value(&batch);
    let told: Vec<bool> = deliveries
        .iter()
        .map(|delivery| matches!(delivery.event, Event::Trigger(_)))
        .collect();
    assert_eq!(told, [false, true, false, false, false]);
    assert!(deliveries.iter().all(|delivery| delivery.record.is_some()));
}

#[test]
fn a_record_keeps_what_its_answer_needs() {
    let body = good_push().to_string();
    let message = json!({
        "messageId": "1", "receiptHandle": "handle", "eventSource": "aws:sqs", "body": body,
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:promoter",
        "attributes": {"ApproximateReceiveCount": "4"},
    });
    let delivery = only(read_value(&json!({"Records": [message]})));
    assert_eq!(delivery.body, body);
    assert_eq!(
        delivery.record,
        Some(Record {
            message_id: Some("1".to_owned()),
            receipt_handle: Some("handle".to_owned()),
            receive_count: 4,
            queue_arn: Some("arn:aws:sqs:eu-west-1:123456789012:promoter".to_owned()),
        })
    );
}

#[test]
fn a_referrer_keeps_the_types_that_the_event_names() {
    let mut event = good_push();
    event["detail"]["image-tag"] = json!("");
    event["detail"]["manifest-media-type"] = json!("application/vnd.oci.image.manifest.v1+json");
    event["detail"]["artifact-media-type"] = json!("application/spdx+json");
    let Event::Trigger(trigger) = only(read_value(&event)).event else {
        panic!("a trigger");
    };
    assert_eq!(
        trigger.kind,
        TriggerKind::Referrer {
            digest: Digest::parse(&digest('a')).unwrap(),
            tag: None,
            subject: None,
            manifest_media_type: Some("application/vnd.oci.image.manifest.v1+json".to_owned()),
            artifact_media_type: Some("application/spdx+json".to_owned()),
        }
    );
}

#[test]
fn a_round_that_cannot_be_read_is_the_last() {
    for (attribute, round) in [
        (json!({"stringValue": "0", "dataType": "Number"}), 0),
        (json!({"stringValue": "12", "dataType": "String"}), 12),
        (json!({"stringValue": "-1", "dataType": "Number"}), u32::MAX),
        (
            json!({"stringValue": "4294967296", "dataType": "Number"}),
            u32::MAX,
        ),
        (json!({"stringValue": 3}), u32::MAX),
        (json!({}), u32::MAX),
        (json!(2), u32::MAX),
    ] {
        let mut message = record("1", "{}");
        message["messageAttributes"] = json!({"round": attribute});
        let delivery = only(read_value(&json!({"Records": [message]})));
        assert_eq!(delivery.round, round, "{attribute}");
    }
}

#[test]
fn what_nobody_can_read_is_named_within_bounds() {
    let deep = "[".repeat(100_000);
    let large = format!("{{\"a\":\"{}\"}}", "b".repeat(EVENT_BYTES_MAX));
    let huge = " ".repeat(PAYLOAD_BYTES_MAX + 1);
    let crowd = format!(
        r#"{{"Records":[{}{{"eventSource":"aws:sqs"}}]}}"#,
        "{},".repeat(RECORDS_MAX)
    );
    let long = json!({"detail-type": "x\n".repeat(10_000), "source": "y"}).to_string();
    for (payload, start) in [
        (&b""[..], "not JSON: EOF"),
        (b"\xff\xfe", "not JSON: not UTF-8"),
        (b"7", "expected {\"repository\""),
        (b"[1]", "expected {\"repository\""),
        (b"{\"a\":1} {}", "not JSON: trailing characters"),
        (deep.as_bytes(), "not JSON: EOF"),
        (
            large.as_bytes(),
            "an event of 262152 bytes, more than 262144",
        ),
        (huge.as_bytes(), "a payload of 8388609 bytes"),
        (crowd.as_bytes(), "10001 SQS records, more than 10000"),
        (long.as_bytes(), "\"x\\nx\\n"),
    ] {
        let delivery = only(read(payload));
        let words = words(&delivery.event);
        assert!(words.starts_with(start), "{words}");
        assert!(words.chars().count() <= WORDS_LENGTH_MAX, "{words}");
    }
}

#[test]
fn the_body_can_be_sent_again() {
    let text = good_push()
        .to_string()
        .replace("1.4", "1.4\u{fffe}\u{ffff}");
    let delivery = only(read(text.as_bytes()));
    assert!(!delivery.body.contains(['\u{fffe}', '\u{ffff}']));
    let again: Value = serde_json::from_str(&delivery.body).unwrap();
    assert_eq!(again, serde_json::from_str::<Value>(&text).unwrap());
}

#[test]
fn a_request_with_nothing_right_says_what_is_wrong() {
    let told = |text: &str| words(&only(read(text.as_bytes())).event).to_owned();
    let mut list = String::new();
    for text in [
        r#"{"repository": "dev/website"}"#,
        r#"{"tag": "1.4"}"#,
        r#"{"repository": "dev/website", "tag": "1.4", "digest": "sha256:ab"}"#,
        r#"{"repository": "dev/website", "digest": "sha256:ab"}"#,
        r#"{"repository": "Dev/website", "tag": "1.4"}"#,
        r#"{"repository": "dev/website", "tag": ""}"#,
        r#"{"repository": "dev/website", "tag": null}"#,
        r#"{"repository": "dev/website", "tag": "1", "tag": "2"}"#,
        r#"{"repositry": "dev/website", "tag": "1"}"#,
    ] {
        writeln!(list, "{}", told(text)).unwrap();
    }
    insta::assert_snapshot!(list, @r#"
    neither "tag" nor "digest" is given: give one of them
    no "repository": name the repository, as in {"repository": "dev/website", "tag": "1.2"}
    both "tag" and "digest" are given: give one of them
    expected a digest (sha256: and 64 lower-case hexadecimal digits), found "sha256:ab"
    expected a repository's name (lower-case words joined by ".", "_", "-" or "/"), found "Dev/website"
    expected a tag of 1 to 128 characters, found 0
    "tag": expected text
    "tag" is given twice
    unknown key "repositry", did you mean "repository"? a request has "repository", either "tag" or "digest", and maybe "again"
    "#);
}

#[test]
fn our_events_in_a_wrapping_that_is_not_read_are_told_so() {
    let event = good_push().to_string();
    let notification =
        json!({"Type": "Notification", "TopicArn": "arn:aws:sns:…", "Message": event});
    let other_topic =
        json!({"Type": "Notification", "TopicArn": "arn:aws:sns:…", "Message": "hello"});
    let invoked = json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": event}}]});
    let s3 = json!({"Records": [{"eventSource": "aws:s3", "s3": {"bucket": "aws.ecr"}}]});
    let in_a_record = |body: &Value| json!({"Records": [record("1", &body.to_string())]});
    for (case, payload, told) in [
        (
            "SNS in a message",
            in_a_record(&notification),
            Some("Amazon SNS"),
        ),
        ("SNS itself", invoked, Some("Amazon SNS")),
        (
            "a pipe of events",
            json!([good_push()]),
            Some("EventBridge Pipes"),
        ),
        (
            "a pipe of events in a message",
            in_a_record(&json!([good_push()])),
            Some("EventBridge Pipes"),
        ),
        (
            "a pipe of messages",
            json!([record("1", &event)]),
            Some("EventBridge Pipes"),
        ),
        ("another topic's words", in_a_record(&other_topic), None),
        ("a bucket's", s3, None),
        (
            "an array of other things",
            json!([{"source": "com.example"}]),
            None,
        ),
        ("an event as it should be", in_a_record(&good_push()), None),
    ] {
        let event = only(read_value(&payload)).event;
        match told {
            Some(words) => {
                assert!(
                    matches!(&event, Event::Wrapped { what } if what.contains(words)),
                    "{case}: {event:?}"
                );
            }
            None => assert!(!matches!(event, Event::Wrapped { .. }), "{case}: {event:?}"),
        }
    }
}

#[test]
fn five_megabytes_of_nested_json_took_one_and_a_half_gigabytes() {
    let nested = |bytes: usize| format!("{}{}", "[".repeat(bytes / 2), "]".repeat(bytes / 2));
    let record = r#"{"messageId": "1", "eventSource": "aws:sqs", "body": "{}", "x": "#;
    for (case, payload) in [
        ("a direct invocation", nested(5_900_000)),
        (
            "a record beside others",
            format!("{{\"Records\": [{record}{}}}]}}", nested(5_000_000)),
        ),
        (
            "a member beside the records",
            format!(
                "{{\"x\": {}, \"Records\": [{record}1}}]}}",
                nested(5_000_000)
            ),
        ),
        (
            "a detail",
            format!(
                "{{\"detail-type\": \"x\", \"detail\": {}}}",
                nested(EVENT_BYTES_MAX - 64)
            ),
        ),
        ("members of a detail", {
            let members = "\"a\":{},".repeat(EVENT_BYTES_MAX / 8);
            format!("{{\"detail-type\": \"x\", \"detail\": {{{members}\"b\": 1}}}}")
        }),
    ] {
        for delivery in read(payload.as_bytes()) {
            assert!(is_bounded(&delivery.event), "{case}");
            assert!(delivery.body.len() <= EVENT_BYTES_MAX, "{case}");
        }
    }
    // What is kept of a document is what is asked for.
    let kept = members::read(&format!(
        "{{\"a\": {}, \"detail\": {{\"b\": {}}}}}",
        nested(1_000),
        nested(1_000)
    ));
    let Ok(Member::Object(kept)) = kept else {
        panic!("{kept:?}")
    };
    assert_eq!(kept.get("a"), Some(&Member::Array(None)));
    assert_eq!(
        kept.object("detail").unwrap().get("b"),
        Some(&Member::Array(None))
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read(payload in prop::collection::vec(any::<u8>(), 0..400)) {
        for delivery in read(&payload) {
            prop_assert!(is_bounded(&delivery.event));
        }
    }

    #[test]
    fn any_detail_is_read(
        key in "[a-z-]{1,20}|image-tag|image-digest|repository-name|action-type|result|scan-status",
        text in any::<String>(),
        kind in 0..4_usize,
    ) {
        let mut event = good_push();
        let value = [json!(text), json!(null), json!([text]), json!({"a": 1})][kind].clone();
        event["detail"][&key] = value.clone();
        let batch = json!({"Records": [record("1", &event.to_string()), record("2", &text)]});
        event[&key] = value;
        for delivery in read_value(&event).into_iter().chain(read_value(&batch)) {
            prop_assert!(is_bounded(&delivery.event));
        }
    }
}

fn is_bounded(event: &Event) -> bool {
    match event {
        Event::Other { what: words }
        | Event::Wrapped { what: words }
        | Event::Invalid { message: words } => {
            words.chars().count() <= WORDS_LENGTH_MAX && !words.contains(char::is_control)
        }
        Event::Trigger(_) | Event::Request(_) | Event::Schedule | Event::Work(_) => true,
    }
}
