use super::*;

#[test]
fn a_no_names_the_license_and_who_carries_it() {
    let mongodb = || stated("mongodb", "AGPL-3.0-only AND Apache-2.0");
    let known = evidence(&[
        sbom(vec![mongodb(), stated("grafana", "agpl-3.0")]),
        sbom(vec![mongodb()]),
    ]);
    let found = judged(&banned(), &known);
    insta::assert_json_snapshot!(found.judgement, @r#"
    {
      "attribute": "license",
      "operator": "not_one_of",
      "wanted": [
        "AGPL-3.0-only"
      ],
      "seen": [
        "AGPL-3.0-only in mongodb 1.0",
        "AGPL-3.0-only in grafana 1.0 on linux/amd64"
      ],
      "verdict": "broken",
      "culprits": [
        "AGPL-3.0-only in mongodb 1.0",
        "AGPL-3.0-only in grafana 1.0 on linux/amd64"
      ],
      "origin": "sbom: buildkit attestation (attached by the pusher, unverified)",
      "at": "2026-03-07T09:05:03.000042Z"
    }
    "#);
    let unknown = evidence(&[sbom(vec![
        stated("a", "MIT"),
        licensed("b", License::default()),
        licensed("c", License::of("see\nLICENSE")),
    ])]);
    let unclear = judged(&banned(), &unknown);
    insta::assert_json_snapshot!(unclear.judgement, @r#"
    {
      "attribute": "license",
      "operator": "not_one_of",
      "wanted": [
        "AGPL-3.0-only"
      ],
      "seen": [
        "b 1.0: license unknown",
        "c 1.0: license unknown: \"see\\nLICENSE\""
      ],
      "verdict": "unknown",
      "culprits": [
        "b 1.0: license unknown",
        "c 1.0: license unknown: \"see\\nLICENSE\""
      ],
      "origin": "sbom: buildkit attestation (attached by the pusher, unverified)",
      "at": "2026-03-07T09:05:03.000042Z"
    }
    "#);
    let accept = json!({"unknown_licenses": "accept"});
    let accepted = judged_by(&accept, &banned(), &unknown);
    let wanted = judged(&criterion("license", "contains", &json!("apache")), &known);
    let missing = judged(&criterion("license", "equals", &json!("ISC")), &known);
    let lines = [
        found.reason,
        unclear.reason,
        accepted.judgement.seen.to_string(),
        wanted.judgement.seen.to_string(),
        missing.reason,
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    license not_one_of ["AGPL-3.0-only"]: saw AGPL-3.0-only in mongodb 1.0 and 1 more
    license not_one_of ["AGPL-3.0-only"]: b 1.0: license unknown and 1 more, and the policy's "unknown_licenses" does not accept it
    "none of them among 3 components; accepted by the policy: b 1.0: license unknown and 1 more"
    ["Apache-2.0 in mongodb 1.0"]
    license equals "ISC": saw none of them among 3 components
    "#);
}

#[test]
fn a_strangers_words_are_cut_and_the_component_stays() {
    let words = "x".repeat(100_000);
    let known = evidence(&[sbom(vec![licensed("a", License::of(&words))])]);
    let found = judged(&banned(), &known);
    assert!(found.reason.len() < 500, "{}", found.reason);
    let patterns = criterion("license", "not_matches", &json!("x+"));
    let found = judged(&patterns, &known);
    assert_eq!(found.judgement.verdict, Broken);
    let culprit = found
        .judgement
        .culprits
        .first()
        .cloned()
        .unwrap_or_default();
    assert!(culprit.ends_with("… in a 1.0"), "{culprit}");
}
