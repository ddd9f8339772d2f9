use proptest::prelude::*;

use super::*;

mod told;

/// A digest by one hexadecimal letter.
fn digest(letter: char) -> Digest {
    Digest::parse(&format!("sha256:{}", letter.to_string().repeat(64))).unwrap()
}

/// How many microseconds after a fixed moment.
fn at(micros: i64) -> Time {
    Time::from_timestamp_micros(1_795_515_300_000_000 + micros).unwrap()
}

fn run(number: u64, letter: char, micros: i64) -> Run {
    Run {
        number,
        digest: digest(letter),
        order_time: at(micros),
        told: Some(at(micros)),
        seen: at(0),
    }
}

fn runs(list: &[(char, i64)]) -> Runs {
    let runs: Vec<Run> = (1..)
        .zip(list)
        .map(|(number, (letter, micros))| run(number, *letter, *micros))
        .collect();
    Runs {
        last_number: runs.len() as u64,
        seen_at: runs.last().map(|run| run.seen),
        runs,
    }
}

/// A push of `digest` with an event at `micros`, read when every earlier write lies long back.
fn sight<'a>(digest: &'a Digest, standing: Option<&'a Digest>, micros: i64) -> Unplaced<'a> {
    Unplaced {
        digest,
        standing,
        read_began: at(1_000) + COUNTS_AFTER,
        told: Some(at(micros)),
        desired: at(micros),
        now: at(1_000),
    }
}

/// The runs after an event at `micros`, in one line: `5c@40` is run 5 of digest c at 40.
fn placed(runs: &Runs, event: char, stands_on: Option<char>, micros: i64) -> String {
    let current = stands_on.map(digest);
    let event = digest(event);
    match place(runs, &sight(&event, current.as_ref(), micros), None) {
        Placed::Known(run) => format!("known {}", run.number),
        Placed::Confirmed { run, .. } => format!("confirmed {}", run.number),
        Placed::ReadAgain { .. } => "read again".to_owned(),
        Placed::New { run, runs } => {
            assert_eq!(runs.last_number, run.number);
            let list: Vec<String> = runs.runs.iter().map(short).collect();
            list.join(" ")
        }
    }
}

fn short(run: &Run) -> String {
    let micros = (run.order_time - at(0)).num_microseconds().unwrap();
    format!("{}{}@{micros}", run.number, &run.digest.hex()[..1])
}

#[test]
fn the_first_push_of_a_tag_is_run_one() {
    assert_eq!(placed(&Runs::default(), 'a', Some('a'), 5), "1a@5");
    // Its image is gone already, or another push came between: its own event will tell.
    assert_eq!(placed(&Runs::default(), 'a', None, 5), "1a@5");
    assert_eq!(placed(&Runs::default(), 'a', Some('b'), 5), "1a@5");
}

#[test]
fn a_known_digest_that_the_tag_came_back_to_is_a_rollback() {
    let known = runs(&[('a', 10), ('b', 20)]);
    assert_eq!(placed(&known, 'a', Some('a'), 30), "1a@10 2b@20 3a@30");
}

#[test]
fn a_known_digest_is_otherwise_its_newest_run() {
    let known = runs(&[('a', 10), ('b', 20), ('a', 30), ('c', 40)]);
    for (case, event, stands_on, number) in [
        ("a late copy of an older one", 'b', Some('c'), 2),
        ("a late copy, of two runs", 'a', Some('c'), 3),
        ("the tag is gone", 'b', None, 2),
        ("the tag stands on something unknown", 'b', Some('d'), 2),
        ("the tag stands on another known one", 'b', Some('a'), 2),
    ] {
        let told = placed(&known, event, stands_on, 50);
        assert_eq!(told, format!("known {number}"), "{case}");
    }
}

#[test]
fn an_unknown_digest_that_the_tag_stands_on_is_the_new_last_run() {
    let known = runs(&[('a', 10), ('b', 20)]);
    assert_eq!(placed(&known, 'c', Some('c'), 30), "1a@10 2b@20 3c@30");
}

#[test]
fn an_unknown_digest_was_overtaken_where_the_last_run_stands() {
    let known = runs(&[('a', 10), ('b', 20)]);
    assert_eq!(placed(&known, 'c', Some('b'), 15), "1a@10 3c@15 2b@20");
    // Alone before the first, it may be as old as it says.
    let one = runs(&[('b', 20)]);
    assert_eq!(placed(&one, 'c', Some('b'), 3), "2c@3 1b@20");
}

#[test]
fn an_unknown_digest_that_nothing_confirms_is_the_new_last_run() {
    let known = runs(&[('a', 10), ('b', 20)]);
    // The tag points to what its own event will tell.
    assert_eq!(placed(&known, 'c', Some('d'), 30), "1a@10 2b@20 3c@30");
    assert_eq!(placed(&known, 'c', Some('a'), 30), "1a@10 2b@20 3c@30");
    assert_eq!(placed(&known, 'c', None, 30), "1a@10 2b@20 3c@30");
}

#[test]
fn a_run_that_fell_off_is_still_known() {
    let list: Vec<(char, i64)> = (0..40)
        .map(|n| (if n % 2 == 0 { 'b' } else { 'c' }, 100 + n))
        .collect();
    let known = Runs {
        runs: runs(&list).runs.split_off(8),
        last_number: 40,
        seen_at: Some(at(0)),
    };
    let old = run(3, 'a', 7);
    let (a, c) = (digest('a'), digest('c'));
    let late = place(&known, &sight(&a, Some(&c), 200), Some(&old));
    assert_eq!(late, Placed::Known(old.clone()));
    let Placed::New { run, runs } = place(&known, &sight(&a, Some(&a), 200), Some(&old)) else {
        panic!("a rollback");
    };
    assert_eq!(short(&run), "41a@200");
    assert_eq!(runs.runs.len(), RUNS_MAX);
    assert_eq!(runs.runs.last(), Some(&run));
    assert_eq!(runs.runs.first().unwrap().number, 10);
}

#[test]
fn an_order_time_moves_as_little_as_it_takes() {
    let known = runs(&[('a', 10), ('b', 20)]);
    for (case, stands_on, micros, told) in [
        ("before the last run", 'c', 4, "1a@10 2b@20 3c@21"),
        ("the same as the last run's", 'c', 20, "1a@10 2b@20 3c@21"),
        ("in the future", 'c', 5_000, "1a@10 2b@20 3c@1000"),
        (
            "overtaken, but later than the last",
            'b',
            60,
            "1a@10 3c@19 2b@20",
        ),
        ("overtaken, and older than all", 'b', 2, "3c@2 1a@10 2b@20"),
    ] {
        assert_eq!(placed(&known, 'c', Some(stands_on), micros), told, "{case}");
    }
}

#[test]
fn an_order_time_is_in_whole_microseconds() {
    let odd = at(30) + TimeDelta::nanoseconds(999);
    let a = digest('a');
    let odd = Unplaced {
        desired: odd,
        ..sight(&a, None, 30)
    };
    let Placed::New { run, .. } = place(&Runs::default(), &odd, None) else {
        panic!("a new run");
    };
    assert_eq!(run.order_time, at(30));
}

#[test]
fn without_room_between_its_neighbours_a_run_shares_the_earlier_ones_time() {
    let tight = runs(&[('a', 10), ('b', 11)]);
    assert_eq!(placed(&tight, 'c', Some('b'), 10), "1a@10 3c@10 2b@11");
    // No room up to the present either: the last one shares, and its number makes it the newer.
    let present = runs(&[('a', 10), ('b', 1_000)]);
    assert_eq!(
        placed(&present, 'c', Some('c'), 1_000),
        "1a@10 2b@1000 3c@1000"
    );
    // Before a last one that shares, a greater number would be newer than it: it goes before both.
    let shared = runs(&[('a', 10), ('b', 1_000), ('d', 1_000)]);
    assert_eq!(
        placed(&shared, 'c', Some('d'), 1_000),
        "1a@10 4c@999 2b@1000 3d@1000"
    );
}

#[test]
fn a_run_is_read_as_it_was_written() {
    let known = runs(&[('a', 10), ('b', 20)]);
    let text = serde_json::to_string(&known).unwrap();
    assert_eq!(serde_json::from_str::<Runs>(&text).unwrap(), known);
}

#[test]
fn three_tags_of_one_digest_are_three_pushes() {
    // Runs are kept by tag: the digest of another tag's run says nothing of this one's.
    let first = placed(&Runs::default(), 'a', Some('a'), 10);
    let second = placed(&Runs::default(), 'a', Some('a'), 10);
    assert_eq!((first.as_str(), second.as_str()), ("1a@10", "1a@10"));
}

#[test]
fn order_is_by_time_then_by_first_sight_then_by_name() {
    let order = |micros, seen, repository: &str, tag: &str| Order {
        order_time: at(micros),
        seen: at(seen),
        repository: Repository::parse(repository).unwrap(),
        tag: Tag::parse(tag).unwrap(),
    };
    let rising = [
        order(1, 9, "dev/web", "b"),
        order(2, 1, "dev/web", "1.9"),
        // Text would have it the other way round.
        order(2, 2, "dev/web", "1.10"),
        order(2, 3, "dev/api", "b"),
        order(2, 3, "dev/web", "a"),
        order(2, 3, "dev/web", "b"),
        order(3, 0, "dev/api", "a"),
    ];
    assert!(rising.is_sorted_by(|earlier, later| earlier < later));
}

proptest! {
    /// Whatever comes, in whatever order and by whatever clock: list and order agree, numbers are
    /// given once, times that were given stay, and what the tag points to ends as the last run once
    /// its event was seen.
    #[test]
    fn any_sequence_keeps_the_order(
        events in prop::collection::vec((0..6_usize, 0..7_usize, 0..60_i64, 0..60_i64), 1..120),
    ) {
        let letters = ['a', 'b', 'c', 'd', 'e', 'f'];
        let mut all = Runs::default();
        let mut numbers = std::collections::HashSet::new();
        for (event, stands_on, desired, now) in events {
            let digest_of = |index: usize| letters.get(index).map(|letter| digest(*letter));
            let (digest, current) = (digest_of(event).unwrap(), digest_of(stands_on));
            let before = all.clone();
            let sight = Unplaced {
                now: at(now),
                ..sight(&digest, current.as_ref(), desired)
            };
            match place(&all, &sight, None) {
                Placed::Known(run) => prop_assert!(before.runs.contains(&run)),
                Placed::ReadAgain { .. } => prop_assert!(false, "every read counts here"),
                Placed::Confirmed { run, runs } => {
                    prop_assert_eq!(runs.runs.last(), Some(&run));
                    all = runs;
                }
                Placed::New { run, runs } => {
                    prop_assert!(numbers.insert(run.number));
                    prop_assert_eq!(&run.digest, &digest);
                    let kept = before.runs.iter().filter(|run| runs.runs.contains(run)).count();
                    prop_assert!(kept + 1 >= before.runs.len());
                    all = runs;
                }
            }
            prop_assert!(all.runs.len() <= RUNS_MAX);
            prop_assert!(all.runs.is_sorted_by(|a, b| (a.order_time, a.seen) < (b.order_time, b.seen)));
            if current.as_ref() == Some(&digest) {
                prop_assert_eq!(&all.runs.last().unwrap().digest, &digest);
            } else if before.runs.last().map(|run| &run.digest) == current.as_ref() && current.is_some() {
                prop_assert_eq!(all.runs.last(), before.runs.last());
            }
        }
    }
}
