//! What reads and events count for.

use super::*;

#[test]
fn a_read_that_began_before_the_last_run_was_written_places_nothing() {
    let mut known = runs(&[('a', 10), ('b', 20)]);
    known.seen_at = Some(at(500));
    let c = digest('c');
    let mut stale = sight(&c, Some(&c), 30);
    for (case, began, counts) in [
        ("before it was written", at(400), false),
        ("just after", at(500) + TimeDelta::seconds(4), false),
        ("five seconds after", at(500) + COUNTS_AFTER, true),
    ] {
        stale.read_began = began;
        let placed = place(&known, &stale, None);
        let expected = Placed::ReadAgain {
            not_before: at(500) + COUNTS_AFTER,
        };
        assert_eq!(placed != expected, counts, "{case}: {placed:?}");
    }
    // The first run of a tag waits for nothing, and neither does one that is placed by its event.
    stale.read_began = at(0);
    assert!(matches!(
        place(&Runs::default(), &stale, None),
        Placed::New { .. }
    ));
    let b = digest('b');
    stale.standing = Some(&b);
    assert!(matches!(place(&known, &stale, None), Placed::New { .. }));
}

#[test]
fn events_that_come_in_reverse_are_placed_by_their_times() {
    let mut all = Runs::default();
    let standing = digest('c');
    for (letter, micros) in [('c', 30), ('b', 20), ('a', 10)] {
        let digest = digest(letter);
        let Placed::New { runs, .. } = place(&all, &sight(&digest, Some(&standing), micros), None)
        else {
            panic!("{letter} is new");
        };
        all = runs;
    }
    let list: Vec<String> = all.runs.iter().map(short).collect();
    assert_eq!(list, ["3a@10", "2b@20", "1c@30"]);
}

#[test]
fn a_newer_event_of_the_last_run_confirms_it_once() {
    let known = runs(&[('a', 10), ('b', 20)]);
    let b = digest('b');
    for (told, confirmed) in [
        (Some(20), false),
        (Some(15), false),
        (None, false),
        (Some(21), true),
    ] {
        let sight = Unplaced {
            told: told.map(at),
            ..sight(&b, Some(&b), 20)
        };
        match place(&known, &sight, None) {
            Placed::Known(run) => assert!(!confirmed && run.number == 2, "{told:?}"),
            Placed::Confirmed { run, runs } => {
                assert!(confirmed && run.number == 2 && run.order_time == at(20));
                assert_eq!(runs.seen_at, Some(at(1_000)));
                assert_eq!(place(&runs, &sight, None), Placed::Known(run), "once");
            }
            other => panic!("{other:?}"),
        }
    }
}
