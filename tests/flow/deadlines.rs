//! What holds until a date, and what is awaited for a time: exceptions, ages, the wait of a policy.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    findings::{enhanced, no_critical},
    image::Image,
    world::{World, stable_to_qa},
};

pub const DAY: u64 = 24 * 60 * 60;

/// Pushes an image with one critical finding, first seen so many days ago, and lets the scan rest.
async fn push_with_a_finding(world: &World, tag: &str, days: i64) {
    let digest = world.push("dev/website", tag, &Image::single(tag, 1)).await;
    let mut scan = enhanced(world, &["CRITICAL"]);
    let first = world.clock.now() - TimeDelta::days(days);
    let finding = &mut scan["imageScanFindings"]["enhancedFindings"][0];
    finding["firstObservedAt"] = json!(first.timestamp());
    world.scan("dev/website", &digest, &scan);
    world.settle().await;
    world.later(300).await;
}

pub async fn became(world: &World, tag: &str) -> String {
    let of_tag = format!("dev/website:{tag} ");
    let history = world.history().await;
    let mut own = history.iter().filter(|line| line.starts_with(&of_tag));
    own.next_back().cloned().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_finding_is_accepted_until_a_day_and_the_record_says_so() {
    let world = World::new().await;
    let until = (world.clock.now() + TimeDelta::days(1)).date_naive();
    let mut policy = no_critical();
    policy["exceptions"] = json!([{
        "finding": "CVE-2026-0000", "component": "log4j-core", "until": until.to_string(), "reason": "the lookup is off",
    }]);
    world.policy(policy).await;
    push_with_a_finding(&world, "1", 0).await;
    let told = became(&world, "1").await;
    assert!(told.contains("promoted to qa/website:1"), "{told}");
    let records = world.items("RECORD#", "BODY").await;
    let note = format!("left out by exceptions: CVE-2026-0000 until {until} (the lookup is off)");
    let mut promoted = records.iter().filter(|it| it["outcome"] == "promoted");
    let body = promoted.next().unwrap().to_string();
    assert!(body.contains(&note), "{body}");
    world.later(2 * DAY).await;
    push_with_a_finding(&world, "2", 0).await;
    let told = became(&world, "2").await;
    assert!(told.contains("held: vulnerabilities.critical"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_finding_may_stand_for_so_many_days() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    let deadline = json!({"attribute": "finding_age.critical", "operator": "<=", "value": 15});
    policy["criteria"] = json!([deadline]);
    world.policy(policy).await;
    push_with_a_finding(&world, "1", 15).await;
    let told = became(&world, "1").await;
    assert!(told.contains("promoted to"), "{told}");
    push_with_a_finding(&world, "2", 16).await;
    let told = became(&world, "2").await;
    assert!(
        told.contains("held: finding_age.critical <= 15: saw 16 days: CVE-2026-0000"),
        "{told}"
    );
}

/// A policy on the age alone.
async fn rested(criteria: Value, wait: &str) -> World {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["criteria"] = criteria;
    policy["wait"] = json!(wait);
    world.policy(policy).await;
    world.push("dev/website", "1", &Image::single("1", 1)).await;
    world.settle().await;
    world
}

#[tokio::test(start_paused = true)]
async fn a_push_rests_until_it_is_old_enough_however_long_the_policy_waits() {
    let age = json!([{"attribute": "age", "operator": ">=", "value": "3d"}]);
    let world = rested(age, "1h").await;
    for _ in 0..5 {
        world.later(DAY / 2).await;
        let told = became(&world, "1").await;
        assert!(told.contains("awaiting: age >= \"3d\": pushed"), "{told}");
    }
    let requests = world.local.requests();
    let scans = ["ecr:DescribeImageScanFindings", "ecr:StartImageScan"];
    let asked = scans.iter().any(|scan| requests.contains_key(*scan));
    assert!(!asked, "no evidence is fetched for a time");
    world.later(DAY / 2 + 60).await;
    let told = became(&world, "1").await;
    assert!(told.contains("promoted to qa/website:1"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_policy_says_how_long_it_waits() {
    let clean =
        json!([{"attribute": "component", "operator": "not_one_of", "value": "log4j-core"}]);
    let world = rested(clean, "2d").await;
    for _ in 0..47 {
        world.clock.advance(Duration::from_hours(1));
        world.later(0).await;
        let told = became(&world, "1").await;
        assert!(told.contains("awaiting"), "{told}");
    }
    for _ in 0..25 {
        world.clock.advance(Duration::from_hours(1));
        world.later(0).await;
    }
    let told = became(&world, "1").await;
    assert!(told.contains("held: evidence never came"), "{told}");
    assert_eq!(world.open().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_held_case_had_the_reasons_of_a_day_when_its_exception_was_not_over() {
    let world = World::new().await;
    let until = (world.clock.now() + TimeDelta::days(1)).date_naive();
    let mut policy = no_critical();
    policy["exceptions"] =
        json!([{"finding": "CVE-2026-0000", "until": until.to_string(), "reason": "r"}]);
    world.policy(policy).await;
    let digest = world.push("dev/website", "1", &Image::single("1", 1)).await;
    let scan = enhanced(&world, &["CRITICAL", "CRITICAL"]);
    world.scan("dev/website", &digest, &scan);
    world.settle().await;
    world.later(300).await;
    let told = became(&world, "1").await;
    assert!(
        told.contains("held: vulnerabilities.critical = 0: saw 1: CVE-2026-0001"),
        "{told}"
    );
    let ends = until.succ_opt().unwrap().and_hms_opt(0, 0, 0).unwrap();
    let due = ends
        .and_utc()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    assert_eq!(
        world.open_until("1").await,
        [("exceptions".to_owned(), due)]
    );
    // Nothing happens before that, and for people nothing waits.
    let records = world.history().await.len();
    world.later(60 * 60).await;
    assert_eq!(world.history().await.len(), records);
    world.later(2 * DAY).await;
    let told = became(&world, "1").await;
    assert!(told.contains("saw 2: CVE-2026-0000"), "{told}");
    assert_eq!(world.open_until("1").await, []);
    assert_eq!(world.announced().len(), 1, "the criteria are the same");
}

#[tokio::test(start_paused = true)]
async fn an_awaiting_case_looks_again_when_its_exception_is_over() {
    let world = World::new().await;
    let until = world.clock.now().date_naive();
    let mut policy = no_critical();
    let sbom = json!({"attribute": "component", "operator": "not_one_of", "value": "log4j-core"});
    policy["criteria"].as_array_mut().unwrap().push(sbom);
    policy["exceptions"] =
        json!([{"finding": "CVE-2026-0000", "until": until.to_string(), "reason": "r"}]);
    world.policy(policy).await;
    push_with_a_finding(&world, "1", 0).await;
    // After the looks of the first hours the next one would be in a day.
    for _ in 0..3 {
        world.later(7 * 60 * 60).await;
    }
    let told = became(&world, "1").await;
    assert!(
        told.contains("held: vulnerabilities.critical = 0: saw 1"),
        "{told}"
    );
    assert_eq!(world.open_until("1").await, []);
}
