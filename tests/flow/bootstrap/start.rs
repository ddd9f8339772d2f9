//! What is wrong with the environment is reported at once.

use std::{io::ErrorKind, net::TcpListener, process::Command};

/// Starts the binary in this environment, with a runtime that never answers: its exit code, and
/// what it said.
fn start(environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let runtime = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    runtime.set_nonblocking(true).unwrap();
    let mut command = Command::new(crate::deployed::binary());
    let address = runtime.local_addr().unwrap().to_string();
    command.env_clear().env("AWS_LAMBDA_RUNTIME_API", address);
    command.envs(environment.iter().copied());
    let output = command.output().unwrap();
    let asked = runtime.accept().unwrap_err();
    assert_eq!(
        asked.kind(),
        ErrorKind::WouldBlock,
        "the runtime is not waited for"
    );
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn every_mistake_of_the_environment_is_told_at_once() {
    let (code, told) = start(&[
        ("QUEUE_URL", "promoter"),
        ("PROMOTION_PATHS", "dev/* -> qa/*"),
        ("SETTLE_SECONDS", "soon"),
        ("PUT_IMAGE_RATE", "0"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
    ]);
    assert_eq!(code, Some(1));
    let lines: Vec<String> = told
        .lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["level"], "ERROR");
            line["fields"]["message"].as_str().unwrap().to_owned()
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    POLICIES_TABLE: expected the name of the policies table, found nothing
    PROMOTIONS_TABLE: expected the name of the promotions table, found nothing
    QUEUE_URL: expected the queue's http or https address, found "promoter"
    PROMOTION_PATHS: path "dev/* -> qa/*": expected "=>" as in "dev/* => qa/*", found none
    SETTLE_SECONDS: expected a whole number of at least 0, found "soon"
    PUT_IMAGE_RATE: expected a whole number of at least 1, found "0"
    AWS_REGION: expected a Region as in eu-west-1, found nothing
    AWS_ACCESS_KEY_ID: expected the role's access key, found nothing
    AWS_SECRET_ACCESS_KEY: expected the role's secret access key, found nothing
    "#);
}

#[test]
fn without_any_environment_each_variable_that_is_required_is_named() {
    let (code, told) = start(&[]);
    assert_eq!(code, Some(1));
    for name in [
        "POLICIES_TABLE",
        "PROMOTIONS_TABLE",
        "QUEUE_URL",
        "PROMOTION_PATHS",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ] {
        assert!(told.contains(&format!("{name}: expected")), "{told}");
    }
}
