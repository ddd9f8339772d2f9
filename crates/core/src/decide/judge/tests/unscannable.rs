//! Platforms that no scanner can scan, and the policy that accepts them.

use super::*;
use crate::evidence::{Contents, Known};

/// The evidence of platforms, with those named accepted by the administrator.
fn with_unscannable(platforms: &[crate::decide::fixtures::On], unscannable: &[usize]) -> Evidence {
    let mut known = evidence(platforms);
    let Known::Seen(seen) = &known.contents else {
        panic!("the contents are known");
    };
    let Contents::Platforms(named) = &seen.value else {
        panic!("it is an image");
    };
    known.unscannable = unscannable
        .iter()
        .map(|at| named[*at].digest.clone())
        .collect();
    known
}

#[test]
fn only_both_words_together_accept_what_cannot_be_scanned() {
    let clean = || scanned(vec![]);
    let bad = || scanned(vec![finding("CVE-1", Critical)]);
    let none = criterion("vulnerabilities.critical", "=", &json!(0));
    let some = criterion("vulnerabilities.critical", ">=", &json!(1));
    // Under "= 0" where the policy says hold, and where it says accept; and accepted under ">= 1".
    for (case, platforms, unscannable, holds, accepts, wants) in [
        (
            "the administrator does not",
            vec![never()],
            vec![],
            Unknown,
            Unknown,
            Unknown,
        ),
        (
            "the only platform",
            vec![never()],
            vec![0],
            Unknown,
            Met,
            Broken,
        ),
        (
            "all platforms",
            vec![never(), never()],
            vec![0, 1],
            Unknown,
            Met,
            Broken,
        ),
        (
            "one of two",
            vec![never(), clean()],
            vec![0],
            Unknown,
            Met,
            Broken,
        ),
        (
            "the other failed",
            vec![never(), never()],
            vec![0],
            Unknown,
            Unknown,
            Unknown,
        ),
        (
            "the other waits",
            vec![never(), not_yet()],
            vec![0],
            Unknown,
            Await,
            Await,
        ),
        (
            "the other is bad",
            vec![never(), bad()],
            vec![0],
            Broken,
            Broken,
            Met,
        ),
        (
            "what was seen counts",
            vec![bad()],
            vec![0],
            Broken,
            Broken,
            Met,
        ),
        (
            "what waits still waits",
            vec![not_yet()],
            vec![0],
            Await,
            Await,
            Await,
        ),
    ] {
        let known = with_unscannable(&platforms, &unscannable);
        let accept = json!({"unscannable": "accept"});
        let accepted = |criterion| judged_by(&accept, criterion, &known).judgement.verdict;
        assert_eq!(verdict(&none, &known), holds, "{case}");
        assert_eq!(accepted(&none), accepts, "{case}, accepted");
        assert_eq!(accepted(&some), wants, "{case}, accepted, wanted");
    }
    // It is a word on scans alone.
    let names = criterion("component", "not_equals", &json!("x"));
    let known = with_unscannable(&[never()], &[0]);
    let accept = json!({"unscannable": "accept", "unknown_licenses": "accept"});
    assert_eq!(
        judged_by(&accept, &names, &known).judgement.verdict,
        Unknown
    );
}

#[test]
fn the_decision_says_what_was_accepted() {
    let accept = json!({"unscannable": "accept"});
    let two = || scanned(vec![finding("CVE-1", Critical), finding("CVE-2", High)]);
    let told = |platforms: &[_], unscannable: &[usize], wanted: u64| {
        let criterion = criterion("vulnerabilities.critical", "<=", &json!(wanted));
        judged_by(
            &accept,
            &criterion,
            &with_unscannable(platforms, unscannable),
        )
    };
    let alone = told(&[never()], &[0], 0);
    insta::assert_json_snapshot!(alone.judgement, @r#"
    {
      "attribute": "vulnerabilities.critical",
      "operator": "<=",
      "wanted": 0,
      "seen": 0,
      "note": "linux/amd64 cannot be scanned: accepted by the policy",
      "verdict": "met",
      "culprits": [],
      "origin": "scan: not supported",
      "at": null
    }
    "#);
    let shown = |judged: Judged| {
        format!(
            "{}, {}",
            judged.judgement.seen,
            judged.judgement.note.unwrap_or_default()
        )
    };
    let lines = [
        shown(told(&[never(), never()], &[0, 1], 0)),
        shown(told(&[never(), scanned(vec![])], &[0], 0)),
        shown(told(&[never(), two()], &[0], 2)),
        told(&[never(), two()], &[0], 1).reason,
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    0, linux/amd64, linux/arm64 cannot be scanned: accepted by the policy
    0, linux/amd64 cannot be scanned: accepted by the policy
    2, on linux/arm64; linux/amd64 cannot be scanned: accepted by the policy
    vulnerabilities.critical <= 1: saw 2: CVE-1 CRITICAL log4j-core 2.14.1 (fixed in 2.15.0) on linux/arm64 and 1 more; linux/amd64 cannot be scanned: accepted by the policy
    "#);
}
