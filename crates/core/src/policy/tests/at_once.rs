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
                {"attribute": "uptime", "operator": "~", "value": -1}
            ],
            "target": {"repository": "QA/%Y/{foo}/{rst}", "tag": "%q-{foo}/%D}"}
        }))),
        @r#"
    criteria[0].attribute: expected an attribute, found "vulnerabilities.Critical": did you mean "vulnerabilities.critical"?
    criteria[0].value: expected a whole number of at least 0, found the number -1, which is negative
    criteria[1].attribute: expected an attribute, found "vulnerabilities.Critical": did you mean "vulnerabilities.critical"?
    criteria[1].operator: expected an operator for vulnerabilities.critical (> >= = != <= <), found "contains"
    criteria[1].value: expected one whole number, found a list
    criteria[2].attribute: expected an attribute, found "Tag": did you mean "tag"?
    criteria[2].operator: expected an operator, found "endswith": did you mean "ends_with"?
    criteria[2].value[1]: expected a string, found the number 7: put it in quotes
    criteria[3].operator: expected an operator, found "matchs": did you mean "matches"?
    criteria[3].value: expected a regular expression, found an unclosed group
    criteria[4].operator: expected one of equals, not_equals, starts_with, ends_with, contains, one_of, not_one_of, matches, not_matches; found "~"
    criteria[4].value: expected a string, found the number 7: put it in quotes
    criteria[5].operator: expected a value, found none
    criteria[5].value: expected at least one string, found an empty list
    criteria[6].attribute: expected an attribute, found "licence": did you mean "license"?
    criteria[6].value: expected a license, found "gpl-9": did you mean one of GPL-1.0-only, GPL-1.0-or-later, GPL-2.0-only, GPL-2.0-or-later, GPL-3.0-only, GPL-3.0-or-later?
    criteria[7].attribute: expected one of tag, tag.semver, age, promoted_from, vulnerabilities.<severity>, vulnerabilities.fixable.<severity>, vulnerabilities.exploitable.<severity>, finding_age.<severity>, finding, component, license, label.<key>; found "uptime"
    target.repository: expected the characters of a repository's name, found "Q", "A"
    target.repository: expected only placeholders such as {rest} in a repository's name, found the keyword "%Y", which belongs in target.tag
    target.repository: expected one of the placeholders {repository} {name} {namespace} {rest} {digest}, found "{foo}"
    target.repository: expected a placeholder, found "{rst}": did you mean "{rest}"?
    target.tag: expected one of the keywords %n %A %a %w %d %b %B %m %Y %y %H %I %p %M %S %f %Z %j %W, found "%q"
    target.tag: expected one of the placeholders {repository} {name} {namespace} {rest} {digest}, found "{foo}"
    target.tag: expected the characters of a tag, found "/"
    target.tag: expected a keyword, found "%D": did you mean "%d"?
    target.tag: expected a placeholder as in {name}, found a single "}"
    "#
    );
}
