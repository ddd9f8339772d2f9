use super::*;

#[test]
fn a_list_is_believed_when_it_is_complete_and_settled() {
    let untimed = |answer| Answer {
        completed_at: None,
        ..answer
    };
    let counted = |counted, answer| Answer {
        counted: Some(counted),
        ..answer
    };
    for (case, answer, minute, wanted) in [
        (
            "complete, empty, no counts, no time",
            untimed(basic("COMPLETE", 0)),
            60,
            "pending",
        ),
        (
            "complete, enhanced, no time",
            untimed(inspector("COMPLETE", 2)),
            60,
            "pending",
        ),
        (
            "active, empty list alone",
            untimed(basic("ACTIVE", 0)),
            60,
            "pending",
        ),
        (
            "empty counts without a time",
            untimed(counted(0, answer("COMPLETE"))),
            60,
            "pending",
        ),
        (
            "counts without a list",
            counted(3, answer("COMPLETE")),
            60,
            "pending",
        ),
        ("nothing but a time", answer("COMPLETE"), 60, "pending"),
        (
            "counts and an empty list",
            counted(3, basic("COMPLETE", 0)),
            60,
            "pending",
        ),
        (
            "fewer entries than counted",
            counted(3, inspector("ACTIVE", 2)),
            60,
            "pending",
        ),
        (
            "as many as counted",
            counted(2, inspector("ACTIVE", 2)),
            60,
            "ready, 2 of scan: enhanced",
        ),
    ] {
        assert_eq!(
            word(&state(&Lookup::Found(answer), minute)),
            wanted,
            "{case}"
        );
    }
}

#[test]
fn a_list_that_may_grow_settles_and_a_basic_one_ages() {
    let counted = |counted, answer| Answer {
        counted: Some(counted),
        ..answer
    };
    for (case, answer, minute, wanted) in [
        (
            "enhanced, just completed",
            inspector("COMPLETE", 1),
            6,
            "settling",
        ),
        (
            "enhanced and empty, just completed",
            inspector("ACTIVE", 0),
            6,
            "settling",
        ),
        (
            "enhanced, settled to the second",
            inspector("ACTIVE", 1),
            7,
            "ready, 1 of scan: enhanced",
        ),
        (
            "enhanced, completed in the future",
            inspector("ACTIVE", 1),
            4,
            "settling",
        ),
        (
            "basic, just completed",
            basic("COMPLETE", 1),
            5,
            "ready, 1 of scan: basic",
        ),
        (
            "basic and clean",
            counted(0, basic("COMPLETE", 0)),
            5,
            "ready, 0 of scan: basic",
        ),
        (
            "empty under a scan that goes on",
            counted(0, basic("ACTIVE", 0)),
            6,
            "settling",
        ),
        (
            "the same, settled",
            counted(0, basic("ACTIVE", 0)),
            7,
            "ready, 0 of scan: basic",
        ),
        (
            "empty counts and a time",
            counted(0, answer("COMPLETE")),
            6,
            "settling",
        ),
        (
            "the same, settled",
            counted(0, answer("COMPLETE")),
            7,
            "ready, 0 of scan: basic",
        ),
        (
            "basic, 30 days old",
            basic("COMPLETE", 1),
            5 + 30 * 24 * 60,
            "ready, 1 of scan: basic",
        ),
        (
            "basic, older",
            basic("COMPLETE", 1),
            6 + 30 * 24 * 60,
            "stale",
        ),
        (
            "enhanced does not age",
            inspector("ACTIVE", 1),
            90 * 24 * 60,
            "ready, 1 of scan: enhanced",
        ),
    ] {
        assert_eq!(
            word(&state(&Lookup::Found(answer), minute)),
            wanted,
            "{case}"
        );
    }
}

#[test]
fn both_lists_are_counted_where_both_are_there() {
    let both = Answer {
        basic: Some(entries(1)),
        ..inspector("COMPLETE", 2)
    };
    assert_eq!(word(&state(&Lookup::Found(both.clone()), 6)), "settling");
    assert_eq!(
        word(&state(&Lookup::Found(both), 60)),
        "ready, 3 of scan: enhanced"
    );
}

#[test]
fn only_enhanced_findings_filled_is_never_a_clean_basic_scan() {
    let answer = Answer {
        enhanced: Some(vec![enhanced("CRITICAL", "ACTIVE")]),
        basic: Some(Vec::new()),
        ..answer("COMPLETE")
    };
    let State::Ready(seen) = state(&Lookup::Found(answer), 60) else {
        panic!("not ready")
    };
    assert_eq!(seen.value[0].severity, Severity::Critical);
    assert_eq!(seen.at, at(5));
}
