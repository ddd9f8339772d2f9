//! Limits hold to the last one, and what is beyond them is reported as a number.

use serde_json::json;

use super::{mistakes, parse, with, with_criterion};
use crate::{
    node::Node,
    policy::{MISTAKES_MAX, Policy},
};

#[test]
fn every_limit_holds_to_the_last_one() {
    let criterion = json!({"attribute": "tag", "operator": "equals", "value": "x"});
    let values = |count: usize| json!(vec!["x"; count]);
    for (case, document, good) in [
        ("name", with(&json!({"name": "n".repeat(128)})), true),
        ("name", with(&json!({"name": "n".repeat(129)})), false),
        (
            "criteria",
            with(&json!({"criteria": vec![criterion.clone(); 50]})),
            true,
        ),
        (
            "criteria",
            with(&json!({"criteria": vec![criterion; 51]})),
            false,
        ),
        (
            "values",
            with_criterion("tag", "one_of", &values(500)),
            true,
        ),
        (
            "values",
            with_criterion("tag", "one_of", &values(501)),
            false,
        ),
        (
            "value",
            with_criterion("component", "equals", &json!("é".repeat(512))),
            true,
        ),
        (
            "value",
            with_criterion("component", "equals", &json!("é".repeat(513))),
            false,
        ),
        (
            "patterns",
            with_criterion("tag", "matches", &values(20)),
            true,
        ),
        (
            "patterns",
            with_criterion("tag", "matches", &values(21)),
            false,
        ),
        (
            "pattern",
            with_criterion("component", "matches", &json!("a".repeat(1000))),
            true,
        ),
        (
            "pattern",
            with_criterion("component", "matches", &json!("a".repeat(1001))),
            false,
        ),
    ] {
        assert_eq!(parse(&document).is_ok(), good, "{case}");
    }
    let one = json!({"attribute": "tag", "operator": "matches", "value": "x"});
    let patterns = |count| mistakes(&with(&json!({"criteria": vec![one.clone(); count]})));
    assert_eq!(patterns(20), "none");
    insta::assert_snapshot!(patterns(21), @"criteria: expected at most 20 regular expressions in a policy, found 21 or more");
    insta::assert_snapshot!(mistakes(&with_criterion("tag", "one_of", &values(501))), @"criteria[0].value: expected at most 500 values, found 501");
    insta::assert_snapshot!(mistakes(&with_criterion("tag", "matches", &json!(["a(", r"\w{900}"]))), @r#"
    criteria[0].value[0]: expected a regular expression, found an unclosed group
    criteria[0].value[1]: expected a regular expression that matches at most 128 characters, as a tag has, found one that needs 900 or more
    criteria: expected at most 1048576 bytes of compiled regular expressions in a policy, found 23387008 or more: use fewer repetitions, or write [a-z0-9] instead of \w
    "#);
}

#[test]
fn mistakes_without_end_are_counted() {
    let document: Vec<_> = (0..1000).map(|n| (format!("k{n}"), Node::Null)).collect();
    let errors = Policy::parse(&Node::Map(document)).unwrap_err();
    assert_eq!(errors.len(), MISTAKES_MAX + 1);
    let last = errors.last().map(ToString::to_string);
    assert_eq!(last.as_deref(), Some("document: and 903 more mistakes"));
}
