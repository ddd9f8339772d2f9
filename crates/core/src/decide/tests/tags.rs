//! Criteria on the tag alone: what is not a case of a policy, and what cannot be decided.

use serde_json::json;

use super::*;

#[test]
fn a_push_whose_tag_does_not_match_is_not_a_case_of_the_policy() {
    let ends = ("tag", "ends_with", json!("stable"));
    let no_rc = ("tag", "not_matches", json!(".*-rc.*"));
    let clean = ("vulnerabilities.critical", "=", json!(0));
    let banned = ("component", "not_one_of", json!(["log4j-core"]));
    for (case, list, tag, concerned) in [
        ("no criteria", vec![], "1.4", true),
        (
            "no criterion on tags",
            vec![clean.clone(), banned.clone()],
            "1.4",
            true,
        ),
        ("met", vec![ends.clone()], "1.4-stable", true),
        ("not met", vec![ends.clone()], "1.4", false),
        (
            "one of two",
            vec![ends.clone(), no_rc.clone()],
            "1.4-rc-stable",
            false,
        ),
        (
            "both",
            vec![ends.clone(), no_rc.clone()],
            "1.4-stable",
            true,
        ),
        (
            "others do not matter",
            vec![clean, banned, ends, no_rc],
            "1.4-stable",
            true,
        ),
    ] {
        let policy = policy(&criteria(&list));
        let tag = Tag::parse(tag).unwrap();
        assert_eq!(concerns(&policy, &tag), concerned, "{case}");
        let Step::Decided(decided) = decide(
            &push("dev/website", tag.as_str()),
            &policy,
            &everywhere(),
            &evidence(&[never()]),
            time(20),
        ) else {
            panic!("{case}: asks");
        };
        let broken = decided
            .criteria
            .iter()
            .any(|judged| judged.attribute == "tag" && judged.verdict == CriterionVerdict::Broken);
        assert_eq!(concerned, !broken, "{case}: decides alike");
    }
}

#[test]
fn an_expression_that_cannot_tell_never_promotes() {
    // The boundary of a word beside a character outside ASCII.
    let known = evidence(&[sbom(vec![
        component("zlib", "1", &[]),
        component("é-libevil", "1", &[]),
        component("zstd", "1", &[]),
    ])]);
    let push = push("dev/website", "1.4");
    for operator in ["matches", "not_matches"] {
        let changes = criteria(&[("component", operator, json!(r".*\bevil\b.*"))]);
        let decision = decision(&push, &changes, &known);
        assert_eq!(decision.verdict, Verdict::Hold, "{operator}");
        assert!(
            decision
                .reason
                .contains("limit: a regular expression cannot be matched"),
            "{}",
            decision.reason
        );
        assert_eq!(
            decision.criteria[0].verdict,
            CriterionVerdict::Unknown,
            "{operator}"
        );
    }
    let told = told(
        &push,
        &criteria(&[(
            "component",
            "not_matches",
            json!(r".*(?-u:\b)libevil(?-u:\b).*"),
        )]),
        &known,
    );
    assert_eq!(
        told,
        r#"hold: component not_matches ".*(?-u:\\b)libevil(?-u:\\b).*": saw é-libevil 1"#
    );
}
