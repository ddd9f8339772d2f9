//! The EventBridge events that ECR sends, as AWS sends them (ECR user guide, "Amazon ECR events and
//! EventBridge"). `resources` of an image action is empty: account and Region stand in the envelope alone.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::Settings;
use super::manifest::Manifest;

/// What happened to an image.
pub(super) enum Action {
    Push,
    Delete,
    Archive,
    Restore {
        activated_at: DateTime<Utc>,
    },
    /// The body is a `DescribeImageScanFindings` response.
    Scan {
        body: Value,
        tags: Vec<String>,
    },
}

/// One event of one image.
pub(super) struct Image<'a> {
    pub(super) action: Action,
    pub(super) repository: &'a str,
    pub(super) digest: &'a str,
    /// Absent for a push by digest, which tells an empty tag.
    pub(super) tag: Option<&'a str>,
    pub(super) manifest: &'a Manifest,
}

impl Image<'_> {
    pub(super) fn json(&self, settings: &Settings, id: &str, now: DateTime<Utc>) -> Value {
        let arn = format!(
            "arn:aws:ecr:{}:{}:repository/{}",
            settings.region, settings.account, self.repository
        );
        let (source, kind, resources, detail) = match &self.action {
            Action::Scan { body, tags } if is_enhanced(body) => (
                "aws.inspector2",
                "Inspector2 Scan",
                json!([arn]),
                self.inspector_detail(&arn, body, tags),
            ),
            Action::Scan { body, tags } => (
                "aws.ecr",
                "ECR Image Scan",
                json!([arn]),
                self.scan_detail(body, tags),
            ),
            Action::Archive | Action::Restore { .. } if self.manifest.subject.is_some() => (
                "aws.ecr",
                "ECR Referrer Action",
                json!([]),
                self.action_detail(),
            ),
            _ => (
                "aws.ecr",
                "ECR Image Action",
                json!([]),
                self.action_detail(),
            ),
        };
        json!({
            "version": "0", "id": id, "detail-type": kind, "source": source, "account": settings.account,
            "time": now.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "region": settings.region,
            "resources": resources, "detail": detail,
        })
    }

    fn action_detail(&self) -> Value {
        let mut detail = Map::new();
        let mut put = |name: &str, value: &str| drop(detail.insert(name.to_owned(), json!(value)));
        put("result", "SUCCESS");
        put("repository-name", self.repository);
        put("image-digest", self.digest);
        put("manifest-media-type", &self.manifest.media_type);
        if let Some(kind) = &self.manifest.artifact_media_type {
            put("artifact-media-type", kind);
        }
        match &self.action {
            Action::Archive => {
                put("action-type", "UPDATE_STORAGE_CLASS");
                put("target-storage-class", "ARCHIVE");
            }
            Action::Restore { activated_at } => {
                put("action-type", "UPDATE_STORAGE_CLASS");
                put("target-storage-class", "STANDARD");
                put(
                    "last-activated-at",
                    &activated_at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
                );
            }
            action => {
                put(
                    "action-type",
                    if matches!(action, Action::Delete) {
                        "DELETE"
                    } else {
                        "PUSH"
                    },
                );
                put("image-tag", self.tag.unwrap_or_default());
            }
        }
        Value::Object(detail)
    }

    /// A failed scan tells no counts; a severity without a finding has none either.
    fn scan_detail(&self, body: &Value, tags: &[String]) -> Value {
        let status = body
            .pointer("/imageScanStatus/status")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let mut detail = json!({
            "scan-status": if status == "COMPLETE" { "COMPLETE" } else { "FAILED" },
            "repository-name": self.repository, "image-digest": self.digest, "image-tags": tags,
        });
        if let (Value::Object(detail), "COMPLETE") = (&mut detail, status) {
            detail.insert(
                "finding-severity-counts".to_owned(),
                Value::Object(counts(body, "findings")),
            );
        }
        detail
    }

    /// The repository's name is its whole ARN, and the lesser severities are only in the total (Inspector
    /// user guide, "EventBridge event schema for Amazon Inspector").
    fn inspector_detail(&self, arn: &str, body: &Value, tags: &[String]) -> Value {
        let counts = counts(body, "enhancedFindings");
        let of = |severity: &str| counts.get(severity).and_then(Value::as_u64).unwrap_or(0);
        let total: u64 = counts.values().filter_map(Value::as_u64).sum();
        json!({
            "scan-status": "INITIAL_SCAN_COMPLETE", "repository-name": arn,
            "finding-severity-counts": {"CRITICAL": of("CRITICAL"), "HIGH": of("HIGH"), "MEDIUM": of("MEDIUM"), "TOTAL": total},
            "image-digest": self.digest, "image-tags": tags, "version": "1.0",
        })
    }
}

/// The scanner is recognised by which list is there, not by the status.
pub(super) fn is_enhanced(body: &Value) -> bool {
    body["imageScanFindings"]
        .get("enhancedFindings")
        .is_some_and(|list| !list.is_null())
}

/// The response's own counts, or those of its list where it has none.
fn counts(body: &Value, list: &str) -> Map<String, Value> {
    let findings = &body["imageScanFindings"];
    if let Some(counts) = findings
        .get("findingSeverityCounts")
        .and_then(Value::as_object)
    {
        return counts.clone();
    }
    let mut counts = Map::new();
    for severity in findings[list]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|finding| finding["severity"].as_str())
    {
        let count = counts.get(severity).and_then(Value::as_u64).unwrap_or(0) + 1;
        counts.insert(severity.to_owned(), json!(count));
    }
    counts
}
