//! What is not a pattern, and patterns of any shape.

use proptest::prelude::*;

use super::*;

#[test]
fn what_eventbridge_refuses_is_refused_with_its_place() {
    for (pattern, expected) in [
        (json!([]), "event pattern: the pattern: must be an object"),
        (json!({}), "event pattern: the pattern: must not be empty"),
        (
            json!({"a": "x"}),
            "event pattern: a: must be an object or a list of values that is not empty",
        ),
        (
            json!({"a": {"b": []}}),
            "event pattern: a.b: must be an object or a list of values that is not empty",
        ),
        (
            json!({"a": [{"starts": "x"}]}),
            "event pattern: a: unknown operator \"starts\"",
        ),
        (
            json!({"a": [{"prefix": 1}]}),
            "event pattern: a: \"prefix\" has a value of the wrong type",
        ),
        (
            json!({"a": [{"wildcard": "**"}]}),
            "event pattern: a: \"wildcard\" may not hold \"**\"",
        ),
        (
            json!({"$or": [{"a": [1]}]}),
            "event pattern: $or: must have two alternatives at least",
        ),
        (
            json!({"a": [{"numeric": ["<"]}]}),
            "event pattern: a: \"numeric\" takes one or two of (operator, number)",
        ),
    ] {
        assert_eq!(Pattern::parse(&pattern).unwrap_err().to_string(), expected);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a*\\\\]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let key = prop_oneof![
            Just("prefix"),
            Just("suffix"),
            Just("anything-but"),
            Just("exists"),
            Just("numeric"),
            Just("wildcard"),
            Just("equals-ignore-case"),
            Just("$or"),
            Just("a"),
            Just("b"),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(key.prop_map(str::to_owned), inner, 0..4)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_pattern_is_read_or_refused_and_judges_any_event(pattern in any_json(), event in any_json()) {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            let _ = pattern.matches(&event);
        }
    }
}
