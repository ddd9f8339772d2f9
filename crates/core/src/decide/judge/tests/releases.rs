//! The attribute `tag.semver`: each answer worked out by hand.

use super::*;
use crate::{Tag, decide::concerns};

/// The verdict, and whether the policy is concerned at all.
fn on(tag: &str, operator: &str, value: &Value) -> (Judged, bool) {
    let criteria = json!([{"attribute": "tag.semver", "operator": operator, "value": value}]);
    let policy = policy(&json!({"criteria": criteria}));
    let criterion = policy.criteria.first().unwrap();
    let push = push("dev/website", tag);
    let judged = judge(criterion, &policy, &push, &Evidence::none()).unwrap();
    (judged, concerns(&policy, &Tag::parse(tag).unwrap()))
}

#[test]
fn every_operator_on_a_tag_as_a_version() {
    // Met by one_of, and by not_one_of.
    for (tag, value, one_of, not_one_of) in [
        ("1.4.0", json!(">=1.4.0"), true, false),
        ("v1.4.0", json!([">=1.4.0"]), true, false),
        ("1.3.9", json!(">=1.4.0"), false, true),
        ("2.7.1", json!(["~1.4", "^2"]), true, false),
        ("3.0.0", json!(["~1.4", "^2"]), false, true),
        ("1.9.9", json!(">=1.0.0,<2.0.0"), true, false),
        ("2.0.0", json!(">=1.0.0,<2.0.0"), false, true),
        // A pre-release only where the range names one of the same three numbers.
        ("1.4.0-rc.1", json!(">=1.0.0"), false, true),
        ("1.4.0-rc.2", json!(">=1.4.0-rc.1"), true, false),
        // What is not a version meets neither.
        ("latest", json!(">=0.0.0"), false, false),
        ("1.4", json!(">=0.0.0"), false, false),
        ("1.4.0.1", json!(">=0.0.0"), false, false),
    ] {
        for (operator, met) in [("one_of", one_of), ("not_one_of", not_one_of)] {
            let (judged, concerns) = on(tag, operator, &value);
            let wanted = if met { Met } else { Broken };
            assert_eq!(judged.judgement.verdict, wanted, "{tag} {operator} {value}");
            assert_eq!(concerns, met, "{tag} {operator} {value}");
        }
    }
    let (judged, _) = on("latest", "not_one_of", &json!(["<1.0.0"]));
    insta::assert_snapshot!(judged.reason, @r#"tag.semver not_one_of ["<1.0.0"]: saw "latest", which is not a semantic version"#);
}
