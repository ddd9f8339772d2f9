//! A month on the clock: exceptions end, findings grow too old, waits end, a push has rested long enough. Each is
//! announced once, and on its day.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    findings::enhanced,
    image::Image,
    world::{World, start},
};

const DAYS: i64 = 31;
/// How often the schedule fires here: a day and a night would take too long a minute at a time.
const STEP: u64 = 3 * 60 * 60;

/// A policy on one tag.
fn policy(tag: &str, criteria: &[Value], keys: &Value) -> Value {
    let mut all = vec![json!({"attribute": "tag", "operator": "equals", "value": tag})];
    all.extend_from_slice(criteria);
    let mut policy = json!({
        "source": "dev/website", "name": tag, "criteria": all, "target": {"repository": "qa/website"},
    });
    for (key, value) in keys.as_object().unwrap() {
        policy[key] = value.clone();
    }
    policy
}

/// The policies, each on the tag of its name.
fn policies() -> Vec<Value> {
    let critical = || json!({"attribute": "vulnerabilities.critical", "operator": "=", "value": 0});
    let young = json!({"attribute": "finding_age.critical", "operator": "<=", "value": 10});
    let never = json!({"attribute": "finding", "operator": "not_one_of", "value": "CVE-2026-0000"});
    // No SBOM ever comes.
    let sbom =
        || json!({"attribute": "component", "operator": "not_one_of", "value": "log4j-core"});
    let old = json!({"attribute": "age", "operator": ">=", "value": "25d"});
    let until = (start() + TimeDelta::days(12)).date_naive().to_string();
    let one = json!({"finding": "CVE-2026-0000", "until": until, "reason": "the lookup is off"});
    let excepted = json!({"wait": "60d", "exceptions": [one]});
    vec![
        policy("waits", &[sbom()], &json!({"wait": "20d"})),
        policy("ages", &[young, sbom()], &json!({"wait": "60d"})),
        policy("excepted", &[critical(), sbom()], &excepted),
        policy("excepted-and-held", &[critical(), never], &excepted),
        policy("rests", &[old], &json!({})),
        policy("passes", &[critical()], &excepted),
    ]
}

/// What was announced, as `tag: kind (criteria)`.
fn announced(world: &World) -> Vec<String> {
    let told = world.announced().into_iter().map(|event| {
        let detail = &event["detail"];
        let criteria = detail["criteria"].as_array().cloned().unwrap_or_default();
        let criteria = criteria.iter().map(|it| it["attribute"].as_str().unwrap());
        let criteria: Vec<&str> = criteria.collect();
        let tag = detail["source"]["tag"].as_str().unwrap();
        let kind = event["detail-type"].as_str().unwrap();
        format!("{tag}: {kind} {}", criteria.join(", "))
    });
    told.collect()
}

#[tokio::test(start_paused = true)]
async fn in_a_month_each_deadline_is_told_once() {
    let world = World::new().await;
    for policy in policies() {
        world.policy(policy).await;
    }
    for policy in policies() {
        let tag = policy["name"].as_str().unwrap();
        let severities: &[&str] = match tag {
            "excepted-and-held" => &["CRITICAL", "CRITICAL"],
            _ => &["CRITICAL"],
        };
        let digest = world.push("dev/website", tag, &Image::single(tag, 1)).await;
        world.scan("dev/website", &digest, &enhanced(&world, severities));
    }
    world.settle().await;
    let mut lines = Vec::new();
    let mut known = 0;
    while world.clock.now() < start() + TimeDelta::days(DAYS) {
        world.later(STEP).await;
        let day = (world.clock.now() - start()).num_days();
        let all = announced(&world);
        let new = all.iter().skip(known);
        lines.extend(new.map(|told| format!("day {day}: {told}")));
        known = all.len();
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    day 0: excepted-and-held: Image Held vulnerabilities.critical
    day 0: passes: Image Promoted 
    day 11: ages: Image Held finding_age.critical
    day 12: excepted-and-held: Image Held vulnerabilities.critical, finding
    day 12: excepted: Image Held vulnerabilities.critical
    day 20: waits: Image Held 
    day 25: rests: Image Promoted
    "#);
    // What was looked at for the last time leaves nothing open.
    assert_eq!(world.open().await, 0);
}
