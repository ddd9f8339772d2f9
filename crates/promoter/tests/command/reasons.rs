//! Every way in which an image is not promoted, as `promoter explain` tells it.

use crate::world::{deployed::Deployed, text};
use serde_json::{Value, json};

/// One way: a policy from `dev/NAME` to `qa/NAME`, and what else there is.
struct Way {
    name: &'static str,
    policy: Value,
    tag: &'static str,
    findings: Option<&'static [[&'static str; 5]]>,
    packages: Option<&'static [[&'static str; 3]]>,
    status: i32,
}

fn on(attribute: &str, operator: &str, value: &Value) -> Value {
    json!({"criteria": [{"attribute": attribute, "operator": operator, "value": value}]})
}

fn way(name: &'static str, policy: Value) -> Way {
    Way {
        name,
        policy,
        tag: "1.4",
        findings: None,
        packages: None,
        status: 1,
    }
}

const MUSL: [&str; 3] = ["musl", "1.2.5", "MIT"];

fn ways() -> Vec<Way> {
    let critical = || on("vulnerabilities.critical", "=", &json!(0));
    vec![
        way("tag", on("tag", "ends_with", &json!("stable"))),
        way("release", on("tag.semver", "one_of", &json!(["^2"]))),
        Way {
            findings: Some(&[
                ["CVE-2026-0001", "CRITICAL", "openssl", "3.0.13", "3.0.14"],
                ["CVE-2026-0002", "HIGH", "openssl", "3.0.13", "3.0.9"],
                ["CVE-2026-0003", "CRITICAL", "zlib", "1.2", ""],
            ]),
            ..way("findings", critical())
        },
        Way {
            packages: Some(&[MUSL, ["log4j-core", "2.14.1", "Apache-2.0"]]),
            ..way(
                "component",
                on("component", "not_one_of", &json!(["log4j-core@<2.17.1"])),
            )
        },
        Way {
            packages: Some(&[MUSL]),
            ..way("wanted", on("component", "one_of", &json!(["tini"])))
        },
        Way {
            packages: Some(&[MUSL, ["minio", "1", "AGPL-3.0-only"]]),
            ..way(
                "license",
                on("license", "not_one_of", &json!(["AGPL-3.0-only"])),
            )
        },
        Way {
            packages: Some(&[MUSL, ["minio", "1", ""]]),
            ..way(
                "unknown-license",
                on("license", "not_one_of", &json!(["AGPL-3.0-only"])),
            )
        },
        Way {
            status: 3,
            ..way("awaiting", critical())
        },
        Way {
            status: 3,
            ..way(
                "no-sbom",
                on("component", "not_one_of", &json!(["log4j-core"])),
            )
        },
        way("disabled", json!({"enabled": false})),
        way("dry-run", json!({"dry_run": true})),
        Way {
            status: 3,
            ..way("nowhere", json!({"target": {"repository": "qa/not-there"}}))
        },
        way("itself", json!({"target": {"repository": "dev/itself"}})),
        way(
            "invalid",
            json!({"criteria": [{"attribute": "tag", "operator": "endswith", "value": "x"}]}),
        ),
    ]
}

async fn prepare(world: &Deployed, way: &Way) -> String {
    let (source, target) = (format!("dev/{}", way.name), format!("qa/{}", way.name));
    for name in [&source, &target] {
        world.repository(name).await;
    }
    let mut policy = json!({"source": source, "name": "p", "target": {"repository": target}});
    for (key, value) in way.policy.as_object().unwrap() {
        policy[key] = value.clone();
    }
    world.policy(&policy).await;
    let digest = world.aws.bare(&source, way.name, way.tag).await;
    if let Some(findings) = way.findings {
        world.aws.scan(&source, &digest, findings);
    }
    if let Some(packages) = way.packages {
        world.aws.attach(&source, &digest, packages).await;
    }
    source
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_not_to_be_promoted_is_told_with_what_to_do() {
    let world = Deployed::new().await;
    let ways = ways();
    for way in &ways {
        prepare(&world, way).await;
    }
    world.settle().await;
    for way in &ways {
        let image = format!("dev/{}:{}", way.name, way.tag);
        let output = world.run(&["explain", &image]).await;
        assert_eq!(
            output.status.code(),
            Some(way.status),
            "{}: {output:?}",
            way.name
        );
        let shown = text(&output.stdout);
        assert!(
            shown.lines().all(|line| line.chars().count() <= 80),
            "{shown}"
        );
        insta::assert_snapshot!(way.name, shown);
    }
}

/// Its push is not judged yet, so that only what would become of it is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_target_is_told_by_who_would_make_it() {
    let world = Deployed::new().await;
    let way = way("new", json!({"target": {"repository": "qa/not-there"}}));
    prepare(&world, &way).await;
    for (environment, status, reason) in [
        (
            None,
            "not_promoted",
            "it would fail: there is no repository qa/not-there, unless a creation template makes it",
        ),
        (
            Some(("CREATE_TARGETS", "true")),
            "waiting",
            "the policy has no criteria",
        ),
    ] {
        let mut command = world.aws.command(&["explain", "dev/new:1.4", "--json"]);
        let output = command.envs(environment).output().await.unwrap();
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let case = &told["pushes"][0]["policies"][0];
        assert_eq!(case["status"], status);
        assert_eq!(case["now"]["reason"], reason);
        assert_eq!(case["target_now"]["there"], false);
    }
}

/// Times differ with each run.
fn without_times(shown: &str) -> String {
    let lines = shown.lines().map(|line| match line.split_once(", 20") {
        Some((before, _)) => format!("{before}, (time)\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// What becomes of pushes that others have to do with.
#[tokio::test(flavor = "multi_thread")]
async fn what_others_do_is_told_too() {
    let world = Deployed::new().await;
    let aws = &world.aws;
    let assert_told = async |name: &str, image: &str, status: i32| {
        let output = world.run(&["explain", image]).await;
        assert_eq!(output.status.code(), Some(status), "{name}: {output:?}");
        insta::assert_snapshot!(name, without_times(text(&output.stdout)));
    };
    let clean = on("vulnerabilities.critical", "=", &json!(0));
    let mut live = json!({
        "source": "dev/website", "name": "live", "target": {"repository": "qa/website", "tag": "live"},
    });
    live["criteria"] = clean["criteria"].clone();
    world.policy(&live).await;
    // The first waits for its scan until the second was promoted.
    let first = aws.bare("dev/website", "first", "1").await;
    world.settle().await;
    let second = aws.bare("dev/website", "second", "2").await;
    aws.scan("dev/website", &second, &[]);
    world.settle().await;
    aws.scan("dev/website", &first, &[]);
    world.settle().await;
    assert_told("older", "dev/website:1", 1).await;
    assert_told("origin", "qa/website:live", 0).await;
    // Somebody moves the target tag.
    aws.bare("qa/website", "by hand", "live").await;
    world.settle().await;
    assert_told("moved-target", "qa/website:live", 1).await;
    assert_told("moved", "dev/website:2", 0).await;

    // A circle of two policies.
    world.repository("dev/circle").await;
    world.repository("qa/circle").await;
    for (source, target, tag) in [
        ("dev/circle", "qa/circle", "%n"),
        ("qa/circle", "dev/circle", "again"),
    ] {
        world
            .policy(&json!({"source": source, "name": "on", "target": {"repository": target, "tag": tag}}))
            .await;
    }
    aws.bare("dev/circle", "round", "1").await;
    world.settle().await;
    assert_told("loop", "dev/circle:again", 1).await;

    // A tag that moved on before anything was known of its push.
    world.repository("dev/current").await;
    world
        .policy(&json!({
            "source": "dev/current", "name": "current", "require_current_tag": true,
            "target": {"repository": "qa/website", "tag": "current"},
        }))
        .await;
    let gone = aws.bare("dev/current", "gone", "1").await;
    aws.bare("dev/current", "there", "1").await;
    world.settle().await;
    assert_told("untagged", &format!("dev/current@{gone}"), 1).await;

    // No policy applies.
    world.repository("dev/web-site").await;
    aws.bare("dev/web-site", "none", "1").await;
    world.settle().await;
    assert_told("no-policy", "dev/web-site:1", 1).await;
}
