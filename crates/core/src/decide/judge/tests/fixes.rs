//! Counts of what has a fix or an exploit, and the ids of findings.

use super::*;
use crate::evidence::{Finding, Severity};

/// Findings of one severity, and whether the scanner says that they have a fix.
fn fixes(said: &[Option<bool>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, fixable) in said.iter().enumerate() {
        findings.push(Finding {
            fixable: *fixable,
            exploitable: *fixable,
            fixed: None,
            ..finding(&format!("CVE-{number}"), Severity::Critical)
        });
    }
    findings
}

#[test]
fn what_is_not_said_to_have_a_fix_was_counted_as_having_none() {
    use CriterionVerdict::{Broken, Met, Unknown};
    let (yes, no, unsaid) = (Some(true), Some(false), None);
    for which in ["fixable", "exploitable"] {
        let attribute = |severity: &str| format!("vulnerabilities.{which}.{severity}");
        for (platforms, operator, value, expected) in [
            (vec![vec![no, no]], "=", 0, Met),
            (vec![vec![yes, no]], "=", 0, Broken),
            (vec![vec![yes, no]], "<=", 1, Met),
            (vec![vec![yes, unsaid]], "=", 0, Broken),
            (vec![vec![no, unsaid]], "=", 0, Unknown),
            (vec![vec![no], vec![unsaid]], "<=", 5, Unknown),
            (vec![vec![yes, yes], vec![unsaid]], "<", 2, Broken),
            (vec![vec![yes, unsaid]], ">=", 1, Unknown),
        ] {
            let platforms: Vec<_> = platforms.iter().map(|said| scanned(fixes(said))).collect();
            let known = evidence(&platforms);
            let found = verdict(
                &criterion(&attribute("critical"), operator, &json!(value)),
                &known,
            );
            assert_eq!(found, expected, "{which} {operator} {value} {platforms:?}");
            // No finding of that severity is asked for.
            let other = verdict(&criterion(&attribute("LOW"), "=", &json!(0)), &known);
            assert_eq!(other, Met, "{which}");
        }
    }
}

#[test]
fn a_finding_that_says_nothing_of_a_fix_is_named() {
    let known = evidence(&[scanned(vec![]), scanned(fixes(&[None]))]);
    let fixable = criterion("vulnerabilities.fixable.all", "=", &json!(0));
    let (own, push) = (policy(&json!({})), push("dev/website", "1.4"));
    let judged = judge(&fixable, &own, &push, &known).unwrap();
    insta::assert_snapshot!(judged.reason, @"vulnerabilities.fixable.all = 0: the scanner does not say of CVE-0 CRITICAL log4j-core 2.14.1 on linux/arm64 whether it has a fix");
}

#[test]
fn ids_are_those_of_the_findings_and_for_a_ban_of_what_is_related_too() {
    use CriterionVerdict::{Broken, Met};
    let mut log4shell = finding("GHSA-jfh8-c2jp-5v3q", Severity::Low);
    log4shell.related = vec!["CVE-2021-44228".to_owned()];
    let known = evidence(&[scanned(vec![]), scanned(vec![log4shell])]);
    for (operator, value, expected) in [
        ("not_one_of", "CVE-2021-44228", Broken),
        ("not_one_of", "GHSA-jfh8-c2jp-5v3q", Broken),
        ("not_one_of", "CVE-2021-4422", Met),
        ("not_matches", "CVE-2021-.*", Broken),
        ("one_of", "GHSA-jfh8-c2jp-5v3q", Met),
        ("one_of", "CVE-2021-44228", Broken),
        ("starts_with", "GHSA-", Met),
    ] {
        let finding = criterion("finding", operator, &json!([value]));
        assert_eq!(verdict(&finding, &known), expected, "{operator} {value}");
    }
}

#[test]
fn a_ban_of_an_id_waits_for_the_last_platform() {
    use CriterionVerdict::{Await, Broken, Met, Unknown};
    let with = || scanned(vec![finding("CVE-1", Severity::Low)]);
    let ban = criterion("finding", "not_one_of", &json!(["CVE-1"]));
    let needed = criterion("finding", "one_of", &json!(["CVE-1"]));
    for (platforms, banned, wished) in [
        (vec![with(), not_yet()], Broken, Await),
        (vec![scanned(vec![]), not_yet()], Await, Await),
        (vec![scanned(vec![]), never()], Unknown, Unknown),
        (vec![scanned(vec![]), with()], Broken, Met),
        (vec![scanned(vec![])], Met, Broken),
    ] {
        let known = evidence(&platforms);
        assert_eq!(verdict(&ban, &known), banned, "{platforms:?}");
        assert_eq!(verdict(&needed, &known), wished, "{platforms:?}");
    }
}
