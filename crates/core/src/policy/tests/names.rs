use super::*;

#[test]
fn an_unknown_license_comes_with_the_nearest_one() {
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
    criteria[0].value[6]: expected a range that a version can be in, found an empty one
    criteria[0].value[7]: expected a bound such as <2.17.1, >=2.0 or =2.14.1, found "3"
    criteria[0].value[8]: expected a version, found "01.0"
    criteria[0].value[9]: expected a package URL whose versions have a known order, found "pkg:generic/a"
    criteria[0].value[10]: expected a version, found ""
    criteria[0].value[11]: expected a range that a version can be in, found an empty one
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
    criteria[0].value[4]: expected a range that a version can be in, found an empty one
    criteria[0].value[5]: expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found "latest"
    criteria[0].operator: expected an operator for tag.semver (one_of not_one_of), found "equals"
    criteria[0].value: expected a string, found the number 7: put it in quotes
    "#);
}

#[test]
fn only_unknown_words_can_be_accepted() {
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
    unknown_licenses[3]: expected a word that does not clearly name a license, found "MIT License"
    unknown_licenses[4]: expected a word that does not clearly name a license, found "MIT OR GPL-2.0-only"
    unknown_licenses[5]: expected at most 512 characters, found 513
    "#);
}
