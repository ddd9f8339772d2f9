//! The examples of the reference of policies, run: for each an image that meets it, and one that does not.

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};

use crate::{
    attach::artifact,
    deadlines::became,
    findings::enhanced,
    image::Image,
    world::{World, stable_to_qa},
};

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policies.md");
const HOUR: u64 = 60 * 60;
const SPDX: &str = "application/spdx+json";

/// An image, and what is known of it.
struct Known {
    tag: &'static str,
    labels: Value,
    /// What the only finding of its scan says.
    finding: Value,
    /// The version of log4j-core in its SBOM.
    log4j: &'static str,
    /// How long it has rested, in hours.
    hours: u64,
}

fn any() -> Known {
    Known {
        tag: "1.4.2",
        labels: json!({}),
        finding: json!({}),
        log4j: "2.14.1",
        hours: 1,
    }
}

/// An image with this finding.
fn found(finding: Value) -> Known {
    Known { finding, ..any() }
}

/// An image of this team.
fn of_team(team: &str) -> Known {
    let labels = json!({"com.example.team": team});
    Known { labels, ..any() }
}

/// First seen so many days ago.
fn seen(world: &World, days: i64) -> i64 {
    (world.clock.now() - chrono::TimeDelta::days(days)).timestamp()
}

/// By an example's attribute or key: an image that is promoted, one that is not, and what is said of that.
fn examples(world: &World) -> BTreeMap<&'static str, (Known, Known, &'static str)> {
    BTreeMap::from([
        (
            "vulnerabilities.fixable.critical",
            (
                found(json!({"fixAvailable": "NO", "fixedInVersion": "NotAvailable"})),
                found(json!({"fixAvailable": "YES"})),
                "held: vulnerabilities.fixable.critical = 0: saw 1",
            ),
        ),
        (
            "vulnerabilities.exploitable.all",
            (
                found(json!({"exploitAvailable": "NO"})),
                found(json!({"exploitAvailable": "YES"})),
                "held: vulnerabilities.exploitable.all = 0: saw 1",
            ),
        ),
        (
            "finding",
            (
                any(),
                found(json!({"vulnerabilityId": "CVE-2021-44228"})),
                "held: finding not_one_of [\"CVE-2021-44228\"]: saw CVE-2021-44228",
            ),
        ),
        (
            "tag.semver",
            (
                Known {
                    tag: "v1.4.0",
                    ..any()
                },
                Known {
                    tag: "1.5.0-rc1",
                    ..any()
                },
                "",
            ),
        ),
        (
            "finding_age.CRITICAL",
            (
                found(json!({"firstObservedAt": seen(world, 15)})),
                found(json!({"firstObservedAt": seen(world, 16)})),
                "held: finding_age.CRITICAL <= 15: saw 16 days",
            ),
        ),
        (
            "age",
            (
                Known { hours: 24, ..any() },
                any(),
                "awaiting: age >= \"24h\"",
            ),
        ),
        (
            "label.com.example.team",
            (
                of_team("shop"),
                of_team("ops"),
                "held: label.com.example.team one_of [\"web\",\"shop\"]: saw \"ops\"",
            ),
        ),
        (
            "component",
            (
                Known {
                    log4j: "2.17.1",
                    ..any()
                },
                any(),
                "held: component not_one_of [\"log4j-core@<2.17.1\"]: saw log4j-core 2.14.1",
            ),
        ),
        (
            "exceptions",
            (
                found(json!({"vulnerabilityId": "CVE-2021-44228"})),
                found(json!({"vulnerabilityId": "CVE-2021-44228", "name": "log4j-api"})),
                "held: vulnerabilities.critical = 0: saw 1: CVE-2021-44228",
            ),
        ),
    ])
}

/// The blocks of the reference that are JSON of their own, by what they are about.
fn blocks() -> BTreeMap<String, Value> {
    let reference = fs::read_to_string(REFERENCE).unwrap();
    let blocks = reference.split("```json\n").skip(1);
    let blocks = blocks.filter_map(|rest| serde_json::from_str(rest.split("```").next()?).ok());
    let named = blocks.map(|block: Value| {
        let attribute = block["attribute"].as_str();
        let attribute = attribute.or_else(|| block["criteria"][0]["attribute"].as_str());
        (attribute.unwrap_or("exceptions").to_owned(), block)
    });
    named.collect()
}

/// A policy of an example.
fn policy(block: &Value) -> Value {
    let mut policy = stable_to_qa();
    let critical = json!({"attribute": "vulnerabilities.critical", "operator": "=", "value": 0});
    policy["criteria"] = match &block["attribute"] {
        Value::String(_) => json!([block]),
        _ => json!([critical]),
    };
    for key in ["criteria", "exceptions"] {
        if block[key].is_array() {
            policy[key] = block[key].clone();
        }
    }
    policy
}

/// Pushes an image, and has it scanned and described.
async fn push(world: &World, known: &Known) {
    let image = Image::labelled(known.tag, &known.labels);
    let digest = world.push("dev/website", known.tag, &image).await;
    let mut scan = enhanced(world, &["CRITICAL"]);
    let finding = &mut scan["imageScanFindings"]["enhancedFindings"][0];
    for (key, value) in known.finding.as_object().unwrap() {
        let details = "/packageVulnerabilityDetails";
        let place = match key.as_str() {
            "vulnerabilityId" => details.to_owned(),
            "name" | "fixedInVersion" => format!("{details}/vulnerablePackages/0"),
            _ => String::new(),
        };
        finding.pointer_mut(&place).unwrap()[key] = value.clone();
    }
    world.scan("dev/website", &digest, &scan);
    let sbom = json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "image", "dataLicense": "CC0-1.0",
        "packages": [{
            "SPDXID": "SPDXRef-1", "name": "log4j-core", "versionInfo": known.log4j,
            "externalRefs": [{
                "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                "referenceLocator": format!("pkg:maven/org.apache.logging.log4j/log4j-core@{}", known.log4j),
            }],
        }],
    });
    let sbom = artifact(
        SPDX,
        SPDX,
        &json!({}),
        Some(&image),
        sbom.to_string().as_bytes(),
    );
    sbom.push(&world.aws.ecr, "dev/website", None).await;
    world.settle().await;
    world.later(known.hours * HOUR).await;
}

#[tokio::test(start_paused = true)]
async fn each_example_of_the_reference_does_what_it_says() {
    let (mut blocks, none) = (blocks(), World::new().await);
    blocks
        .remove("promoted_from")
        .expect("it has a test of its own");
    let told: Vec<&String> = blocks.keys().collect();
    let examples = examples(&none);
    assert_eq!(told, examples.keys().collect::<Vec<_>>());
    for (name, (meets, breaks, why)) in examples {
        for (known, expected) in [(meets, "promoted: promoted to qa/website:"), (breaks, why)] {
            let world = World::new().await;
            world.policy(policy(&blocks[name])).await;
            push(&world, &known).await;
            let became = became(&world, known.tag).await;
            assert!(became.contains(expected), "{name}: {became}");
            assert_eq!(became.is_empty(), expected.is_empty(), "{name}: {became}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_example_of_a_chain_that_goes_one_way_does_what_it_says() {
    let world = World::new().await;
    let mut first = stable_to_qa();
    first["criteria"] = json!([]);
    let mut second = policy(&blocks()["promoted_from"]);
    second["source"] = json!("qa/website");
    second["target"] = json!({"repository": "qa/website", "tag": "approved-%n"});
    world.policy(first).await;
    world.policy(second).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.push("qa/website", "2", &Image::single("b", 1)).await;
    world.settle().await;
    let tags = world.tags("qa/website").await;
    assert_eq!(
        tags.get("approved-1"),
        Some(&digest),
        "{:?}",
        world.history().await
    );
    assert!(!tags.contains_key("approved-2"), "{tags:?}");
}
