//! Values that can never match are mistakes, and values like them are not.

use serde_json::json;

use super::{mistakes, with_criterion};

/// What is said of a value, without its place.
fn told(attribute: &str, operator: &str, value: &str) -> String {
    let told = mistakes(&with_criterion(attribute, operator, &json!(value)));
    told.strip_prefix("criteria[0].value: ")
        .unwrap_or(&told)
        .to_owned()
}

#[test]
fn a_value_that_can_never_match_is_a_mistake() {
    let mut lines = String::new();
    for (attribute, operator, value) in [
        ("component", "not_one_of", "log4j-core@2.14.1"),
        ("component", "not_one_of", "log4j-core@latest"),
        ("component", "equals", "@angular/core@17.0.0"),
        (
            "component",
            "not_equals",
            "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
        ),
        ("component", "one_of", "pkg:npm/%40angular/core@17"),
        ("component", "one_of", "pkg:deb/debian/curl?arch=amd64"),
        ("component", "one_of", "pkg:golang/example.com/x#sub"),
        ("component", "one_of", "pkg:npm"),
        ("component", "one_of", "requests==2.31.0"),
        ("component", "one_of", "requests>=2"),
        ("component", "one_of", "org.yaml:snakeyaml:1.33"),
        ("component", "not_one_of", "log4j-*"),
        ("component", "one_of", "log4j-*"),
        ("component", "contains", "*log4j*"),
        ("component", "one_of", "*"),
        ("component", "one_of", "a*b"),
        ("component", "not_one_of", " log4j-core "),
        ("component", "starts_with", "log4j\u{a0}"),
        ("component", "contains", "log\u{200b}4j"),
        ("component", "contains", "log4j\tcore"),
        ("component", "matches", " log4j.*"),
        ("component", "not_matches", "log4j.*\n"),
        ("component", "matches", "[a&&b]"),
        ("license", "one_of", " MIT"),
        ("license", "starts_with", "GPL-*"),
        ("tag", "equals", "*-rc*"),
        ("tag", "ends_with", "*stable"),
        ("tag", "equals", "release/1"),
        ("tag", "equals", "1.0.0+build.1"),
        ("tag", "ends_with", "stable\u{a0}"),
        ("tag", "contains", "sta ble"),
        ("tag", "contains", "stäble"),
        ("tag", "one_of", "dev/website:1.4"),
        ("tag", "equals", "-stable"),
        ("tag", "starts_with", ".x"),
        ("tag", "contains", &"x".repeat(129)),
        ("tag", "matches", "release/.*"),
        ("tag", "not_matches", ".*:latest"),
        ("tag", "matches", r"v\d+ "),
        ("tag", "matches", "a{129}"),
        ("vulnerabilities.critical", "<", "0"),
    ] {
        let told = told(attribute, operator, value);
        assert_ne!(told, "none", "{attribute} {operator} {value:?}");
        lines.push_str(&told);
        lines.push('\n');
    }
    insta::assert_snapshot!(lines, @r#"
    expected a name, or a name with a range as in "log4j-core@<2.17.1", found "log4j-core@2.14.1"
    expected a name, or a name with a range as in "log4j-core@<2.17.1", found "log4j-core@latest"
    expected a name, or a name with a range as in "log4j-core@<2.17.1", found "@angular/core@17.0.0"
    expected a package URL without version, qualifiers and subpath, found "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"
    expected a package URL without version, qualifiers and subpath, found "pkg:npm/%40angular/core@17"
    expected a package URL without version, qualifiers and subpath, found "pkg:deb/debian/curl?arch=amd64"
    expected a package URL without version, qualifiers and subpath, found "pkg:golang/example.com/x#sub"
    expected a package URL as in "pkg:npm/lodash", found "pkg:npm"
    expected a name, or a name with a range as in "log4j-core@<2.17.1", found "requests==2.31.0"
    expected a name, or a name with a range as in "log4j-core@<2.17.1", found "requests>=2"
    expected a name, or a name with a range as in "log4j-core@<2.17.1", found "org.yaml:snakeyaml:1.33"
    expected a value without "*", which has no special meaning here, found "log4j-*": did you mean not_matches "log4j-.*"?
    expected a value without "*", which has no special meaning here, found "log4j-*": did you mean starts_with "log4j-"?
    expected a value without "*", which has no special meaning here, found "*log4j*": did you mean contains "log4j"?
    expected a value without "*", which has no special meaning here, found "*": did you mean matches ".*"?
    expected a value without "*", which has no special meaning here, found "a*b": did you mean matches "a.*b"?
    expected no blanks at either end, found " log4j-core "
    expected no blanks at either end, found "log4j\u{a0}"
    expected characters that can be seen, found U+200B in "log\u{200b}4j"
    expected characters that can be seen, found U+0009 in "log4j\tcore"
    expected no blanks at either end, found " log4j.*"
    expected no blanks at either end, found "log4j.*\n"
    expected a regular expression that can match, found "[a&&b]"
    expected no blanks at either end, found " MIT"
    expected a value without "*", which has no special meaning here, found "GPL-*": did you mean starts_with "GPL-"?
    expected a value without "*", which has no special meaning here, found "*-rc*": did you mean contains "-rc"?
    expected a value without "*", which has no special meaning here, found "*stable": did you mean ends_with "stable"?
    expected the characters of a tag (A-Z a-z 0-9 _ . -), found "/" in "release/1"
    expected the characters of a tag (A-Z a-z 0-9 _ . -), found "+" in "1.0.0+build.1"
    expected no blanks at either end, found "stable\u{a0}"
    expected the characters of a tag (A-Z a-z 0-9 _ . -), found " " in "sta ble"
    expected the characters of a tag (A-Z a-z 0-9 _ . -), found "ä" in "stäble"
    expected the characters of a tag (A-Z a-z 0-9 _ . -), found "/" in "dev/website:1.4"
    expected a first character of a tag (A-Z a-z 0-9 _), found "-stable"
    expected a first character of a tag (A-Z a-z 0-9 _), found ".x"
    expected at most 128 characters, as a tag has, found 129
    expected a regular expression for the characters of a tag (A-Z a-z 0-9 _ . -), found others in "release/.*"
    expected a regular expression for the characters of a tag (A-Z a-z 0-9 _ . -), found others in ".*:latest"
    expected no blanks at either end, found "v\\d+ "
    expected a regular expression that matches at most 128 characters, as a tag has, found one that needs 129 or more
    expected a number that a count can be below, found 0
    "#);
}

#[test]
fn a_range_under_another_operator_was_told_to_be_what_it_is() {
    for (operator, value) in [
        ("ends_with", "log4j-core@<2.17.1"),
        ("contains", "pkg:npm/lodash@<4.17.21"),
    ] {
        let expected = format!(
            "expected a name, found {value:?}: only equals, not_equals, one_of and not_one_of take a range of versions"
        );
        assert_eq!(told("component", operator, value), expected);
    }
}

#[test]
fn a_value_that_only_looks_like_one_is_fine() {
    for (attribute, operator, value) in [
        ("component", "not_one_of", "log4j-core@<2.17.1"),
        ("component", "not_one_of", "pkg:npm/@angular/core@>=16,<17"),
        ("component", "not_one_of", "@angular/core"),
        ("component", "starts_with", "@angular/"),
        ("component", "contains", "/@"),
        ("component", "not_one_of", "pkg:npm/@angular/core"),
        ("component", "not_one_of", "pkg:npm/%40angular/core"),
        (
            "component",
            "not_one_of",
            "pkg:maven/org.apache.logging.log4j/log4j-core",
        ),
        ("component", "starts_with", "pkg:maven"),
        (
            "component",
            "not_one_of",
            "org.apache.logging.log4j:log4j-core",
        ),
        (
            "component",
            "not_one_of",
            "org.apache.logging.log4j/log4j-core",
        ),
        ("component", "not_one_of", "lodash.merge"),
        ("component", "not_one_of", "libstdc++6"),
        ("component", "not_one_of", "Mojo::Base"),
        ("component", "not_one_of", "Microsoft Visual C++ 2015"),
        ("component", "not_one_of", "github.com/Sirupsen/logrus"),
        ("component", "not_one_of", "größe"),
        ("component", "not_matches", "log4j-.*"),
        ("component", "not_matches", r".*@2\..*"),
        ("component", "matches", "(?x) log4j .* \n"),
        ("component", "matches", r"\ x"),
        ("license", "starts_with", "GPL-"),
        ("license", "not_matches", "GPL-.*"),
        ("tag", "ends_with", "-stable"),
        ("tag", "ends_with", ".x"),
        ("tag", "contains", "-rc."),
        ("tag", "equals", &"x".repeat(128)),
        ("tag", "matches", r"v\d+\.\d+(/x)?"),
        ("tag", "matches", "release/1|v1"),
        ("tag", "matches", r"[\w.-]+"),
        ("tag", "matches", "[/v]1"),
        ("vulnerabilities.critical", "<", "1"),
        ("vulnerabilities.critical", "<=", "0"),
        ("vulnerabilities.critical", ">=", "0"),
    ] {
        assert_eq!(
            told(attribute, operator, value),
            "none",
            "{attribute} {operator} {value:?}"
        );
    }
}

#[test]
fn the_key_of_a_label_is_a_plain_word() {
    let of = |attribute: &str| mistakes(&with_criterion(attribute, "equals", &json!("web")));
    for good in [
        "label.team",
        "label.org.opencontainers.image.base.name",
        "label.desktop.docker.io/binds/0:x@y+z-w_v",
        &format!("label.{}", "x".repeat(128)),
    ] {
        assert_eq!(of(good), "none", "{good}");
    }
    let wrong: Vec<String> = [
        "label.",
        "label.<script>",
        "label.a b",
        "label.a\u{202e}b",
        "label.grün",
        &format!("label.{}", "x".repeat(129)),
        "label",
        "labels.team",
        "Label.team",
        "lable.team",
    ]
    .into_iter()
    .map(of)
    .collect();
    insta::assert_snapshot!(wrong.join("\n"), @r#"
    criteria[0].attribute: expected the key of a label (A-Z a-z 0-9 . _ / : @ + -) after "label.", found none
    criteria[0].attribute: expected the key of a label (A-Z a-z 0-9 . _ / : @ + -) after "label.", found "<" in "<script>"
    criteria[0].attribute: expected the key of a label (A-Z a-z 0-9 . _ / : @ + -) after "label.", found " " in "a b"
    criteria[0].attribute: expected the key of a label (A-Z a-z 0-9 . _ / : @ + -) after "label.", found "\u{202e}" in "a\u{202e}b"
    criteria[0].attribute: expected the key of a label (A-Z a-z 0-9 . _ / : @ + -) after "label.", found "ü" in "grün"
    criteria[0].attribute: expected at most 128 characters of a label's key, found 129
    criteria[0].attribute: expected an attribute, found "label": did you mean "label.<key>"?
    criteria[0].attribute: expected an attribute, found "labels.team": did you mean "label.team"?
    criteria[0].attribute: expected an attribute, found "Label.team": did you mean "label.team"?
    criteria[0].attribute: expected an attribute, found "lable.team": did you mean "label.team"?
    "#);
    let operators = mistakes(&with_criterion("label.team", ">=", &json!(1)));
    insta::assert_snapshot!(operators, @r#"
    criteria[0].operator: expected an operator for label.team (equals not_equals starts_with ends_with contains one_of not_one_of matches not_matches), found ">="
    criteria[0].value: expected a string, found the number 1: put it in quotes
    "#);
}
