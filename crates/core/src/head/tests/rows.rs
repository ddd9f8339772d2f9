//! One row each of the table of raising a head.

use super::*;

/// Push 5 at second 1000, with a read of the tag that began just now.
fn raised(head: &Head, on: Option<u8>, again: bool) -> String {
    let (order, digest5, case) = (order(5), digest(5), case());
    let on = on.map(digest);
    let attempt = Attempt {
        claim: "mine",
        case: &case,
        order: &order,
        digest: &digest5,
        sight: Sight {
            on: on.as_ref(),
            began: at(1_000),
        },
        again,
        now: at(1_000),
    };
    match raise(head, &attempt) {
        Raise::Due(until) => format!("due {}", until.timestamp()),
        Raise::Dead(lease) => format!("dead {}", lease.claim),
        Raise::Newer => "newer".to_owned(),
        Raise::Respected => "respected".to_owned(),
        Raise::There => "there".to_owned(),
        Raise::Stands(head) => format!("stands: {}", short(&head)),
        Raise::Write(head) => {
            assert_eq!(head.lease.as_ref().unwrap().claim, "mine");
            format!("write: {}", short(&head))
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table, a line each row")]
fn a_tag_is_written_by_one_push_at_a_time_and_the_newest_wins() {
    let eight: Vec<Doubt> = (1..=8)
        .map(|n| doubt(n + 10, 1_000 + i64::from(n)))
        .collect();
    let gone: Vec<Doubt> = (1..=8).map(|n| doubt(n + 10, 900)).collect();
    for (case, head, on, expected) in [
        (
            "nothing stood",
            Head::default(),
            None,
            "write: none, 5 writes until 1060",
        ),
        (
            "a person put it there",
            Head::default(),
            Some(5),
            "stands: 5 since 1000",
        ),
        (
            "an older one",
            stood(3, 100),
            Some(3),
            "write: 3 since 100, 5 writes until 1060",
        ),
        (
            "an older one, the tag is there already",
            stood(3, 100),
            Some(5),
            "stands: 5 since 1000",
        ),
        (
            "an older one, the read may be stale",
            stood(3, 997),
            Some(5),
            "write: 3 since 997, 5 writes until 1060",
        ),
        (
            "an older one, another write may land",
            stood(3, 100).doubting(&[doubt(2, 1_050)]),
            Some(5),
            "write: 3 since 100, 5 writes until 1060, 2 in doubt until 1050",
        ),
        (
            "an older one, another write can land no more",
            stood(3, 100).doubting(&[doubt(2, 990)]),
            Some(5),
            "stands: 5 since 1000",
        ),
        (
            "an older one, another write can land no more since just now",
            stood(3, 100).doubting(&[doubt(2, 1_000)]),
            Some(5),
            "stands: 5 since 1000",
        ),
        (
            "an older one, covered by a late write",
            stood(3, 100).doubting(&[doubt(2, 990)]),
            Some(2),
            "write: 3 since 100, 5 writes until 1060, 2 in doubt until 990",
        ),
        (
            "its own write may land: it is the same image",
            stood(3, 100).doubting(&[doubt(5, 1_050)]),
            Some(3),
            "write: 3 since 100, 5 writes until 1060, 5 in doubt until 1050",
        ),
        (
            "its own write can land no more since just now",
            stood(3, 100).doubting(&[doubt(5, 1_000)]),
            Some(5),
            "stands: 5 since 1000",
        ),
        ("a newer one", stood(9, 100), Some(9), "newer"),
        (
            "a newer one, and the tag is on this one",
            stood(9, 100),
            Some(5),
            "newer",
        ),
        (
            "somebody writes",
            stood(3, 100).under(lease(4, "other", 950)),
            None,
            "due 1010",
        ),
        (
            "a newer one is being written",
            stood(3, 100).under(lease(9, "other", 950)),
            None,
            "due 1010",
        ),
        (
            "a lease has ended",
            stood(3, 100).under(lease(4, "other", 940)),
            None,
            "dead other",
        ),
        (
            "this very claim again",
            stood(3, 100).under(lease(5, "mine", 990)),
            None,
            "write: 3 since 100, 5 writes until 1060",
        ),
        (
            "too many may land",
            stood(3, 100).doubting(&eight),
            Some(3),
            "due 1008",
        ),
        (
            "as many can land no more",
            stood(3, 100).doubting(&gone),
            Some(3),
            "write: 3 since 100, 5 writes until 1060",
        ),
    ] {
        assert_eq!(raised(&head, on, false), expected, "{case}");
    }
}

#[test]
fn a_push_that_stood_is_left_to_people() {
    for (case, head, on, again, expected) in [
        ("it is there", stood(5, 100), Some(5), false, "there"),
        (
            "it is there, whatever may land",
            stood(5, 100).doubting(&[doubt(3, 2_000)]),
            Some(5),
            false,
            "there",
        ),
        (
            "somebody moved it",
            stood(5, 100),
            Some(77),
            false,
            "respected",
        ),
        (
            "somebody deleted it",
            stood(5, 100),
            None,
            false,
            "respected",
        ),
        (
            "the read may be stale",
            stood(5, 950),
            None,
            false,
            "due 1010",
        ),
        (
            "the read is just not stale",
            stood(5, 940),
            None,
            false,
            "respected",
        ),
        (
            "a write may land",
            stood(5, 100).doubting(&[doubt(3, 1_050)]),
            Some(77),
            false,
            "due 1050",
        ),
        (
            "a late write covered it",
            stood(5, 100).doubting(&[doubt(3, 900)]),
            Some(3),
            false,
            "due 900",
        ),
        (
            "a person asks again",
            stood(5, 100),
            Some(77),
            true,
            "write: 5 since 100, 5 writes until 1060",
        ),
        (
            "a person asks again for what is there",
            stood(5, 100),
            Some(5),
            true,
            "stands: 5 since 1000",
        ),
        (
            "a person asks again for an older push",
            stood(9, 100),
            Some(77),
            true,
            "newer",
        ),
    ] {
        assert_eq!(raised(&head, on, again), expected, "{case}");
    }
}
