//! Where a push was promoted from.

use super::*;
use crate::{Repository, provenance::Chain};

fn promoted_from(sources: &[&str]) -> Chain {
    let mut chain = Chain::default();
    let key = policy(&json!({})).key();
    let repository = |name: &str| Repository::parse(name).unwrap();
    for source in sources {
        chain = chain.and(&key, &repository(source), &repository("qa/website"));
    }
    chain
}

#[test]
fn a_push_comes_from_where_it_was_promoted_last() {
    let person: &[&str] = &[];
    for (operator, value, sources, wanted) in [
        ("equals", json!("dev/website"), &["dev/website"][..], Met),
        ("equals", json!("dev/web"), &["dev/website"], Broken),
        (
            "equals",
            json!("dev/website"),
            &["dev/website", "qa/website"],
            Broken,
        ),
        ("equals", json!("dev/website"), person, Broken),
        ("starts_with", json!("dev/"), &["dev/website"], Met),
        ("matches", json!("dev/.*"), &["dev/website"], Met),
        ("matches", json!("dev/.*"), person, Broken),
        (
            "not_one_of",
            json!(["dev/website"]),
            &["dev/website"],
            Broken,
        ),
        ("not_one_of", json!(["dev/website"]), &["dev/other"], Met),
        ("not_one_of", json!(["dev/website"]), person, Met),
        ("not_matches", json!("dev/.*"), &["dev/website"], Broken),
    ] {
        let own = criterion("promoted_from", operator, &value);
        let mut push = push("qa/website", "1");
        push.chain = promoted_from(sources);
        let judged = judge(&own, &policy(&json!({})), &push, &Evidence::none()).unwrap();
        let case = format!("{operator} {value} from {sources:?}");
        assert_eq!(judged.judgement.verdict, wanted, "{case}");
    }
}

#[test]
fn a_source_that_the_policy_does_not_name_stays_unnamed() {
    let own = criterion("promoted_from", "equals", &json!("dev/website"));
    let mut push = push("qa/website", "1");
    push.chain = promoted_from(&["secret/project"]);
    let judged = judge(&own, &policy(&json!({})), &push, &Evidence::none()).unwrap();
    let reason = "promoted_from equals \"dev/website\": saw another repository";
    assert_eq!(judged.reason, reason);
    let written = serde_json::to_string(&judged.judgement).unwrap();
    assert!(!written.contains("secret"), "{written}");
}
