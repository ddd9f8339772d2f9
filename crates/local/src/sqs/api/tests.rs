//! A named case per rule of the SQS API reference that callers can break.

use chrono::DateTime;
use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::{clock::Clock, sqs::Rules};

const URL: &str = "http://anywhere/000000000000/promoter";

fn queues(clock: &Clock) -> Queues {
    let rules = Rules {
        account: "000000000000".to_owned(),
        region: "us-east-1".to_owned(),
        visibility: Duration::from_mins(6),
        max_receive_count: 5,
        clock: clock.clone(),
    };
    Queues::open(None, rules).unwrap()
}

async fn ask(queues: &Queues, operation: &str, mut request: Value) -> Result<Value, String> {
    if request.get("QueueUrl").is_none() {
        request["QueueUrl"] = URL.into();
    }
    let response = call(
        queues,
        "http://here:1",
        operation,
        request.to_string().as_bytes(),
    )
    .await;
    let code = response.headers().get("x-amzn-query-error");
    let code = code.map(|it| it.to_str().unwrap().trim_end_matches(";Sender").to_owned());
    let body = axum::body::to_bytes(response.into_body(), 1 << 21)
        .await
        .unwrap();
    match code {
        Some(code) => Err(code),
        None => Ok(serde_json::from_slice(&body).unwrap()),
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn what_sqs_refuses_is_refused_with_its_code() {
    let queues = queues(&Clock::system());
    let long = "x".repeat(MESSAGE_BYTES_MAX + 1);
    let entry = |id: usize| json!({"Id": id.to_string(), "MessageBody": "x"});
    for (case, operation, request, code) in [
        (
            "unknown queue",
            "SendMessage",
            json!({"QueueUrl": "http://h/000000000000/other", "MessageBody": "x"}),
            "AWS.SimpleQueueService.NonExistentQueue",
        ),
        (
            "other account",
            "SendMessage",
            json!({"QueueUrl": "http://h/111111111111/promoter", "MessageBody": "x"}),
            "AWS.SimpleQueueService.NonExistentQueue",
        ),
        ("no body", "SendMessage", json!({}), "MissingParameter"),
        (
            "empty body",
            "SendMessage",
            json!({"MessageBody": ""}),
            "MissingParameter",
        ),
        (
            "control character",
            "SendMessage",
            json!({"MessageBody": "a\u{1}"}),
            "InvalidMessageContents",
        ),
        (
            "not a character",
            "SendMessage",
            json!({"MessageBody": "a\u{ffff}"}),
            "InvalidMessageContents",
        ),
        (
            "too long",
            "SendMessage",
            json!({"MessageBody": long}),
            "InvalidParameterValue",
        ),
        (
            "delay too long",
            "SendMessage",
            json!({"MessageBody": "x", "DelaySeconds": 901}),
            "InvalidParameterValue",
        ),
        (
            "delay negative",
            "SendMessage",
            json!({"MessageBody": "x", "DelaySeconds": -1}),
            "InvalidParameterValue",
        ),
        (
            "attribute without type",
            "SendMessage",
            json!({"MessageBody": "x", "MessageAttributes": {"a": {"StringValue": "1"}}}),
            "InvalidParameterValue",
        ),
        (
            "body is a number",
            "SendMessage",
            json!({"MessageBody": 1}),
            "MalformedInput",
        ),
        (
            "empty batch",
            "SendMessageBatch",
            json!({"Entries": []}),
            "AWS.SimpleQueueService.EmptyBatchRequest",
        ),
        (
            "batch of 11",
            "SendMessageBatch",
            json!({"Entries": (0..11).map(entry).collect::<Vec<_>>()}),
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        ),
        (
            "entry without id",
            "SendMessageBatch",
            json!({"Entries": [{"MessageBody": "x"}]}),
            "MissingParameter",
        ),
        (
            "entry with a wrong id",
            "SendMessageBatch",
            json!({"Entries": [{"Id": "a/b", "MessageBody": "x"}]}),
            "AWS.SimpleQueueService.InvalidBatchEntryId",
        ),
        (
            "11 attributes",
            "SendMessage",
            json!({"MessageBody": "x", "MessageAttributes": (0..11)
                .map(|it| (it.to_string(), json!({"DataType": "String", "StringValue": "1"})))
                .collect::<serde_json::Map<_, _>>()}),
            "InvalidParameterValue",
        ),
        (
            "same id twice",
            "SendMessageBatch",
            json!({"Entries": [entry(1), entry(1)]}),
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        ),
        (
            "receive 11",
            "ReceiveMessage",
            json!({"MaxNumberOfMessages": 11}),
            "InvalidParameterValue",
        ),
        (
            "wait 21 s",
            "ReceiveMessage",
            json!({"WaitTimeSeconds": 21}),
            "InvalidParameterValue",
        ),
        (
            "hide over 12 h",
            "ReceiveMessage",
            json!({"VisibilityTimeout": 43_201}),
            "InvalidParameterValue",
        ),
        ("no handle", "DeleteMessage", json!({}), "MissingParameter"),
        (
            "not a handle",
            "DeleteMessage",
            json!({"ReceiptHandle": "x"}),
            "ReceiptHandleIsInvalid",
        ),
        (
            "not a handle",
            "ChangeMessageVisibility",
            json!({"ReceiptHandle": "!", "VisibilityTimeout": 0}),
            "ReceiptHandleIsInvalid",
        ),
        (
            "unknown name",
            "GetQueueUrl",
            json!({"QueueName": "other"}),
            "AWS.SimpleQueueService.NonExistentQueue",
        ),
        (
            "unknown attribute",
            "GetQueueAttributes",
            json!({"AttributeNames": ["Size"]}),
            "InvalidAttributeName",
        ),
        (
            "unknown operation",
            "CreateQueue",
            json!({}),
            "InvalidAction",
        ),
    ] {
        assert_eq!(
            ask(&queues, operation, request).await.unwrap_err(),
            code,
            "{operation}: {case}"
        );
    }
}

#[tokio::test]
async fn a_message_is_sent_received_hidden_and_deleted() {
    let clock = Clock::manual(DateTime::UNIX_EPOCH);
    let queues = queues(&clock);
    let attributes = json!({"rounds": {"DataType": "Number", "StringValue": "2"}});
    let sent = json!({"MessageBody": "hello", "DelaySeconds": 10, "MessageAttributes": attributes});
    let sent = ask(&queues, "SendMessage", sent).await.unwrap();
    assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(
        ask(&queues, "ReceiveMessage", json!({})).await.unwrap(),
        json!({})
    );
    clock.advance(Duration::from_secs(10));
    let all = json!({"AttributeNames": ["All"], "MessageAttributeNames": ["rou.*"]});
    let received = ask(&queues, "ReceiveMessage", all).await.unwrap();
    let message = &received["Messages"][0];
    assert_eq!(message["MessageId"], sent["MessageId"]);
    assert_eq!(message["Attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(message["MessageAttributes"], attributes);
    assert_eq!(
        message["MD5OfMessageAttributes"],
        sent["MD5OfMessageAttributes"]
    );

    let handle = &message["ReceiptHandle"];
    let hide = |seconds: i64| json!({"ReceiptHandle": handle, "VisibilityTimeout": seconds});
    assert_eq!(
        ask(&queues, "ChangeMessageVisibility", hide(60)).await,
        Ok(json!({}))
    );
    assert_eq!(
        ask(&queues, "ChangeMessageVisibility", hide(43_201)).await,
        Err("InvalidParameterValue".to_owned())
    );
    clock.advance(Duration::from_mins(1));
    let late = ask(&queues, "ChangeMessageVisibility", hide(1)).await;
    assert_eq!(
        late,
        Err("AWS.SimpleQueueService.MessageNotInflight".to_owned())
    );
    let delete = json!({"ReceiptHandle": handle});
    assert_eq!(
        ask(&queues, "DeleteMessage", delete.clone()).await,
        Ok(json!({}))
    );
    assert_eq!(ask(&queues, "DeleteMessage", delete).await, Ok(json!({})));
    let gone = ask(&queues, "ChangeMessageVisibility", hide(1)).await;
    assert_eq!(gone, Err("InvalidParameterValue".to_owned()));
}

#[tokio::test]
async fn queues_say_who_they_are_and_a_batch_fails_in_part() {
    let queues = queues(&Clock::system());
    let url = ask(&queues, "GetQueueUrl", json!({"QueueName": "promoter"}))
        .await
        .unwrap();
    assert_eq!(url["QueueUrl"], "http://here:1/000000000000/promoter");
    let batch =
        json!({"Entries": [{"Id": "a", "MessageBody": "x"}, {"Id": "b", "MessageBody": ""}]});
    let sent = ask(&queues, "SendMessageBatch", batch).await.unwrap();
    assert_eq!(
        (&sent["Successful"][0]["Id"], &sent["Failed"][0]["Id"]),
        (&json!("a"), &json!("b"))
    );
    let wanted = json!({"AttributeNames": ["QueueArn", "ApproximateNumberOfMessages"]});
    let attributes = ask(&queues, "GetQueueAttributes", wanted).await.unwrap();
    let expected = json!({"QueueArn": "arn:aws:sqs:us-east-1:000000000000:promoter", "ApproximateNumberOfMessages": "1"});
    assert_eq!(attributes["Attributes"], expected);
    assert_eq!(ask(&queues, "PurgeQueue", json!({})).await, Ok(json!({})));
    assert_eq!(queues.counts().visible, 0);
}

proptest! {
    #[test]
    fn any_request_is_answered(operation in "[A-Za-z]{0,12}", body in any::<Vec<u8>>(), handle in ".{0,40}") {
        let queues = queues(&Clock::system());
        let _ = call(&queues, "http://here", &operation, &body).now_or_never();
        let _ = open_handle(Which::Source, &handle);
        let plain = URL_SAFE_NO_PAD.encode(handle);
        let _ = open_handle(Which::Source, &plain);
    }

    #[test]
    fn a_handle_is_read_as_it_was_written(place in any::<u64>(), nonce in any::<u64>(), id in "[a-z/0-9-]{0,40}") {
        let handle = Handle { place, nonce, id };
        let text = seal_handle(Which::Dead, &handle);
        prop_assert!(open_handle(Which::Source, &text).is_err());
        prop_assert_eq!(open_handle(Which::Dead, &text).ok(), Some(handle));
    }
}
