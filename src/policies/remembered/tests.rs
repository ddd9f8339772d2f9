use chrono::TimeDelta;
use serde_json::json;

use super::*;

const SOURCE: &str = "dev/website";

fn at(seconds: i64) -> Time {
    Time::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn item(name: &str, ends_with: &str) -> PolicyItem {
    let document = json!({
        "source": SOURCE,
        "name": name,
        "criteria": [{"attribute": "tag", "operator": "ends_with", "value": ends_with}],
        "target": {"repository": "qa/website", "tag": "%n"},
    });
    serde_dynamo::to_item(document).unwrap()
}

fn with(mut item: PolicyItem, name: &str, value: AttributeValue) -> PolicyItem {
    item.insert(name.to_owned(), value);
    item
}

/// What is remembered after one read of these items, begun at second 100.
fn read(items: Vec<PolicyItem>) -> Remembered {
    let mut remembered = Remembered::default();
    let read: Vec<_> = items
        .into_iter()
        .map(|item| remembered.policy(SOURCE, item))
        .collect();
    let is_whole = read.iter().all(Result::is_ok);
    let good: Vec<Loaded> = read.into_iter().flatten().collect();
    remembered.keep(SOURCE, at(100), &good, is_whole);
    remembered
}

#[test]
fn a_read_answers_only_for_pushes_before_it_that_no_policy_means() {
    let stable = || item("stable", "-stable");
    let disabled = || with(stable(), "enabled", AttributeValue::Bool(false));
    let bad = || with(stable(), "enabled", AttributeValue::S("yes".to_owned()));
    for (case, items, tag, told_at, answers) in [
        ("meant", vec![stable()], "1-stable", 95, false),
        ("not meant", vec![stable()], "1-dev", 95, true),
        (
            "not meant, long ago",
            vec![stable()],
            "1-dev",
            -1_000_000,
            true,
        ),
        (
            "the clocks may be apart by so much",
            vec![stable()],
            "1-dev",
            96,
            false,
        ),
        ("after the read", vec![stable()], "1-dev", 101, false),
        (
            "a disabled policy means nothing",
            vec![disabled()],
            "1-stable",
            95,
            true,
        ),
        ("no policy at all", vec![], "1-stable", 95, true),
        (
            "an item that is not a policy is told of each time",
            vec![bad()],
            "1-dev",
            95,
            false,
        ),
        (
            "the second policy means it",
            vec![stable(), item("dev", "-dev")],
            "1-dev",
            95,
            false,
        ),
    ] {
        let (remembered, tag) = (read(items), Tag::parse(tag).unwrap());
        let sources = [SOURCE.to_owned()];
        assert_eq!(
            remembered.none_means(&sources, &tag, at(told_at), at(160)),
            answers,
            "{case}"
        );
        assert!(
            !remembered.none_means(&sources, &tag, at(told_at), at(161)),
            "{case}: a minute after the read"
        );
        let also_another = [SOURCE.to_owned(), "*".to_owned()];
        assert!(
            !remembered.none_means(&also_another, &tag, at(told_at), at(160)),
            "{case}: one level was never read"
        );
    }
}

#[test]
fn a_policy_is_read_into_words_again_only_where_it_was_edited() {
    let mut remembered = read(vec![item("stable", "-stable")]);
    let before = remembered
        .policy(SOURCE, item("stable", "-stable"))
        .unwrap();
    let mut again = |item| remembered.policy(SOURCE, item).unwrap();
    let status = AttributeValue::M(HashMap::new());
    let checked = again(with(item("stable", "-stable"), STATUS, status));
    assert!(Arc::ptr_eq(&before.policy, &checked.policy));
    assert!(before.is_written_as(&checked));
    for edited in [
        item("stable", "-release"),
        item("other", "-stable"),
        with(
            item("stable", "-stable"),
            "dry_run",
            AttributeValue::Bool(true),
        ),
    ] {
        let now = again(edited.clone());
        assert!(!Arc::ptr_eq(&before.policy, &now.policy), "{edited:?}");
        assert!(!before.is_written_as(&now), "{edited:?}");
    }
}

#[test]
fn what_is_remembered_is_bounded_and_the_oldest_goes() {
    let mut remembered = Remembered::default();
    let good = vec![
        remembered
            .policy(SOURCE, item("stable", "-stable"))
            .unwrap(),
    ];
    for number in 0..20_000 {
        let policies = if number % 2 == 0 {
            good.as_slice()
        } else {
            &[]
        };
        let began = at(100) + TimeDelta::seconds(number);
        remembered.keep(&format!("dev/{number}"), began, policies, true);
        assert!(remembered.bytes <= BYTES_MAX);
    }
    let sum: usize = remembered.levels.values().map(|level| level.bytes).sum();
    assert_eq!(sum, remembered.bytes);
    assert!(remembered.bytes > BYTES_MAX / 2);
    let is_known = |source: &str| remembered.levels.contains_key(source);
    assert!(is_known("dev/19999") && !is_known("dev/0"));
    let words = "x".repeat(BYTES_MAX);
    let large = with(item("large", "-s"), "description", AttributeValue::S(words));
    let large = Loaded {
        policy: good[0].policy.clone(),
        item: Arc::new(large),
    };
    remembered.keep("dev/large", at(1_000_000), &[large], true);
    assert_eq!(
        remembered.bytes, sum,
        "one that is too large drops no other"
    );
}
