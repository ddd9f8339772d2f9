//! The age of a push and of findings.

use chrono::TimeDelta;

use super::*;
use crate::{Time, decide::fixtures::time};

fn judged_after(criterion: &Criterion, evidence: &Evidence, after: TimeDelta) -> Judged {
    let (own, push) = (policy(&json!({})), push("dev/website", "1.4"));
    let now = push.order_time + after;
    let criteria = std::slice::from_ref(criterion);
    Judge::of(criteria, &own, &push, evidence, now)
        .judge(criterion)
        .unwrap()
}

#[test]
fn a_push_has_an_age() {
    let minutes = TimeDelta::minutes;
    for (operator, value, after, wanted) in [
        (">=", "24h", minutes(24 * 60 - 1), Await),
        (">=", "24h", minutes(24 * 60), Met),
        (">", "24h", minutes(24 * 60), Await),
        (">", "1d", minutes(24 * 60 + 1), Met),
        (">=", "1d", minutes(-5), Await),
        ("<=", "30d", minutes(30 * 24 * 60), Met),
        ("<=", "30d", minutes(30 * 24 * 60 + 1), Broken),
        ("<", "30d", minutes(30 * 24 * 60), Broken),
        ("<", "30d", minutes(0), Met),
    ] {
        let age = criterion("age", operator, &json!(value));
        let judged = judged_after(&age, &Evidence::none(), after);
        let case = format!("{operator} {value} after {after}");
        assert_eq!(judged.judgement.verdict, wanted, "{case}");
        let reached = time(0) + age_of(value);
        let strictly = TimeDelta::seconds(i64::from(operator == ">"));
        let look_at = (wanted == Await).then_some(reached + strictly);
        assert_eq!(judged.look_at, look_at, "{case}");
    }
    let age = criterion("age", ">=", &json!("2d"));
    let judged = judged_after(&age, &Evidence::none(), TimeDelta::hours(28));
    assert_eq!(judged.reason, "age >= \"2d\": pushed 1d 4h ago");
}

fn age_of(value: &str) -> TimeDelta {
    crate::policy::Span::parse(value).unwrap().time()
}

fn seen_on(day: &str, severity: crate::evidence::Severity) -> crate::evidence::Finding {
    let first_seen: Time = format!("{day}T00:00:00Z").parse().unwrap();
    crate::evidence::Finding {
        first_seen: Some(first_seen),
        ..finding("CVE-1", severity)
    }
}

#[test]
fn findings_have_the_age_of_the_oldest_that_counts() {
    // The push is of 2026-03-07, and it is judged a day later.
    let known = evidence(&[
        scanned(vec![
            seen_on("2026-03-01", Critical),
            seen_on("2026-02-01", Low),
        ]),
        scanned(vec![seen_on("2026-03-04", High)]),
    ]);
    for (severity, operator, value, wanted) in [
        ("critical", "<=", 7, Met),
        ("critical", "<=", 6, Broken),
        ("CRITICAL", "<", 8, Met),
        ("CRITICAL", "<", 7, Broken),
        ("HIGH", "=", 4, Met),
        ("HIGH", ">", 4, Broken),
        ("all", "<=", 34, Broken),
        ("minor", ">=", 35, Met),
        ("major", "=", 0, Met),
    ] {
        let age = criterion(&format!("finding_age.{severity}"), operator, &json!(value));
        let judged = judged_after(&age, &known, TimeDelta::days(1));
        let case = format!("{severity} {operator} {value}");
        assert_eq!(judged.judgement.verdict, wanted, "{case}");
    }
    let age = criterion("finding_age.critical", "<=", &json!(6));
    let judged = judged_after(&age, &known, TimeDelta::days(1));
    assert_eq!(
        judged.judgement.culprits,
        ["CVE-1 CRITICAL log4j-core 2.14.1 (fixed in 2.15.0) on linux/amd64"]
    );
    let reason = "finding_age.critical <= 6: saw 7 days: CVE-1 CRITICAL log4j-core 2.14.1 (fixed in 2.15.0) on linux/amd64";
    assert_eq!(judged.reason, reason);
}

#[test]
fn a_finding_of_no_known_age_is_not_young() {
    let unsaid = finding("CVE-2", Critical);
    let young = || vec![seen_on("2026-03-07", Critical), unsaid.clone()];
    let known = evidence(&[scanned(young()).with_sightings(&[])]);
    let within = criterion("finding_age.critical", "<=", &json!(15));
    let judged = judged_after(&within, &known, TimeDelta::days(1));
    assert_eq!(judged.judgement.verdict, Unknown);
    insta::assert_snapshot!(judged.reason, @"finding_age.critical <= 15: the scanner does not say since when CVE-2 CRITICAL log4j-core 2.14.1 (fixed in 2.15.0) is known, and more findings of the image are known than are kept");
    // One of another severity is not asked, and one that is too old holds whatever is not said.
    let minor = criterion("finding_age.minor", "<=", &json!(15));
    let judged = judged_after(&minor, &known, TimeDelta::days(1));
    assert_eq!(judged.judgement.verdict, Met);
    let old = vec![seen_on("2026-01-01", Critical), unsaid.clone()];
    let old = evidence(&[scanned(old)]);
    let judged = judged_after(&within, &old, TimeDelta::days(1));
    assert_eq!(judged.judgement.verdict, Broken);
    for lacking in [not_yet(), never()] {
        let known = evidence(&[scanned(vec![]), lacking]);
        let judged = judged_after(&within, &known, TimeDelta::days(1));
        assert_ne!(judged.judgement.verdict, Met);
    }
}

#[test]
fn a_finding_of_a_basic_scan_is_as_old_as_its_first_sight_here() {
    // The push is of 2026-03-07, and it is judged a day later.
    let unsaid = || scanned(vec![finding("CVE-2", Critical)]);
    for (case, platforms, days, wanted) in [
        (
            "seen five days before",
            vec![unsaid().with_sightings(&[("CVE-2", 5)])],
            6,
            Met,
        ),
        (
            "seen five days before, too long ago",
            vec![unsaid().with_sightings(&[("CVE-2", 5)])],
            5,
            Broken,
        ),
        (
            "the oldest platform counts",
            vec![
                unsaid().with_sightings(&[("CVE-2", 1)]),
                unsaid().with_sightings(&[("CVE-2", 9)]),
            ],
            9,
            Broken,
        ),
        (
            "another finding was seen",
            vec![unsaid().with_sightings(&[("CVE-1", 1)])],
            15,
            Unknown,
        ),
        (
            "the scanner's word goes first",
            vec![scanned(vec![seen_on("2026-03-01", Critical)]).with_sightings(&[("CVE-1", 0)])],
            6,
            Broken,
        ),
    ] {
        let within = criterion("finding_age.critical", "<=", &json!(days));
        let judged = judged_after(&within, &evidence(&platforms), TimeDelta::days(1));
        assert_eq!(
            judged.judgement.verdict, wanted,
            "{case}: {}",
            judged.reason
        );
    }
}

#[test]
fn the_ledger_is_asked_only_for_what_the_scanner_does_not_say() {
    let (own, push) = (policy(&json!({})), push("dev/website", "1.4"));
    let within = criterion("finding_age.critical", "<=", &json!(15));
    let unsaid = |severity| finding("CVE-2", severity);
    for (case, findings, asks) in [
        ("not said", vec![unsaid(Critical)], true),
        ("said", vec![seen_on("2026-03-07", Critical)], false),
        ("not said of another severity", vec![unsaid(Low)], false),
        (
            "too old already",
            vec![unsaid(Critical), seen_on("2026-01-01", Critical)],
            false,
        ),
        ("none", vec![], false),
    ] {
        let judged = judge(&within, &own, &push, &evidence(&[scanned(findings)]));
        assert_eq!(judged.err(), asks.then_some(Lack::Sightings), "{case}");
    }
}

#[test]
fn an_age_is_told_in_two_units() {
    let new = criterion("age", "<", &json!("1h"));
    for (minutes, told) in [
        (61, "pushed 1h 1m ago"),
        (119, "pushed 1h 59m ago"),
        (24 * 60 + 65, "pushed 1d 1h ago"),
        (50 * 60, "pushed 2d 2h ago"),
    ] {
        let judged = judged_after(&new, &evidence(&[]), TimeDelta::minutes(minutes));
        assert!(judged.reason.contains(told), "{}: {told}", judged.reason);
    }
}

#[test]
fn of_several_findings_without_an_age_the_first_is_named() {
    let unsaid = ["CVE-2", "CVE-3"].map(|id| finding(id, Critical));
    let known = evidence(&[scanned(unsaid.to_vec()).with_sightings(&[("CVE-1", 1)])]);
    let within = criterion("finding_age.critical", "<=", &json!(15));
    let reason = judged_after(&within, &known, TimeDelta::days(1)).reason;
    assert!(
        reason.contains("CVE-2") && !reason.contains("CVE-3"),
        "{reason}"
    );
}
