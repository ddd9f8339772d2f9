//! Spans, waits and exceptions as people write them, and what is wrong with them.

use super::*;

#[test]
fn a_policy_waits_seven_days_unless_it_says() {
    let waits = |document: &Value| Policy::parse(&node(document)).unwrap().wait.hours();
    assert_eq!(waits(&with(&json!({}))), 7 * 24);
    assert_eq!(waits(&with(&json!({"wait": "1h"}))), 1);
    assert_eq!(waits(&with(&json!({"wait": "400d"}))), 9_600);
    let wrong: Vec<String> = [
        json!("0h"),
        json!("10y"),
        json!("401d"),
        json!(""),
        json!(2),
        json!("2 d"),
        json!(["2d"]),
    ]
    .iter()
    .map(|wait| mistakes(&with(&json!({"wait": wait}))))
    .collect();
    insta::assert_snapshot!(wrong.join("\n"), @r#"
    wait: expected hours or days from "1h" to "400d", found "0h"
    wait: expected hours or days from "1h" to "400d", found "10y"
    wait: expected hours or days from "1h" to "400d", found "401d"
    wait: expected a string, found an empty string
    wait: expected a string, found the number 2: put it in quotes
    wait: expected hours or days from "1h" to "400d", found "2 d"
    wait: expected a string, found a list
    "#);
}

#[test]
fn an_age_is_bounded_by_hours_or_days() {
    let of = |operator: &str, value: Value| {
        let criterion = json!({"attribute": "age", "operator": operator, "value": value});
        with(&json!({"criteria": [criterion]}))
    };
    for operator in [">", ">=", "<", "<="] {
        assert!(Policy::parse(&node(&of(operator, json!("24h")))).is_ok());
    }
    let wrong = [
        of("=", json!("24h")),
        of("equals", json!("24h")),
        of(">=", json!(24)),
        of(">=", json!("a day")),
        of(">=", json!("0d")),
    ];
    let wrong: Vec<String> = wrong.iter().map(mistakes).collect();
    insta::assert_snapshot!(wrong.join("\n"), @r#"
    criteria[0].operator: expected an operator for age (> >= <= <), found "="
    criteria[0].operator: expected an operator for age (> >= <= <), found "equals"
    criteria[0].value: expected a string, found the number 24: put it in quotes
    criteria[0].value: expected hours or days from "1h" to "400d", found "a day"
    criteria[0].value: expected hours or days from "1h" to "400d", found "0d"
    "#);
}

#[test]
fn an_exception_says_what_until_when_and_why() {
    let one = json!({"finding": "CVE-1", "until": "2026-03-31", "reason": "no fix"});
    let changed = |changes: Value| {
        let mut exception = one.clone();
        for (key, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(exception.as_object_mut().unwrap().remove(key)),
                value => exception[key] = value.clone(),
            }
        }
        mistakes(&with(&json!({"exceptions": [exception]})))
    };
    let long = "x".repeat(513);
    let wrong = [
        changed(json!({"until": null})),
        changed(json!({"reason": null})),
        changed(json!({"finding": null})),
        changed(json!({"reason": ""})),
        changed(json!({"until": "31.3.2026"})),
        changed(json!({"until": "2026-02-30"})),
        changed(json!({"until": "2026-3-31"})),
        changed(json!({"until": "+2026-3-31"})),
        changed(json!({"until": 20_260_331})),
        changed(json!({"finding": "CVE 1"})),
        changed(json!({"owner": long})),
        changed(json!({"componnet": "a"})),
        mistakes(&with(&json!({"exceptions": one}))),
        mistakes(&with(&json!({"exceptions": ["CVE-1"]}))),
        mistakes(&with(&json!({"exceptions": vec![one.clone(); 201]}))),
    ];
    insta::assert_snapshot!(wrong.join("\n"), @r#"
    exceptions[0].until: expected a value, found none
    exceptions[0].reason: expected a value, found none
    exceptions[0].finding: expected a value, found none
    exceptions[0].reason: expected a string, found an empty string
    exceptions[0].until: expected a date as in "2026-03-31", found "31.3.2026"
    exceptions[0].until: expected a date as in "2026-03-31", found "2026-02-30"
    exceptions[0].until: expected a date as in "2026-03-31", found "2026-3-31"
    exceptions[0].until: expected a date as in "2026-03-31", found "+2026-3-31"
    exceptions[0].until: expected a string, found the number 20260331: put it in quotes
    exceptions[0].finding: expected the id of a finding, found "CVE 1"
    exceptions[0].owner: expected at most 512 characters, found 513
    exceptions[0].componnet: expected a key, found "componnet": did you mean "component"?
    exceptions: expected a list, found a map
    exceptions[0]: expected a map, found the string "CVE-1"
    exceptions: expected at most 200 exceptions, found 201
    "#);
    let whole =
        changed(json!({"component": "log4j-core", "platform": "linux/arm64", "owner": "web"}));
    assert_eq!(whole, "none");
}
