//! What a document of a stranger may cost: attempts are counted, and nothing is compiled before it is
//! judged by.

use serde_json::json;

use super::{mistakes, mistakes_of, node, parse, with, with_criterion};
use crate::{
    node::Node,
    policy::{MATCHERS_BYTES_MAX, Matchers, PATTERNS_BYTES_MAX, Policy, too_heavy},
};

/// A policy of this many criteria, each of these expressions.
fn with_expressions(criteria: usize, expressions: &[String]) -> serde_json::Value {
    let one = json!({"attribute": "component", "operator": "not_matches", "value": expressions});
    with(&json!({"criteria": vec![one; criteria]}))
}

#[test]
fn expressions_that_fail_are_counted_as_well() {
    // Fifty criteria of twenty expressions: a thousand attempts; twenty are made.
    let broken = with_expressions(50, &vec![r"(\w{900}".to_owned(); 20]);
    let told = mistakes(&broken);
    assert_eq!(told.matches("unclosed group").count(), 20, "{told}");
    assert!(
        told.ends_with(
            "criteria: expected at most 20 regular expressions in a policy, found 21 or more"
        ),
        "{told}"
    );
}

#[test]
fn expressions_have_a_size_that_is_known_without_compiling_them() {
    insta::assert_snapshot!(mistakes(&with_criterion("tag", "matches", &json!(r"\w{900}"))), @r#"
    criteria[0].value: expected a regular expression that matches at most 128 characters, as a tag has, found one that needs 900 or more
    criteria: expected at most 1048576 bytes of compiled regular expressions in a policy, found 23387008 or more: use fewer repetitions, or write [a-z0-9] instead of \w
    "#);
    insta::assert_snapshot!(mistakes(&with_criterion("tag", "matches", &json!("((((a{999}){999}){999}){999}){9999}"))), @r#"
    criteria[0].value: expected a regular expression that matches at most 128 characters, as a tag has, found one that needs 9959063954013999 or more
    criteria: expected at most 1048576 bytes of compiled regular expressions in a policy, found 1914056251394305216 or more: use fewer repetitions, or write [a-z0-9] instead of \w
    "#);
    let many = vec![r"\w{3}".to_owned(); 20];
    assert!(mistakes(&with_expressions(1, &many)).contains("expected at most 1048576 bytes"));
    let brackets = vec!["[a]".repeat(201)];
    insta::assert_snapshot!(mistakes(&with_expressions(1, &brackets)), @r#"criteria: expected at most 200 "[" in the regular expressions of a policy, found 201 or more"#);
    let usual = vec![r"v\d{1,3}\.\d{1,3}\.\d{1,3}(-rc\.\d+)?".to_owned(); 15];
    assert_eq!(mistakes(&with_expressions(1, &usual)), "none");
}

#[test]
fn a_policy_has_a_thousand_values_in_all() {
    let criteria = |counts: &[usize]| {
        let criteria: Vec<_> = counts
            .iter()
            .map(|count| json!({"attribute": "component", "operator": "contains", "value": vec!["x"; *count]}))
            .collect();
        mistakes(&with(&json!({"criteria": criteria})))
    };
    assert_eq!(criteria(&[500, 500]), "none");
    insta::assert_snapshot!(criteria(&[500, 500, 1]), @"criteria: expected at most 1000 values in all criteria of a policy, found 1001 or more");
    insta::assert_snapshot!(criteria(&[500, 501]), @"criteria[1].value: expected at most 500 values, found 501");
}

#[test]
fn unknown_keys_without_end_are_counted_and_not_compared() {
    let keys: Vec<_> = (0..30_000)
        .map(|n| (format!("vulnerabilities_critical_{n}"), Node::Null))
        .collect();
    let told = mistakes_of(&Node::Map(keys));
    assert!(
        told.ends_with("document: and 29903 more mistakes"),
        "{told}"
    );
}

#[test]
fn the_heaviest_policies_of_a_load_are_refused_and_no_lighter_one() {
    let mut matchers = Matchers::default();
    let mut policies: Vec<Policy> = (0..30)
        .map(|number| {
            // Each heavy one takes nearly all that a policy may take.
            let expressions = if number % 2 == 0 {
                vec![format!(r"{number}\w{{38}}")]
            } else {
                vec![format!("v{number}.*")]
            };
            let mut document = with_expressions(1, &expressions);
            document["name"] = json!(format!("p{number}"));
            Policy::parse_with(&node(&document), &mut matchers).unwrap()
        })
        .collect();
    let refused = too_heavy(&policies);
    policies.retain(|policy| refused.iter().all(|(key, _)| *key != policy.key()));
    let kept: usize = policies.iter().map(Policy::patterns_bytes).sum();
    assert!(kept <= MATCHERS_BYTES_MAX);
    assert!(
        kept + PATTERNS_BYTES_MAX > MATCHERS_BYTES_MAX,
        "no more than it takes"
    );
    assert_eq!(refused.len() + policies.len(), 30);
    assert!(
        policies
            .iter()
            .filter(|p| p.patterns_bytes() < 10_000)
            .count()
            == 15
    );
    insta::assert_snapshot!(refused.first().map(|(key, error)| format!("{key}: {error}")).unwrap_or_default(), @"dev/website p16: criteria: limit: expected at most 8388608 bytes of compiled regular expressions in all policies of a repository, found more; this policy's take 988992, and the policies with the largest are skipped: use fewer repetitions");
    assert!(too_heavy(&policies).is_empty());
}

#[test]
fn what_a_policy_means_does_not_depend_on_what_was_read_before() {
    let mut matchers = Matchers::default();
    let document = with_expressions(2, &["log4j.*".to_owned()]);
    let first = Policy::parse_with(&node(&document), &mut matchers).unwrap();
    let again = Policy::parse_with(&node(&document), &mut matchers).unwrap();
    assert_eq!(first.fingerprint(), again.fingerprint());
    assert_eq!(first.fingerprint(), parse(&document).unwrap().fingerprint());
}
