use super::*;

#[test]
fn unknown_words_come_with_the_nearest_right_one() {
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
                {"attribute": "uptime", "operator": "~", "value": "x", "values": []}
            ],
            "target": {"repositry": "x", "repository": "qa/website", "tag": "%n-%D"},
            "unknown_licenses": "accepted",
            "unscannable": "ignore"
        }))),
        @r#"
    criterias: expected a key, found "criterias": did you mean "criteria"?
    dry-run: expected a key, found "dry-run": did you mean "dry_run"?
    owner: expected one of source, name, description, enabled, criteria, target, dry_run, artifacts, require_current_tag, unknown_licenses, unscannable, evaluate_existing, wait, exceptions, status, $schema; found "owner"
    criteria[0].attribute: expected an attribute, found "tags": did you mean "tag"?
    criteria[1].operator: expected an operator, found "endswith": did you mean "ends_with"?
    criteria[2].attribute: expected an attribute, found "vulnerability.critical": did you mean "vulnerabilities.critical"?
    criteria[3].operator: expected an operator, found "==": did you mean "="?
    criteria[4].attribute: expected an attribute, found "licence": did you mean "license"?
    criteria[5].values: expected a key, found "values": did you mean "value"?
    criteria[5].attribute: expected one of tag, tag.semver, age, promoted_from, vulnerabilities.<severity>, vulnerabilities.fixable.<severity>, vulnerabilities.exploitable.<severity>, finding_age.<severity>, finding, component, license, label.<key>; found "uptime"
    target.repositry: expected a key, found "repositry": did you mean "repository"?
    target.tag: expected a keyword, found "%D": did you mean "%d"?
    unknown_licenses: expected a word, found "accepted": did you mean "accept"?
    unscannable: expected one of hold, accept; found "ignore"
    "#
    );
}

#[test]
fn a_key_given_twice_is_reported_with_its_place() {
    let text = r#"{
        "source": "dev/website", "name": "p", "enabled": true, "enabled": false,
        "criteria": [{"attribute": "tag", "operator": "equals", "value": "a", "value": "b"}],
        "target": {"repository": "qa/website", "repository": "qa/other"}
    }"#;
    insta::assert_snapshot!(mistakes_of(&Node::from_json(text).unwrap()), @r#"
    enabled: expected each key once, found it twice
    criteria[0].value: expected each key once, found it twice
    target.repository: expected each key once, found it twice
    "#);
}

#[test]
fn dynamodb_json_is_named_in_one_mistake() {
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
        with(&json!({"status": {"S": "valid"}})),
        with(&json!({"name": {"S": "p", "N": "1"}})),
        with(&json!({"name": {"s": "p"}})),
    ] {
        assert!(!mistakes(&document).contains("DynamoDB JSON"), "{document}");
    }
}

#[test]
fn a_value_in_dynamodb_json_is_named_with_its_place() {
    let changes = json!({
        "criteria": [
            {"attribute": "vulnerabilities.all", "operator": "<=", "value": {"N": "0"}},
            {"attribute": "tag", "operator": "ends_with", "value": {"S": "stable"}},
            {"attribute": "tag", "operator": "ends_with", "value": [{"S": "stable"}]},
            {"attribute": {"S": "tag"}, "operator": "equals", "value": "x"},
            {"M": {"attribute": {"S": "tag"}}},
        ],
        "target": {"repository": {"S": "qa/website"}},
    });
    insta::assert_snapshot!(mistakes(&with(&changes)), @r#"
    criteria[0].value: expected one whole number, found DynamoDB JSON as in {"N": …}: write the value alone
    criteria[1].value: expected a string, found DynamoDB JSON as in {"S": …}: write the value alone
    criteria[2].value[0]: expected a string, found DynamoDB JSON as in {"S": …}: write the value alone
    criteria[3].attribute: expected a string, found DynamoDB JSON as in {"S": …}: write the value alone
    criteria[4]: expected a map of keys, found DynamoDB JSON as in {"M": …}: write the value alone
    target.repository: expected a string, found DynamoDB JSON as in {"S": …}: write the value alone
    "#);
}

#[test]
fn values_of_the_wrong_kind_are_reported() {
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
    criteria[0].value: expected a whole number of at least 0, found the number -1, which is negative
    criteria[0].value: expected a whole number of at least 0, found the number 1.5, which is not whole
    criteria[0].value: expected a whole number of at least 0, found the string "1.5", which is not whole
    criteria[0].value: expected a whole number of at least 0, found the string "-2", which is negative
    criteria[0].value: expected a whole number of at least 0, found the string "many"
    criteria[0].value: expected a whole number of at least 0, found an empty string
    criteria[0].value: expected one whole number, found a list
    criteria[0].value: expected one whole number, found a list
    criteria[0].value: expected one whole number, found null
    criteria[0].value: expected one whole number, found true
    criteria[0].value: expected a whole number of at least 0, found the number 1000000000000000000000000000000, which is too large
    criteria[0].value: expected a whole number of at least 0, found the string "+1"
    criteria[0].value: expected a whole number of at least 0, found the string " 1"
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
fn a_strangers_key_is_quoted_and_cut() {
    let key = format!("a\nb{}", "x".repeat(1000));
    let errors = Policy::parse(&Node::Map(vec![(key, Node::Null)])).unwrap_err();
    let first = errors.first().map(ToString::to_string).unwrap_or_default();
    assert!(first.starts_with(r#""a\nbxxx"#), "{first}");
    assert!(first.chars().count() < 500, "{first}");
}

#[test]
fn near_words_are_searched_only_for_reported_mistakes() {
    let wrong = json!({
        "attribute": "license", "operator": "one_of", "value": vec!["Apache-2.O"; VALUES_MAX]
    });
    let document = node(&with(&json!({"criteria": vec![wrong; CRITERIA_MAX]})));
    let errors = Policy::parse(&document).unwrap_err();
    assert_eq!(errors.len(), MISTAKES_MAX + 1);
}
