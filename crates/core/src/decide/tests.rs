//! The rules, one by one and in their order.

mod properties;
mod tags;
mod times;
mod went_wrong;

use serde_json::{Value, json};

use super::fixtures::{
    artifact, component, evidence, finding, licensed, never, not_yet, policy, push, read, sbom,
    scanned, seen, time,
};
use super::*;
use crate::{
    evidence::{License, NotYet, Origin, Read, Severity},
    provenance::Chain,
};

fn everywhere() -> Paths {
    Paths::parse("*").unwrap()
}

fn step(push: &Push, changes: &Value, known: &Evidence) -> Step {
    decide(push, &policy(changes), &everywhere(), known, time(20))
}

fn decision(push: &Push, changes: &Value, known: &Evidence) -> Decision {
    match step(push, changes, known) {
        Step::Decided(decision) => decision,
        Step::Ask(lacks) => panic!("lacks {lacks:?}"),
    }
}

/// `hold: tag ends_with "stable": saw "1.4-dev"`
fn told(push: &Push, changes: &Value, known: &Evidence) -> String {
    let decision = decision(push, changes, known);
    let verdict = serde_json::to_value(decision.verdict).unwrap();
    format!(
        "{}: {}",
        verdict.as_str().unwrap_or_default(),
        decision.reason
    )
}

fn criteria(list: &[(&str, &str, Value)]) -> Value {
    let list: Vec<_> = list
        .iter()
        .map(|(attribute, operator, value)| {
            json!({"attribute": attribute, "operator": operator, "value": value})
        })
        .collect();
    json!({"criteria": list})
}

/// A chain of so many promotions, the last of them by this policy.
fn chain(depth: usize, policy: &Policy) -> Chain {
    let others = (1..depth).map(|n| crate::policy::PolicyKey {
        source: "x/y".to_owned(),
        name: format!("p{n}"),
    });
    others
        .chain([policy.key()])
        .fold(Chain::default(), |chain, policy| chain.and(&policy, false))
}

#[test]
fn a_policy_without_criteria_promotes_every_tagged_image() {
    let decision = decision(
        &push("dev/website", "1.4"),
        &json!({}),
        &evidence(&[scanned(vec![])]),
    );
    insta::assert_json_snapshot!(decision, @r#"
    {
      "policy": {
        "source": "dev/website",
        "name": "p"
      },
      "decision": "promote",
      "reason": "the policy has no criteria",
      "dry_run": false,
      "target": {
        "repository": "qa/website",
        "tag": "1.4"
      },
      "criteria": []
    }
    "#);
}

#[test]
fn what_ends_the_matter_before_a_criterion() {
    let own = push("dev/website", "1.4");
    let other = policy(&json!({"name": "other"}));
    let mut looped = own.clone();
    looped.chain = chain(1, &policy(&json!({})));
    let mut full = own.clone();
    full.chain = chain(8, &other);
    let mut nearly_full = own.clone();
    nearly_full.chain = chain(7, &other);
    let mut overtaken = own.clone();
    overtaken.current = false;
    let current = json!({"require_current_tag": true});
    let again = json!({"target": {"repository": "dev/website"}});
    let retag = json!({"target": {"repository": "dev/website", "tag": "latest"}});
    let no_tag = json!({"source": "dev/*", "target": {"repository": "qa/{rest}", "tag": "{rest}"}});
    let known = evidence(&[scanned(vec![])]);
    let lines: Vec<_> = [
        (&own, json!({"enabled": false})),
        (&own, json!({"source": "dev/other"})),
        (&looped, json!({})),
        (&full, json!({})),
        (&nearly_full, json!({})),
        (&overtaken, json!({})),
        (&overtaken, current.clone()),
        (&own, current),
        (&own, again.clone()),
        (&own, retag.clone()),
        (&push("dev/website", "latest"), retag),
        (&push("dev/a/b", "1.4"), no_tag),
    ]
    .iter()
    .map(|(push, changes)| told(push, changes, &known))
    .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    skip: disabled: the policy has "enabled": false
    skip: not its source: "dev/other" does not cover dev/website
    skip: loop: the push came by this policy already
    skip: loop: the push came by 8 promotions already, more are not allowed
    promote: the policy has no criteria
    promote: the policy has no criteria
    skip: no longer current: tag "1.4" has moved on to another digest
    promote: the policy has no criteria
    skip: onto itself: the target is dev/website:1.4 again
    promote: the policy has no criteria
    skip: onto itself: the target is dev/website:latest again
    hold: target.tag: rendered: expected a tag (A-Z a-z 0-9 _ . -, not beginning with "." or "-"), found "a/b"
    "#);
}

#[test]
fn nothing_goes_outside_the_paths() {
    let paths = Paths::parse("dev/* => qa/*").unwrap();
    let own = push("dev/website", "1.4");
    let known = evidence(&[scanned(vec![])]);
    let prod = policy(&json!({"target": {"repository": "prod/website"}}));
    let Step::Decided(refused) = decide(&own, &prod, &paths, &known, time(20)) else {
        panic!("the paths need no evidence");
    };
    assert_eq!(refused.verdict, Verdict::Skip);
    insta::assert_snapshot!(refused.reason, @"outside the paths: nothing may go from dev/website to prod/website");
    assert!(refused.criteria.is_empty());
    let Step::Decided(allowed) = decide(&own, &policy(&json!({})), &paths, &known, time(20)) else {
        panic!("nothing is lacking");
    };
    assert_eq!(allowed.verdict, Verdict::Promote);
    // Only what is rendered counts: a namespace's policy may lie partly inside.
    let partly = policy(&json!({"source": "*", "target": {"repository": "{repository}-qa"}}));
    let Step::Decided(refused) = decide(&own, &partly, &paths, &known, time(20)) else {
        panic!("the paths need no evidence");
    };
    assert_eq!(refused.verdict, Verdict::Skip);
}

#[test]
fn the_rules_come_in_their_order() {
    // Everything is wrong with this push; each rule that is mended uncovers the next.
    let mut document = json!({
        "enabled": false,
        "require_current_tag": true,
        "target": {"repository": "dev/website"},
        "criteria": [{"attribute": "tag", "operator": "equals", "value": "x"}]
    });
    let mut own = push("dev/website", "1.4");
    own.current = false;
    own.chain = chain(8, &policy(&json!({})));
    let inside = everywhere();
    let outside = Paths::parse("a/* => b/*").unwrap();
    let mut lines = Vec::new();
    let mut tell = |own: &Push, document: &Value, paths: &Paths| match decide(
        own,
        &policy(document),
        paths,
        &artifact(),
        time(20),
    ) {
        Step::Decided(decision) => lines.push(decision.reason),
        Step::Ask(lacks) => lines.push(format!("asks for {lacks:?}")),
    };
    tell(&own, &document, &outside);
    document["enabled"] = json!(true);
    tell(&own, &document, &outside);
    tell(&own, &document, &inside);
    own.chain = chain(8, &policy(&json!({"name": "other"})));
    tell(&own, &document, &inside);
    own.chain = Chain::default();
    tell(&own, &document, &inside);
    own.current = true;
    tell(&own, &document, &inside);
    document["target"] = json!({"repository": "qa/website"});
    tell(&own, &document, &inside);
    document["criteria"] = json!([]);
    tell(&own, &document, &inside);
    document["artifacts"] = json!(true);
    tell(&own, &document, &inside);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    disabled: the policy has "enabled": false
    outside the paths: nothing may go from dev/website to dev/website
    loop: the push came by this policy already
    loop: the push came by 8 promotions already, more are not allowed
    no longer current: tag "1.4" has moved on to another digest
    onto itself: the target is dev/website:1.4 again
    tag equals "x": saw "1.4"
    not an image: it has no image config and no platform, and the policy does not say "artifacts": true
    the policy has no criteria
    "#);
}

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
fn what_is_no_image_needs_the_policys_word() {
    let own = push("charts/web", "1.4");
    let to = |more: Value| {
        let mut document = json!({
            "source": "charts/*", "target": {"repository": "qa/{rest}"}, "artifacts": true
        });
        for (key, value) in more.as_object().unwrap() {
            document[key] = value.clone();
        }
        document
    };
    let counts = criteria(&[("vulnerabilities.all", "<=", json!(1000))]);
    let names = criteria(&[("component", "not_equals", json!("x"))]);
    let licenses = criteria(&[("license", "not_equals", json!("AGPL-3.0-only"))]);
    let tags = criteria(&[("tag", "equals", json!("1.4"))]);
    let lines: Vec<_> = [
        to(json!({"artifacts": false})),
        to(json!({})),
        to(tags),
        to(counts),
        to(names),
        to(licenses),
    ]
    .iter()
    .map(|document| told(&own, document, &artifact()))
    .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    skip: not an image: it has no image config and no platform, and the policy does not say "artifacts": true
    promote: the policy has no criteria
    promote: its criterion is met
    hold: vulnerabilities.all <= 1000: not an image: it has no contents that could be judged
    hold: component not_equals "x": not an image: it has no contents that could be judged
    hold: license not_equals "AGPL-3.0-only": not an image: it has no contents that could be judged
    "#);
}

#[test]
fn a_hold_beats_an_await_and_every_judged_criterion_is_told_in_the_policys_order() {
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

#[test]
fn several_reasons_stand_in_one_line() {
    let all = criteria(&[
        ("tag", "ends_with", json!("stable")),
        ("tag", "not_equals", json!("1.4-dev")),
        ("vulnerabilities.all", "=", json!(0)),
    ]);
    insta::assert_snapshot!(told(&push("dev/website", "1.4-dev"), &all, &Evidence::none()), @r#"hold: tag ends_with "stable": saw "1.4-dev"; tag not_equals "1.4-dev": saw "1.4-dev""#);
}

#[test]
fn a_dry_run_decides_as_if_it_were_none() {
    let own = push("dev/website", "1.4");
    let dry =
        json!({"dry_run": true, "target": {"repository": "qa/website", "tag": "%Y%m%d-%H%M"}});
    let decision = decision(&own, &dry, &evidence(&[scanned(vec![])]));
    assert_eq!(
        (decision.verdict, decision.dry_run),
        (Verdict::Promote, true)
    );
    let target = decision.target.map(|target| target.to_string());
    assert_eq!(target.as_deref(), Some("qa/website:20260307-0920"));
}
