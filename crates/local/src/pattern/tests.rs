//! A named case per operator of the EventBridge user guide, "Comparison operators for use in event patterns".

mod refused;

use serde_json::json;

use super::*;

fn passes(pattern: &Value, event: &Value) -> bool {
    Pattern::parse(pattern).unwrap().matches(event)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_operator_passes_what_the_guide_says() {
    let v = |it: Value| json!({"a": it});
    for (case, test, event, expected) in [
        ("equal text", json!(["x"]), v(json!("x")), true),
        ("other case", json!(["x"]), v(json!("X")), false),
        ("one of the list", json!(["x", "y"]), v(json!("y")), true),
        (
            "equal number, written otherwise",
            json!([300]),
            v(json!(300.0)),
            true,
        ),
        ("number is no text", json!([300]), v(json!("300")), false),
        ("null is null", json!([null]), v(json!(null)), true),
        ("null is not absent", json!([null]), json!({}), false),
        ("empty text", json!([""]), v(json!("")), true),
        (
            "one of the event's list",
            json!(["x"]),
            v(json!(["z", "x"])),
            true,
        ),
        (
            "an empty list matches nothing",
            json!(["x"]),
            v(json!([])),
            false,
        ),
        (
            "prefix",
            json!([{"prefix": "re"}]),
            v(json!("region")),
            true,
        ),
        (
            "prefix, not",
            json!([{"prefix": "re"}]),
            v(json!("other")),
            false,
        ),
        (
            "prefix ignoring case",
            json!([{"prefix": {"equals-ignore-case": "RE"}}]),
            v(json!("region")),
            true,
        ),
        (
            "suffix",
            json!([{"suffix": ".png"}]),
            v(json!("a.png")),
            true,
        ),
        (
            "suffix, not",
            json!([{"suffix": ".png"}]),
            v(json!("a.jpg")),
            false,
        ),
        (
            "suffix ignoring case",
            json!([{"suffix": {"equals-ignore-case": ".PNG"}}]),
            v(json!("a.png")),
            true,
        ),
        (
            "equals-ignore-case",
            json!([{"equals-ignore-case": "ALICE"}]),
            v(json!("alice")),
            true,
        ),
        (
            "anything-but a value",
            json!([{"anything-but": "x"}]),
            v(json!("y")),
            true,
        ),
        (
            "anything-but a value, that value",
            json!([{"anything-but": "x"}]),
            v(json!("x")),
            false,
        ),
        (
            "anything-but the empty text",
            json!([{"anything-but": ""}]),
            v(json!("")),
            false,
        ),
        (
            "anything-but does not match what is absent",
            json!([{"anything-but": ""}]),
            json!({}),
            false,
        ),
        (
            "anything-but a list",
            json!([{"anything-but": ["x", 3]}]),
            v(json!(3)),
            false,
        ),
        (
            "anything-but a list, another",
            json!([{"anything-but": ["x", 3]}]),
            v(json!(4)),
            true,
        ),
        (
            "anything-but a prefix",
            json!([{"anything-but": {"prefix": "dev/"}}]),
            v(json!("dev/a")),
            false,
        ),
        (
            "anything-but prefixes",
            json!([{"anything-but": {"prefix": ["dev/", "qa/"]}}]),
            v(json!("prod/a")),
            true,
        ),
        (
            "anything-but a suffix",
            json!([{"anything-but": {"suffix": ".sig"}}]),
            v(json!("x.sig")),
            false,
        ),
        (
            "anything-but a wildcard",
            json!([{"anything-but": {"wildcard": "*a*"}}]),
            v(json!("bab")),
            false,
        ),
        ("exists", json!([{"exists": true}]), v(json!("")), true),
        (
            "exists, absent",
            json!([{"exists": true}]),
            json!({}),
            false,
        ),
        (
            "exists false, absent",
            json!([{"exists": false}]),
            json!({"b": 1}),
            true,
        ),
        (
            "exists false, there",
            json!([{"exists": false}]),
            v(json!(0)),
            false,
        ),
        (
            "wildcard",
            json!([{"wildcard": "dev/*/web*"}]),
            v(json!("dev/a/b/website")),
            true,
        ),
        (
            "wildcard, whole value",
            json!([{"wildcard": "dev/*"}]),
            v(json!("x/dev/a")),
            false,
        ),
        (
            "wildcard, last star may be empty",
            json!([{"wildcard": "dev*"}]),
            v(json!("dev")),
            true,
        ),
        (
            "wildcard, goes back",
            json!([{"wildcard": "*ab"}]),
            v(json!("aabab")),
            true,
        ),
        (
            "wildcard, escaped star",
            json!([{"wildcard": "a\\*"}]),
            v(json!("ab")),
            false,
        ),
        (
            "numeric",
            json!([{"numeric": [">", 0, "<=", 5]}]),
            v(json!(5)),
            true,
        ),
        (
            "numeric, outside",
            json!([{"numeric": [">", 0, "<=", 5]}]),
            v(json!(0)),
            false,
        ),
    ] {
        assert_eq!(passes(&json!({"a": test}), &event), expected, "{case}");
    }
}

#[test]
fn fields_are_all_needed_and_alternatives_one_of() {
    let pattern = json!({
        "source": ["aws.ecr", "aws.inspector2"],
        "detail": {"$or": [
            {"action-type": ["PUSH"], "result": ["SUCCESS"], "image-tag": [{"anything-but": ""}]},
            {"scan-status": ["COMPLETE", "FAILED"]},
        ]},
    });
    let event = |source: &str, detail: Value| json!({"source": source, "detail": detail});
    for (case, event, expected) in [
        (
            "push",
            event(
                "aws.ecr",
                json!({"action-type": "PUSH", "result": "SUCCESS", "image-tag": "1"}),
            ),
            true,
        ),
        (
            "no tag",
            event(
                "aws.ecr",
                json!({"action-type": "PUSH", "result": "SUCCESS"}),
            ),
            false,
        ),
        (
            "scan",
            event("aws.inspector2", json!({"scan-status": "FAILED"})),
            true,
        ),
        (
            "other source",
            event("aws.s3", json!({"scan-status": "FAILED"})),
            false,
        ),
        ("no detail", json!({"source": "aws.ecr"}), false),
        (
            "detail is a text",
            event("aws.ecr", json!("scan-status")),
            false,
        ),
    ] {
        assert_eq!(passes(&pattern, &event), expected, "{case}");
    }
}

#[test]
fn fields_of_different_list_elements_are_kept_apart() {
    let pattern = json!({"items": {"kind": ["a"], "size": [1]}});
    assert!(passes(
        &pattern,
        &json!({"items": [{"kind": "a", "size": 1}]})
    ));
    assert!(!passes(
        &pattern,
        &json!({"items": [{"kind": "a", "size": 2}, {"kind": "b", "size": 1}]})
    ));
}
