//! Every operator on every kind of evidence, against answers worked out by hand.

mod ages;
mod components;
mod exceptions;
mod fixes;
mod labels;
mod lacking;
mod licenses;
mod platforms;
mod promoted_from;
mod read;
mod releases;
mod unscannable;
mod versions;
mod words;

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
            "enough so far does not decide",
            ">=",
            1,
            vec![bad(1), not_yet()],
            Await,
        ),
        (
            "too few so far does not decide",
            ">",
            1,
            vec![bad(1), not_yet()],
            Await,
        ),
        (
            "as many so far does not decide",
            "=",
            1,
            vec![bad(1), not_yet()],
            Await,
        ),
        (
            "another number so far does not decide",
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
fn a_criterion_that_validation_would_refuse_is_never_met() {
    let mut odd = criterion("vulnerabilities.all", "=", &json!(0));
    odd.attribute = Attribute::Tag;
    assert_eq!(verdict(&odd, &evidence(&[scanned(vec![])])), Unknown);
    let mut odd = criterion("tag", "not_equals", &json!("x"));
    odd.attribute = Attribute::TagSemver;
    assert_eq!(verdict(&odd, &evidence(&[scanned(vec![])])), Unknown);
}
