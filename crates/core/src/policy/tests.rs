mod at_once;
mod limits;
mod names;
mod properties;
mod referrers;
mod spent;
mod targets;
mod times;
mod values;
mod words;

use serde_json::{Value, json};

use super::*;
use crate::template::TagTemplate;

fn node(value: &Value) -> Node {
    Node::from_json(&value.to_string()).unwrap()
}

fn parse(value: &Value) -> Result<Policy, Vec<PolicyError>> {
    Policy::parse(&node(value))
}

/// The example that everybody starts from, with some keys replaced or added; `null` removes one.
fn with(changes: &Value) -> Value {
    let mut document = json!({
        "source": "dev/website",
        "name": "stable-to-qa",
        "criteria": [{"attribute": "tag", "operator": "ends_with", "value": "stable"}],
        "target": {"repository": "qa/website"}
    });
    for (key, value) in changes.as_object().unwrap() {
        document[key] = value.clone();
    }
    document
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    document
}

fn with_criterion(attribute: &str, operator: &str, value: &Value) -> Value {
    with(&json!({"criteria": [{"attribute": attribute, "operator": operator, "value": value}]}))
}

/// Every mistake of a document, a line each.
fn mistakes_of(document: &Node) -> String {
    match Policy::parse(document) {
        Ok(_) => "none".to_owned(),
        Err(errors) => {
            let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
            lines.join("\n")
        }
    }
}

fn mistakes(document: &Value) -> String {
    mistakes_of(&node(document))
}

#[test]
fn the_example_is_a_policy() {
    let policy = parse(&json!({
        "source": "dev/website",
        "name": "stable-to-qa",
        "description": "Stable builds go to QA",
        "enabled": true,
        "criteria": [
            {"attribute": "tag", "operator": "ends_with", "value": "stable"},
            {"attribute": "vulnerabilities.critical", "operator": "=", "value": 0},
            {"attribute": "component", "operator": "not_one_of", "value": ["log4j-core"]},
            {"attribute": "license", "operator": "not_one_of", "value": ["AGPL-3.0-only"]}
        ],
        "target": {"repository": "qa/website", "tag": "%Y%m%d-%H%M%S"},
        "status": {"anything": ["at", 1, null]}
    }))
    .unwrap();
    assert_eq!(policy.key().to_string(), "dev/website stable-to-qa");
    assert_eq!(policy.criteria.len(), 4);
    assert_eq!(policy.target.tag.as_str(), "%Y%m%d-%H%M%S");
    assert!(policy.enabled && !policy.dry_run && !policy.artifacts && !policy.require_current_tag);
}

#[test]
fn what_is_left_out_has_a_meaning() {
    let policy = parse(&json!({
        "source": "dev/*", "name": "p", "target": {"repository": "qa/{rest}"}
    }))
    .unwrap();
    assert!(policy.enabled);
    assert!(policy.criteria.is_empty());
    assert_eq!(policy.target.tag, TagTemplate::keep());
    assert_eq!(policy.unknown_licenses, UnknownLicenses::Hold);
    let accepts = parse(&with(&json!({"unknown_licenses": "accept"}))).unwrap();
    assert_eq!(accepts.unknown_licenses, UnknownLicenses::Accept);
    let words = parse(&with(
        &json!({"unknown_licenses": ["public-domain", "BSD"]}),
    ))
    .unwrap();
    let wanted = ["BSD", "public-domain"].map(str::to_owned);
    assert_eq!(
        words.unknown_licenses,
        UnknownLicenses::Words(wanted.into())
    );
    assert_eq!(accepts.unscannable, Unscannable::Hold);
    let accepts = parse(&with(&json!({"unscannable": "accept"}))).unwrap();
    assert_eq!(accepts.unscannable, Unscannable::Accept);
}

#[test]
fn everything_missing_is_reported_at_once() {
    insta::assert_snapshot!(mistakes(&json!({})), @r#"
    source: expected a value, found none
    name: expected a value, found none
    target: expected a value, found none
    "#);
    insta::assert_snapshot!(mistakes(&json!([])), @"document: expected a map, found a list");
    insta::assert_snapshot!(mistakes(&json!({"source": "dev/a", "name": "p", "target": {}})), @"target.repository: expected a value, found none");
    insta::assert_snapshot!(mistakes(&with(&json!({"criteria": [{}, 7]}))), @r#"
    criteria[0].attribute: expected a value, found none
    criteria[0].operator: expected a value, found none
    criteria[0].value: expected a value, found none
    criteria[1]: expected a map, found the number 7
    "#);
}

#[test]
fn a_schema_for_editors_is_allowed_and_ignored() {
    for value in [
        json!("https://example.com/policy.schema.json"),
        json!(7),
        json!(null),
    ] {
        assert_eq!(mistakes(&with(&json!({"$schema": value}))), "none");
    }
    let plain = parse(&with(&json!({}))).unwrap().fingerprint();
    assert_eq!(
        parse(&with(&json!({"$schema": "x"})))
            .unwrap()
            .fingerprint(),
        plain
    );
}

#[test]
fn numbers_are_read_as_numbers_and_as_digits() {
    for value in [json!(7), json!("7"), json!(7.0), json!("007")] {
        let policy = parse(&with_criterion("vulnerabilities.all", "<=", &value)).unwrap();
        let wanted = policy
            .criteria
            .first()
            .map(|criterion| criterion.wanted(10));
        assert_eq!(wanted, Some(json!(7)), "{value}");
    }
}

#[test]
fn operators_go_with_their_attributes() {
    for (attribute, _, _) in Attribute::all() {
        for (operator, _) in StringOperator::ALL {
            let good = matches!(
                attribute.as_str(),
                "tag" | "promoted_from" | "finding" | "component" | "license"
            );
            let value = if attribute == "promoted_from" {
                "dev/website"
            } else {
                "MIT"
            };
            let parsed = parse(&with_criterion(attribute, operator, &json!(value)));
            assert_eq!(parsed.is_ok(), good, "{attribute} {operator}");
        }
        for (operator, _) in NumberOperator::ALL {
            let is_number = ["vulnerabilities.", "finding_age."];
            let good = is_number.iter().any(|with| attribute.starts_with(with));
            let parsed = parse(&with_criterion(attribute, operator, &json!("7")));
            assert_eq!(parsed.is_ok(), good, "{attribute} {operator}");
        }
    }
    insta::assert_snapshot!(mistakes(&with_criterion("tag", ">=", &json!("1"))), @r#"criteria[0].operator: expected an operator for tag (equals not_equals starts_with ends_with contains one_of not_one_of matches not_matches), found ">=""#);
    insta::assert_snapshot!(mistakes(&with_criterion("vulnerabilities.HIGH", "one_of", &json!(1))), @r#"criteria[0].operator: expected an operator for vulnerabilities.HIGH (> >= = != <= <), found "one_of""#);
}

#[test]
fn the_fingerprint_tells_what_judges_and_nothing_else() {
    let fingerprint = |changes: Value| parse(&with(&changes)).unwrap().fingerprint();
    let own = fingerprint(json!({}));
    let list = |values: Value| json!({"criteria": [{"attribute": "tag", "operator": "one_of", "value": values}]});
    for same in [
        json!({"description": "other"}),
        json!({"status": "valid"}),
        json!({"enabled": true}),
        json!({"target": {"repository": "qa/website", "tag": "%n"}}),
    ] {
        assert_eq!(fingerprint(same.clone()), own, "{same}");
    }
    assert_eq!(
        fingerprint(list(json!(["a", "b"]))),
        fingerprint(list(json!(["b", "a", "b"])))
    );
    let licenses = |values: Value| json!({"criteria": [{"attribute": "license", "operator": "one_of", "value": values}]});
    assert_eq!(
        fingerprint(licenses(json!(["MIT", "ISC"]))),
        fingerprint(licenses(json!(["ISC", "MIT"])))
    );
    for other in [
        json!({"enabled": false}),
        json!({"dry_run": true}),
        json!({"artifacts": true}),
        json!({"require_current_tag": true}),
        json!({"unknown_licenses": "accept"}),
        json!({"unknown_licenses": ["public-domain"]}),
        json!({"unknown_licenses": ["public-domain", "BSD"]}),
        json!({"unscannable": "accept"}),
        json!({"criteria": []}),
        json!({"criteria": [{"attribute": "license", "operator": "one_of", "value": "MIT"}]}),
        json!({"target": {"repository": "qa/website2"}}),
        json!({"target": {"repository": "qa/website", "tag": "%n-x"}}),
        list(json!("stable")),
    ] {
        assert_ne!(fingerprint(other.clone()), own, "{other}");
    }
}

#[test]
fn the_samples_are_policies() {
    for (name, text) in [
        (
            "stable-to-qa",
            include_str!("../../../../policies/stable-to-qa.json"),
        ),
        (
            "mirror-releases",
            include_str!("../../../../policies/mirror-releases.json"),
        ),
    ] {
        let parsed = Policy::parse(&Node::from_json(text).unwrap());
        assert_eq!(parsed.map(|policy| policy.name), Ok(name.to_owned()));
    }
}
