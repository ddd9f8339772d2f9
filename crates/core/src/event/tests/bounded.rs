use super::*;

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
fn unreadable_events_are_named_within_bounds() {
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
        Event::Trigger(_)
        | Event::Request(_)
        | Event::Schedule
        | Event::Work(_)
        | Event::Edit(_)
        | Event::Cases(_) => true,
    }
}
