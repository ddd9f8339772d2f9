use super::*;
use crate::policy::ReferrersTaken;

const SPDX: &str = "application/spdx+json";

fn document(referrers: &Value) -> Value {
    with(&json!({"target": {"repository": "qa/website", "referrers": referrers}}))
}

#[test]
fn all_go_along_unless_the_policy_says_otherwise() {
    let read = |document: &Value| parse(document).unwrap().target.referrers;
    let unsaid = read(&with(&json!({"target": {"repository": "qa/website"}})));
    for (case, taken, any, sbom, signature) in [
        ("nothing said", unsaid, true, true, true),
        ("true", read(&document(&json!(true))), true, true, true),
        ("false", read(&document(&json!(false))), false, false, false),
        ("a list", read(&document(&json!([SPDX]))), true, true, false),
    ] {
        assert_eq!(taken.any(), any, "{case}");
        assert_eq!(taken.takes([SPDX]), sbom, "{case}");
        let types = ["application/vnd.cncf.notary.signature"];
        assert_eq!(taken.takes(types), signature, "{case}");
    }
    assert!(!ReferrersTaken::Types([SPDX.to_owned()].into()).takes([]));
}

#[test]
fn what_selects_no_referrer_is_a_mistake() {
    let many: Vec<String> = (0..21).map(|n| format!("a/{n}")).collect();
    let told: Vec<String> = [
        json!("true"),
        json!(1),
        json!(null),
        json!({"types": [SPDX]}),
        json!([]),
        json!(many),
        json!([SPDX, SPDX]),
        json!([1, "", "spdx", "application/*", " a/b", "a/b;c=d", "a/b/c"]),
        json!([format!("a/{}", "b".repeat(254))]),
    ]
    .iter()
    .map(|referrers| mistakes(&document(referrers)))
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    target.referrers: expected true, false or a list of artifact types, found the string "true"
    target.referrers: expected true, false or a list of artifact types, found the number 1
    target.referrers: expected true, false or a list of artifact types, found null
    target.referrers: expected true, false or a list of artifact types, found a map
    target.referrers: expected 1 to 20 artifact types, or false for none, found 0
    target.referrers: expected 1 to 20 artifact types, or false for none, found 21
    target.referrers[1]: "application/spdx+json" is in the list already
    target.referrers[0]: expected a string, found the number 1: put it in quotes
    target.referrers[1]: expected a string, found an empty string
    target.referrers[2]: expected a whole artifact type as in "application/spdx+json", found "spdx"
    target.referrers[3]: expected a whole artifact type as in "application/spdx+json", found "application/*"
    target.referrers[4]: expected a whole artifact type as in "application/spdx+json", found " a/b"
    target.referrers[5]: expected a whole artifact type as in "application/spdx+json", found "a/b;c=d"
    target.referrers[6]: expected a whole artifact type as in "application/spdx+json", found "a/b/c"
    target.referrers[0]: expected a whole artifact type as in "application/spdx+json", found "a/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…"
    "#);
}
