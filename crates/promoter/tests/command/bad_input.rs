//! Names that do not exist, an endpoint that is down, an item of a newer release, names with markup and escape codes: a
//! clear sentence and an exit status.

use std::process::Output;

use crate::world::{deployed::Deployed, filled, text};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

/// No character that a terminal obeys, except the ends of lines.
fn assert_harmless(output: &Output) {
    for shown in [text(&output.stdout), text(&output.stderr)] {
        let obeyed = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!shown.contains(obeyed), "{shown:?}");
        assert!(!shown.contains("panicked"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_named() {
    let world = Deployed::new().await;
    for (arguments, status, told) in [
        (
            vec!["history", "--policy", "dev/website nope"],
            0,
            "nothing was recorded by the policy dev/website nope",
        ),
        (
            vec!["history", "--repository", "dev/nope"],
            0,
            "nothing was recorded from the repository dev/nope",
        ),
        (
            vec!["history", "--target", "qa/nope:1"],
            0,
            "nothing was recorded for the target qa/nope:1",
        ),
        (
            vec!["waiting", "--policy", "dev/website nope"],
            0,
            "nothing",
        ),
        (
            vec!["retry", "--failed", "--policy", "dev/website nope"],
            0,
            "nothing to ask for",
        ),
        (vec!["policy", "list", "dev/nope"], 0, "has no policies"),
        (
            vec!["policy", "delete", "dev/website", "nope", "--yes"],
            1,
            "there is no policy dev/website nope",
        ),
        (
            vec!["policy", "list", "--table", "none"],
            1,
            "there is no table \"none\"",
        ),
    ] {
        let output = world.run(&arguments).await;
        assert_eq!(
            output.status.code(),
            Some(status),
            "{arguments:?}: {output:?}"
        );
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_down_is_named() {
    let world = Deployed::new().await;
    let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    std::fs::write(
        file.path(),
        r#"{"source": "dev/website", "name": "a", "target": {"repository": "qa/website"}}"#,
    )
    .unwrap();
    let file = file.path().to_str().unwrap();
    for (arguments, status) in [
        (vec!["explain", "dev/website:1"], 2),
        (vec!["history"], 2),
        (vec!["waiting"], 2),
        (vec!["retry", "dev/website:1"], 2),
        (vec!["evidence", "dev/website:1"], 1),
        (vec!["policy", "list"], 1),
        (vec!["policy", "put", file, "--yes"], 1),
        (vec!["policy", "diff", file], 2),
        (vec!["policy", "test", file, "--image", "dev/website:1"], 2),
    ] {
        let output = world
            .aws
            .promoter_at("http://127.0.0.1:1", &arguments)
            .await;
        assert_eq!(
            output.status.code(),
            Some(status),
            "{arguments:?}: {output:?}"
        );
        let said = text(&output.stderr);
        assert!(said.contains("127.0.0.1:1"), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_of_a_newer_format_is_told_with_what_to_do() {
    let world = Deployed::new().await;
    world
        .policy(&json!({"source": "dev/website", "name": "all", "target": {"repository": "qa/website"}}))
        .await;
    world.aws.bare("dev/website", "a", "1").await;
    world.settle().await;
    let case = filled::items(&world, "", "CASE#").await.remove(0);
    let mut update = world
        .clients
        .dynamodb
        .update_item()
        .table_name("promotions");
    for key in ["pk", "sk"] {
        update = update.key(key, case[key].clone());
    }
    let update = update.update_expression("SET v = :v");
    let update = update.expression_attribute_values(":v", AttributeValue::N("99".to_owned()));
    update.send().await.unwrap();
    let output = world.run(&["explain", "dev/website:1"]).await;
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.contains("its format 99 is newer than 2"), "{said}");
    assert!(said.contains("upgrade"), "{said}");
    let output = world.run(&["history"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

/// What strangers write in names, versions, licenses, findings, policies.
const STRANGE: &str =
    "<b>a</b>\u{1b}[31m\u{9b}31m\u{7f}\u{85}\u{202e}\u{2066}\u{200f}\u{2028}\r\n\tz";

#[tokio::test(flavor = "multi_thread")]
async fn names_with_markup_and_escape_codes_are_shown_and_not_obeyed() {
    let world = Deployed::new().await;
    world
        .policy(&json!({
            "source": "dev/website", "name": "none",
            "criteria": [
                {"attribute": "vulnerabilities.critical", "operator": "=", "value": 0},
                {"attribute": "component", "operator": "not_one_of", "value": ["log4j-core"]},
                {"attribute": "license", "operator": "not_one_of", "value": ["AGPL-3.0-only"]},
            ],
            "target": {"repository": "qa/website"},
        }))
        .await;
    world
        .policy(&json!({"source": "dev/website", "name": format!("bad{STRANGE}"), "description": STRANGE, STRANGE: 1}))
        .await;
    let digest = world.aws.bare("dev/website", "a", "1").await;
    world.aws.scan(
        "dev/website",
        &digest,
        &[[STRANGE, "CRITICAL", STRANGE, STRANGE, STRANGE]],
    );
    world
        .aws
        .attach(
            "dev/website",
            &digest,
            &[
                [STRANGE, STRANGE, STRANGE],
                ["log4j-core", STRANGE, "AGPL-3.0-only"],
            ],
        )
        .await;
    world.settle().await;
    for arguments in [
        vec!["explain", "dev/website:1"],
        vec!["history"],
        vec!["waiting"],
        vec!["evidence", "dev/website:1"],
        vec!["policy", "list"],
        vec!["retry", "dev/website:1"],
    ] {
        for json in [false, true] {
            let mut arguments = arguments.clone();
            arguments.extend(json.then_some("--json"));
            let output = world.run(&arguments).await;
            assert!(
                output.status.code().is_some_and(|code| code <= 3),
                "{arguments:?}: {output:?}"
            );
            assert_harmless(&output);
            if json {
                let shown: Result<Value, _> = serde_json::from_slice(&output.stdout);
                assert!(shown.is_ok(), "{arguments:?}: {output:?}");
            }
        }
    }
    for name in [STRANGE, "dev/web\u{202e}site:1", "dev/website:\u{1b}[31m"] {
        for command in ["explain", "evidence", "retry"] {
            let output = world.run(&[command, name]).await;
            assert!(!output.status.success(), "{name:?}");
            assert_harmless(&output);
        }
    }
}
