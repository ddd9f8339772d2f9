use super::*;

#[test]
fn a_hold_beats_an_await_and_criteria_keep_the_policys_order() {
    let own = push("dev/website", "1.4");
    let all = criteria(&[
        ("component", "not_one_of", json!(["log4j-core"])),
        ("vulnerabilities.critical", "=", json!(0)),
        ("tag", "starts_with", json!("1")),
    ]);
    let banned = || sbom(vec![component("log4j-core", "2.14.1", &[])]);
    let clean = || sbom(vec![component("zlib", "1.3", &[])]);
    for (case, known, verdict, judged) in [
        (
            "waits, holds",
            evidence(&[not_yet().and(banned())]),
            Verdict::Hold,
            3,
        ),
        (
            "waits, met",
            evidence(&[not_yet().and(clean())]),
            Verdict::Await,
            3,
        ),
        (
            "met, waits",
            evidence(&[scanned(vec![]).and(not_yet())]),
            Verdict::Await,
            3,
        ),
        ("unknown", evidence(&[never()]), Verdict::Hold, 2),
        (
            "met",
            evidence(&[scanned(vec![]).and(clean())]),
            Verdict::Promote,
            3,
        ),
    ] {
        let decision = decision(&own, &all, &known);
        assert_eq!(decision.verdict, verdict, "{case}");
        let order = ["component", "vulnerabilities.critical", "tag"];
        let told: Vec<_> = decision
            .criteria
            .iter()
            .map(|c| c.attribute.as_str())
            .collect();
        assert_eq!(told, order[3 - judged..], "{case}");
        let waits = verdict == Verdict::Await;
        assert_eq!(decision.next_look_at, waits.then(|| time(10)), "{case}");
    }
    let known = evidence(&[not_yet().and(banned())]);
    insta::assert_snapshot!(told(&own, &all, &known), @r#"hold: component not_one_of ["log4j-core"]: saw log4j-core 2.14.1"#);
}

#[test]
fn several_reasons_stand_in_one_line() {
    let all = criteria(&[
        ("tag", "ends_with", json!("stable")),
        ("tag", "not_equals", json!("1.4-dev")),
        ("vulnerabilities.all", "=", json!(0)),
    ]);
    insta::assert_snapshot!(told(&push("dev/website", "1.4-dev"), &all, &Evidence::none()), @r#"hold: tag ends_with "stable": saw "1.4-dev"; tag not_equals "1.4-dev": saw "1.4-dev""#);
}
