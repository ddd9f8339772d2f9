//! Records of the policies table's stream: which policy was edited, and whether more than its status is new.

use super::*;

const BATCH: &str = include_str!("../../../../../events/stream/edited.json");

fn change(old: Option<Value>, new: Option<Value>) -> Value {
    let mut dynamodb = json!({
        "Keys": {"source": {"S": "dev/website"}, "name": {"S": "stable"}}, "SequenceNumber": "17",
    });
    for (image, of) in [("OldImage", old), ("NewImage", new)] {
        if let Some(of) = of {
            dynamodb[image] = of;
        }
    }
    json!({"eventSource": "aws:dynamodb", "dynamodb": dynamodb})
}

fn edit_of(record: &Value) -> PolicyEdit {
    match only(read_value(&json!({"Records": [record]}))).event {
        Event::Edit(edit) => edit,
        event => panic!("{event:?}"),
    }
}

#[test]
fn a_batch_of_the_stream_names_each_policy_and_its_record() {
    let deliveries = read(BATCH.as_bytes());
    let told: Vec<String> = deliveries
        .iter()
        .map(|delivery| {
            let Event::Edit(edit) = &delivery.event else {
                panic!("{:?}", delivery.event);
            };
            let record = delivery.record.as_ref().unwrap();
            assert_eq!(record.message_id.as_ref(), Some(&edit.sequence));
            assert_eq!(delivery.body, "", "never sent to the queue");
            let end = edit.sequence.get(25..).unwrap();
            format!("{} {end} new: {}", edit.policy, edit.is_new)
        })
        .collect();
    assert_eq!(
        told,
        [
            "dev/website stable-to-qa 091 new: true",
            "dev/website stable-to-qa 092 new: false",
            "dev/* all-to-qa 093 new: false",
        ]
    );
}

#[test]
fn what_differs_in_the_status_alone_is_not_new() {
    let plain = || json!({"target": {"S": "qa"}});
    let with =
        |state: &str| json!({"target": {"S": "qa"}, "status": {"M": {"state": {"S": state}}}});
    for (case, old, new, is_new) in [
        ("a new item", None, Some(plain()), true),
        (
            "a new item with a status of its own",
            None,
            Some(with("a")),
            true,
        ),
        ("its status", Some(plain()), Some(with("a")), false),
        ("another status", Some(with("a")), Some(with("b")), false),
        ("its status is gone", Some(with("a")), Some(plain()), true),
        (
            "more than its status",
            Some(with("a")),
            Some(json!({"target": {"S": "prod"}})),
            true,
        ),
        (
            "the order of a map",
            Some(json!({"a": {"M": {"b": 1, "c": 2}}, "status": 1})),
            Some(json!({"a": {"M": {"c": 2, "b": 1}}, "status": 1})),
            false,
        ),
        ("deleted", Some(plain()), None, false),
    ] {
        assert_eq!(edit_of(&change(old, new)).is_new, is_new, "{case}");
    }
}

#[test]
fn a_record_that_is_not_of_the_policies_table_is_acknowledged() {
    let good = change(None, Some(json!({})));
    let mut of_another = good.clone();
    of_another["dynamodb"]["Keys"] = json!({"pk": {"S": "TAGS#"}, "sk": {"S": "1"}});
    let mut numbered = good.clone();
    numbered["dynamodb"]["Keys"]["name"] = json!({"N": "1"});
    let mut from_kinesis = good.clone();
    from_kinesis["eventSource"] = json!("aws:kinesis");
    let without = json!({"eventSource": "aws:dynamodb"});
    let mut long = good.clone();
    long["dynamodb"]["NewImage"]["a"]["S"] = json!("a".repeat(2 * 1024 * 1024));
    let batch = json!({"Records": [good, of_another, numbered, from_kinesis, without, 7, long]});
    let deliveries = read_value(&batch);
    let told: Vec<&str> = deliveries
        .iter()
        .map(|delivery| match &delivery.event {
            Event::Edit(_) => "an edit",
            other => words(other),
        })
        .collect();
    assert_eq!(
        told[..3],
        [
            "an edit",
            "a stream record of another table than that of the policies",
            "a stream record of another table than that of the policies"
        ]
    );
    assert!(
        told[3..].iter().all(|words| words.starts_with("a ")),
        "{told:?}"
    );
}

#[test]
fn a_stream_batch_beside_messages_of_the_queue_is_read_as_messages() {
    let batch = json!({"Records": [change(None, Some(json!({}))), record("1", "{}")]});
    let deliveries = read_value(&batch);
    assert!(
        deliveries
            .iter()
            .all(|of| !matches!(of.event, Event::Edit(_)))
    );
}

#[test]
fn the_cases_of_a_policy_are_a_message_that_is_read_again() {
    let policy = crate::policy::PolicyKey {
        source: "dev/*".to_owned(),
        name: "all".to_owned(),
    };
    for after in [None, Some("2026-03-07T09:05:03.000000Z#0f".to_owned())] {
        let policy = policy.clone();
        let cases = PolicyCases { policy, after };
        let read = only(read(cases.message().as_bytes()));
        assert_eq!(read.event, Event::Cases(cases));
    }
    let broken = only(read(br#"{"policy_cases": {"policy": 1}}"#));
    assert!(words(&broken.event).starts_with("a policy's cases"));
}
