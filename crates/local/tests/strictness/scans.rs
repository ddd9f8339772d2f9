//! Scan results and their events.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::*;

fn ask(digest: &str) -> Value {
    json!({"repositoryName": "dev/website", "imageId": {"imageDigest": digest}})
}

#[tokio::test]
async fn an_image_that_was_never_scanned_has_no_findings() {
    let world = World::new(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    let refusal = world
        .refusal("DescribeImageScanFindings", ask(&digest))
        .await;
    assert_eq!(refusal["__type"], "ScanNotFoundException");
    assert_eq!(
        refusal["message"],
        format!(
            "Image scan does not exist for the image with '{{imageDigest:'{digest}', imageTag:'null'}}' in the repository with name 'dev/website' in the registry with id '{ACCOUNT}'"
        )
    );
    assert_eq!(
        world
            .refused("DescribeImageScanFindings", ask(&sha256(b"none")))
            .await,
        "ImageNotFoundException"
    );
}

#[tokio::test]
async fn findings_come_in_pages() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    for list in ["findings", "enhancedFindings"] {
        let findings: Vec<Value> = (0..5)
            .map(|n| json!({"name": format!("CVE-{n}"), "severity": "HIGH"}))
            .collect();
        let body = json!({"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {list: findings, "findingSeverityCounts": {"HIGH": 5}}});
        world
            .ecr
            .set_findings("dev/website", &digest, body, false)
            .expect("an image");
        let (mut seen, mut token) = (Vec::new(), Value::Null);
        loop {
            let mut body = ask(&digest);
            (body["maxResults"], body["nextToken"]) = (json!(2), token);
            let page = world.ok("DescribeImageScanFindings", body).await;
            assert_eq!(
                page["imageScanFindings"]["findingSeverityCounts"],
                json!({"HIGH": 5})
            );
            seen.extend(
                page["imageScanFindings"][list]
                    .as_array()
                    .expect("a list")
                    .clone(),
            );
            token = page["nextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        assert_eq!(seen, findings, "{list}");
    }
    assert!(
        world
            .events()
            .iter()
            .all(|event| event["detail-type"] == "ECR Image Action")
    );
}

#[tokio::test]
async fn times_are_always_answered_as_numbers() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", None).await;
    let findings = json!({"imageScanCompletedAt": "2026-01-02T03:04:05.25Z", "vulnerabilitySourceUpdatedAt": 1_767_323_045, "enhancedFindings": [{"severity": "HIGH", "updatedAt": "2026-01-02T04:04:05+01:00", "title": "2026-01-02T03:04:05Z"}]});
    let body = json!({"imageScanStatus": {"status": "ACTIVE"}, "imageScanFindings": findings});
    world
        .ecr
        .set_findings("dev/website", &digest, body, false)
        .expect("an image");
    let served =
        world.ok("DescribeImageScanFindings", ask(&digest)).await["imageScanFindings"].clone();
    assert_eq!(
        served,
        json!({"imageScanCompletedAt": 1_767_323_045.25, "vulnerabilitySourceUpdatedAt": 1_767_323_045, "enhancedFindings": [{"severity": "HIGH", "updatedAt": 1_767_323_045.0, "title": "2026-01-02T03:04:05Z"}]})
    );
}

#[tokio::test]
async fn findings_may_be_null_or_absent() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", None).await;
    let status = json!({"status": "FAILED", "description": "UnsupportedImageError"});
    world
        .ecr
        .set_findings(
            "dev/website",
            &digest,
            json!({"imageScanStatus": status, "imageScanFindings": null}),
            true,
        )
        .expect("an image");
    let served = world.ok("DescribeImageScanFindings", ask(&digest)).await;
    assert_eq!(
        (served.get("imageScanFindings"), &served["imageScanStatus"]),
        (Some(&Value::Null), &status)
    );
    let detail = world.events().pop().expect("an event")["detail"].clone();
    assert_eq!(
        detail,
        json!({"scan-status": "FAILED", "repository-name": "dev/website", "image-digest": digest, "image-tags": []})
    );
    world
        .ecr
        .set_findings(
            "dev/website",
            &digest,
            json!({"imageScanStatus": status}),
            false,
        )
        .expect("an image");
    assert_eq!(
        world
            .ok("DescribeImageScanFindings", ask(&digest))
            .await
            .get("imageScanFindings"),
        None
    );
}

#[tokio::test]
async fn a_basic_scan_tells_the_severities_there_are() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    let body = json!({"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"findings": [{"severity": "CRITICAL"}, {"severity": "LOW"}, {"severity": "LOW"}]}});
    world
        .ecr
        .set_findings("dev/website", &digest, body, true)
        .expect("an image");
    let event = world.events().pop().expect("an event");
    assert_eq!(
        (&event["source"], &event["detail-type"], &event["resources"]),
        (
            &json!("aws.ecr"),
            &json!("ECR Image Scan"),
            &json!(["arn:aws:ecr:eu-central-1:123456789012:repository/dev/website"])
        )
    );
    assert_eq!(
        event["detail"],
        json!({"scan-status": "COMPLETE", "repository-name": "dev/website", "finding-severity-counts": {"CRITICAL": 1, "LOW": 2}, "image-digest": digest, "image-tags": ["1"]})
    );
}

#[tokio::test]
async fn an_inspector_scan_names_the_repository_by_its_arn() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    let body = json!({"imageScanStatus": {"status": "ACTIVE"}, "imageScanFindings": {"enhancedFindings": [{"severity": "HIGH"}, {"severity": "UNTRIAGED"}]}});
    world
        .ecr
        .set_findings("dev/website", &digest, body, true)
        .expect("an image");
    let event = world.events().pop().expect("an event");
    assert_eq!(
        (&event["source"], &event["detail-type"]),
        (&json!("aws.inspector2"), &json!("Inspector2 Scan"))
    );
    assert_eq!(
        event["detail"],
        json!({"scan-status": "INITIAL_SCAN_COMPLETE", "repository-name": "arn:aws:ecr:eu-central-1:123456789012:repository/dev/website",
        "finding-severity-counts": {"CRITICAL": 0, "HIGH": 1, "MEDIUM": 0, "TOTAL": 2}, "image-digest": digest, "image-tags": ["1"], "version": "1.0"})
    );
}

#[tokio::test]
async fn a_scan_that_has_not_ended_raises_no_event() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    for (status, findings, told) in [
        ("IN_PROGRESS", Value::Null, None),
        ("PENDING", json!({"enhancedFindings": []}), None),
        ("ACTIVE", Value::Null, None),
        (
            "ACTIVE",
            json!({"enhancedFindings": []}),
            Some("INITIAL_SCAN_COMPLETE"),
        ),
        ("COMPLETE", json!({"findings": []}), Some("COMPLETE")),
        ("FAILED", Value::Null, Some("FAILED")),
        ("UNSUPPORTED_IMAGE", Value::Null, Some("FAILED")),
    ] {
        world.events();
        let body = json!({"imageScanStatus": {"status": status}, "imageScanFindings": findings});
        world
            .ecr
            .set_findings("dev/website", &digest, body, true)
            .expect("an image");
        let event = world.events().pop().unwrap_or_default();
        let seen = event["detail"]["scan-status"].as_str();
        assert_eq!(seen, told, "{status} {findings}");
    }
}

#[tokio::test]
async fn a_scan_is_started_once_in_24_hours() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    let answer = world.ok("StartImageScan", ask(&digest)).await;
    assert_eq!(answer["imageScanStatus"]["status"], "IN_PROGRESS");
    let refusal = world.refusal("StartImageScan", ask(&digest)).await;
    assert_eq!(
        (&refusal["__type"], &refusal["message"]),
        (
            &json!("LimitExceededException"),
            &json!("The scan quota per image has been exceeded. Wait and try again.")
        )
    );
    world.clock.advance(Duration::from_hours(24));
    world.ok("StartImageScan", ask(&digest)).await;
}

#[tokio::test]
async fn an_index_cannot_be_scanned() {
    let world = World::new(&["dev/website"]).await;
    let child = world.push("dev/website", "amd64", None).await;
    let text = index(&[&child]);
    world
        .ok("PutImage", put("dev/website", &text, Some("1")))
        .await;
    let refusal = world
        .refusal("StartImageScan", ask(&sha256(text.as_bytes())))
        .await;
    assert_eq!(
        (&refusal["__type"], &refusal["message"]),
        (
            &json!("UnsupportedImageTypeException"),
            &json!(
                "An artifact with media type 'application/vnd.oci.image.index.v1+json' cannot be scanned"
            )
        )
    );
    assert_eq!(
        world
            .refused("DescribeImageScanFindings", ask(&sha256(text.as_bytes())))
            .await,
        "ScanNotFoundException"
    );
}

#[tokio::test]
async fn findings_need_an_image_and_a_status() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", None).await;
    let good = json!({"imageScanStatus": {"status": "COMPLETE"}});
    assert!(
        world
            .ecr
            .set_findings("dev/other", &digest, good.clone(), true)
            .is_err()
    );
    assert!(
        world
            .ecr
            .set_findings("dev/website", &sha256(b"none"), good, true)
            .is_err()
    );
    assert!(
        world
            .ecr
            .set_findings("dev/website", &digest, json!({}), true)
            .is_err()
    );
    let wrong = json!({"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"imageScanCompletedAt": "yesterday"}});
    let error = world
        .ecr
        .set_findings("dev/website", &digest, wrong, true)
        .expect_err("no time");
    assert!(
        error.starts_with("imageScanCompletedAt: expected an RFC 3339 time, found \"yesterday\": "),
        "{error}"
    );
}
