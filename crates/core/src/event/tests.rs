use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{Digest, Tag};

mod bounded;
mod direct;
mod files;
mod stream;

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
fn an_arn_names_repository_and_registry_in_every_partition() {
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
            told.contains("expected the ARN of an ECR repository"),
            "{told}"
        );
    }
}

#[test]
fn a_nested_batch_is_not_unwrapped_twice() {
    let inner = json!({"Records": [record("inner", &good_push().to_string())]}).to_string();
    let delivery = only(read_value(&json!({"Records": [record("outer", &inner)]})));
    assert_eq!(words(&delivery.event), "records that are not from SQS");
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
        Some(BatchRecord {
            message_id: Some("1".to_owned()),
            receipt_handle: Some("handle".to_owned()),
            receive_count: 4,
            source_arn: Some("arn:aws:sqs:eu-west-1:123456789012:promoter".to_owned()),
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
fn the_body_can_be_sent_again() {
    let text = good_push()
        .to_string()
        .replace("1.4", "1.4\u{fffe}\u{ffff}");
    let delivery = only(read(text.as_bytes()));
    assert!(!delivery.body.contains(['\u{fffe}', '\u{ffff}']));
    let again: Value = serde_json::from_str(&delivery.body).unwrap();
    assert_eq!(again, serde_json::from_str::<Value>(&text).unwrap());
}
