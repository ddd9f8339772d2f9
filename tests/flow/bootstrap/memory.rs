//! An SBOM passes through the real binary's memory as a stream. What the largest ones take is measured by
//! `benches/memory`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{
    attach::{Format, ways},
    deployed::Deployed,
    image::Image,
    world::stable_to_qa,
};

/// CycloneDX of so many components, each with so much that is passed over, in bytes.
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

/// What the binary decides of an image with this SBOM attached, and the most memory it had.
async fn judged(document: &str) -> (Value, u64) {
    let deployed = Deployed::new(&[]).await;
    let mut policy = stable_to_qa();
    policy["criteria"] = json!([
        {"attribute": "component", "operator": "not_one_of", "value": ["log4j-core"]},
    ]);
    deployed.world.policy(policy).await;
    let ecr = &deployed.world.aws.ecr;
    let image = Image::single("a", 1);
    let way = ways(&image, Format::CycloneDx, document).swap_remove(0);
    way.artifact.push(ecr, "dev/website", None).await;
    image.push(ecr, "dev/website", Some("1")).await;
    let request = json!({"repository": "dev/website", "tag": "1"});
    let answer = deployed.invoke(request.to_string()).await.unwrap();
    (
        answer["decisions"][0].clone(),
        peak(&deployed.processes()[0]),
    )
}

#[tokio::test]
async fn an_sbom_is_not_held_whole() {
    let peak_of = async |components, passed_over| {
        let document = cyclonedx(components, passed_over);
        let (decision, peak) = judged(&document).await;
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
