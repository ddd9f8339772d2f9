//! What somebody says that a scanner found, refused where ECR could not have answered it, with what was expected (ECR
//! API Reference, `DescribeImageScanFindings`).
//!
//! Members of single findings are taken as they are: scanners differ in them.

use serde_json::{Map, Value};

/// `imageScanStatus.status` (ECR API Reference, `ImageScanStatus`).
const STATUSES: [&str; 11] = [
    "IN_PROGRESS",
    "COMPLETE",
    "FAILED",
    "UNSUPPORTED_IMAGE",
    "ACTIVE",
    "PENDING",
    "SCAN_ELIGIBILITY_EXPIRED",
    "FINDINGS_UNAVAILABLE",
    "LIMIT_EXCEEDED",
    "IMAGE_ARCHIVED",
    "IMAGE_SIZE_EXCEEDED",
];
/// The severities of both scanners.
const SEVERITIES: [&str; 7] = [
    "INFORMATIONAL",
    "LOW",
    "MEDIUM",
    "HIGH",
    "CRITICAL",
    "UNDEFINED",
    "UNTRIAGED",
];
/// The members of a response. What names the image may stand in it; the path says which it is.
const MEMBERS: [&str; 5] = [
    "imageScanStatus",
    "imageScanFindings",
    "registryId",
    "repositoryName",
    "imageId",
];
const FINDINGS: &str = "imageScanFindings";

/// Refuses what is not a response with the whole scan.
pub(super) fn check(body: &Value) -> Result<(), String> {
    let body = object("the findings", body)?;
    known("", body, &MEMBERS)?;
    let status = body.get("imageScanStatus").unwrap_or(&Value::Null);
    let status = object("imageScanStatus", status)?;
    known("imageScanStatus.", status, &["status", "description"])?;
    one_of("imageScanStatus.status", status.get("status"), &STATUSES)?;
    match body.get(FINDINGS) {
        None | Some(Value::Null) => Ok(()),
        Some(findings) => check_findings(object(FINDINGS, findings)?),
    }
}

fn check_findings(findings: &Map<String, Value>) -> Result<(), String> {
    let members = [
        "findings",
        "enhancedFindings",
        "findingSeverityCounts",
        "imageScanCompletedAt",
        "vulnerabilitySourceUpdatedAt",
    ];
    known("imageScanFindings.", findings, &members)?;
    for list in ["findings", "enhancedFindings"] {
        let at = format!("{FINDINGS}.{list}");
        match findings.get(list) {
            None | Some(Value::Null) => {}
            Some(Value::Array(items)) => {
                for (number, item) in items.iter().enumerate() {
                    let at = format!("{at}[{number}]");
                    let severity = object(&at, item)?.get("severity");
                    one_of(&format!("{at}.severity"), severity, &SEVERITIES)?;
                }
            }
            Some(other) => return Err(format!("{at}: expected a list, found {other}")),
        }
    }
    let at = format!("{FINDINGS}.findingSeverityCounts");
    let counts = match findings.get("findingSeverityCounts") {
        None | Some(Value::Null) => return Ok(()),
        Some(counts) => object(&at, counts)?,
    };
    known(&format!("{at}."), counts, &SEVERITIES)?;
    match counts.iter().find(|(_, count)| !count.is_u64()) {
        Some((severity, count)) => Err(format!(
            "{at}.{severity}: expected a whole number, found {count}"
        )),
        None => Ok(()),
    }
}

fn object<'a>(at: &str, value: &'a Value) -> Result<&'a Map<String, Value>, String> {
    let wrong = || format!("{at}: expected an object, found {value}");
    value.as_object().ok_or_else(wrong)
}

fn known(at: &str, members: &Map<String, Value>, names: &[&str]) -> Result<(), String> {
    match members.keys().find(|it| !names.contains(&it.as_str())) {
        Some(name) => Err(format!("{at}{name}: expected one of {}", names.join(", "))),
        None => Ok(()),
    }
}

fn one_of(at: &str, value: Option<&Value>, names: &[&str]) -> Result<(), String> {
    let found = value.unwrap_or(&Value::Null);
    if found.as_str().is_some_and(|it| names.contains(&it)) {
        return Ok(());
    }
    Err(format!(
        "{at}: expected one of {}; found {found}",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_ecr_could_not_answer_is_refused_with_what_was_expected() {
        let complete = json!({"status": "COMPLETE"});
        let with =
            |findings: Value| json!({"imageScanStatus": complete, "imageScanFindings": findings});
        for (body, words) in [
            (json!([]), "the findings: expected an object, found []"),
            (json!({}), "imageScanStatus: expected an object, found null"),
            (
                json!({"imageScanStatus": "COMPLETE"}),
                "imageScanStatus: expected an object, found \"COMPLETE\"",
            ),
            (
                json!({"imageScanStatus": {"status": "DONE"}}),
                "imageScanStatus.status: expected one of IN_PROGRESS, COMPLETE, FAILED, UNSUPPORTED_IMAGE, ACTIVE, \
                 PENDING, SCAN_ELIGIBILITY_EXPIRED, FINDINGS_UNAVAILABLE, LIMIT_EXCEEDED, IMAGE_ARCHIVED, \
                 IMAGE_SIZE_EXCEEDED; found \"DONE\"",
            ),
            (
                json!({"imageScanStatus": complete, "findings": []}),
                "findings: expected one of imageScanStatus, imageScanFindings, registryId, repositoryName, imageId",
            ),
            (
                json!({"imageScanStatus": complete, "nextToken": "a"}),
                "nextToken: expected one of imageScanStatus, imageScanFindings, registryId, repositoryName, imageId",
            ),
            (
                with(json!({"findings": {}})),
                "imageScanFindings.findings: expected a list, found {}",
            ),
            (
                with(json!({"findings": [{"severity": "LOW"}, {"name": "CVE"}]})),
                "imageScanFindings.findings[1].severity: expected one of INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL, \
                 UNDEFINED, UNTRIAGED; found null",
            ),
            (
                with(json!({"findingSeverityCounts": {"HIGH": "1"}})),
                "imageScanFindings.findingSeverityCounts.HIGH: expected a whole number, found \"1\"",
            ),
            (
                with(json!({"findingSeverityCounts": {"high": 1}})),
                "imageScanFindings.findingSeverityCounts.high: expected one of INFORMATIONAL, LOW, MEDIUM, HIGH, \
                 CRITICAL, UNDEFINED, UNTRIAGED",
            ),
        ] {
            assert_eq!(check(&body), Err(words.to_owned()), "{body}");
        }
        for body in [
            json!({"imageScanStatus": {"status": "FAILED", "description": "UnsupportedImageError"}}),
            with(Value::Null),
            with(json!({})),
            with(
                json!({"findings": null, "enhancedFindings": [{"severity": "UNTRIAGED", "score": 0.0}]}),
            ),
            with(json!({"imageScanCompletedAt": 1.5, "findings": [], "findingSeverityCounts": {}})),
        ] {
            assert_eq!(check(&body), Ok(()), "{body}");
        }
    }
}
