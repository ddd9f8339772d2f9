//! What platforms wait for and what was not looked into: each is named.

use super::*;
use crate::{
    decide::fixtures::{On, time, waiting},
    evidence::{Contents, Known},
};

/// The criterion's verdict and its reason.
fn told(
    attribute: &str,
    operator: &str,
    value: &Value,
    known: &Evidence,
) -> (CriterionVerdict, String) {
    let (own, push) = (policy(&json!({})), push("dev/website", "1.4"));
    let judged = judge(&criterion(attribute, operator, value), &own, &push, known).unwrap();
    (judged.judgement.verdict, judged.reason)
}

#[test]
fn an_await_names_its_platforms() {
    let clean = || scanned(vec![]);
    let lines: Vec<String> = [
        vec![not_yet()],
        vec![clean(), not_yet()],
        vec![not_yet(), not_yet(), clean()],
        vec![not_yet(), clean(), waiting("no scan exists yet", 12)],
        vec![clean(), waiting("no SBOM is attached to linux/arm64", 12)],
    ]
    .iter()
    .map(|platforms| told("vulnerabilities.all", "=", &json!(0), &evidence(platforms)).1)
    .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    vulnerabilities.all = 0: the scan has not finished
    vulnerabilities.all = 0: the scan has not finished (on linux/arm64)
    vulnerabilities.all = 0: the scan has not finished (on linux/amd64, linux/arm64)
    vulnerabilities.all = 0: the scan has not finished (on linux/amd64); no scan exists yet (on linux/arm/v7)
    vulnerabilities.all = 0: no SBOM is attached to linux/arm64
    "#);
    let (own, push) = (policy(&json!({})), push("dev/website", "1.4"));
    let all = criterion("vulnerabilities.all", "=", &json!(0));
    let known = evidence(&[waiting("late", 12), waiting("early", 11)]);
    let judged = judge(&all, &own, &push, &known).unwrap();
    assert_eq!(
        judged.look_at,
        Some(time(11)),
        "at the first that can be there"
    );
}

#[test]
fn a_layer_of_unknown_type_minds_criteria_on_contents_alone() {
    let unknown = |platforms: &[On], which: usize| {
        let mut known = evidence(platforms);
        let Known::Seen(seen) = &mut known.contents else {
            panic!("the contents are known");
        };
        let Contents::Platforms(platforms) = &mut seen.value else {
            panic!("it is an image");
        };
        platforms[which].unknown_layer = Some("application/vnd.erofs.layer.v1".to_owned());
        known
    };
    let clean = || scanned(vec![]).and(sbom(vec![component("zlib", "1", &[])]));
    let dirty = || {
        scanned(vec![finding("CVE-1", Critical)]).and(sbom(vec![component("log4j-core", "2", &[])]))
    };
    let banned = json!(["log4j-core"]);
    for (case, known, verdicts) in [
        (
            "clean, for all that was seen",
            unknown(&[clean()], 0),
            [Met, Unknown, Unknown],
        ),
        (
            "on one platform",
            unknown(&[clean(), clean()], 1),
            [Met, Unknown, Unknown],
        ),
        (
            "not looked at",
            unknown(&[clean(), not_yet()], 1),
            [Met, Unknown, Unknown],
        ),
        (
            "broken by what was seen",
            unknown(&[dirty()], 0),
            [Met, Broken, Broken],
        ),
        (
            "broken on another platform",
            unknown(&[dirty(), clean()], 1),
            [Met, Broken, Broken],
        ),
    ] {
        let found = [
            told("tag", "equals", &json!("1.4"), &known).0,
            told("vulnerabilities.all", "=", &json!(0), &known).0,
            told("component", "not_one_of", &banned, &known).0,
        ];
        assert_eq!(found, verdicts, "{case}");
    }
    insta::assert_snapshot!(told("component", "not_one_of", &banned, &unknown(&[clean(), clean()], 1)).1, @r#"component not_one_of ["log4j-core"]: a layer has the unknown media type "application/vnd.erofs.layer.v1", so its contents cannot be known (on linux/arm64)"#);
    insta::assert_snapshot!(told("component", "not_one_of", &banned, &unknown(&[clean()], 0)).1, @r#"component not_one_of ["log4j-core"]: a layer has the unknown media type "application/vnd.erofs.layer.v1", so its contents cannot be known"#);
    // What the scanner could not look into is not accepted either.
    let mut known = unknown(&[never()], 0);
    known.unscannable = known.findings.keys().cloned().collect();
    let accepts = policy(&json!({"unscannable": "accept"}));
    let all = criterion("vulnerabilities.all", "=", &json!(0));
    let judged = judge(&all, &accepts, &push("dev/website", "1.4"), &known).unwrap();
    assert_eq!(judged.judgement.verdict, Unknown);
}

#[test]
fn of_platforms_that_are_alike_the_first_is_named() {
    let old = || crate::evidence::Finding {
        first_seen: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        ..finding("CVE-1", Critical)
    };
    let known = evidence(&[scanned(vec![old()]), scanned(vec![old()])]);
    for attribute in ["vulnerabilities.critical", "finding_age.critical"] {
        let judged = judged(&criterion(attribute, "<", &json!(1)), &known);
        assert_eq!(judged.judgement.verdict, Broken);
        let reason = &judged.reason;
        assert!(reason.contains("linux/amd64"), "{reason}");
        assert!(!reason.contains("linux/arm64"), "{reason}");
    }
}

#[test]
fn an_image_without_a_platform_meets_nothing() {
    for (attribute, operator, value) in [
        ("vulnerabilities.critical", "=", json!(0)),
        ("finding_age.critical", "<=", json!(15)),
        ("component", "not_one_of", json!(["x"])),
    ] {
        let judged = judged(&criterion(attribute, operator, &value), &evidence(&[]));
        assert_eq!(judged.judgement.verdict, Unknown, "{attribute}");
        let reason = &judged.reason;
        assert!(reason.contains("it has no contents to judge"), "{reason}");
    }
}
