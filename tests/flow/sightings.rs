//! Since when findings are known that the scanner does not say it of: the ledger keeps their first sight.

use ecr_promoter_core::{Repository, Tag, event::Select};
use serde_json::{Value, json};

use crate::{
    deadlines::{DAY, became},
    findings::{basic, no_critical},
    image::Image,
    world::{World, stable_to_qa},
};

/// No critical finding for more than 15 days.
fn fifteen_days() -> Value {
    let mut policy = stable_to_qa();
    policy["criteria"] =
        json!([{"attribute": "finding_age.critical", "operator": "<=", "value": 15}]);
    policy
}

async fn scanned(world: &World, tag: &str, image: &Image, severities: &[&str]) {
    let digest = world.push("dev/website", tag, image).await;
    world.scan("dev/website", &digest, &basic(world, severities));
    world.settle().await;
    world.later(60).await;
}

#[tokio::test(start_paused = true)]
async fn a_basic_scan_s_finding_is_as_old_as_its_first_sight() {
    let world = World::new().await;
    world.policy(fifteen_days()).await;
    let image = Image::single("a", 1);
    scanned(&world, "1", &image, &["CRITICAL", "LOW"]).await;
    let told = became(&world, "1").await;
    assert!(told.contains("promoted to qa/website:1"), "{told}");
    let kept = world.items("IMAGE#", "SIGHTINGS").await;
    assert_eq!(kept.len(), 1);
    let ids = &kept[0]["body"]["looks"][0]["ids"];
    assert_eq!(*ids, json!(["CVE-2026-0000", "CVE-2026-0001"]));
    world.later(16 * DAY).await;
    scanned(&world, "2", &image, &["CRITICAL", "LOW"]).await;
    let told = became(&world, "2").await;
    let reason = "held: finding_age.critical <= 15: saw 16 days: CVE-2026-0000";
    assert!(told.contains(reason), "{told}");
    // On another image it is seen for the first time.
    scanned(&world, "3", &Image::single("b", 1), &["CRITICAL"]).await;
    let told = became(&world, "3").await;
    assert!(told.contains("promoted to qa/website:3"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_ask_for_ages_and_who_only_looks_keeps_nothing() {
    let world = World::new().await;
    world.policy(no_critical()).await;
    let image = Image::single("a", 1);
    scanned(&world, "1", &image, &["CRITICAL"]).await;
    assert!(world.items("IMAGE#", "SIGHTINGS").await.is_empty());
    let mut policy = fifteen_days();
    policy["name"] = json!("by-age");
    world.policy(policy).await;
    let repository = Repository::parse("dev/website").unwrap();
    let select = Select::Tag(Tag::parse("1").unwrap());
    let explained = world.function.explain(&repository, &select).await.unwrap();
    let cases = &explained.pushes[0].policies;
    let by_age = cases.iter().find(|case| case.now.policy.name == "by-age");
    let now = &by_age.unwrap().now;
    assert_eq!(now.criteria[0].seen, json!(0), "{now:?}");
    assert!(world.items("IMAGE#", "SIGHTINGS").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn two_that_see_a_finding_first_at_once_agree() {
    let world = World::new().await;
    for name in ["one", "two"] {
        let mut policy = fifteen_days();
        policy["name"] = json!(name);
        policy["target"]["tag"] = json!(format!("%n-{name}"));
        world.policy(policy).await;
    }
    let image = Image::single("a", 1);
    let digest = world.push("dev/website", "1", &image).await;
    world.scan("dev/website", &digest, &basic(&world, &["CRITICAL"]));
    let requests = [1, 2].map(|_| json!({"repository": "dev/website", "tag": "1"}));
    let [one, two] = &requests;
    let (one, two) = tokio::join!(world.ask(one), world.ask(two));
    assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
    world.settle().await;
    let kept = world.items("IMAGE#", "SIGHTINGS").await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["body"]["looks"].as_array().unwrap().len(), 1);
}
