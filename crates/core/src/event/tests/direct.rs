use super::*;

#[test]
fn almost_a_request_gets_an_answer() {
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
    invalid: expected "repository", either "tag" or "digest", and optionally "again"; found "Repository": did you mean "repository"?
    invalid: expected "repository", either "tag" or "digest", and optionally "again"; found "repo": did you mean "repository"?
    invalid: expected "repository", either "tag" or "digest", and optionally "again"; found "repositoryName": did you mean "repository"?
    invalid: expected "repository", either "tag" or "digest", and optionally "again"; found "TAGS": did you mean "tag"?
    invalid: expected "repository", either "tag" or "digest", and optionally "again"; found "digets": did you mean "digest"?
    invalid: expected "repository", either "tag" or "digest", and optionally "again"; found "tags": did you mean "tag"?
    invalid: expected {"repository": "dev/website", "tag": "1.2"}, or "digest" in place of "tag", found an empty object
    invalid: expected {"repository": "dev/website", "tag": "1.2"}, or "digest" in place of "tag", found an object with "image", "key1", "name"
    other: an event without "detail-type"
    other: records that are not from SQS
    "#);
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
        r#"{"repository": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/website", "tag": "1"}"#,
        r#"{"repository": "dev/website", "tag": ""}"#,
        r#"{"repository": "dev/website", "tag": null}"#,
        r#"{"repository": "dev/website", "tag": "1", "tag": "2"}"#,
        r#"{"repositry": "dev/website", "tag": "1"}"#,
    ] {
        writeln!(list, "{}", told(text)).unwrap();
    }
    insta::assert_snapshot!(list, @r#"
    expected either "tag" or "digest", found neither
    expected "repository", as in {"repository": "dev/website", "tag": "1.2"}, found none
    expected either "tag" or "digest", found both
    expected a digest (sha256: and 64 lower-case hexadecimal digits), found "sha256:ab"
    expected a repository's name (lower-case words joined by ".", "_", "-" or "/"), found "Dev/website"
    expected a repository's name without a registry's host, found "123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/website": did you mean "dev/website"?
    expected a tag of 1 to 128 characters, found 0
    "tag": expected a string, found something else
    "tag": expected it once, found it twice
    expected "repository", either "tag" or "digest", and optionally "again"; found "repositry": did you mean "repository"?
    "#);
}

#[test]
fn our_events_in_an_unsupported_wrapping_are_named() {
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
