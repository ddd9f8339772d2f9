//! `promoter policy put | list | diff | delete | test` as processes, on a table and an image of the embedded AWS.

use crate::{
    said::{assert_valid, status},
    world::{stage::Stage, text},
};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

fn policy(name: &str, suffix: &str) -> Value {
    json!({
        "source": "dev/website",
        "name": name,
        "criteria": [{"attribute": "tag", "operator": "ends_with", "value": suffix}],
        "target": {"repository": "qa/website", "tag": "%n"},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_written_compared_changed_listed_and_deleted() {
    let stage = Stage::new().await;
    let file = stage.file("stable.json", &policy("stable", "stable"));

    let shown = stage.run(&["diff", &file]).await;
    assert!(status(&shown, 1).starts_with("dev/website stable: not in the table policies\n+ {\n"));
    let shown = stage.run(&["put", &file, "--yes"]).await;
    assert!(
        status(&shown, 0).ends_with("written dev/website stable\n"),
        "{shown:?}"
    );
    let shown = stage.run(&["put", &file, "--yes"]).await;
    assert_eq!(
        status(&shown, 0),
        "1 policy is in the table policies as written\n"
    );
    assert_eq!(status(&stage.run(&["diff", &file]).await, 0), "");

    let file = stage.file("stable.json", &policy("stable", "release"));
    let shown = stage.run(&["diff", &file]).await;
    let lines: Vec<&str> = status(&shown, 1)
        .lines()
        .filter(|line| !line.starts_with(' '))
        .collect();
    let place = format!("dev/website stable: {file} differs from the table policies");
    assert_eq!(
        lines,
        [
            place.as_str(),
            r#"-       "value": "stable""#,
            r#"+       "value": "release""#
        ]
    );
    status(&stage.run(&["put", &file, "-y"]).await, 0);
    status(&stage.run(&["diff", &file]).await, 0);

    let shown = stage.run(&["list"]).await;
    insta::assert_snapshot!(status(&shown, 0), @r"
    SOURCE       NAME    TARGET         STATE
    dev/website  stable  qa/website:%n  enabled
    ");
    let shown = stage.run(&["list", "prod/api"]).await;
    assert_eq!(status(&shown, 0), "the table policies has no policies\n");

    let shown = stage.run(&["delete", "dev/website", "stabel", "-y"]).await;
    status(&shown, 1);
    insta::assert_snapshot!(text(&shown.stderr), @r#"error: there is no policy dev/website stabel in the table policies; did you mean "stable"?"#);
    let shown = stage.run(&["delete", "dev/website", "stable", "-y"]).await;
    assert!(status(&shown, 0).ends_with("deleted dev/website stable\n"));
    assert_eq!(stage.count().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_that_nobody_agreed_to_or_that_is_wrong() {
    let stage = Stage::new().await;
    let good = stage.file("good.json", &policy("good", "stable"));
    let bad = stage.file("bad.json", &json!({"source": "dev/website", "name": "bad"}));
    for (case, arguments, told) in [
        ("nobody to ask", vec!["put", &good], "pass --yes to skip it"),
        (
            "a mistake in one",
            vec!["put", &good, &bad, "--yes"],
            "dev/website bad: target",
        ),
        (
            "outside the paths",
            vec!["put", &good, "--yes", "--paths", "dev/* => prod/*"],
            "dev/website good: target",
        ),
        (
            "no such table",
            vec!["put", &good, "--yes", "--table", "none"],
            "there is no table \"none\"",
        ),
    ] {
        let output = stage.run(&arguments).await;
        status(&output, 1);
        assert!(text(&output.stderr).contains(told), "{case}: {output:?}");
        assert_eq!(stage.count().await, 0, "{case}");
    }
    stage.item("kept", &[]).await;
    let output = stage.run(&["delete", "dev/website", "kept"]).await;
    status(&output, 1);
    assert_eq!(stage.count().await, 1, "nobody agreed");
    for (case, arguments) in [
        ("a mistake", vec!["diff", &bad]),
        ("no such table", vec!["diff", &good, "--table", "none"]),
        ("no such file", vec!["diff", "/none/at/all.json"]),
    ] {
        status(&stage.run(&arguments).await, 2);
        assert!(!case.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_system_wrote_is_no_difference() {
    let stage = Stage::new().await;
    let file = stage.file("stable.json", &policy("stable", "stable"));
    status(&stage.run(&["put", &file, "-y"]).await, 0);
    let update = stage.dynamodb.update_item().table_name("policies");
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let update = update
        .key("source", text("dev/website"))
        .key("name", text("stable"));
    let update = update.update_expression("SET #s = :s");
    let update = update.expression_attribute_names("#s", "status");
    let update = update.expression_attribute_values(":s", text("valid"));
    update.send().await.unwrap();
    status(&stage.run(&["diff", &file]).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_mistakes_and_obeys_no_control_character() {
    let stage = Stage::new().await;
    let hostile = AttributeValue::S("x\u{9b}31m\u{202e}".to_owned());
    stage.item("wrong", &[("targett", hostile)]).await;
    let output = stage.run(&["list"]).await;
    let shown = status(&output, 0);
    assert!(shown.contains("invalid"), "{shown}");
    assert!(shown.contains("did you mean \"target\"?"), "{shown}");
    let output = stage.run(&["list", "dev/website", "--json"]).await;
    let shown = status(&output, 0);
    assert!(!shown.contains(['\u{9b}', '\u{202e}']), "{shown}");
    let document: Value = serde_json::from_str(shown).unwrap();
    assert_eq!(
        document["policies"][0]["document"]["targett"],
        "x\u{9b}31m\u{202e}"
    );
    assert!(
        !document["policies"][0]["errors"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_valid(
        &document,
        include_str!("../../../../docs/policies.schema.json"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_judged_under_a_document_that_is_not_stored() {
    let stage = Stage::new().await;
    let digest = stage.aws.image().await;
    let good = stage.file("good.json", &policy("good", ".4"));
    let other = stage.file("other.json", &policy("other", "stable"));
    let mut strict = policy("strict", ".4");
    strict["criteria"] = json!([
        {"attribute": "vulnerabilities.minor", "operator": "=", "value": 0},
        {"attribute": "component", "operator": "not_one_of", "value": ["musl"]},
    ]);
    let strict = stage.file("strict.json", &strict);
    let image = "dev/website:1.4";
    let by_digest = format!("dev/website@{digest}");
    for (case, arguments, wanted, told) in [
        (
            "promoted",
            vec!["test", &good, "--image", image],
            0,
            "decision    promote",
        ),
        (
            "by digest",
            vec!["test", &good, "--image", &by_digest],
            0,
            "decision    promote",
        ),
        (
            "held",
            vec!["test", &other, "--image", image],
            1,
            "reason      tag ends_with \"stable\": saw \"1.4\"",
        ),
        (
            "one of two",
            vec!["test", &good, &other, "--image", image],
            1,
            "decision    hold",
        ),
        (
            "by its findings",
            vec!["test", &strict, "--image", image],
            1,
            "CVE-2026-0001",
        ),
        (
            "outside the paths",
            vec![
                "test",
                &good,
                "--image",
                image,
                "--paths",
                "dev/* => prod/*",
            ],
            2,
            "",
        ),
        (
            "no such image",
            vec!["test", &good, "--image", "dev/website:1.5"],
            2,
            "",
        ),
        (
            "no such file",
            vec!["test", "/none.json", "--image", image],
            2,
            "",
        ),
    ] {
        let output = stage.run(&arguments).await;
        let shown = status(&output, wanted);
        assert!(shown.contains(told), "{case}: {shown}");
    }
    let output = stage
        .run(&["test", &good, "--image", image, "--json"])
        .await;
    let document: Value = serde_json::from_str(status(&output, 0)).unwrap();
    assert_eq!(
        document["decisions"][0]["decision"], "promote",
        "{document}"
    );
    assert_eq!(
        document["decisions"][0]["target"]["repository"],
        "qa/website"
    );
    let schema = include_str!("../../../../docs/policy-test.schema.json");
    assert_valid(&document, schema);
    let output = stage
        .run(&["test", &strict, "--image", image, "--json"])
        .await;
    let document: Value = serde_json::from_str(status(&output, 1)).unwrap();
    assert_eq!(document["decisions"][0]["decision"], "hold", "{document}");
    assert_valid(&document, schema);
    let requests = stage.aws.local.requests();
    assert!(
        !requests.keys().any(|name| name.starts_with("dynamodb:Put")),
        "{requests:?}"
    );
    assert!(!requests.contains_key("ecr:StartImageScan"), "{requests:?}");
}
