//! The rules, one by one and in their order.

mod asked;
mod properties;
mod reasons;
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

/// A chain of this many promotions, the last of them by this policy.
fn chain(depth: usize, policy: &Policy) -> Chain {
    let others = (1..depth).map(|n| crate::policy::PolicyKey {
        source: "x/y".to_owned(),
        name: format!("p{n}"),
    });
    others
        .chain([policy.key()])
        .fold(Chain::default(), |chain, policy| {
            let (source, target) = ("dev/website", "qa/website");
            let named = |name| crate::Repository::parse(name).unwrap();
            chain.and(&policy, &named(source), &named(target))
        })
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
    skip: loop: this policy already promoted what was pushed
    skip: loop: the push has already been through 8 promotions, the most allowed
    promote: the policy has no criteria
    promote: the policy has no criteria
    skip: no longer current: tag "1.4" has moved to another digest
    promote: the policy has no criteria
    skip: onto itself: the target dev/website:1.4 is the source
    promote: the policy has no criteria
    skip: onto itself: the target dev/website:latest is the source
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
    insta::assert_snapshot!(refused.reason, @"outside the paths: no path allows dev/website => prod/website");
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
    // Everything is wrong with this push; each rule that is fixed uncovers the next.
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
    outside the paths: no path allows dev/website => dev/website
    loop: this policy already promoted what was pushed
    loop: the push has already been through 8 promotions, the most allowed
    no longer current: tag "1.4" has moved to another digest
    onto itself: the target dev/website:1.4 is the source
    tag equals "x": saw "1.4"
    not an image: it has no image config and no platform, and the policy does not say "artifacts": true
    the policy has no criteria
    "#);
}

#[test]
fn an_artifact_needs_the_policys_consent() {
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
    hold: vulnerabilities.all <= 1000: not an image: it has no contents to judge
    hold: component not_equals "x": not an image: it has no contents to judge
    hold: license not_equals "AGPL-3.0-only": not an image: it has no contents to judge
    "#);
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
