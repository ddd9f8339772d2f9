//! `promoter explain | history | waiting | retry` as processes, on a deployment of the embedded AWS.

use crate::{
    said::{assert_valid, status},
    world::deployed::Deployed,
};
use serde_json::{Value, json};

fn clean() -> Value {
    json!({
        "source": "dev/website", "name": "clean",
        "criteria": [
            {"attribute": "tag", "operator": "ends_with", "value": "stable"},
            {"attribute": "vulnerabilities.critical", "operator": "=", "value": 0},
        ],
        "target": {"repository": "qa/website"},
    })
}

/// A valid document, as the command printed it.
fn valid(shown: &str, schema: &str) -> Value {
    let document: Value = serde_json::from_str(shown).unwrap();
    assert_valid(&document, schema);
    document
}

/// An image is held; by what the command says it is mended, and promoted.
#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_held_is_explained_mended_and_promoted() {
    let world = Deployed::new().await;
    world.policy(&clean()).await;
    let digest = world.aws.bare("dev/website", "a", "1-stable").await;
    world.aws.scan(
        "dev/website",
        &digest,
        &[["CVE-2026-0042", "CRITICAL", "openssl", "3.0.13", "3.0.14"]],
    );
    let shown = world.run(&["explain", "dev/website:1-stable"]).await;
    assert!(status(&shown, 1).contains("not judged yet"), "{shown:?}");
    world.settle().await;
    let shown = world.run(&["explain", "dev/website:1-stable"]).await;
    insta::assert_snapshot!("held", status(&shown, 1));
    let shown = world
        .run(&["explain", "dev/website:1-stable", "--json"])
        .await;
    let document = valid(
        status(&shown, 1),
        include_str!("../../../../docs/explain.schema.json"),
    );
    let pass = &document["pushes"][0]["policies"][0]["now"]["nearest_pass"];
    assert_eq!(pass["changes"][0]["to"], "3.0.14", "{document:#}");
    // Mended, and found clean.
    let digest = world.aws.bare("dev/website", "b", "2-stable").await;
    world.aws.scan("dev/website", &digest, &[]);
    world.settle().await;
    let shown = world.run(&["explain", "dev/website:2-stable"]).await;
    insta::assert_snapshot!("promoted", status(&shown, 0));
    let shown = world.run(&["explain", "qa/website:2-stable"]).await;
    let told = status(&shown, 0);
    assert!(
        told.contains("dev/website:2-stable by dev/website clean"),
        "{told}"
    );
    assert!(
        told.contains("asked for vulnerabilities.critical = 0"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_is_shown_newest_first_and_in_pages() {
    let world = Deployed::new().await;
    world.policy(&clean()).await;
    for (seed, findings) in [
        ("a", &[][..]),
        ("b", &[["CVE-1", "CRITICAL", "openssl", "1", "2"]]),
        ("c", &[]),
    ] {
        let digest = world
            .aws
            .bare("dev/website", seed, &format!("{seed}-stable"))
            .await;
        world.aws.scan("dev/website", &digest, findings);
        world.settle().await;
    }
    let run = async |arguments: &[&str]| {
        let arguments = [&["history", "--json"], arguments].concat();
        let shown = world.run(&arguments).await;
        valid(
            status(&shown, 0),
            include_str!("../../../../docs/history.schema.json"),
        )
    };
    let images = |document: &Value| -> Vec<String> {
        let records = document["records"].as_array().unwrap().iter();
        records
            .map(|record| record["source"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = [
        "dev/website:c-stable",
        "dev/website:b-stable",
        "dev/website:a-stable",
    ];
    for (arguments, expected) in [
        (vec![], &all[..]),
        (vec!["--repository", "dev/website"], &all),
        (vec!["--policy", "dev/website clean"], &all),
        (vec!["--target", "qa/website"], &all),
        (vec!["--target", "qa/website:b-stable"], &all[1..2]),
        (vec!["--outcome", "held"], &all[1..2]),
        (
            vec![
                "--policy",
                "dev/website clean",
                "--outcome",
                "promoted,failed",
            ],
            &["dev/website:c-stable", "dev/website:a-stable"],
        ),
        (vec!["--repository", "dev/other"], &[]),
        (
            vec!["--since", "2030-01-01", "--repository", "dev/website"],
            &[],
        ),
        (vec!["--since", "9999-01-01"], &[]),
        // No further back than records are kept, whatever is typed.
        (vec!["--since", "0001-01-01"], &all),
        (
            vec!["--since", "99999999d", "--outcome", "promoted,held"],
            &all,
        ),
    ] {
        assert_eq!(images(&run(&arguments).await), expected, "{arguments:?}");
    }
    for of in [
        vec!["--repository", "dev/website"],
        vec!["--policy", "dev/website clean"],
        vec![],
    ] {
        let mut seen = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut arguments = [of.clone(), vec!["--limit", "1"]].concat();
            if let Some(next) = &next {
                arguments.extend(["--after", next]);
            }
            let page = run(&arguments).await;
            seen.extend(images(&page));
            next = page["next"].as_str().map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        assert_eq!(seen, all, "{of:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_shown_and_what_failed_is_asked_for_again() {
    let world = Deployed::new().await;
    world.policy(&clean()).await;
    world.aws.bare("dev/website", "a", "a-stable").await;
    let shown = world.run(&["waiting", "--json"]).await;
    valid(
        status(&shown, 0),
        include_str!("../../../../docs/waiting.schema.json"),
    );
    world.settle().await;
    let shown = world.run(&["waiting", "--json"]).await;
    let document = valid(
        status(&shown, 0),
        include_str!("../../../../docs/waiting.schema.json"),
    );
    assert_eq!(
        document["waiting"][0]["waits_for"], "evidence",
        "{document:#}"
    );
    for (arguments, count) in [
        (vec!["--repository", "dev/other"], 0),
        (vec!["--policy", "dev/website clean"], 1),
        (vec!["--policy", "dev/website other"], 0),
    ] {
        let shown = world
            .run(&[&["waiting", "--json"][..], &arguments].concat())
            .await;
        let document: Value = serde_json::from_str(status(&shown, 0)).unwrap();
        assert_eq!(
            document["waiting"].as_array().unwrap().len(),
            count,
            "{arguments:?}"
        );
    }
    let shown = world.run(&["explain", "dev/website:a-stable"]).await;
    assert!(
        status(&shown, 3).contains("waits for   evidence"),
        "{shown:?}"
    );

    let mut nowhere = clean();
    nowhere["name"] = json!("nowhere");
    nowhere["criteria"] = json!([]);
    nowhere["target"]["repository"] = json!("qa/nowhere");
    world.policy(&nowhere).await;
    world.aws.bare("dev/website", "b", "b").await;
    world.settle().await;
    let shown = world.run(&["retry", "--failed", "--dry-run"]).await;
    let told = status(&shown, 0);
    assert!(told.contains("would ask   dev/website:b@sha256:"), "{told}");
    let schema = include_str!("../../../../docs/retry.schema.json");
    let shown = world.run(&["retry", "--failed", "--json"]).await;
    valid(status(&shown, 1), schema);
    world.repository("qa/nowhere").await;
    let shown = world.run(&["retry", "--failed", "--json"]).await;
    let document = valid(status(&shown, 0), schema);
    let outcome = &document["retried"][0]["answer"]["decisions"][1]["outcome"];
    assert_eq!(outcome, "promoted", "{document:#}");
    let shown = world.run(&["retry", "--failed"]).await;
    assert_eq!(status(&shown, 0), "nothing to ask for\n");
    let shown = world.run(&["retry", "dev/website:b"]).await;
    assert!(status(&shown, 0).contains("already promoted"), "{shown:?}");
    status(&world.run(&["retry"]).await, 2);
}
