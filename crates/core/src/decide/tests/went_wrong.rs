//! The failures of other gates that lie within the rules.

use super::*;

fn clean_scan_wanted() -> Value {
    criteria(&[("vulnerabilities.critical", "=", json!(0))])
}

#[test]
fn an_image_that_nobody_scanned_yet_waits() {
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
fn a_tag_that_would_be_too_long_is_held_with_words_and_harms_nobody_else() {
    let own = push("dev/website", &"x".repeat(128));
    let longer = json!({"target": {"repository": "qa/website", "tag": "v%n"}});
    let told = told(&own, &longer, &evidence(&[scanned(vec![])]));
    assert!(
        told.starts_with("hold: target.tag: the rendered \"vxxx"),
        "{told}"
    );
    assert!(told.contains("1 to 128"), "{told}");
}
