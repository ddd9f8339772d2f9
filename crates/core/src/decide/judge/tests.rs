//! Every operator on every kind of evidence, against answers worked out by hand.

mod components;
mod licenses;
mod platforms;
mod read;
mod releases;
mod unscannable;
mod versions;

use CriterionVerdict::{Await, Broken, Met, Unknown};

use super::*;
use crate::decide::fixtures::{
    component, criterion, evidence, finding, never, not_yet, partial_sbom, policy, push, sbom,
    scanned,
};
use crate::evidence::Severity::{Critical, High, Informational, Low, Medium, Undefined};
use serde_json::{Value, json};

fn judged(criterion: &Criterion, evidence: &Evidence) -> Judged {
    judged_by(&json!({}), criterion, evidence)
}

/// The same under a policy with these keys.
fn judged_by(keys: &Value, criterion: &Criterion, evidence: &Evidence) -> Judged {
    let push = push("dev/website", "1.4-stable");
    judge(criterion, &policy(keys), &push, evidence).unwrap()
}

fn verdict(criterion: &Criterion, evidence: &Evidence) -> CriterionVerdict {
    judged(criterion, evidence).judgement.verdict
}

#[test]
fn every_operator_on_a_tag() {
    // The tag is 1.4-stable.
    for (operator, value, met) in [
        ("equals", json!("1.4-stable"), true),
        ("equals", json!("1.4-Stable"), false),
        ("equals", json!("1.4"), false),
        ("equals", json!(["a", "1.4-stable"]), true),
        ("not_equals", json!("1.4"), true),
        ("not_equals", json!("1.4-stable"), false),
        ("not_equals", json!(["a", "1.4-stable"]), false),
        ("starts_with", json!("1."), true),
        ("starts_with", json!("2."), false),
        ("starts_with", json!(["2.", "1."]), true),
        ("ends_with", json!("stable"), true),
        ("ends_with", json!("STABLE"), false),
        ("ends_with", json!("-stable-"), false),
        ("contains", json!("4-s"), true),
        ("contains", json!("4_s"), false),
        ("one_of", json!(["1.4-stable", "latest"]), true),
        ("one_of", json!("latest"), false),
        ("not_one_of", json!(["latest", "dev"]), true),
        ("not_one_of", json!(["latest", "1.4-stable"]), false),
        ("matches", json!(r"\d+\.\d+-stable"), true),
        ("matches", json!("stable"), false),
        ("matches", json!(["x", ".*"]), true),
        ("not_matches", json!("stable"), true),
        ("not_matches", json!(["x", ".*stable"]), false),
    ] {
        let found = verdict(&criterion("tag", operator, &value), &Evidence::none());
        let expected = if met { Met } else { Broken };
        assert_eq!(found, expected, "{operator} {value}");
    }
}

#[test]
fn every_operator_on_a_count() {
    let two = evidence(&[scanned(vec![
        finding("CVE-1", High),
        finding("CVE-2", Critical),
    ])]);
    for (operator, met_for_1_2_3) in [
        (">", [true, false, false]),
        (">=", [true, true, false]),
        ("=", [false, true, false]),
        ("!=", [true, false, true]),
        ("<=", [false, true, true]),
        ("<", [false, false, true]),
    ] {
        for (wanted, met) in [1, 2, 3].into_iter().zip(met_for_1_2_3) {
            let criterion = criterion("vulnerabilities.critical", operator, &json!(wanted));
            let expected = if met { Met } else { Broken };
            assert_eq!(verdict(&criterion, &two), expected, "2 {operator} {wanted}");
        }
    }
}

#[test]
fn every_attribute_counts_its_severities() {
    // One UNDEFINED, two INFORMATIONAL, three LOW, … six CRITICAL.
    let severities = [Undefined, Informational, Low, Medium, High, Critical];
    let findings = (1..).zip(severities).flat_map(|(count, severity)| {
        (0..count).map(move |n| finding(&format!("{}-{n}", severity.as_str()), severity))
    });
    let known = evidence(&[scanned(findings.collect())]);
    for (attribute, count) in [
        ("vulnerabilities.critical", 11),
        ("vulnerabilities.major", 4),
        ("vulnerabilities.minor", 3),
        ("vulnerabilities.all", 21),
        ("vulnerabilities.CRITICAL", 6),
        ("vulnerabilities.HIGH", 5),
        ("vulnerabilities.MEDIUM", 4),
        ("vulnerabilities.LOW", 3),
        ("vulnerabilities.INFORMATIONAL", 2),
        ("vulnerabilities.UNDEFINED", 1),
    ] {
        let found = judged(&criterion(attribute, "=", &json!(count)), &known);
        assert_eq!(found.judgement.seen, json!(count), "{attribute}");
        assert_eq!(found.judgement.verdict, Met, "{attribute}");
    }
}

#[test]
fn every_operator_on_components() {
    let known = evidence(&[sbom(vec![
        component("zlib", "1.3", &[]),
        component(
            "log4j-core",
            "2.14.1",
            &["pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"],
        ),
    ])]);
    for (operator, value, met) in [
        ("equals", json!("zlib"), true),
        ("equals", json!("Zlib"), false),
        ("equals", json!("openssl"), false),
        ("not_equals", json!("openssl"), true),
        ("not_equals", json!("zlib"), false),
        ("starts_with", json!("log4j"), true),
        ("starts_with", json!("4j"), false),
        ("ends_with", json!("-core"), true),
        ("ends_with", json!("-cor"), false),
        ("contains", json!("4j-c"), true),
        ("contains", json!("5j"), false),
        ("one_of", json!(["a", "zlib"]), true),
        ("one_of", json!(["a", "b"]), false),
        ("one_of", json!("org.apache.logging.log4j:log4j-core"), true),
        ("not_one_of", json!(["a", "b"]), true),
        ("not_one_of", json!(["a", "log4j-core"]), false),
        (
            "not_one_of",
            json!("org.apache.logging.log4j:log4j-core"),
            false,
        ),
        ("matches", json!("log4j.*"), true),
        ("matches", json!("log4j"), false),
        ("not_matches", json!("log4j"), true),
        ("not_matches", json!("log4j-.*"), false),
    ] {
        let found = verdict(&criterion("component", operator, &value), &known);
        let expected = if met { Met } else { Broken };
        assert_eq!(found, expected, "{operator} {value}");
    }
}

#[test]
fn a_negative_operator_needs_a_list_it_can_trust() {
    let banned = criterion("component", "not_one_of", &json!(["log4j-core"]));
    let clean = || sbom(vec![component("zlib", "1.3", &[])]);
    let dirty = || sbom(vec![component("log4j-core", "2.14.1", &[])]);
    let clean_as_far_as_it_goes =
        || partial_sbom(vec![component("zlib", "1.3", &[])], "incomplete");
    for (case, platforms, expected) in [
        ("listed, clean", vec![clean()], Met),
        ("listed, banned", vec![dirty()], Broken),
        ("no SBOM yet", vec![not_yet()], Await),
        ("an SBOM that cannot be read", vec![never()], Unknown),
        ("an empty list is no list", vec![sbom(vec![])], Unknown),
        ("one platform waits", vec![clean(), not_yet()], Await),
        ("one platform is unknown", vec![clean(), never()], Unknown),
        (
            "one platform is empty",
            vec![clean(), sbom(vec![])],
            Unknown,
        ),
        (
            "banned on one, the other waits",
            vec![not_yet(), dirty()],
            Broken,
        ),
        (
            "banned on one, the other unknown",
            vec![never(), dirty()],
            Broken,
        ),
        ("unknown beats waiting", vec![not_yet(), never()], Unknown),
        (
            "clean as far as it goes",
            vec![clean_as_far_as_it_goes()],
            Unknown,
        ),
        (
            "one platform is clean as far as it goes, the other waits",
            vec![not_yet(), clean_as_far_as_it_goes()],
            Unknown,
        ),
        (
            "banned, and there may be more",
            vec![partial_sbom(
                vec![component("log4j-core", "2.14.1", &[])],
                "incomplete",
            )],
            Broken,
        ),
    ] {
        assert_eq!(verdict(&banned, &evidence(&platforms)), expected, "{case}");
    }
}

#[test]
fn a_positive_operator_needs_every_platform_too() {
    let wanted = criterion("component", "one_of", &json!(["openssl"]));
    let with = || sbom(vec![component("openssl", "3", &[])]);
    let without = || sbom(vec![component("zlib", "1.3", &[])]);
    for (case, platforms, expected) in [
        (
            "there, and there may be more",
            vec![partial_sbom(
                vec![component("openssl", "3", &[])],
                "incomplete",
            )],
            Unknown,
        ),
        (
            "on one of two: the union has it",
            vec![without(), with()],
            Met,
        ),
        ("on none", vec![without(), without()], Broken),
        ("there, but the other waits", vec![with(), not_yet()], Await),
        (
            "there, but the other is unknown",
            vec![with(), never()],
            Unknown,
        ),
    ] {
        assert_eq!(verdict(&wanted, &evidence(&platforms)), expected, "{case}");
    }
}

#[test]
fn an_index_is_as_bad_as_its_worst_platform() {
    let clean = || scanned(vec![]);
    let bad = |count: usize| {
        scanned(
            (0..count)
                .map(|n| finding(&format!("CVE-{n}"), Critical))
                .collect(),
        )
    };
    for (case, operator, wanted, platforms, expected) in [
        ("clean", "=", 0, vec![clean(), clean()], Met),
        ("arm64 is not", "=", 0, vec![clean(), bad(1)], Broken),
        (
            "the largest counts, not the sum",
            "<=",
            2,
            vec![bad(2), bad(2)],
            Met,
        ),
        ("one waits", "=", 0, vec![clean(), not_yet()], Await),
        (
            "one can never be scanned",
            "=",
            0,
            vec![clean(), never()],
            Unknown,
        ),
        ("too many already", "=", 0, vec![not_yet(), bad(1)], Broken),
        (
            "too many already, below",
            "<",
            2,
            vec![not_yet(), bad(2)],
            Broken,
        ),
        (
            "too many, the other unknown",
            "<=",
            1,
            vec![never(), bad(2)],
            Broken,
        ),
        (
            "enough so far is no answer",
            ">=",
            1,
            vec![bad(1), not_yet()],
            Await,
        ),
        (
            "too few so far is no answer",
            ">",
            1,
            vec![bad(1), not_yet()],
            Await,
        ),
        (
            "as many so far is no answer",
            "=",
            1,
            vec![bad(1), not_yet()],
            Await,
        ),
        (
            "other so far is no answer",
            "!=",
            1,
            vec![bad(1), not_yet()],
            Await,
        ),
        (
            "unknown beats waiting",
            "=",
            0,
            vec![not_yet(), never()],
            Unknown,
        ),
    ] {
        let criterion = criterion("vulnerabilities.critical", operator, &json!(wanted));
        assert_eq!(
            verdict(&criterion, &evidence(&platforms)),
            expected,
            "{case}"
        );
    }
}

#[test]
fn what_nobody_asked_for_is_lacking() {
    let (own, push) = (policy(&json!({})), push("dev/website", "1"));
    let counts = criterion("vulnerabilities.all", "=", &json!(0));
    let names = criterion("component", "equals", &json!("x"));
    let one = evidence(&[scanned(vec![])]);
    let mut unasked = evidence(&[scanned(vec![]), scanned(vec![])]);
    let last = unasked.findings.keys().next().cloned().unwrap();
    unasked.findings.remove(&last);
    assert_eq!(
        judge(&counts, &own, &push, &Evidence::none()),
        Err(Lack::Contents)
    );
    assert_eq!(
        judge(&names, &own, &push, &Evidence::none()),
        Err(Lack::Contents)
    );
    assert_eq!(judge(&names, &own, &push, &one), Err(Lack::Components));
    assert_eq!(judge(&counts, &own, &push, &unasked), Err(Lack::Findings));
}

#[test]
fn a_judgement_names_what_broke_it_and_where() {
    let log4shell = finding("CVE-2021-44228", Critical);
    let known = evidence(&[
        scanned(vec![]),
        scanned(vec![finding("CVE-2023-1", High), log4shell]),
    ]);
    let count = judged(
        &criterion("vulnerabilities.critical", "=", &json!(0)),
        &known,
    );
    insta::assert_json_snapshot!(count.judgement, @r#"
    {
      "attribute": "vulnerabilities.critical",
      "operator": "=",
      "wanted": 0,
      "seen": 2,
      "note": "on linux/arm64",
      "verdict": "broken",
      "culprits": [
        "CVE-2021-44228 CRITICAL log4j-core 2.14.1 (fixed in 2.15.0) on linux/arm64",
        "CVE-2023-1 HIGH log4j-core 2.14.1 (fixed in 2.15.0) on linux/arm64"
      ],
      "origin": "scan: enhanced",
      "at": "2026-03-07T09:05:03.000042Z"
    }
    "#);
    insta::assert_snapshot!(count.reason, @"vulnerabilities.critical = 0: saw 2: CVE-2021-44228 CRITICAL log4j-core 2.14.1 (fixed in 2.15.0) on linux/arm64 and 1 more");
    let known = evidence(&[
        sbom(vec![
            component("log4j-core", "2.14.1", &[]),
            component("log4j-core", "2.15.0", &[]),
        ]),
        sbom(vec![component("log4j-core", "2.14.1", &[])]),
    ]);
    let names = judged(
        &criterion("component", "not_one_of", &json!(["log4j-core"])),
        &known,
    );
    insta::assert_json_snapshot!(names.judgement, @r#"
    {
      "attribute": "component",
      "operator": "not_one_of",
      "wanted": [
        "log4j-core"
      ],
      "seen": [
        "log4j-core 2.14.1",
        "log4j-core 2.15.0 on linux/amd64"
      ],
      "verdict": "broken",
      "culprits": [
        "log4j-core 2.14.1",
        "log4j-core 2.15.0 on linux/amd64"
      ],
      "origin": "sbom: buildkit attestation (attached by the pusher, unverified)",
      "at": "2026-03-07T09:05:03.000042Z"
    }
    "#);
    insta::assert_snapshot!(names.reason, @r#"component not_one_of ["log4j-core"]: saw log4j-core 2.14.1 and 1 more"#);
}

#[test]
fn reasons_can_be_acted_on() {
    let told: Vec<_> = [
        ("tag", "ends_with", json!("dev"), evidence(&[])),
        ("tag", "one_of", json!(["a", "b", "c", "d"]), evidence(&[])),
        (
            "vulnerabilities.all",
            "=",
            json!(0),
            evidence(&[scanned(vec![finding("CVE-1", Low)])]),
        ),
        (
            "vulnerabilities.all",
            ">",
            json!(1),
            evidence(&[scanned(vec![])]),
        ),
        ("vulnerabilities.all", "=", json!(0), evidence(&[not_yet()])),
        (
            "vulnerabilities.all",
            "=",
            json!(0),
            evidence(&[scanned(vec![]), never()]),
        ),
        (
            "component",
            "one_of",
            json!(["x", "y"]),
            evidence(&[sbom(vec![component("z", "1", &[])])]),
        ),
        (
            "component",
            "not_equals",
            json!("x"),
            evidence(&[sbom(vec![])]),
        ),
    ]
    .into_iter()
    .map(|(attribute, operator, value, known)| {
        judged(&criterion(attribute, operator, &value), &known).reason
    })
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    tag ends_with "dev": saw "1.4-stable"
    tag one_of ["a","b","c","and 1 more"]: saw "1.4-stable"
    vulnerabilities.all = 0: saw 1: CVE-1 LOW log4j-core 2.14.1 (fixed in 2.15.0)
    vulnerabilities.all > 1: saw 0
    vulnerabilities.all = 0: the scan has not finished
    vulnerabilities.all = 0: the scan failed (on linux/arm64)
    component one_of ["x","y"]: saw none of them among 1 components
    component not_equals "x": sbom: buildkit attestation (attached by the pusher, unverified) lists no component of linux/amd64, so its components are unknown
    "#);
}

#[test]
fn ten_are_named_and_a_strangers_name_is_cut() {
    let many = (0..1000)
        .map(|n| finding(&format!("CVE-{n}"), Critical))
        .collect();
    let found = judged(
        &criterion("vulnerabilities.all", "<=", &json!(5)),
        &evidence(&[scanned(many)]),
    );
    assert_eq!(found.judgement.culprits.len(), 11);
    let last = found.judgement.culprits.last().map(String::as_str);
    assert_eq!(last, Some("and 990 more"));
    let name = format!("a\n{}", "x".repeat(1_000_000));
    let found = judged(
        &criterion("component", "not_equals", &json!("axxxxxxx")),
        &evidence(&[sbom(vec![component(&name, "1", &[])])]),
    );
    assert_eq!(found.judgement.verdict, Met);
    let found = judged(
        &criterion("component", "not_matches", &json!("(?s)a.*")),
        &evidence(&[sbom(vec![component(&name, "1", &[])])]),
    );
    assert!(
        found.reason.len() < 500 && !found.reason.contains('\n'),
        "{}",
        found.reason
    );
}

#[test]
fn a_criterion_that_validation_would_refuse_is_never_met() {
    let mut odd = criterion("vulnerabilities.all", "=", &json!(0));
    odd.attribute = Attribute::Tag;
    assert_eq!(verdict(&odd, &evidence(&[scanned(vec![])])), Unknown);
    let mut odd = criterion("tag", "not_equals", &json!("x"));
    odd.attribute = Attribute::ALL[1].1;
    assert_eq!(verdict(&odd, &evidence(&[scanned(vec![])])), Unknown);
}
