use chrono::TimeDelta;

use super::*;
use crate::{Repository, Tag};

fn at(seconds: i64) -> Time {
    Time::from_timestamp(1_795_515_300 + seconds, 0).unwrap()
}

fn target(tag: &str) -> Target {
    Target {
        repository: Repository::parse("qa/website").unwrap(),
        tag: Tag::parse(tag).unwrap(),
    }
}

/// A claim taken at second 0, with a lease of 100 seconds.
fn claim(id: &str) -> Claim {
    Claim {
        id: id.to_owned(),
        lease_until: at(100),
        target: target("first"),
        rendered_at: at(0),
    }
}

fn judged(outcome: Option<Outcome>, claim: Option<Claim>) -> Judged {
    Judged {
        outcome,
        claim,
        announced: false,
    }
}

/// What a second attempt, "b", makes of a state at a second.
fn take_at(state: Option<&Judged>, second: i64, by_hand: bool) -> Take {
    let attempt = Attempt {
        id: "b",
        now: at(second),
        lease_until: at(second + 100),
        target: &target("second"),
        rendered_at: at(second),
        by_hand,
    };
    take(state, &attempt)
}

/// A claim of "b" of its own, taken at a second.
fn own(second: i64) -> Take {
    Take::Mine(Claim {
        id: "b".to_owned(),
        lease_until: at(second + 100),
        target: target("second"),
        rendered_at: at(second),
    })
}

#[test]
fn a_claim_is_taken_once() {
    use Outcome::{Awaiting, Failed, Held, Promoted, Skipped};
    let taken_over = |second: i64| {
        Take::TakenOver(Claim {
            id: "b".to_owned(),
            lease_until: at(second + 100),
            ..claim("a")
        })
    };
    let alive = Take::Alive { until: at(100) };
    for (case, outcome, claimed_by, second, expected) in [
        ("held before, now promoted", Some(Held), None, 5, own(5)),
        ("awaited before", Some(Awaiting), None, 5, own(5)),
        ("skipped before, a dry run", Some(Skipped), None, 5, own(5)),
        ("nothing but an item", None, None, 5, own(5)),
        ("another is at it", None, Some("a"), 99, alive.clone()),
        (
            "his lease ends this moment",
            None,
            Some("a"),
            100,
            taken_over(100),
        ),
        ("his lease is over", None, Some("a"), 500, taken_over(500)),
        (
            "awaiting under his claim",
            Some(Awaiting),
            Some("a"),
            99,
            alive,
        ),
        (
            "the same attempt again",
            None,
            Some("b"),
            50,
            Take::Mine(claim("b")),
        ),
        ("promoted", Some(Promoted), Some("a"), 500, Take::Done),
        (
            "promoted by the same",
            Some(Promoted),
            Some("b"),
            50,
            Take::Done,
        ),
        ("failed", Some(Failed), Some("a"), 500, Take::Done),
        (
            "failed without a claim",
            Some(Failed),
            None,
            500,
            Take::Done,
        ),
    ] {
        let state = judged(outcome, claimed_by.map(claim));
        assert_eq!(take_at(Some(&state), second, false), expected, "{case}");
    }
    assert_eq!(take_at(None, 5, false), own(5), "never judged");
}

#[test]
fn only_a_person_has_a_failure_tried_again() {
    let failed = judged(Some(Outcome::Failed), Some(claim("a")));
    assert_eq!(take_at(Some(&failed), 50, true), own(50));
    // A person cannot promote twice either, nor push another aside.
    let promoted = judged(Some(Outcome::Promoted), Some(claim("a")));
    assert_eq!(take_at(Some(&promoted), 50, true), Take::Done);
    let alive = judged(None, Some(claim("a")));
    assert_eq!(
        take_at(Some(&alive), 50, true),
        Take::Alive { until: at(100) }
    );
}

#[test]
fn a_lost_answer_is_found_by_reading_back() {
    for (case, stored, mine) in [
        (
            "our write was done",
            Some(judged(None, Some(claim("b")))),
            true,
        ),
        (
            "another was first",
            Some(judged(None, Some(claim("a")))),
            false,
        ),
        ("no claim", Some(judged(Some(Outcome::Held), None)), false),
        ("no item", None, false),
    ] {
        assert_eq!(is_mine(stored.as_ref(), "b"), mine, "{case}");
    }
}

#[test]
fn the_time_of_the_claim_outlives_every_takeover() {
    let mut state = Judged::claimed(claim("a"));
    for round in 1..=5 {
        let now = at(0) + TimeDelta::seconds(200 * round);
        let attempt = Attempt {
            id: &format!("attempt {round}"),
            now,
            lease_until: now + TimeDelta::seconds(100),
            target: &target("later"),
            rendered_at: now,
            by_hand: false,
        };
        let Take::TakenOver(claim) = take(Some(&state), &attempt) else {
            panic!("round {round}");
        };
        assert_eq!(
            (&claim.target, claim.rendered_at),
            (&target("first"), at(0))
        );
        state = Judged::claimed(claim);
    }
}

#[test]
fn an_end_keeps_the_claim_only_where_it_was_one() {
    for (outcome, kept) in [
        (Outcome::Promoted, true),
        (Outcome::Failed, true),
        (Outcome::Held, false),
        (Outcome::Awaiting, false),
        (Outcome::Skipped, false),
    ] {
        let ended = Judged::claimed(claim("a")).ended(outcome);
        assert_eq!(ended.claim.is_some(), kept, "{outcome:?}");
        assert_eq!(ended.outcome, Some(outcome));
    }
}

#[test]
fn an_item_is_read_as_it_was_written() {
    for state in [
        Judged::claimed(claim("a")),
        Judged::claimed(claim("a")).ended(Outcome::Promoted),
        judged(Some(Outcome::Awaiting), None),
    ] {
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<Judged>(&text).unwrap(), state);
    }
}

#[test]
fn outcomes_are_told_in_the_words_that_they_are_written_in() {
    for (outcome, word) in [
        (Outcome::Promoted, "promoted"),
        (Outcome::Held, "held"),
        (Outcome::Awaiting, "awaiting"),
        (Outcome::Skipped, "skipped"),
        (Outcome::Failed, "failed"),
    ] {
        assert_eq!(outcome.as_str(), word);
        assert_eq!(outcome.to_string(), word);
        assert_eq!(serde_json::json!(outcome), word);
    }
}
