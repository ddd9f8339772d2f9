//! What the log says, and what it must never say.

use serde_json::{Value, json};

use crate::{
    deployed::Deployed,
    image::Image,
    world::{Choices, stable_to_qa},
};

/// One promotion in which everything secret passes by: bytes move, requests fail and are logged.
async fn promoted(environment: &[(&str, &str)]) -> (Deployed, String) {
    let choices = Choices {
        blob_mounting: false,
        ..Choices::default()
    };
    let deployed = Deployed::with(choices, environment).await;
    deployed.world.policy(stable_to_qa()).await;
    let image = Image::single("a", 2);
    let digest = deployed.world.push("dev/website", "1-stable", &image).await;
    deployed.world.fault(json!([
        {"operation": "blobs:GET", "code": "ConnectionReset", "status": 0, "times": 1},
        {"operation": "registry:PUT blob", "code": "DENIED", "status": 403, "times": 1,
         "message": "Your authorization token has expired"},
        {"operation": "ecr:PutImage", "code": "ThrottlingException", "status": 400, "times": 1},
    ]));
    deployed.settle().await;
    (deployed, digest)
}

#[tokio::test]
async fn each_decision_is_a_line_with_the_ids_by_which_its_story_is_found() {
    let (deployed, digest) = promoted(&[]).await;
    let log = deployed.log();
    let mut decided = log
        .iter()
        .filter(|line| line["fields"]["message"] == "decided");
    let line = decided.next().unwrap();
    assert_eq!(decided.next(), None, "one line for each decision");
    let fields = &line["fields"];
    assert_eq!(fields["repository"], "dev/website");
    assert_eq!(fields["digest"], json!(digest));
    assert_eq!(fields["policy"], "dev/website stable-to-qa");
    assert_eq!(fields["target"], "qa/website:1-stable");
    // Lambda believes a line's level only beside a time.
    let time = line["timestamp"].as_str().unwrap();
    assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{time}");
    let id = line["span"]["request_id"].as_str().unwrap();
    let written = line.to_string();
    assert_eq!(written.matches(id).count(), 1, "{written}");
    let record = &deployed.world.items("RECORD#", "BODY").await[0];
    assert_eq!(
        record["request_id"],
        json!(id),
        "the record leads to the log"
    );
}

#[tokio::test]
async fn nothing_secret_is_in_the_log_at_any_level() {
    for level in ["INFO", "TRACE"] {
        let (deployed, _) = promoted(&[
            ("AWS_LAMBDA_LOG_LEVEL", level),
            ("AWS_ACCESS_KEY_ID", "AKIDOFTHETEST"),
            ("AWS_SECRET_ACCESS_KEY", "secretofthetest"),
            ("AWS_SESSION_TOKEN", "tokenofthetest"),
        ])
        .await;
        let token = deployed.world.aws.ecr.get_authorization_token();
        let token = token.send().await.unwrap().authorization_data.unwrap();
        let token = token[0].authorization_token().unwrap().to_owned();
        let url = deployed.world.aws.ecr.get_download_url_for_layer();
        let blob = crate::image::digest(&Image::single("a", 2).blobs[0]);
        let url = url.repository_name("dev/website").layer_digest(blob);
        let url = url.send().await.unwrap().download_url.unwrap();
        let query = url.split_once('?').map(|(_, query)| query.to_owned());
        let query = query.unwrap_or_default();
        let signature = query
            .split('&')
            .find(|it| it.contains("ignature"))
            .unwrap_or(&query);
        let written = deployed.written();
        assert!(!written.is_empty());
        for (what, secret) in [
            ("the secret key", "secretofthetest"),
            ("the session token", "tokenofthetest"),
            ("the registry's token", token.as_str()),
            (
                "a download's signature",
                signature.split('=').next().unwrap(),
            ),
        ] {
            assert!(!secret.is_empty(), "{url}");
            let line = written.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{level}: {what}: {secret}");
        }
    }
}

#[tokio::test]
async fn level_and_format_are_lambdas() {
    let (quiet, _) = promoted(&[("AWS_LAMBDA_LOG_LEVEL", "ERROR")]).await;
    let others: Vec<Value> = quiet.log();
    assert!(
        others.iter().all(|line| line["level"] == "ERROR"),
        "{others:?}"
    );
    let (text, _) = promoted(&[("AWS_LAMBDA_LOG_FORMAT", "Text")]).await;
    let written = text.written();
    let decided = written
        .lines()
        .find(|line| line.contains("decided"))
        .unwrap();
    assert!(serde_json::from_str::<Value>(decided).is_err(), "{decided}");
    let id = decided.split_once("request_id=").unwrap().1;
    let id = id.split(['}', ' ']).next().unwrap();
    assert_eq!(decided.matches(id).count(), 1, "{decided}");
    let (debug, _) = promoted(&[("AWS_LAMBDA_LOG_LEVEL", "DEBUG")]).await;
    assert!(debug.log().iter().any(|line| line["level"] == "DEBUG"));
}

/// A runtime without its address panics, before anything of ours has run.
fn panicked(format: &str) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bootstrap"));
    command.env_clear().envs([
        ("POLICIES_TABLE", "policies"),
        ("PROMOTIONS_TABLE", "promotions"),
        ("PROMOTION_PATHS", "* => *"),
        ("QUEUE_URL", "http://localhost/queue"),
        ("AWS_LAMBDA_LOG_FORMAT", format),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDOFTHETEST"),
        ("AWS_SECRET_ACCESS_KEY", "secretofthetest"),
    ]);
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let written = String::from_utf8(output.stderr).unwrap();
    let mut lines = written.lines().filter(|line| line.contains("panicked"));
    let line = lines.next().unwrap_or_else(|| panic!("{written}"));
    assert_eq!(lines.next(), None, "{written}");
    line.to_owned()
}

#[test]
fn a_panic_is_one_line_with_its_place() {
    let line = panicked("Text");
    assert!(line.contains("place=") && line.contains(".rs:"), "{line}");
    let line: Value = serde_json::from_str(&panicked("JSON")).unwrap();
    assert_eq!(line["level"], "ERROR");
    let time = line["timestamp"].as_str().unwrap();
    assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{time}");
    let place = line["fields"]["place"].as_str().unwrap();
    assert!(place.contains(".rs:"), "{line}");
}
