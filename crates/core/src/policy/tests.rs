mod at_once;
mod limits;
mod properties;
mod spent;
mod targets;
mod values;

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
fn what_is_missing_is_told_all_at_once() {
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
fn unknown_words_are_told_with_the_nearest_right_one() {
    insta::assert_snapshot!(
        mistakes(&with(&json!({
            "criterias": [],
            "dry-run": true,
            "owner": "me",
            "criteria": [
                {"attribute": "tags", "operator": "equals", "value": "x"},
                {"attribute": "tag", "operator": "endswith", "value": "x"},
                {"attribute": "vulnerability.critical", "operator": "=", "value": 0},
                {"attribute": "vulnerabilities.critical", "operator": "==", "value": 0},
                {"attribute": "licence", "operator": "not_one_of", "value": ["AGPL-3.0-only"]},
                {"attribute": "age", "operator": "~", "value": "x", "values": []}
            ],
            "target": {"repositry": "x", "repository": "qa/website", "tag": "%n-%D"},
            "unknown_licenses": "accepted",
            "unscannable": "ignore"
        }))),
        @r#"
    criterias: expected a key, found "criterias": did you mean "criteria"?
    dry-run: expected a key, found "dry-run": did you mean "dry_run"?
    owner: expected one of source, name, description, enabled, criteria, target, dry_run, artifacts, require_current_tag, unknown_licenses, unscannable, status, $schema; found "owner"
    criteria[0].attribute: expected an attribute, found "tags": did you mean "tag"?
    criteria[1].operator: expected an operator, found "endswith": did you mean "ends_with"?
    criteria[2].attribute: expected an attribute, found "vulnerability.critical": did you mean "vulnerabilities.critical"?
    criteria[3].operator: expected an operator, found "==": did you mean "="?
    criteria[4].attribute: expected an attribute, found "licence": did you mean "license"?
    criteria[5].values: expected a key, found "values": did you mean "value"?
    criteria[5].attribute: expected one of tag, tag.semver, vulnerabilities.critical, vulnerabilities.major, vulnerabilities.minor, vulnerabilities.all, vulnerabilities.CRITICAL, vulnerabilities.HIGH, vulnerabilities.MEDIUM, vulnerabilities.LOW, vulnerabilities.INFORMATIONAL, vulnerabilities.UNDEFINED, component, license; found "age"
    target.repositry: expected a key, found "repositry": did you mean "repository"?
    target.tag: expected a keyword, found "%D": did you mean "%d"?
    unknown_licenses: expected a word, found "accepted": did you mean "accept"?
    unscannable: expected one of hold, accept; found "ignore"
    "#
    );
}

#[test]
fn a_key_given_twice_is_told_with_its_place() {
    let text = r#"{
        "source": "dev/website", "name": "p", "enabled": true, "enabled": false,
        "criteria": [{"attribute": "tag", "operator": "equals", "value": "a", "value": "b"}],
        "target": {"repository": "qa/website", "repository": "qa/other"}
    }"#;
    insta::assert_snapshot!(mistakes_of(&Node::from_json(text).unwrap()), @r#"
    enabled: expected each key once, found it again
    criteria[0].value: expected each key once, found it again
    target.repository: expected each key once, found it again
    "#);
}

#[test]
fn dynamodb_json_is_told_as_such_in_one_mistake() {
    let item = json!({
        "source": {"S": "dev/website"}, "name": {"S": "p"}, "enabled": {"BOOL": true},
        "criteria": {"L": [{"M": {"attribute": {"S": "tag"}, "operator": {"S": "equals"}, "value": {"S": "x"}}}]},
        "target": {"M": {"repository": {"S": "qa/website"}}}
    });
    insta::assert_snapshot!(mistakes(&item), @r#"document: expected plain JSON as in {"source": "dev/website"}, found DynamoDB JSON as in {"source": {"S": "dev/website"}}: in the DynamoDB console, switch "View DynamoDB JSON" off to see plain JSON"#);
    for document in [
        json!({"Item": item}),
        json!({"Items": [item], "Count": 1}),
        with(&json!({"target": {"M": {"repository": {"S": "qa/website"}}}})),
        with(&json!({"criteria": {"L": []}})),
        with(&json!({"name": {"S": "p"}})),
    ] {
        assert_eq!(mistakes(&document), mistakes(&item), "{document}");
    }
    for document in [
        json!({"S": "x"}),
        with(&json!({"target": {"repository": {"S": "qa/website"}}})),
        with(&json!({"status": {"S": "valid"}})),
        with(&json!({"name": {"S": "p", "N": "1"}})),
        with(&json!({"name": {"s": "p"}})),
    ] {
        assert!(!mistakes(&document).contains("DynamoDB JSON"), "{document}");
    }
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
fn values_of_the_wrong_kind_are_told() {
    insta::assert_snapshot!(
        mistakes(&with(&json!({
            "source": 7,
            "name": "with blank",
            "description": ["x"],
            "enabled": "true",
            "dry_run": 1,
            "artifacts": [],
            "require_current_tag": {},
            "unknown_licenses": false,
            "unscannable": ["accept"],
            "criteria": {},
            "target": "qa/website"
        }))),
        @r#"
    source: expected a string, found the number 7: put it in quotes
    name: expected a name of 1 to 128 of A-Z a-z 0-9 . _ -, found "with blank"
    description: expected a string, found a list
    enabled: expected true or false, found the string "true" in quotes
    criteria: expected a list of criteria, found a map
    target: expected a map, found the string "qa/website"
    dry_run: expected true or false, found the number 1
    artifacts: expected true or false, found a list
    require_current_tag: expected true or false, found a map
    unknown_licenses: expected a string, found false: put it in quotes
    unscannable: expected a string, found a list
    "#
    );
    let told = |attribute: &str, operator: &str, values: &[Value]| {
        let lines: Vec<_> = values
            .iter()
            .map(|value| mistakes(&with_criterion(attribute, operator, value)))
            .collect();
        lines.join("\n")
    };
    let numbers = [
        json!(-1),
        json!(1.5),
        json!("1.5"),
        json!("-2"),
        json!("many"),
        json!(""),
        json!([0]),
        json!([]),
        json!(null),
        json!(true),
        json!(1e30),
        json!("+1"),
        json!(" 1"),
    ];
    insta::assert_snapshot!(told("vulnerabilities.all", "<=", &numbers), @r#"
    criteria[0].value: expected a whole number from 0 on, found the number -1, which is negative
    criteria[0].value: expected a whole number from 0 on, found the number 1.5, which is not whole
    criteria[0].value: expected a whole number from 0 on, found the string "1.5", which is not whole
    criteria[0].value: expected a whole number from 0 on, found the string "-2", which is negative
    criteria[0].value: expected a whole number from 0 on, found the string "many"
    criteria[0].value: expected a whole number from 0 on, found an empty string
    criteria[0].value: expected one whole number, found a list
    criteria[0].value: expected one whole number, found a list
    criteria[0].value: expected one whole number, found null
    criteria[0].value: expected one whole number, found true
    criteria[0].value: expected a whole number from 0 on, found the number 1000000000000000000000000000000, which is too large
    criteria[0].value: expected a whole number from 0 on, found the string "+1"
    criteria[0].value: expected a whole number from 0 on, found the string " 1"
    "#);
    let strings = [
        json!(1.4),
        json!(true),
        json!(""),
        json!([]),
        json!(["a", "", 3, ["b"]]),
        json!(null),
        json!({"a": 1}),
    ];
    insta::assert_snapshot!(told("tag", "one_of", &strings), @r#"
    criteria[0].value: expected a string, found the number 1.4: put it in quotes
    criteria[0].value: expected a string, found true: put it in quotes
    criteria[0].value: expected a string, found an empty string
    criteria[0].value: expected at least one string, found an empty list
    criteria[0].value[1]: expected a string, found an empty string
    criteria[0].value[2]: expected a string, found the number 3: put it in quotes
    criteria[0].value[3]: expected a string, found a list
    criteria[0].value: expected a string, found null
    criteria[0].value: expected a string, found a map
    "#);
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
    for (attribute, _, _) in Attribute::ALL {
        for (operator, _) in StringOperator::ALL {
            let good = matches!(*attribute, "tag" | "component" | "license");
            let parsed = parse(&with_criterion(attribute, operator, &json!("MIT")));
            assert_eq!(parsed.is_ok(), good, "{attribute} {operator}");
        }
        for (operator, _) in NumberOperator::ALL {
            let good = attribute.starts_with("vulnerabilities.");
            let parsed = parse(&with_criterion(attribute, operator, &json!("7")));
            assert_eq!(parsed.is_ok(), good, "{attribute} {operator}");
        }
    }
    insta::assert_snapshot!(mistakes(&with_criterion("tag", ">=", &json!("1"))), @r#"criteria[0].operator: expected an operator that goes with tag (equals not_equals starts_with ends_with contains one_of not_one_of matches not_matches), found ">=""#);
    insta::assert_snapshot!(mistakes(&with_criterion("vulnerabilities.HIGH", "one_of", &json!(1))), @r#"criteria[0].operator: expected an operator that goes with vulnerabilities.HIGH (> >= = != <= <), found "one_of""#);
}

#[test]
fn a_strangers_key_is_quoted_and_cut() {
    let key = format!("a\nb{}", "x".repeat(1000));
    let errors = Policy::parse(&Node::Map(vec![(key, Node::Null)])).unwrap_err();
    let first = errors.first().map(ToString::to_string).unwrap_or_default();
    assert!(first.starts_with(r#""a\nbxxx"#), "{first}");
    assert!(first.chars().count() < 500, "{first}");
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

#[test]
fn a_license_that_nobody_knows_is_told_with_what_was_meant() {
    let values = json!([
        "AGPL-3.0-only",
        "AGPL3-only",
        "GPL",
        "BSD",
        "MIT OR AGPL-3.0-only",
        "GPL-2.0 WITH Classpath-exeption-2.0",
        "our own words",
        "LicenseRef-ours",
        "Apache License, Version 2.0",
        "NOASSERTION"
    ]);
    for operator in ["equals", "not_equals", "one_of", "not_one_of"] {
        let told = mistakes(&with_criterion("license", operator, &values));
        assert_eq!(told.lines().count(), 5, "{operator}: {told}");
    }
    insta::assert_snapshot!(mistakes(&with_criterion("license", "not_one_of", &values)), @r#"
    criteria[0].value[2]: expected a license, found "GPL": did you mean one of GPL-1.0-only, GPL-1.0-or-later, GPL-2.0-only, GPL-2.0-or-later, GPL-3.0-only, GPL-3.0-or-later?
    criteria[0].value[3]: expected a license, found "BSD": did you mean one of BSD-1-Clause, BSD-2-Clause, BSD-2-Clause-Darwin, BSD-2-Clause-Patent, BSD-2-Clause-Views, BSD-2-Clause-first-lines and 35 more?
    criteria[0].value[4]: expected one license, found 2 in "MIT OR AGPL-3.0-only": list them one by one
    criteria[0].value[5]: expected a license, found "GPL-2.0 WITH Classpath-exeption-2.0": did you mean "GPL-2.0-only WITH Classpath-exception-2.0"?
    criteria[0].value[9]: expected a license, found "NOASSERTION", which states none
    "#);
    insta::assert_snapshot!(mistakes(&with_criterion("license", "equals", &json!("mitt"))), @r#"criteria[0].value: expected a license, found "mitt": did you mean "MIT"?"#);
    insta::assert_snapshot!(mistakes(&with_criterion("license", "equals", &json!("é".repeat(513)))), @"criteria[0].value: expected at most 512 characters, found 513");
    insta::assert_snapshot!(mistakes(&with_criterion("license", "not_matches", &json!(["a("]))), @"criteria[0].value[0]: expected a regular expression, found an unclosed group");
    // Parts of a license are any words.
    for operator in [
        "starts_with",
        "ends_with",
        "contains",
        "matches",
        "not_matches",
    ] {
        let told = mistakes(&with_criterion(
            "license",
            operator,
            &json!(["GPL", "our own"]),
        ));
        assert_eq!(told, "none", "{operator}");
    }
}

#[test]
fn a_range_of_versions_is_one() {
    let told = mistakes(&with_criterion(
        "component",
        "not_one_of",
        &json!([
            "log4j-core@<2.17.1",
            "@angular/core@>=15",
            "pkg:npm/a@=1.0.0",
            "a@>=1,<2",
            "a@<x",
            "@<2",
            "a@>2,<1",
            "a@<2,3",
            "pkg:npm/a@<01.0",
            "pkg:generic/a@<1",
            "a@=",
            "a@<1,>=1"
        ]),
    ));
    insta::assert_snapshot!(told, @r#"
    criteria[0].value[5]: expected a name before the range, found none
    criteria[0].value[6]: expected a range that a version can be in, found one that none can
    criteria[0].value[7]: expected a bound such as <2.17.1, >=2.0 or =2.14.1, found "3"
    criteria[0].value[8]: expected a version, found "01.0"
    criteria[0].value[9]: expected a package URL whose versions have a known order, found "pkg:generic/a"
    criteria[0].value[10]: expected a version, found ""
    criteria[0].value[11]: expected a range that a version can be in, found one that none can
    "#);
}

#[test]
fn a_range_of_releases_is_one() {
    let told = [
        mistakes(&with_criterion(
            "tag.semver",
            "one_of",
            &json!([">=1.4.0", "^2", "1.4.0", "1.*", ">2,<1", "latest", ""]),
        )),
        mistakes(&with_criterion("tag.semver", "equals", &json!(">=1.4.0"))),
        mistakes(&with_criterion("tag.semver", "not_one_of", &json!(7))),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    criteria[0].value[6]: expected a string, found an empty string
    criteria[0].value[2]: expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found "1.4.0"
    criteria[0].value[3]: expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found "1.*"
    criteria[0].value[4]: expected a range that a version can be in, found one that none can
    criteria[0].value[5]: expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found "latest"
    criteria[0].operator: expected an operator that goes with tag.semver (one_of not_one_of), found "equals"
    criteria[0].value: expected a string, found the number 7: put it in quotes
    "#);
}

#[test]
fn acceptable_words_are_words_that_nobody_knows() {
    let many = json!({"unknown_licenses": vec!["a"; VALUES_MAX + 1]});
    let told = [
        json!({"unknown_licenses": []}),
        many,
        json!({"unknown_licenses": [
            "", 7, " BSD", "MIT License", "MIT OR GPL-2.0-only", "x".repeat(513),
            "GPL", "LicenseRef-ours", "see LICENSE", "MIT OR BSD"
        ]}),
    ]
    .map(|changes| mistakes(&with(&changes)));
    insta::assert_snapshot!(told.join("\n"), @r#"
    unknown_licenses: expected 1 to 500 words, found 0
    unknown_licenses: expected 1 to 500 words, found 501
    unknown_licenses[0]: expected a string, found an empty string
    unknown_licenses[1]: expected a string, found the number 7: put it in quotes
    unknown_licenses[2]: expected no blanks at either end, found " BSD"
    unknown_licenses[3]: expected a word that names no license for sure, found "MIT License"
    unknown_licenses[4]: expected a word that names no license for sure, found "MIT OR GPL-2.0-only"
    unknown_licenses[5]: expected at most 512 characters, found 513
    "#);
}

#[test]
fn near_words_are_looked_for_only_for_what_is_told() {
    let wrong = json!({
        "attribute": "license", "operator": "one_of", "value": vec!["Apache-2.O"; VALUES_MAX]
    });
    let document = node(&with(&json!({"criteria": vec![wrong; CRITERIA_MAX]})));
    let errors = Policy::parse(&document).unwrap_err();
    assert_eq!(errors.len(), MISTAKES_MAX + 1);
}
