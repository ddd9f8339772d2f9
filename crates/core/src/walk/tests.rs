use serde_json::json;

use super::*;
use crate::node::Node;

fn at(minutes: i64) -> Time {
    let start: Time = "2026-03-07T09:00:00Z".parse().unwrap();
    start + TimeDelta::minutes(minutes)
}

fn walk(began: i64, lease: i64, place: Option<Place>) -> Walk {
    Walk {
        began: at(began),
        walker: "one".to_owned(),
        lease: at(lease),
        at: place,
    }
}

#[test]
fn whose_turn_the_walk_is() {
    let under_way = Some(Place {
        repository: Some(Repository::parse("dev/website").unwrap()),
        ..Place::default()
    });
    for (what, before, began) in [
        ("there was none", None, Some(70)),
        (
            "another has it",
            Some(walk(65, 71, under_way.clone())),
            None,
        ),
        (
            "another has it still, though it is done",
            Some(walk(5, 71, None)),
            None,
        ),
        (
            "its walker died",
            Some(walk(65, 67, under_way.clone())),
            Some(65),
        ),
        (
            "one under way is older than an hour",
            Some(walk(3, 5, under_way)),
            Some(3),
        ),
        ("it began an hour ago", Some(walk(10, 12, None)), Some(70)),
        (
            "it began less than an hour ago",
            Some(walk(11, 12, None)),
            None,
        ),
    ] {
        let taken = Walk::take(before.as_ref(), "two", at(70));
        assert_eq!(
            taken.as_ref().map(|walk| walk.began),
            began.map(at),
            "{what}"
        );
        if let Some(taken) = taken {
            assert_eq!(
                (taken.walker.as_str(), taken.lease),
                ("two", at(72)),
                "{what}"
            );
            assert!(taken.at.is_some(), "{what}");
        }
    }
}

/// Names and what they mean; a policy that means nothing has a mistake.
fn look(policies: &[(&str, &str)]) -> Present {
    let mut look = Present::default();
    for (name, means) in policies {
        if means.is_empty() {
            look.unreadable.insert((*name).to_owned());
        } else {
            let means = (*means).to_owned();
            look.enabled.insert((*name).to_owned(), means);
        }
    }
    look
}

#[test]
fn since_when_a_policy_means_its_tags() {
    let before = FirstSeen::default().look(&look(&[("p", "a"), ("q", "b")]), at(0));
    for (what, now, expected) in [
        ("as before", look(&[("p", "a")]), Some(0)),
        ("other tags", look(&[("p", "c")]), Some(9)),
        ("a mistake", look(&[("p", "")]), Some(0)),
        ("gone or disabled", look(&[("q", "b")]), None),
    ] {
        let seen = before.look(&now, at(9));
        let found = seen.policies.get("p").map(|seen| seen.at);
        assert_eq!(found, expected.map(at), "{what}");
    }
    let gone = before.look(&look(&[]), at(3));
    let again = gone.look(&look(&[("p", "a")]), at(9));
    assert_eq!(again.policies["p"].at, at(9), "enabled, or made, again");
}

/// Whether the policy takes a tag for a push that no event told of.
fn takes(tag: &str, pushed_at: i64, last: LastRun, existing: bool) -> bool {
    let document = json!({
        "source": "dev/website", "name": "p", "target": {"repository": "qa/website"},
        "criteria": [{"attribute": "tag", "operator": "ends_with", "value": "stable"}],
    });
    let policy = Policy::parse(&serde_json::from_value::<Node>(document).unwrap()).unwrap();
    let looking = [Looking {
        policy: &policy,
        since: at(10),
        existing,
    }];
    let standing = ShownTag {
        tag: &Tag::parse(tag).unwrap(),
        pushed_at: at(pushed_at),
    };
    !pushed_for(&looking, &standing, last, at(100)).is_empty()
}

#[test]
fn which_tags_are_pushes_without_an_event() {
    use LastRun::{None, Other, Same};
    let (yes, no) = (true, false);
    for (what, pushed_at, last, found) in [
        ("pushed after the policy", 20, None, yes),
        ("pushed before the policy", 9, None, no),
        ("its event may be on its way", 96, None, no),
        ("it has its run", 20, Same, no),
        ("moved to a new image", 20, Other(at(15)), yes),
        ("moved to an image of just now", 96, Other(at(15)), yes),
        ("moved to an old image", 5, Other(at(15)), yes),
        ("moved, maybe before the policy", 5, Other(at(7)), no),
    ] {
        assert_eq!(takes("1-stable", pushed_at, last, false), found, "{what}");
        assert!(!takes("1-beta", pushed_at, last, false), "no case: {what}");
        assert!(takes("1-stable", pushed_at, last, true), "existing: {what}");
        assert!(!takes("1-beta", pushed_at, last, true), "no case: {what}");
    }
}
