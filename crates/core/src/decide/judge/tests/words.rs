use super::*;

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
    component not_equals "x": sbom: buildkit attestation (attached by the pusher, unverified) lists no components of linux/amd64, so its components are unknown
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
