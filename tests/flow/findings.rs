//! Findings: what scanners say, in the order in which they say it.

use serde_json::{Value, json};

use crate::{
    image::Image,
    world::{Choices, World, stable_to_qa},
};

/// No critical vulnerability.
pub fn no_critical() -> Value {
    let mut policy = stable_to_qa();
    policy["criteria"] =
        json!([{"attribute": "vulnerabilities.critical", "operator": "=", "value": 0}]);
    policy
}

/// A finished basic scan.
pub fn basic(world: &World, severities: &[&str]) -> Value {
    let findings: Vec<Value> = severities
        .iter()
        .enumerate()
        .map(|(n, severity)| {
            json!({"name": format!("CVE-2026-{n:04}"), "severity": severity, "attributes": [
                {"key": "package_version", "value": "1.1.1"}, {"key": "package_name", "value": "openssl"},
            ]})
        })
        .collect();
    json!({
        "imageScanStatus": {"status": "COMPLETE", "description": "The scan was completed successfully."},
        "imageScanFindings": {
            "imageScanCompletedAt": world.clock.now().timestamp(),
            "findingSeverityCounts": {},
            "findings": findings,
        },
    })
}

/// A finished enhanced scan.
pub fn enhanced(world: &World, severities: &[&str]) -> Value {
    let findings: Vec<Value> = severities
        .iter()
        .enumerate()
        .map(|(n, severity)| {
            json!({"severity": severity, "status": "ACTIVE", "type": "PACKAGE_VULNERABILITY",
                "packageVulnerabilityDetails": {"vulnerabilityId": format!("CVE-2026-{n:04}"), "vulnerablePackages": [
                    {"name": "log4j-core", "version": "2.14.1", "fixedInVersion": "2.15.0"},
                ]}})
        })
        .collect();
    json!({
        "imageScanStatus": {"status": "ACTIVE", "description": "Continuous scan is selected for image."},
        "imageScanFindings": {
            "imageScanCompletedAt": world.clock.now().timestamp(),
            "findingSeverityCounts": {},
            "enhancedFindings": findings,
        },
    })
}

#[tokio::test(start_paused = true)]
async fn the_first_pull_went_through_before_any_scan() {
    let world = World::new().await;
    world.policy(no_critical()).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.settle().await;
    assert!(world.tags("qa/website").await.is_empty(), "awaits its scan");
    world.clock.advance(std::time::Duration::from_secs(30));
    world.scan("dev/website", &digest, &basic(&world, &["LOW"]));
    world.settle().await;
    assert_eq!(world.tags("qa/website").await["1"], digest);
    world.later(60 * 60).await;
    let promoted = world
        .history()
        .await
        .iter()
        .filter(|line| line.contains("promoted:"))
        .count();
    assert_eq!(promoted, 1, "{:?}", world.history().await);
}

#[tokio::test(start_paused = true)]
async fn a_hold_names_the_vulnerability_the_package_and_what_mends_it() {
    let world = World::new().await;
    world.policy(no_critical()).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.scan(
        "dev/website",
        &digest,
        &enhanced(&world, &["CRITICAL", "LOW"]),
    );
    world.later(120).await;
    let answer = world
        .ask(&json!({"repository": "dev/website", "tag": "1"}))
        .await
        .unwrap();
    insta::assert_json_snapshot!(answer["decisions"][0]);
}

#[tokio::test(start_paused = true)]
async fn a_report_had_one_finding_a_minute_later_three() {
    let world = World::new().await;
    let mut policy = no_critical();
    policy["criteria"] =
        json!([{"attribute": "vulnerabilities.all", "operator": "<=", "value": 1}]);
    world.policy(policy).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.scan("dev/website", &digest, &enhanced(&world, &["LOW"]));
    world.settle().await;
    assert!(
        world.tags("qa/website").await.is_empty(),
        "the list has to settle"
    );
    world.clock.advance(std::time::Duration::from_mins(1));
    world.scan(
        "dev/website",
        &digest,
        &enhanced(&world, &["LOW", "HIGH", "LOW"]),
    );
    world.later(60 * 60).await;
    assert!(world.tags("qa/website").await.is_empty());
    assert!(
        world
            .history()
            .await
            .iter()
            .any(|line| line.contains("held")),
        "{:?}",
        world.history().await
    );
}

#[tokio::test(start_paused = true)]
async fn a_settled_list_is_believed_without_another_event() {
    let world = World::new().await;
    world.policy(no_critical()).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.scan("dev/website", &digest, &enhanced(&world, &[]));
    world.settle().await;
    assert!(world.tags("qa/website").await.is_empty());
    world.later(120).await;
    assert_eq!(world.tags("qa/website").await["1"], digest);
}

#[tokio::test(start_paused = true)]
async fn an_index_is_judged_as_its_worst_platform_and_waits_for_all() {
    for (severity, promoted) in [("LOW", true), ("CRITICAL", false)] {
        let world = World::new().await;
        world.policy(no_critical()).await;
        let index = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
        let digest = world.push("dev/website", "1", &index).await;
        world.settle().await;
        world.scan(
            "dev/website",
            &index.children[0].digest(),
            &basic(&world, &["LOW"]),
        );
        world.settle().await;
        assert!(
            world.tags("qa/website").await.is_empty(),
            "one platform is not scanned yet"
        );
        world.scan(
            "dev/website",
            &index.children[1].digest(),
            &basic(&world, &[severity]),
        );
        world.settle().await;
        let there = world.tags("qa/website").await;
        assert_eq!(there.get("1"), promoted.then_some(&digest), "{severity}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_scan_that_comes_before_its_push_counts_when_the_push_comes() {
    let world = World::new().await;
    world.policy(no_critical()).await;
    let index = Image::index("a", &["linux/amd64"], 1);
    let digest = world.push("dev/website", "1", &index).await;
    world.drop_events_of(&digest).await;
    let child = index.children[0].digest();
    world.scan("dev/website", &child, &basic(&world, &[]));
    world.settle().await;
    assert!(world.history().await.is_empty(), "no case is open yet");
    let event = world.push_event("dev/website", "1", &digest);
    world.local.raise(event);
    world.settle().await;
    assert_eq!(world.tags("qa/website").await["1"], digest);
}

#[tokio::test(start_paused = true)]
async fn the_scanner_was_down_and_pulls_were_allowed() {
    let world = World::new().await;
    world.policy(no_critical()).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.scan("dev/website", &digest, &basic(&world, &[]));
    world.fault(json!([{
        "operation": "ecr:DescribeImageScanFindings", "code": "AccessDeniedException", "status": 400, "times": 99,
    }]));
    world.settle().await;
    assert!(world.tags("qa/website").await.is_empty());
    let history = world.history().await;
    assert!(
        history[0].contains("failed") && history[0].contains("AccessDeniedException"),
        "{history:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn images_of_unsupported_systems_could_never_be_pulled_with_no_words() {
    let failed = json!({
        "imageScanStatus": {
            "status": "FAILED",
            "description": "UnsupportedImageError: The operating system and/or package manager are not supported.",
        },
        "imageScanFindings": null,
    });
    for (administrator, policy_says, promoted) in [
        (&[("UNSCANNABLE", "accept")] as &[_], "accept", true),
        (&[("UNSCANNABLE", "accept")], "hold", false),
        (&[], "accept", false),
    ] {
        let world = World::with(Choices {
            environment: administrator,
            ..Choices::default()
        })
        .await;
        let mut policy = no_critical();
        policy["unscannable"] = json!(policy_says);
        world.policy(policy).await;
        let digest = world
            .push("dev/website", "1", &Image::single("scratch", 1))
            .await;
        world.scan("dev/website", &digest, &failed);
        world.settle().await;
        assert_eq!(
            world.tags("qa/website").await.contains_key("1"),
            promoted,
            "{administrator:?} {policy_says}"
        );
        if !promoted {
            let history = world.history().await.join("\n");
            assert!(history.contains("UnsupportedImageError"), "{history}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whole_os_versions_were_not_scanned_for_weeks() {
    let world = World::with(Choices {
        environment: &[("SCAN_ON_DEMAND", "false")],
        ..Choices::default()
    })
    .await;
    world.policy(no_critical()).await;
    world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.settle().await;
    assert!(
        world.history().await[0].contains("awaiting"),
        "{:?}",
        world.history().await
    );
    world.later(10 * 60).await;
    let history = world.history().await;
    assert!(
        history
            .last()
            .unwrap()
            .contains("held: vulnerabilities.critical"),
        "{history:?}"
    );
    assert!(
        history
            .last()
            .unwrap()
            .contains("never scanned; is scanning turned on for dev/website?"),
        "{history:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stale_basic_list_has_a_scan_asked_for_once() {
    let world = World::new().await;
    world.policy(no_critical()).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    let mut old = basic(&world, &[]);
    let days_ago = world.clock.now() - chrono::TimeDelta::days(31);
    old["imageScanFindings"]["imageScanCompletedAt"] = json!(days_ago.timestamp());
    world.scan("dev/website", &digest, &old);
    world.local.reset_requests();
    world.settle().await;
    world.later(15 * 60).await;
    assert_eq!(world.local.requests()["ecr:StartImageScan"], 1);
    assert!(world.tags("qa/website").await.is_empty());
    world.scan("dev/website", &digest, &basic(&world, &[]));
    world.settle().await;
    assert_eq!(world.tags("qa/website").await["1"], digest);
}
