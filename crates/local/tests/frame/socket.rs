//! Over a socket: one address for all, the door `/_local/`, and connections that break.

use serde_json::json;

use crate::served::{SIGNED, Served};

#[tokio::test]
async fn each_service_answers_at_the_one_address() {
    let served = Served::start().await;
    let target = |it: &str| format!("{SIGNED}X-Amz-Target: {it}\r\n");
    let form =
        format!("{SIGNED}Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n");
    for (name, headers, body, found) in [
        (
            "ecr:GetAuthorizationToken",
            target("AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"),
            "{}",
            "",
        ),
        (
            "dynamodb:ListTables",
            target("DynamoDB_20120810.ListTables"),
            "{}",
            "TableNames",
        ),
        (
            "dynamodb:ListStreams",
            target("DynamoDBStreams_20120810.ListStreams"),
            "{}",
            "Streams",
        ),
        (
            "sqs:ListQueues",
            target("AmazonSQS.ListQueues"),
            "{}",
            "/000000000000/promoter",
        ),
        (
            "sts:GetCallerIdentity",
            form,
            "Action=GetCallerIdentity",
            "<Account>000000000000</Account>",
        ),
    ] {
        let answer = served.send("POST /", &headers, body).await.unwrap();
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        assert!(answer.body.contains(found), "{name}: {}", answer.body);
        let unsigned = headers.replace(SIGNED, "");
        let answer = served.send("POST /", &unsigned, body).await.unwrap();
        assert!(matches!(answer.status, 400 | 403), "{name}");
        assert!(
            answer.body.contains("MissingAuthenticationToken"),
            "{name}: {}",
            answer.body
        );
        assert_eq!(served.local.requests()[name], 2);
    }
    let answer = served
        .send("POST /", &target("Other_1.Do"), "{}")
        .await
        .unwrap();
    assert!(answer.body.contains("UnknownOperationException"));
    assert_eq!(served.ask("GET /what", "").await.0, 404);
}

#[tokio::test]
async fn the_local_door_shows_and_changes() {
    let served = Served::start().await;
    let event =
        json!({"source": "aws.ecr", "detail-type": "ECR Image Action", "detail": {}}).to_string();
    assert_eq!(served.ask("POST /_local/events", &event).await.0, 200);
    assert_eq!(
        served.ask("GET /_local/events", "").await.1[0]["account"],
        "000000000000"
    );
    let counts = json!({"visible": 1, "in_flight": 0, "delayed": 0, "dead": 0});
    assert_eq!(
        served.ask("GET /_local/queue", "").await,
        (200, counts.clone())
    );
    assert_eq!(
        served.ask("GET /_local/idle?timeout=0", "").await,
        (408, counts)
    );

    served.send("GET /v2/", "", "").await.unwrap();
    served.send("GET /_blobs/x", "", "").await.unwrap();
    assert_eq!(
        served.ask("GET /_local/requests", "").await.1,
        json!({"registry:GET v2": 1, "blobs:GET": 1})
    );
    assert_eq!(served.ask("DELETE /_local/requests", "").await.0, 200);
    assert_eq!(served.ask("GET /_local/requests", "").await.1, json!({}));

    let digest = format!("sha256%3A{}", "0".repeat(64));
    for (line, body) in [
        ("POST /_local/events", "[]"),
        ("POST /_local/events", "{"),
        (
            "POST /_local/events",
            &format!("{{\"a\": \"{}\"}}", "x".repeat(1 << 20)),
        ),
        ("PUT /_local/faults", r#"[{"operations": "x"}]"#),
        (
            "PUT /_local/faults",
            r#"[{"operation": "x", "delay_ms": 900001}]"#,
        ),
        ("PUT /_local/findings/one", "{}"),
        (&format!("PUT /_local/findings/dev/web/{digest}"), "{"),
        ("GET /_local/idle?timeout=x", ""),
        ("PUT /_local/unsettled", r#"{"one_entry": true}"#),
        ("PUT /_local/unsettled", r#"{"same_digest": "no"}"#),
        ("POST /_local/clock", "60"),
        ("POST /_local/clock", r#"{"advance_seconds": -1}"#),
        (
            "POST /_local/clock",
            r#"{"advance_seconds": 9000000000000000}"#,
        ),
    ] {
        assert_eq!(served.ask(line, body).await.0, 400, "{line} {body}");
    }
    assert_eq!(served.ask("GET /_local/other", "").await.0, 404);
    let choice = r#"{"one_entry_per_image": true}"#;
    assert_eq!(served.ask("PUT /_local/unsettled", choice).await.0, 200);
    assert_eq!(
        served.ask("GET /_local/unsettled", "").await.1,
        json!({"same_digest": "already_exists", "one_entry_per_image": true})
    );
    let line = format!("PUT /_local/findings/findings/web/{digest}");
    let answer = served.ask(&line, r#"{"imageScanStatus": {"status": "FAILED"}}"#);
    let message = answer.await.1["message"].to_string();
    assert!(message.contains("'findings/web'"), "{message}");
}

#[tokio::test]
async fn what_a_function_announces_is_among_the_events() {
    let served = Served::start().await;
    let detail = r#"{"version": 1}"#;
    let entry = json!({"Source": "mine", "DetailType": "Image Promoted", "Detail": detail});
    let headers = format!("{SIGNED}X-Amz-Target: AWSEvents.PutEvents\r\n");
    let body = json!({"Entries": [entry]}).to_string();
    let answer = served.send("POST /", &headers, &body).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (_, events) = served.ask("GET /_local/events", "").await;
    assert_eq!(events[0]["detail-type"], "Image Promoted");
    assert_eq!(events[0]["detail"], json!({"version": 1}));
    assert_eq!(served.local.queue().visible, 0);
}

#[tokio::test]
async fn faults_meet_requests_in_their_protocols_form() {
    let served = Served::start().await;
    let faults = json!([
        {"operation": "registry:PUT manifest", "code": "TOOMANYREQUESTS", "status": 429, "match": "/qa/web/"},
        {"operation": "registry:GET blob", "code": "ConnectionReset", "times": 2, "after_effect": true},
        {"operation": "sqs:ListQueues", "code": "InternalError", "status": 500, "message": "so it is"},
        {"operation": "sts:GetCallerIdentity", "code": "Throttling", "status": 400},
    ]);
    assert_eq!(
        served
            .ask("PUT /_local/faults", &faults.to_string())
            .await
            .0,
        200
    );
    let answer = served.send("PUT /v2/qa/other/manifests/1", "", "{}").await;
    assert_ne!(answer.unwrap().status, 429);
    let answer = served
        .send("PUT /v2/qa/web/manifests/1", "", "{}")
        .await
        .unwrap();
    let expected = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"a requested fault"}]}"#;
    assert_eq!((answer.status, answer.body.as_str()), (429, expected));
    for _ in 0..2 {
        assert!(
            served
                .send("GET /v2/qa/web/blobs/sha256:a", "", "")
                .await
                .is_none()
        );
    }
    assert!(
        served
            .send("GET /v2/qa/web/blobs/sha256:a", "", "")
            .await
            .is_some()
    );
    let answer = served
        .send("POST /", "X-Amz-Target: AmazonSQS.ListQueues\r\n", "{}")
        .await
        .unwrap();
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (500, r#"{"__type":"InternalError","message":"so it is"}"#)
    );
    assert!(
        answer
            .head
            .contains("x-amzn-query-error: internalerror;sender"),
        "{}",
        answer.head
    );
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let answer = served
        .send("POST /", form, "Action=GetCallerIdentity")
        .await
        .unwrap();
    assert!(
        answer.body.contains("<Code>Throttling</Code>"),
        "{}",
        answer.body
    );
    assert_eq!(served.ask("GET /_local/faults", "").await.1, json!([]));
}

#[tokio::test]
async fn a_direct_invocation_answers_as_lambda_does() {
    let served = Served::start().await;
    let line = "POST /2015-03-31/functions/ecr-promoter/invocations";
    let answer = served.send(line, "", "{}").await.unwrap();
    assert!(
        answer.head.contains("x-amz-function-error: unhandled"),
        "{}",
        answer.head
    );
    served.local.set_function(|invocation| {
        Box::pin(async move {
            match invocation.payload.as_slice() {
                b"{\"fail\":1}" => Err("no".to_owned()),
                payload => Ok(payload.to_vec()),
            }
        })
    });
    let answer = served.send(line, "", "{\"tag\":1}").await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "{\"tag\":1}"));
    let answer = served.send(line, "", "{\"fail\":1}").await.unwrap();
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"errorMessage":"no","errorType":"Unhandled"}"#)
    );
    assert_eq!(served.ask(line, "not JSON").await.0, 400);
    let other = "POST /2015-03-31/functions/other/invocations";
    assert_eq!(served.ask(other, "{}").await.0, 404);
}

#[tokio::test]
async fn a_body_over_the_bound_is_refused() {
    let served = Served::start().await;
    let headers = format!("{SIGNED}X-Amz-Target: AmazonSQS.SendMessage\r\n");
    let body = "x".repeat(32 * 1024 * 1024 + 1);
    let answer = served.send("POST /", &headers, &body).await.unwrap();
    assert_eq!(answer.status, 413);
    assert_eq!(served.local.queue().visible, 0);
}

/// A client sends all of its body before it reads: a connection that is closed on the rest of it loses the answer.
#[tokio::test]
async fn a_refusal_is_read_whatever_was_left_of_the_body() {
    let served = Served::start().await;
    let body = "x".repeat(24 << 20);
    for (line, status) in [
        ("PATCH /v2/dev/website/blobs/uploads/none", 401),
        ("PUT /v2/dev/website/manifests/latest", 401),
        ("GET /_blobs/x", 403),
        ("POST /elsewhere", 404),
    ] {
        let answer = served.send(line, "", &body).await;
        let answer = answer.unwrap_or_else(|| panic!("{line}: no answer"));
        assert_eq!(answer.status, status, "{line}: {}", answer.body);
    }
}
