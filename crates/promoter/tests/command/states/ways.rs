//! The ways in which an image is not promoted.

use serde_json::{Value, json};

/// One way: a policy from `dev/NAME` to `qa/NAME`, what the scanner says, and what AWS refuses.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    /// Attribute, operator and value of the policy's criterion.
    pub(crate) criterion: Option<(&'static str, &'static str, Value)>,
    pub(crate) scan: Option<Value>,
    pub(crate) attached: Option<(&'static str, Value)>,
    /// An operation and the code with which it is refused.
    pub(crate) refused: Option<(&'static str, &'static str)>,
    /// Further keys of the policy.
    pub(crate) keys: Value,
    /// What is pushed is a chart.
    pub(crate) is_chart: bool,
    /// What may go where, for explain.
    pub(crate) paths: Option<&'static str>,
    pub(crate) status: i32,
}

fn way(name: &'static str) -> Way {
    Way {
        name,
        criterion: None,
        scan: None,
        attached: None,
        refused: None,
        keys: json!({}),
        is_chart: false,
        paths: None,
        status: 1,
    }
}

fn scanned(name: &'static str, status: &str, description: &str) -> Way {
    Way {
        criterion: Some(("vulnerabilities.critical", "=", json!(0))),
        scan: Some(json!({"imageScanStatus": {"status": status, "description": description}})),
        ..way(name)
    }
}

fn found(name: &'static str, attribute: &'static str, operator: &'static str, value: Value) -> Way {
    let finding = json!({
        "severity": "CRITICAL", "status": "ACTIVE", "type": "PACKAGE_VULNERABILITY",
        "fixAvailable": "YES", "exploitAvailable": "YES", "firstObservedAt": "16 days ago",
        "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-2026-0001", "vulnerablePackages": [
            {"name": "openssl", "version": "3.0.13", "fixedInVersion": "3.0.14"}]},
    });
    Way {
        criterion: Some((attribute, operator, value)),
        scan: Some(json!({
            "imageScanStatus": {"status": "ACTIVE"},
            "imageScanFindings": {"imageScanCompletedAt": "now", "enhancedFindings": [finding]},
        })),
        ..way(name)
    }
}

fn attached(name: &'static str, kind: &'static str, document: Value) -> Way {
    Way {
        criterion: Some(("component", "not_one_of", json!(["log4j-core"]))),
        attached: Some((kind, document)),
        ..way(name)
    }
}

fn refused(name: &'static str, operation: &'static str, code: &'static str, status: i32) -> Way {
    Way {
        refused: Some((operation, code)),
        status,
        ..way(name)
    }
}

/// A criterion on the image or the push itself.
fn own(name: &'static str, attribute: &'static str, operator: &'static str, value: Value) -> Way {
    Way {
        criterion: Some((attribute, operator, value)),
        ..way(name)
    }
}

/// A critical finding, and an exception that does not leave it out.
fn excepted(name: &'static str, exception: &Value) -> Way {
    Way {
        keys: json!({"exceptions": [exception]}),
        ..found(name, "vulnerabilities.critical", "=", json!(0))
    }
}

/// Awaiting has the exit status 3.
fn waits(way: Way) -> Way {
    Way { status: 3, ..way }
}

pub(crate) fn ways() -> Vec<Way> {
    let spdx = "application/spdx+json";
    let cyclonedx = "application/vnd.cyclonedx+json";
    let mut ways = vec![
        waits(scanned("scan-running", "IN_PROGRESS", "")),
        waits(scanned("scan-pending", "PENDING", "")),
        scanned("scan-failed", "FAILED", "The scanner gave up."),
        scanned(
            "scan-unsupported",
            "UNSUPPORTED_IMAGE",
            "The operating system \"plan9\" is not supported.",
        ),
        scanned(
            "scan-expired",
            "SCAN_ELIGIBILITY_EXPIRED",
            "The image is too old to be scanned.",
        ),
        scanned("scan-limit", "LIMIT_EXCEEDED", ""),
        scanned("scan-archived", "IMAGE_ARCHIVED", ""),
        scanned("scan-size", "IMAGE_SIZE_EXCEEDED", ""),
        scanned("scan-unavailable", "FINDINGS_UNAVAILABLE", ""),
        found("finding", "finding", "not_one_of", json!(["CVE-2026-0001"])),
        found("fixable", "vulnerabilities.fixable.critical", "=", json!(0)),
        found(
            "exploitable",
            "vulnerabilities.exploitable.all",
            "=",
            json!(0),
        ),
        found("severity", "vulnerabilities.CRITICAL", "=", json!(0)),
        attached(
            "sbom-format",
            spdx,
            json!({"artifacts": [], "schema": {"url": "https://example.org/syft/schema-16.json"}}),
        ),
        attached(
            "sbom-broken",
            spdx,
            json!({"spdxVersion": "SPDX-2.3", "packages": 1}),
        ),
        attached(
            "sbom-partial",
            cyclonedx,
            json!({
                "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "library", "name": "musl", "version": "1"}],
                "compositions": [{"aggregate": "incomplete"}],
            }),
        ),
        attached(
            "sbom-empty",
            spdx,
            json!({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "a", "packages": []}),
        ),
        Way {
            criterion: Some(("vulnerabilities.critical", "=", json!(0))),
            ..refused(
                "scan-denied",
                "ecr:DescribeImageScanFindings",
                "AccessDeniedException",
                2,
            )
        },
        refused("put-denied", "ecr:PutImage", "AccessDeniedException", 3),
        refused("put-quota", "ecr:PutImage", "LimitExceededException", 3),
        refused(
            "put-immutable",
            "ecr:PutImage",
            "ImageTagAlreadyExistsException",
            1,
        ),
        refused("put-key", "ecr:PutImage", "KmsException", 3),
    ];
    ways.extend(of_the_push_and_of_times());
    ways
}

/// What is asked of the push itself, of its config, and of times.
fn of_the_push_and_of_times() -> Vec<Way> {
    let cyclonedx = "application/vnd.cyclonedx+json";
    vec![
        found("finding-age", "finding_age.critical", "<=", json!(15)),
        excepted(
            "exception-over",
            &json!({"finding": "CVE-2026-0001", "until": "2026-01-31", "reason": "the lookup is off"}),
        ),
        excepted(
            "exception-of-another",
            &json!({"finding": "CVE-2026-0001", "component": "zlib", "until": "2099-12-31", "reason": "r"}),
        ),
        waits(own("age", "age", ">=", json!("24h"))),
        own("label", "label.team", "equals", json!("web")),
        own(
            "promoted-from",
            "promoted_from",
            "equals",
            json!("dev/other"),
        ),
        Way {
            criterion: Some(("component", "not_one_of", json!(["log4j-core@<2.17.1"]))),
            ..attached(
                "no-version",
                cyclonedx,
                json!({
                    "bomFormat": "CycloneDX", "specVersion": "1.6",
                    "components": [{"type": "library", "name": "log4j-core"}],
                }),
            )
        },
        Way {
            is_chart: true,
            ..way("chart")
        },
        Way {
            keys: json!({"dry_run": true}),
            paths: Some("dev/other => qa/other"),
            ..way("outside")
        },
    ]
}
