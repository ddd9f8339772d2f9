//! The failures of other gates that lie within the rules.

use chrono::TimeDelta;

use super::*;
use crate::{
    Repository,
    findings::{Answer, Enhanced, Entry, Lookup, State, Terms},
};

fn clean_scan_wanted() -> Value {
    criteria(&[("vulnerabilities.critical", "=", json!(0))])
}

#[test]
fn an_image_without_a_scan_waits() {
    let own = push("dev/website", "1.4");
    assert_eq!(
        told(&own, &clean_scan_wanted(), &evidence(&[not_yet()])),
        "await: vulnerabilities.critical = 0: the scan has not finished"
    );
}

#[test]
fn a_scan_that_failed_is_never_zero_findings() {
    for operator in ["=", "<=", "<", ">=", ">", "!="] {
        let any = criteria(&[("vulnerabilities.all", operator, json!("1000"))]);
        let decision = decision(&push("dev/website", "1.4"), &any, &evidence(&[never()]));
        assert_eq!(decision.verdict, Verdict::Hold, "{operator}");
    }
}

#[test]
fn an_index_is_judged_by_every_platform_and_not_by_the_first() {
    let own = push("dev/website", "1.4");
    let bad = || scanned(vec![finding("CVE-1", Severity::Critical)]);
    for platforms in [[scanned(vec![]), bad()], [bad(), scanned(vec![])]] {
        let decision = decision(&own, &clean_scan_wanted(), &evidence(&platforms));
        assert_eq!(decision.verdict, Verdict::Hold);
    }
}

#[test]
fn a_finding_that_is_not_rated_counts_into_all() {
    let own = push("dev/website", "1.4");
    let known = evidence(&[scanned(vec![finding("CVE-1", Severity::Undefined)])]);
    let none = criteria(&[("vulnerabilities.all", "=", json!(0))]);
    assert_eq!(decision(&own, &none, &known).verdict, Verdict::Hold);
    assert_eq!(
        decision(&own, &clean_scan_wanted(), &known).verdict,
        Verdict::Promote
    );
}

#[test]
fn a_tag_that_would_be_too_long_is_held_and_harms_no_other_policy() {
    let own = push("dev/website", &"x".repeat(128));
    let longer = json!({"target": {"repository": "qa/website", "tag": "v%n"}});
    let told = told(&own, &longer, &evidence(&[scanned(vec![])]));
    assert_eq!(
        told,
        "hold: target.tag: rendered: expected a tag of 1 to 128 characters, found 129"
    );
}

/// What an answer of the scanner, read this many minutes after the push, comes to.
fn scan(lookup: &Lookup, minutes: i64) -> fixtures::On {
    let repository = Repository::parse("dev/website").unwrap();
    let terms = Terms {
        repository: &repository,
        pushed_at: time(0),
        now: time(0) + TimeDelta::minutes(minutes),
        settle: TimeDelta::seconds(120),
        age_max: TimeDelta::days(30),
    };
    read(State::of(lookup, &terms).known())
}

/// An enhanced scan that was completed five minutes after the push.
fn complete(severities: &[&str]) -> Answer {
    let entry = |severity: &&str| {
        Entry::enhanced(&Enhanced {
            id: Some("CVE-1"),
            severity: Some(severity),
            status: Some("ACTIVE"),
            ..Enhanced::default()
        })
    };
    Answer {
        status: Some("COMPLETE".to_owned()),
        completed_at: Some(time(5)),
        enhanced: Some(severities.iter().map(entry).collect()),
        ..Answer::default()
    }
}

#[test]
fn a_scan_that_is_called_complete_while_its_list_is_empty_or_grows_waits() {
    let own = push("dev/website", "1.4");
    let at_most_one = criteria(&[("vulnerabilities.all", "<=", json!(1))]);
    let unfinished = Answer {
        completed_at: None,
        basic: Some(vec![]),
        enhanced: None,
        ..complete(&[])
    };
    let only_counts = Answer {
        counted: Some(3),
        enhanced: None,
        ..complete(&[])
    };
    let partial = Answer {
        counted: Some(3),
        ..complete(&["LOW"])
    };
    let lines: Vec<_> = [
        (unfinished, 60),
        (only_counts, 60),
        (partial, 60),
        (complete(&[]), 6),
        (complete(&["LOW"]), 6),
        (complete(&["LOW", "LOW", "LOW"]), 7),
        (complete(&["LOW"]), 7),
    ]
    .into_iter()
    .map(|(answer, minutes)| {
        let known = evidence(&[scan(&Lookup::Found(answer), minutes)]);
        told(&own, &at_most_one, &known)
    })
    .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    await: vulnerabilities.all <= 1: the scan has no completion time yet
    await: vulnerabilities.all <= 1: the scan has no list of findings yet
    await: vulnerabilities.all <= 1: the scan lists 1 of 3 findings
    await: vulnerabilities.all <= 1: the scan's list may still grow
    await: vulnerabilities.all <= 1: the scan's list may still grow
    hold: vulnerabilities.all <= 1: saw 3: CVE-1 LOW and 2 more
    promote: its criterion is met
    "#);
}

#[test]
fn enhanced_findings_alone_are_never_a_clean_basic_scan() {
    let known = evidence(&[scan(&Lookup::Found(complete(&["CRITICAL"])), 60)]);
    let decision = decision(&push("dev/website", "1.4"), &clean_scan_wanted(), &known);
    assert_eq!(decision.verdict, Verdict::Hold);
    let origin = decision.criteria[0].origin.as_deref();
    assert_eq!(origin, Some("scan: enhanced"));
}

#[test]
fn a_scan_that_is_not_found_is_never_zero_findings() {
    let own = push("dev/website", "1.4");
    for (minutes, verdict) in [
        (1, Verdict::Await),
        (9, Verdict::Await),
        (10, Verdict::Hold),
    ] {
        let known = evidence(&[scan(&Lookup::NotFound, minutes)]);
        let decision = decision(&own, &clean_scan_wanted(), &known);
        assert_eq!(decision.verdict, verdict, "{minutes}");
    }
}

#[test]
fn evidence_that_could_not_be_fetched_is_asked_for_and_never_decided_without() {
    let own = push("dev/website", "1.4");
    let known = evidence(&[scanned(vec![]).without_findings()]);
    assert_eq!(
        step(&own, &clean_scan_wanted(), &known),
        Step::Ask(vec![Lack::Findings])
    );
}

#[test]
fn components_and_licenses_need_every_platform_of_an_index() {
    let own = push("dev/website", "1.4");
    let mit = || sbom(vec![licensed("zlib", License::of("MIT"))]);
    for (attribute, banned) in [("component", "log4j-core"), ("license", "AGPL-3.0-only")] {
        let ban = criteria(&[(attribute, "not_one_of", json!([banned]))]);
        for (case, platforms, verdict) in [
            (
                "the runner's own platform alone",
                vec![mit(), not_yet()],
                Verdict::Await,
            ),
            (
                "the other's list is empty",
                vec![mit(), sbom(vec![])],
                Verdict::Hold,
            ),
            (
                "the other's cannot be read",
                vec![mit(), never()],
                Verdict::Hold,
            ),
            // An attachment that is not an SBOM (another predicate type) leaves it unknown.
            ("nothing that is an SBOM", vec![not_yet()], Verdict::Await),
            ("both", vec![mit(), mit()], Verdict::Promote),
        ] {
            let decision = decision(&own, &ban, &evidence(&platforms));
            assert_eq!(decision.verdict, verdict, "{attribute}: {case}");
        }
    }
}

#[test]
fn an_unscannable_image_is_held_in_the_scanners_words_until_a_policy_accepts_it() {
    let own = push("dev/website", "1.4");
    let unsupported = Lookup::Found(Answer {
        status: Some("FAILED".to_owned()),
        description: Some(
            "UnsupportedImageError: The operating system is not supported".to_owned(),
        ),
        ..Answer::default()
    });
    let mut known = evidence(&[scan(&unsupported, 60)]);
    let mut accept = clean_scan_wanted();
    accept["unscannable"] = json!("accept");
    let alone = told(&own, &accept, &known);
    known.unscannable = known.findings.keys().cloned().collect();
    let lines = [
        alone,
        told(&own, &clean_scan_wanted(), &known),
        told(&own, &accept, &known),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    hold: vulnerabilities.critical = 0: the scan: FAILED: UnsupportedImageError: The operating system is not supported
    hold: vulnerabilities.critical = 0: the scan: FAILED: UnsupportedImageError: The operating system is not supported
    promote: its criterion is met
    "#);
}
