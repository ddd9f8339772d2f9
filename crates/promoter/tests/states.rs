//! Every state of evidence and every kind of failure by which an image is not promoted, as `promoter explain` tells it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at once, in its helpers too"
)]

mod world;

use serde_json::{Value, json};
use world::{deployed::Deployed, text};

/// One way: a policy from `dev/NAME` to `qa/NAME`, what the scanner says, and what AWS refuses.
struct Way {
    name: &'static str,
    /// Attribute, operator and value of the policy's criterion.
    criterion: Option<(&'static str, &'static str, Value)>,
    scan: Option<Value>,
    attached: Option<(&'static str, Value)>,
    /// An operation and the code with which it is refused.
    refused: Option<(&'static str, &'static str)>,
    /// Further keys of the policy.
    keys: Value,
    /// What is pushed is a chart.
    is_chart: bool,
    /// What may go where, for explain.
    paths: Option<&'static str>,
    status: i32,
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
fn excepted(name: &'static str, exception: Value) -> Way {
    Way {
        keys: json!({"exceptions": [exception]}),
        ..found(name, "vulnerabilities.critical", "=", json!(0))
    }
}

/// Awaiting has the exit status 3.
fn waits(way: Way) -> Way {
    Way { status: 3, ..way }
}

fn ways() -> Vec<Way> {
    let spdx = "application/spdx+json";
    let cyclonedx = "application/vnd.cyclonedx+json";
    vec![
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
        found("finding-age", "finding_age.critical", "<=", json!(15)),
        excepted(
            "exception-over",
            json!({"finding": "CVE-2026-0001", "until": "2026-01-31", "reason": "the lookup is off"}),
        ),
        excepted(
            "exception-of-another",
            json!({"finding": "CVE-2026-0001", "component": "zlib", "until": "2099-12-31", "reason": "r"}),
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
        refused("put-denied", "ecr:PutImage", "AccessDeniedException", 3),
        refused("put-quota", "ecr:PutImage", "LimitExceededException", 3),
        refused(
            "put-immutable",
            "ecr:PutImage",
            "ImageTagAlreadyExistsException",
            1,
        ),
        refused("put-key", "ecr:PutImage", "KmsException", 3),
    ]
}

async fn prepare(world: &Deployed, way: &Way) {
    let (source, target) = (format!("dev/{}", way.name), format!("qa/{}", way.name));
    for name in [&source, &target] {
        world.repository(name).await;
    }
    let mut policy = json!({"source": source, "name": "p", "target": {"repository": target}});
    if let Some((attribute, operator, value)) = &way.criterion {
        policy["criteria"] =
            json!([{"attribute": attribute, "operator": operator, "value": value}]);
    }
    for (key, value) in way.keys.as_object().unwrap() {
        policy[key] = value.clone();
    }
    world.policy(&policy).await;
    let digest = if way.is_chart {
        world.aws.chart(&source, "1.4").await
    } else {
        world.aws.bare(&source, way.name, "1.4").await
    };
    if let Some(scan) = &way.scan {
        let mut scan = scan.clone();
        if let Some(at) = scan.pointer_mut("/imageScanFindings/imageScanCompletedAt") {
            // Rested for long enough to be believed.
            *at = json!(world.aws.local.clock().now().timestamp() - 3_600);
        }
        if let Some(at) = scan.pointer_mut("/imageScanFindings/enhancedFindings/0/firstObservedAt")
        {
            *at = json!(world.aws.local.clock().now().timestamp() - 16 * 86_400 - 3_600);
        }
        let ecr = world.aws.local.ecr();
        ecr.set_findings(&source, &digest, scan, true).unwrap();
    }
    if let Some((kind, document)) = &way.attached {
        world.aws.attach_as(&source, &digest, kind, document).await;
    }
}

fn faults(ways: &[Way]) -> Value {
    let faults = ways.iter().filter_map(|way| {
        let (operation, code) = way.refused?;
        // Of its scan the source is asked, everything else happens at the target.
        let side = if way.name.starts_with("scan") {
            "dev"
        } else {
            "qa"
        };
        Some(json!({
            "operation": operation, "code": code, "status": 400, "times": 1000, "message": "no",
            "match": format!("{side}/{}", way.name),
        }))
    });
    faults.collect()
}

/// Times and digests differ with each run, or say nothing.
fn settled(shown: &str) -> String {
    let lines = shown.lines().map(|line| match line.split_once(", 20") {
        Some((before, _)) => format!("{before}, (time)\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_of_evidence_and_each_failure_is_told_with_what_to_do() {
    let world = Deployed::new().await;
    let ways = ways();
    world
        .aws
        .local
        .set_faults(serde_json::from_value(faults(&ways)).unwrap());
    for way in &ways {
        prepare(&world, way).await;
    }
    world.settle().await;
    let mut all = String::new();
    let mut wrong = Vec::new();
    for way in &ways {
        let image = format!("dev/{}:1.4", way.name);
        let paths = way.paths.map(|paths| ["--paths", paths]);
        let paths = paths.iter().flatten().copied();
        let arguments: Vec<&str> = ["explain", &image].into_iter().chain(paths).collect();
        let output = world.run(&arguments).await;
        if output.status.code() != Some(way.status) {
            wrong.push(format!("{}: {:?}", way.name, output.status.code()));
        }
        let shown = text(&output.stdout);
        assert!(
            shown.lines().all(|line| line.chars().count() <= 80),
            "{shown}"
        );
        all += "## ";
        all += way.name;
        all += "\n";
        all += &settled(shown);
        all += text(&output.stderr);
    }
    insta::assert_snapshot!("states", all);
    assert!(wrong.is_empty(), "{wrong:?}");
}
