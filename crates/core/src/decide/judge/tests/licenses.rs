//! The attribute `license`: each value was worked out by hand from the expressions.

mod unknown;
mod words;

use super::*;
use crate::decide::fixtures::{self, artifact, frame, licensed};
use crate::evidence::{Component, License};

const GPL_WITH_CLASSPATH: &str = "GPL-2.0-only WITH Classpath-exception-2.0";

fn stated(name: &str, expression: &str) -> Component {
    licensed(name, License::of(expression))
}

fn one(expression: &str) -> Evidence {
    evidence(&[sbom(vec![stated("a", expression)])])
}

/// The verdict on one component with this expression.
fn on(expression: &str, operator: &str, value: &Value) -> CriterionVerdict {
    verdict(&criterion("license", operator, value), &one(expression))
}

#[test]
fn every_operator_on_a_license() {
    // What the component states, and per value whether the operator is met.
    for (stated, operator, value, met) in [
        ("MIT", "equals", json!("MIT"), true),
        ("MIT", "equals", json!("mit"), true),
        ("MIT", "equals", json!("MIT License"), true),
        ("mit", "equals", json!("MIT"), true),
        ("MIT", "equals", json!("MIT-0"), false),
        ("MIT", "equals", json!(["ISC", "MIT"]), true),
        ("MIT", "one_of", json!(["ISC", "MIT"]), true),
        ("MIT", "one_of", json!(["ISC"]), false),
        ("MIT", "not_equals", json!("mit"), false),
        ("MIT", "not_equals", json!("ISC"), true),
        ("MIT", "not_equals", json!(["ISC", "MIT"]), false),
        ("MIT", "not_one_of", json!(["ISC", "Zlib"]), true),
        ("MIT", "not_one_of", json!(["ISC", "mit"]), false),
        ("AGPL-3.0-only", "starts_with", json!("agpl-"), true),
        ("AGPL-3.0-only", "starts_with", json!("GPL-"), false),
        ("AGPL-3.0-only", "ends_with", json!("-ONLY"), true),
        ("AGPL-3.0-only", "ends_with", json!("-or-later"), false),
        ("AGPL-3.0-only", "contains", json!("gpl"), true),
        ("AGPL-3.0-only", "contains", json!(["mit", "3.0"]), true),
        ("AGPL-3.0-only", "contains", json!("MIT"), false),
        ("AGPL-3.0-only", "matches", json!("agpl-.*"), true),
        ("AGPL-3.0-only", "matches", json!("GPL-.*"), false),
        ("AGPL-3.0-only", "matches", json!("(?-i)agpl-.*"), false),
        ("AGPL-3.0-only", "not_matches", json!("[al]?gpl-.*"), false),
        ("AGPL-3.0-only", "not_matches", json!("gpl-.*"), true),
        ("LicenseRef-Ours", "equals", json!("licenseref-ours"), true),
        (
            "LicenseRef-Ours",
            "not_equals",
            json!("LicenseRef-ours"),
            false,
        ),
        ("docker", "one_of", json!(["docker"]), true),
        ("Docker", "one_of", json!(["docker"]), true),
        ("docker-ce", "one_of", json!(["docker"]), false),
        ("docker", "not_one_of", json!(["docker"]), false),
        (
            "ACME commercial  license",
            "not_equals",
            json!("Acme Commercial License"),
            false,
        ),
        ("MIT AND docker", "not_equals", json!("docker"), false),
        ("MIT OR docker", "not_equals", json!("docker"), true),
    ] {
        let expected = if met { Met } else { Broken };
        assert_eq!(
            on(stated, operator, &value),
            expected,
            "{stated}: {operator} {value}"
        );
    }
}

#[test]
fn a_license_that_is_stated_where_none_is_needed_counts() {
    let mit = || stated("a", "MIT");
    let frame = |license: &str| frame("image", License::of(license));
    for (case, subject, verdict_of_ban) in [
        ("banned", frame("AGPL-3.0-only"), Broken),
        ("fine", frame("MIT"), Met),
        ("unknown", frame("see LICENSE"), Unknown),
        ("none", fixtures::frame("image", License::default()), Met),
    ] {
        let known = evidence(&[sbom(vec![mit(), subject])]);
        assert_eq!(verdict(&banned(), &known), verdict_of_ban, "{case}");
    }
}

#[test]
fn choices_exceptions_and_deprecated_identifiers() {
    // Met by "equals", and met by "not_equals": a choice may meet both, a part of AND only one.
    for (stated, value, equals, not_equals) in [
        ("MIT OR AGPL-3.0-only", "AGPL-3.0-only", true, true),
        ("MIT OR AGPL-3.0-only", "MIT", true, true),
        ("MIT AND AGPL-3.0-only", "AGPL-3.0-only", true, false),
        ("MIT AND AGPL-3.0-only", "ISC", false, true),
        (
            "AGPL-3.0-only OR AGPL-3.0-only",
            "AGPL-3.0-only",
            true,
            false,
        ),
        (
            "(MIT OR AGPL-3.0) AND AGPL-3.0",
            "AGPL-3.0-only",
            true,
            false,
        ),
        ("MIT OR ISC AND AGPL-3.0", "AGPL-3.0-only", true, true),
        // -only and -or-later are different licenses.
        ("GPL-2.0-or-later", "GPL-2.0-only", false, true),
        ("GPL-2.0-only", "GPL-2.0-or-later", false, true),
        // Deprecated identifiers, on either side.
        ("GPL-2.0", "GPL-2.0-only", true, false),
        ("GPL-2.0-only", "GPL-2.0", true, false),
        ("GPL-2.0+", "GPL-2.0-or-later", true, false),
        ("GPLv3+", "GPL-3.0+", true, false),
        (
            "GPL-2.0-with-classpath-exception",
            GPL_WITH_CLASSPATH,
            true,
            false,
        ),
        // A license stands for itself with any exception, one with an exception for that alone.
        (GPL_WITH_CLASSPATH, "GPL-2.0-only", true, false),
        (GPL_WITH_CLASSPATH, GPL_WITH_CLASSPATH, true, false),
        (
            GPL_WITH_CLASSPATH,
            "gpl-2.0 with classpath-exception-2.0",
            true,
            false,
        ),
        ("GPL-2.0-only", GPL_WITH_CLASSPATH, false, true),
        (
            "GPL-2.0-only WITH GCC-exception-2.0",
            GPL_WITH_CLASSPATH,
            false,
            true,
        ),
    ] {
        for (operators, met) in [
            (["equals", "one_of"], equals),
            (["not_equals", "not_one_of"], not_equals),
        ] {
            for operator in operators {
                let expected = if met { Met } else { Broken };
                let found = on(stated, operator, &json!([value]));
                assert_eq!(found, expected, "{stated}: {operator} {value}");
            }
        }
    }
    // The same of regular expressions, which know the deprecated identifiers too.
    for (stated, pattern, not_matches) in [
        ("MIT OR AGPL-3.0-only", "AGPL.*", true),
        ("MIT AND AGPL-3.0-only", "AGPL.*", false),
        ("MIT OR AGPL-3.0-only", ".*", false),
        ("GPL-2.0-only", r"GPL-2\.0", false),
        ("GPL-2.0-or-later", r"GPL-2\.0\+", false),
        ("GPL-2.0-or-later", r"GPL-2\.0", true),
        (GPL_WITH_CLASSPATH, "GPL-2.0-only", false),
        (GPL_WITH_CLASSPATH, ".* with classpath.*", false),
        ("GPL-2.0-only", ".* with classpath.*", true),
    ] {
        let expected = if not_matches { Met } else { Broken };
        let found = on(stated, "not_matches", &json!(pattern));
        assert_eq!(found, expected, "{stated}: not_matches {pattern}");
    }
}

fn banned() -> Criterion {
    criterion("license", "not_one_of", &json!(["AGPL-3.0-only"]))
}

#[test]
fn every_platform_has_its_say() {
    let mit = || sbom(vec![stated("a", "MIT")]);
    let agpl = || sbom(vec![stated("b", "AGPL-3.0-only")]);
    let unknown = || sbom(vec![licensed("c", License::default())]);
    let wanted = criterion("license", "equals", &json!("AGPL-3.0-only"));
    for (case, platforms, forbids, wants) in [
        ("clear on both", vec![mit(), mit()], Met, Broken),
        ("banned on the second", vec![mit(), agpl()], Broken, Met),
        (
            "banned, the other waits",
            vec![not_yet(), agpl()],
            Broken,
            Await,
        ),
        (
            "banned, the other never",
            vec![never(), agpl()],
            Broken,
            Unknown,
        ),
        (
            "clear, the other waits",
            vec![mit(), not_yet()],
            Await,
            Await,
        ),
        (
            "clear, the other never",
            vec![mit(), never()],
            Unknown,
            Unknown,
        ),
        (
            "clear, the other empty",
            vec![mit(), sbom(vec![])],
            Unknown,
            Unknown,
        ),
        (
            "unknown, the other waits",
            vec![unknown(), not_yet()],
            Unknown,
            Await,
        ),
        (
            "unknown, the other banned",
            vec![unknown(), agpl()],
            Broken,
            Met,
        ),
        ("no SBOM yet", vec![not_yet()], Await, Await),
    ] {
        let known = evidence(&platforms);
        assert_eq!(verdict(&banned(), &known), forbids, "{case}");
        assert_eq!(verdict(&wanted, &known), wants, "{case}, wanted");
    }
    let (own, push) = (policy(&json!({})), push("dev/website", "1"));
    let unasked = evidence(&[scanned(vec![])]);
    assert_eq!(
        judge(&banned(), &own, &push, &unasked),
        Err(Lack::Components)
    );
    let none = Evidence::none();
    assert_eq!(judge(&banned(), &own, &push, &none), Err(Lack::Contents));
    assert_eq!(verdict(&banned(), &artifact()), Unknown);
}
