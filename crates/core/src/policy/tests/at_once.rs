//! Validation tells every mistake at once.

use serde_json::json;

use super::{mistakes, with};

#[test]
fn one_mistake_does_not_hide_the_next() {
    insta::assert_snapshot!(
        mistakes(&with(&json!({
            "criteria": [
                {"attribute": "vulnerabilities.Critical", "operator": "<=", "value": -1},
                {"attribute": "vulnerabilities.Critical", "operator": "contains", "value": [1]},
                {"attribute": "Tag", "operator": "endswith", "value": ["stable", 7]},
                {"attribute": "tag", "operator": "matchs", "value": "("},
                {"attribute": "tag", "operator": "~", "value": 7},
                {"attribute": "component", "value": []},
                {"attribute": "licence", "operator": "one_of", "value": "gpl-9"},
                {"attribute": "age", "operator": "~", "value": -1}
            ],
            "target": {"repository": "QA/%Y/{foo}/{rst}", "tag": "%q-{foo}/%D}"}
        }))),
        @r#"
    criteria[0].attribute: unknown attribute "vulnerabilities.Critical", did you mean "vulnerabilities.critical"?
    criteria[0].value: the number -1 is negative, a whole number from 0 on is wanted
    criteria[1].attribute: unknown attribute "vulnerabilities.Critical", did you mean "vulnerabilities.critical"?
    criteria[1].operator: operator "contains" does not go with attribute "vulnerabilities.critical", expected one of >, >=, =, !=, <=, <
    criteria[1].value: is a list, one whole number is wanted
    criteria[2].attribute: unknown attribute "Tag", did you mean "tag"?
    criteria[2].operator: unknown operator "endswith", did you mean "ends_with"?
    criteria[2].value[1]: is the number 7, a string is wanted: quote it
    criteria[3].operator: unknown operator "matchs", did you mean "matches"?
    criteria[3].value: expected a regular expression, found an unclosed group
    criteria[4].operator: unknown operator "~", expected one of equals, not_equals, starts_with, ends_with, contains, one_of, not_one_of, matches, not_matches
    criteria[4].value: is the number 7, a string is wanted: quote it
    criteria[5].operator: is missing
    criteria[5].value: expected at least one string, found an empty list
    criteria[6].attribute: unknown attribute "licence", did you mean "license"?
    criteria[6].value: unknown license "gpl-9", did you mean one of GPL-1.0-only, GPL-1.0-or-later, GPL-2.0-only, GPL-2.0-or-later, GPL-3.0-only, GPL-3.0-or-later?
    criteria[7].attribute: unknown attribute "age", expected one of tag, tag.semver, vulnerabilities.critical, vulnerabilities.major, vulnerabilities.minor, vulnerabilities.all, vulnerabilities.CRITICAL, vulnerabilities.HIGH, vulnerabilities.MEDIUM, vulnerabilities.LOW, vulnerabilities.INFORMATIONAL, vulnerabilities.UNDEFINED, component, license
    target.repository: "Q", "A" can never stand in a repository name
    target.repository: keyword "%Y" in a repository: only placeholders such as {rest} are allowed here, keywords belong into target.tag
    target.repository: unknown placeholder "{foo}", expected one of {repository}, {name}, {namespace}, {rest}, {digest}
    target.repository: unknown placeholder "{rst}", did you mean "{rest}"?
    target.tag: unknown keyword "%q", expected one of %n %A %a %w %d %b %B %m %Y %y %H %I %p %M %S %f %Z %j %W
    target.tag: unknown placeholder "{foo}", expected one of {repository}, {name}, {namespace}, {rest}, {digest}
    target.tag: "/" can never stand in a tag
    target.tag: unknown keyword "%D", did you mean "%d"?
    target.tag: unbalanced "}": a placeholder is written as in {name}
    "#
    );
}
