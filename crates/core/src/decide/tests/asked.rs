use super::*;

#[test]
fn evidence_is_asked_for_one_kind_at_a_time_and_the_cheapest_first() {
    let own = push("dev/website", "1.4-stable");
    let all = criteria(&[
        ("component", "not_one_of", json!(["log4j-core"])),
        ("vulnerabilities.critical", "=", json!(0)),
        ("tag", "ends_with", json!("stable")),
    ]);
    let counted = || scanned(vec![]);
    let bad = || scanned(vec![finding("CVE-1", Severity::High)]);
    let listed = || sbom(vec![component("zlib", "1.3", &[])]);
    for (case, tag, known, expected) in [
        (
            "nothing is known",
            "1.4-stable",
            Evidence::none(),
            Some(Lack::Contents),
        ),
        ("the tag ends it", "1.4-dev", Evidence::none(), None),
        (
            "contents",
            "1.4-stable",
            evidence(&[listed()]),
            Some(Lack::Findings),
        ),
        (
            "findings",
            "1.4-stable",
            evidence(&[counted()]),
            Some(Lack::Components),
        ),
        ("findings end it", "1.4-stable", evidence(&[bad()]), None),
        (
            "a wait does not: components may hold",
            "1.4-stable",
            {
                let mut known = evidence(&[not_yet()]);
                known.components.clear();
                known
            },
            Some(Lack::Components),
        ),
        (
            "all is known",
            "1.4-stable",
            evidence(&[counted().and(listed())]),
            None,
        ),
        (
            "one platform was not asked for",
            "1.4-stable",
            {
                let mut known = evidence(&[counted(), counted()]);
                let first = known.findings.keys().next().cloned().unwrap();
                known.findings.remove(&first);
                known
            },
            Some(Lack::Findings),
        ),
    ] {
        let mut own = own.clone();
        own.tag = Tag::parse(tag).unwrap();
        match (step(&own, &all, &known), expected) {
            (Step::Ask(lacks), Some(lack)) => assert_eq!(lacks, [lack], "{case}"),
            (Step::Decided(_), None) => {}
            (other, _) => panic!("{case}: {other:?}"),
        }
    }
}

#[test]
fn a_policy_without_content_criteria_still_asks_what_it_is() {
    let own = push("dev/website", "1.4");
    assert_eq!(
        step(&own, &json!({}), &Evidence::none()),
        Step::Ask(vec![Lack::Contents])
    );
    let with = |contents| Evidence {
        contents,
        ..Evidence::none()
    };
    let waiting = with(Known::NotYet(NotYet {
        reason: "the manifest is not there yet".to_owned(),
        look_at: Some(time(30)),
        read: Read::default(),
    }));
    let waits = decision(&own, &json!({}), &waiting);
    assert_eq!(
        (waits.verdict, waits.next_look_at),
        (Verdict::Await, Some(time(30)))
    );
    let unreadable = with(Known::Never(
        "limit: 101 manifests, 100 at most".to_owned().into(),
    ));
    assert_eq!(
        told(&own, &json!({}), &unreadable),
        "hold: limit: 101 manifests, 100 at most"
    );
    let empty = with(seen(Contents::Platforms(vec![]), Origin::Registry));
    assert_eq!(decision(&own, &json!({}), &empty).verdict, Verdict::Skip);
}

#[test]
fn components_and_licenses_are_one_kind_of_evidence() {
    let own = push("dev/website", "1.4");
    let both = criteria(&[
        ("license", "not_one_of", json!(["AGPL-3.0-only"])),
        ("component", "not_one_of", json!(["log4j-core"])),
    ]);
    let unasked = evidence(&[scanned(vec![])]);
    assert_eq!(
        step(&own, &both, &unasked),
        Step::Ask(vec![Lack::Components])
    );
    let unknown = licensed("zlib", License::default());
    let mut accept = both.clone();
    accept["unknown_licenses"] = json!("accept");
    let lines = [
        told(&own, &both, &evidence(&[sbom(vec![unknown.clone()])])),
        told(&own, &accept, &evidence(&[sbom(vec![unknown])])),
        told(&own, &both, &evidence(&[not_yet()])),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    hold: license not_one_of ["AGPL-3.0-only"]: zlib 1.0: license unknown, and the policy's "unknown_licenses" does not accept it
    promote: all 2 criteria are met
    await: license not_one_of ["AGPL-3.0-only"]: the scan has not finished; component not_one_of ["log4j-core"]: the scan has not finished
    "#);
}
