//! Findings by whether they have a fix, and by their ids.

use serde_json::{Value, json};

use crate::{
    findings::{basic, enhanced},
    image::Image,
    world::{World, stable_to_qa},
};

/// What becomes of an image that was scanned so, under one criterion.
async fn outcome(criterion: &Value, scan: impl Fn(&World) -> Value) -> String {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["criteria"] = json!([criterion]);
    world.policy(policy).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.scan("dev/website", &digest, &scan(&world));
    world.settle().await;
    world.later(300).await;
    world.history().await.pop().unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_fixed_blocked_every_image() {
    let none =
        json!({"attribute": "vulnerabilities.fixable.critical", "operator": "=", "value": 0});
    let unfixable = |world: &World| {
        let mut answer = enhanced(world, &["CRITICAL"]);
        let finding = &mut answer["imageScanFindings"]["enhancedFindings"][0];
        finding["fixAvailable"] = json!("NO");
        let package = &mut finding["packageVulnerabilityDetails"]["vulnerablePackages"][0];
        package["fixedInVersion"] = json!("NotAvailable");
        answer
    };
    let promoted = "promoted: promoted to qa/website:1";
    let told = outcome(&none, unfixable).await;
    assert_eq!(told, format!("dev/website:1 {promoted}"));
    let told = outcome(&none, |world| enhanced(world, &["CRITICAL"])).await;
    let saw = "saw 1: CVE-2026-0000 CRITICAL log4j-core 2.14.1 (fixed in 2.15.0)";
    assert_eq!(
        told,
        format!("dev/website:1 held: vulnerabilities.fixable.critical = 0: {saw}")
    );
    let told = outcome(&none, |world| basic(world, &["CRITICAL"])).await;
    let unsaid =
        "the scanner does not say of CVE-2026-0000 CRITICAL openssl 1.1.1 whether it has a fix";
    assert_eq!(
        told,
        format!("dev/website:1 held: vulnerabilities.fixable.critical = 0: {unsaid}")
    );
    let told = outcome(&none, |world| basic(world, &["LOW"])).await;
    assert_eq!(told, format!("dev/website:1 {promoted}"));
}

#[tokio::test(start_paused = true)]
async fn one_vulnerability_is_banned_whatever_its_severity() {
    let never =
        json!({"attribute": "finding", "operator": "not_one_of", "value": ["CVE-2021-44228"]});
    let related = |world: &World| {
        let mut answer = enhanced(world, &["LOW"]);
        let details =
            &mut answer["imageScanFindings"]["enhancedFindings"][0]["packageVulnerabilityDetails"];
        details["relatedVulnerabilities"] = json!(["CVE-2021-44228"]);
        answer
    };
    let told = outcome(&never, related).await;
    assert!(
        told.starts_with("dev/website:1 held: finding not_one_of"),
        "{told}"
    );
    let told = outcome(&never, |world| enhanced(world, &["CRITICAL"])).await;
    assert!(told.contains("promoted to"), "{told}");
}
