//! What the largest SBOMs that are read, and those that are refused, take of the real binary's memory:
//! under the 256 MB that it promises, whatever strangers attach.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Deployed;
use crate::{
    attach::{Format, Way, ways},
    image::Image,
    world::stable_to_qa,
};

/// The promise, in bytes.
const MEMORY_MAX: u64 = 256 * 1024 * 1024;
/// As large as an SBOM may be, less what a document has around its entries.
const SBOM_BYTES: usize = 50 * 1024 * 1024 - 4096;

/// CycloneDX of this many components, each with so much that is passed over, in bytes.
fn cyclonedx(components: usize, passed_over: usize) -> String {
    let more = "x".repeat(passed_over);
    let mut document = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":["#.to_owned();
    for index in 0..components {
        let comma = if index == 0 { "" } else { "," };
        write!(
            document,
            r#"{comma}{{"type":"library","name":"package-{index}","version":"1.{index}.0","purl":"pkg:npm/package-{index}@1.{index}.0","licenses":[{{"license":{{"id":"MIT"}}}}],"description":"{more}"}}"#,
        )
        .unwrap();
        if document.len() > SBOM_BYTES - 1024 {
            break;
        }
    }
    document.push_str("]}");
    document
}

/// SPDX whose every license is a thousand words.
fn wordy() -> String {
    let words = vec!["x"; 10_000].join(" and ");
    let mut document = r#"{"spdxVersion":"SPDX-2.3","packages":["#.to_owned();
    while document.len() < 12 * 1024 * 1024 {
        let comma = if document.ends_with('[') { "" } else { "," };
        write!(
            document,
            r#"{comma}{{"name":"a","SPDXID":"SPDXRef-a","licenseDeclared":"MIT and {words}"}}"#
        )
        .unwrap();
    }
    document.push_str("]}");
    document
}

/// The most memory that a process had, in bytes.
fn peak(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    kilobytes.unwrap().parse::<u64>().unwrap() * 1024
}

/// What the binary decides of an image with these documents attached, and the most memory it had.
async fn judged(image: Image, attached: Vec<Way>) -> (Value, u64) {
    let deployed = Deployed::new(&[]).await;
    let mut policy = stable_to_qa();
    policy["criteria"] = json!([
        {"attribute": "component", "operator": "not_one_of", "value": ["log4j-core"]},
        {"attribute": "license", "operator": "not_one_of", "value": ["AGPL-3.0-only"]},
    ]);
    deployed.world.policy(policy).await;
    let ecr = &deployed.world.aws.ecr;
    for way in attached {
        way.artifact
            .push(ecr, "dev/website", way.tag.as_deref())
            .await;
    }
    deployed.world.drop_events_of("none").await;
    image.push(ecr, "dev/website", Some("1")).await;
    let request = json!({"repository": "dev/website", "tag": "1"});
    let answer = deployed.invoke(request.to_string()).await.unwrap();
    let process = deployed.processes().pop().unwrap();
    (answer["decisions"][0].clone(), peak(&process))
}

#[tokio::test]
async fn an_sbom_is_not_held_whole() {
    let image = || Image::single("a", 1);
    let peak_of = async |components, passed_over| {
        let document = cyclonedx(components, passed_over);
        let way = ways(&image(), Format::CycloneDx, &document).swap_remove(0);
        let (decision, peak) = judged(image(), vec![way]).await;
        assert_eq!(decision["decision"], "promote", "{decision}");
        (document.len() as u64, peak)
    };
    let (_, small) = peak_of(1_000, 0).await;
    let (bytes, large) = peak_of(1_000, 16_000).await;
    assert!(
        large < small + bytes / 2,
        "{small}, {large} for {bytes} bytes"
    );
}

#[tokio::test]
#[ignore = "minutes in a debug build: docs/figures.md has what it measured, and the command"]
async fn the_largest_sboms_stay_within_the_memory_that_is_promised() {
    let single = || Image::single("a", 1);
    let platforms: Vec<String> = (0..40).map(|n| format!("linux/p{n}")).collect();
    let platforms: Vec<&str> = platforms.iter().map(String::as_str).collect();
    let index = || Image::index("a", &platforms, 1);
    let attach = |image: &Image, format, document: &str, way: usize| {
        ways(image, format, document).swap_remove(way)
    };
    let full = cyclonedx(60_000, 600);
    let many = cyclonedx(200_000, 0);
    let fewer = cyclonedx(120_000, 0);
    let rows = [
        ("50 MB", single(), vec![(&full, 0)], "promote"),
        ("50 MB in a bundle", single(), vec![(&full, 3)], "promote"),
        ("200,000 components", single(), vec![(&many, 0)], "promote"),
        ("40 platforms", index(), vec![(&many, 0)], "promote"),
    ];
    for (case, image, documents, wanted) in rows {
        let attached = documents
            .iter()
            .map(|(document, way)| attach(&image, Format::CycloneDx, document, *way));
        let attached = attached.collect();
        let (decision, peak) = judged(image, attached).await;
        println!("{case}: {} MB", peak / 1024 / 1024);
        assert_eq!(decision["decision"], wanted, "{case}: {decision}");
        assert!(peak < MEMORY_MAX, "{case}: {peak} bytes");
    }
    let four = (0..4).map(|n| {
        let document = fewer.replacen("1.6", &format!("1.{}", 3 + n), 1);
        attach(&single(), Format::CycloneDx, &document, 0)
    });
    let wordy = attach(&single(), Format::Spdx, &wordy(), 0);
    for (case, attached, limit) in [
        (
            "four of 120,000 components",
            four.collect(),
            "limit: the image's SBOMs",
        ),
        ("a license of 10,000 words", vec![wordy], "license"),
    ] {
        let (decision, peak) = judged(single(), attached).await;
        println!("{case}: {} MB", peak / 1024 / 1024);
        assert_eq!(decision["decision"], "hold", "{case}: {decision}");
        let said = decision.to_string();
        assert!(said.contains(limit), "{case}: {said}");
        assert!(peak < MEMORY_MAX, "{case}: {peak} bytes");
    }
}
