//! Looking at a head on which a write may have landed late.

use super::*;

#[test]
fn a_head_is_due_when_an_older_write_can_land_no_more() {
    for (case, head, due) in [
        ("nothing in doubt", stood(5, 100), None),
        (
            "an older one",
            stood(5, 100).doubting(&[doubt(3, 900), doubt(4, 800)]),
            Some(800),
        ),
        (
            "a newer one belongs to its case",
            stood(5, 100).doubting(&[doubt(9, 900)]),
            None,
        ),
        (
            "nothing stood: it belongs to its case",
            Head::default().doubting(&[doubt(9, 900)]),
            None,
        ),
        (
            "a look without an end",
            stood(5, 100).under(Lease {
                case: None,
                ..lease(5, "look", 900)
            }),
            Some(960),
        ),
        (
            "a promotion without an end is its case's",
            stood(5, 100).under(lease(6, "dead", 900)),
            None,
        ),
    ] {
        assert_eq!(head.due().map(|due| due.timestamp()), due, "{case}");
    }
}

#[test]
fn a_late_write_is_put_right_and_a_persons_is_not() {
    let head = stood(5, 100).doubting(&[doubt(3, 900), doubt(9, 900), doubt(2, 5_000)]);
    let Looked::Read(under) = look(&head, "look", at(1_000)) else {
        panic!("it is due");
    };
    for (case, on, covered) in [
        ("the head's own", Some(5), false),
        ("a late write", Some(3), true),
        ("a newer one's, which its case looks at", Some(9), false),
        ("a person's", Some(77), false),
        ("deleted", None, false),
    ] {
        assert_eq!(
            under.was_covered(on.map(digest).as_ref()),
            covered,
            "{case}"
        );
    }
    let unknown = Ending::Unknown { until: at(1_075) };
    for (case, wrote, expected) in [
        (
            "elsewhere",
            None,
            "5 since 100, 9 in doubt until 900, 2 in doubt until 5000",
        ),
        (
            "written",
            Some(Ending::Stood),
            "5 since 100, 9 in doubt until 900, 2 in doubt until 5000",
        ),
        (
            "refused",
            Some(Ending::Refused),
            "5 since 100, 9 in doubt until 900, 2 in doubt until 5000",
        ),
        (
            "no answer",
            Some(unknown),
            "5 since 100, 3 in doubt until 1075, 9 in doubt until 900, 2 in doubt until 5000",
        ),
    ] {
        assert_eq!(
            short(&under.looked("look", at(1_001), wrote)),
            expected,
            "{case}"
        );
    }
}

#[test]
fn a_look_waits_for_whoever_writes() {
    let late = || stood(5, 100).doubting(&[doubt(3, 900)]);
    for (case, head, expected) in [
        ("nothing", stood(5, 100), "nothing"),
        (
            "not yet",
            stood(5, 100).doubting(&[doubt(3, 1_100)]),
            "due 1100",
        ),
        (
            "somebody writes",
            late().under(lease(6, "other", 950)),
            "due 1010",
        ),
        (
            "a lease has ended",
            late().under(lease(6, "other", 940)),
            "dead",
        ),
        ("due", late(), "read until 1060"),
        (
            "due since just now",
            stood(5, 100).doubting(&[doubt(3, 1_000)]),
            "read until 1060",
        ),
    ] {
        let told = match look(&head, "look", at(1_000)) {
            Looked::Nothing => "nothing".to_owned(),
            Looked::Due(until) => format!("due {}", until.timestamp()),
            Looked::Dead(_) => "dead".to_owned(),
            Looked::Read(head) => {
                format!("read until {}", head.lease.unwrap().until.timestamp())
            }
        };
        assert_eq!(told, expected, "{case}");
    }
}
