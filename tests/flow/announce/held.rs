//! `Image Held`: once for each push, policy and set of criteria that are not met.

use serde_json::json;

use super::refusal;
use crate::{
    findings::{basic, no_critical},
    image::Image,
    world::{World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn a_hold_is_announced_once_for_each_set_of_criteria() {
    let world = World::new().await;
    let of = |critical: u32, all: u32| {
        let mut policy = stable_to_qa();
        policy["criteria"] = json!([
            {"attribute": "vulnerabilities.critical", "operator": "=", "value": critical},
            {"attribute": "vulnerabilities.all", "operator": "<=", "value": all},
        ]);
        policy
    };
    world.policy(of(0, 1)).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    let mut told = Vec::new();
    for (case, policy, severities) in [
        ("both", of(0, 1), &["CRITICAL", "LOW"][..]),
        (
            "both, by more findings",
            of(0, 1),
            &["CRITICAL", "LOW", "LOW"][..],
        ),
        ("one of them", of(0, 1), &["CRITICAL"][..]),
        ("both again", of(0, 1), &["CRITICAL", "LOW"][..]),
        ("another limit", of(0, 0), &["CRITICAL"][..]),
        ("none", of(1, 1), &["CRITICAL"][..]),
    ] {
        world.policy(policy).await;
        world.edits().await;
        world.scan("dev/website", &digest, &basic(&world, severities));
        world.later(60).await;
        told.push(format!("{case}: {} announced", world.announced().len()));
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    both: 1 announced
    both, by more findings: 1 announced
    one of them: 2 announced
    both again: 2 announced
    another limit: 3 announced
    none: 4 announced
    ");
    let announced = world.announced();
    let kinds: Vec<&str> = announced
        .iter()
        .map(|it| it["detail-type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["Image Held", "Image Held", "Image Held", "Image Promoted"]
    );
    for event in &announced {
        assert_eq!(refusal(event), None);
    }
    insta::assert_json_snapshot!(announced[0]["detail"]);
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_announces_nothing() {
    let world = World::new().await;
    let mut policy = no_critical();
    policy["dry_run"] = json!(true);
    world.policy(policy).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    for severities in [&["CRITICAL"][..], &[]] {
        world.scan("dev/website", &digest, &basic(&world, severities));
        world.later(60).await;
    }
    assert_eq!(world.history().await.len(), 2, "held, then a dry run");
    assert!(world.announced().is_empty());
}
