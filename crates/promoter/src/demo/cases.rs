//! The pushes of the demonstration: what is pushed, what its scan finds, what is to come of it.

use ecr_promoter_core::{
    Digest, Tag, decision::Outcome, evidence::Contents, manifest::ManifestError,
};
use serde_json::{Value, json};

use crate::image::{
    Image,
    sample::{self, Listed},
};

/// What the README shows first.
const POLICY: &str = include_str!("../../../../policies/stable-to-qa.json");
/// The same for an image that is not scanned here and that may have no SBOM: its tag alone.
const POLICY_OF_TAGS: &str = r#"{
  "source": "dev/website",
  "name": "stable-to-qa",
  "criteria": [{"attribute": "tag", "operator": "ends_with", "value": "stable"}],
  "target": {"repository": "qa/website", "tag": "%Y%m%d-%H%M%S"}
}"#;

/// What an ordinary build holds.
const MUSL: Listed = Listed {
    name: "musl",
    version: "1.2.5",
    license: "MIT",
    kind: "apk/alpine",
};
const OPENSSL: Listed = Listed {
    name: "openssl",
    version: "3.0.13",
    license: "Apache-2.0",
    kind: "apk/alpine",
};
/// What the policy bans: a version before the one that mends `Log4Shell` and what followed it.
const LOG4J: Listed = Listed {
    name: "log4j-core",
    version: "2.14.1",
    license: "Apache-2.0",
    kind: "maven/org.apache.logging.log4j",
};
/// What it bans for its license.
const GHOSTSCRIPT: Listed = Listed {
    name: "ghostscript",
    version: "10.03.1",
    license: "AGPL-3.0-only",
    kind: "apk/alpine",
};

/// All that the demonstration plays.
pub(crate) struct Plan {
    /// The policy's document.
    pub(super) policy: &'static str,
    /// A word on why it is this policy, where that is not plain.
    pub(super) remark: Option<&'static str>,
    /// The pushes, in order; the first is the one that is promoted.
    pub(super) cases: Vec<Case>,
}

/// One push.
pub(crate) struct Case {
    pub(super) title: &'static str,
    pub(super) tag: &'static str,
    pub(super) image: Image,
    /// What its scan finds, where it is scanned.
    pub(super) scan: Option<Scan>,
    pub(super) wanted: Outcome,
}

/// The result of a basic scan of every platform.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scan {
    /// One finding of severity LOW on each.
    Harmless,
    /// One more on the last platform, of severity CRITICAL.
    Critical,
}

/// What is pushed of the samples: title, tag, version, components, scan and outcome.
type Sample = (
    &'static str,
    &'static str,
    &'static str,
    &'static [Listed],
    Option<Scan>,
    Outcome,
);

const SAMPLES: [Sample; 4] = [
    (
        "A stable build",
        "1.4-stable",
        "1.4",
        &[MUSL, OPENSSL],
        Some(Scan::Harmless),
        Outcome::Promoted,
    ),
    (
        "A build with a vulnerability",
        "1.5-stable",
        "1.5",
        &[MUSL, OPENSSL],
        Some(Scan::Critical),
        Outcome::Held,
    ),
    (
        "A build with a banned component",
        "1.6-stable",
        "1.6",
        &[MUSL, OPENSSL, LOG4J],
        None,
        Outcome::Held,
    ),
    (
        "A build with a banned license",
        "1.7-stable",
        "1.7",
        &[MUSL, OPENSSL, GHOSTSCRIPT],
        None,
        Outcome::Held,
    ),
];

/// The pushes of small images made for the purpose: all four attributes of a policy decide.
pub(crate) fn of_samples() -> Result<Plan, ManifestError> {
    let cases = SAMPLES.map(|(title, tag, version, components, scan, wanted)| {
        Ok(Case {
            title,
            tag,
            image: sample::with_sboms(version, components)?,
            scan,
            wanted,
        })
    });
    Ok(Plan {
        policy: POLICY,
        remark: None,
        cases: cases.into_iter().collect::<Result<_, _>>()?,
    })
}

/// The push of somebody's own image.
pub(crate) fn of_image(image: Image) -> Plan {
    Plan {
        policy: POLICY_OF_TAGS,
        remark: Some(
            "your image is not scanned here and may have no SBOM, so only its tag is judged",
        ),
        cases: vec![Case {
            title: "Your image",
            tag: "1.4-stable",
            image,
            scan: None,
            wanted: Outcome::Promoted,
        }],
    }
}

impl Case {
    /// The tag, as the registry knows it.
    pub(super) fn tag(&self) -> Result<Tag, ecr_promoter_core::reference::ReferenceError> {
        Tag::parse(self.tag)
    }

    /// The answers of `DescribeImageScanFindings` that the scan leads to, one for each platform.
    pub(super) fn findings(&self, scan: Scan, completed_at: i64) -> Vec<(Digest, Value)> {
        let Contents::Platforms(platforms) = self.image.tree.contents() else {
            return Vec::new();
        };
        let last = platforms.len().saturating_sub(1);
        let answers = platforms.into_iter().enumerate().map(|(number, platform)| {
            let mut found = vec![finding("CVE-2026-0007", "LOW", "musl", "1.2.5", "1.2.6")];
            if matches!(scan, Scan::Critical) && number == last {
                found.push(finding(
                    "CVE-2026-0042",
                    "CRITICAL",
                    "openssl",
                    "3.0.13",
                    "3.0.14",
                ));
            }
            (platform.digest, answer(&found, completed_at))
        });
        answers.collect()
    }
}

fn finding(id: &str, severity: &str, package: &str, installed: &str, fixed: &str) -> Value {
    json!({
        "name": id,
        "severity": severity,
        "attributes": [
            {"key": "package_name", "value": package},
            {"key": "package_version", "value": installed},
            {"key": "patched_version", "value": fixed},
        ],
    })
}

/// A finished basic scan, as ECR tells it.
fn answer(findings: &[Value], completed_at: i64) -> Value {
    let mut counts = serde_json::Map::new();
    for finding in findings {
        let severity = finding.get("severity").and_then(Value::as_str);
        counts.insert(severity.unwrap_or_default().to_owned(), json!(1));
    }
    json!({
        "imageScanStatus": {"status": "COMPLETE", "description": "The scan was completed successfully."},
        "imageScanFindings": {
            "imageScanCompletedAt": completed_at,
            "vulnerabilitySourceUpdatedAt": completed_at,
            "findingSeverityCounts": counts,
            "findings": findings,
        },
    })
}
