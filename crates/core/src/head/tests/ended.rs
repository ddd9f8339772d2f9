//! How writes end: settled, or buried by the next invocation.

use super::*;

#[test]
fn a_write_that_ended_settles_the_head() {
    let ours = lease(5, "mine", 1_000);
    let unknown = Ending::Unknown { until: at(1_085) };
    for (case, head, ending, expected) in [
        (
            "it stood",
            stood(3, 100).under(ours.clone()),
            Ending::Stood,
            "5 since 1010",
        ),
        (
            "refused",
            stood(3, 100).under(ours.clone()),
            Ending::Refused,
            "3 since 100",
        ),
        (
            "refused, the first",
            Head::default().under(ours.clone()),
            Ending::Refused,
            "none",
        ),
        (
            "unknown",
            stood(3, 100).under(ours.clone()),
            unknown,
            "3 since 100, 5 in doubt until 1085",
        ),
        (
            "a newer one stood meanwhile",
            stood(9, 1_005).doubting(&[doubt(5, 1_360)]),
            Ending::Stood,
            "9 since 1005, 5 in doubt until 1010",
        ),
        (
            "others took it for a write without an end",
            stood(3, 100).doubting(&[doubt(5, 1_360)]),
            Ending::Stood,
            "5 since 1010",
        ),
        (
            "others took it for one, and it was refused",
            stood(3, 100).doubting(&[doubt(5, 1_360)]),
            Ending::Refused,
            "3 since 100",
        ),
        (
            "an earlier write of its own may land",
            stood(3, 100)
                .doubting(&[doubt(5, 1_050)])
                .under(ours.clone()),
            Ending::Stood,
            "5 since 1010, 5 in doubt until 1050",
        ),
        (
            "another claim writes",
            stood(3, 100).under(lease(6, "other", 1_005)),
            unknown,
            "3 since 100, 6 writes until 1065, 5 in doubt until 1085",
        ),
    ] {
        assert_eq!(
            short(&head.settle(&ours, ending, at(1_010))),
            expected,
            "{case}"
        );
    }
}

#[test]
fn a_lease_that_ended_without_an_end_stood_where_its_tag_is() {
    let dead = lease(5, "dead", 900);
    for (case, head, on, expected, stands) in [
        (
            "the tag is there",
            stood(3, 100),
            Some(5),
            "5 since 1000",
            true,
        ),
        (
            "the first one",
            Head::default(),
            Some(5),
            "5 since 1000",
            true,
        ),
        (
            "the tag is elsewhere",
            stood(3, 100),
            Some(3),
            "3 since 100, 5 in doubt until 1260",
            false,
        ),
        (
            "the tag is nowhere",
            Head::default(),
            None,
            "none, 5 in doubt until 1260",
            false,
        ),
        (
            "that digest stood before",
            Head {
                stood: Some(Stood {
                    order: order(3),
                    digest: digest(5),
                    changed: at(100),
                }),
                ..Head::default()
            },
            Some(5),
            "5 since 100, 5 in doubt until 1260",
            false,
        ),
        (
            "that digest was in doubt before",
            stood(3, 100).doubting(&[doubt(5, 950)]),
            Some(5),
            "3 since 100, 5 in doubt until 950, 5 in doubt until 1260",
            false,
        ),
        (
            "a newer one stood meanwhile",
            stood(9, 950),
            Some(5),
            "9 since 950, 5 in doubt until 1000",
            true,
        ),
    ] {
        let head = head.under(dead.clone());
        let on = on.map(digest);
        let (next, stood) = head.bury(&dead, on.as_ref(), at(1_000));
        assert_eq!((short(&next).as_str(), stood), (expected, stands), "{case}");
    }
}

#[test]
fn a_write_that_was_seen_to_have_landed_late_stood() {
    for (case, head, expected) in [
        (
            "nothing stood",
            Head::default().doubting(&[doubt(5, 900)]),
            "5 since 1000",
        ),
        (
            "an older one",
            stood(3, 100).doubting(&[doubt(5, 900), doubt(4, 950)]),
            "5 since 1000, 4 in doubt until 950",
        ),
        (
            "a newer one stood meanwhile",
            stood(9, 950).doubting(&[doubt(5, 900)]),
            "9 since 950, 5 in doubt until 1000",
        ),
        (
            "another push of the same image may land",
            stood(3, 100).doubting(&[
                doubt(5, 900),
                Doubt {
                    order: order(4),
                    ..doubt(5, 950)
                },
            ]),
            "5 since 1000, 5 in doubt until 950",
        ),
        (
            "somebody else writes",
            stood(3, 100)
                .under(lease(6, "other", 990))
                .doubting(&[doubt(5, 900)]),
            "5 since 1000, 6 writes until 1050",
        ),
    ] {
        let next = head.landed(&order(5), &digest(5), at(1_000));
        assert_eq!(short(&next), expected, "{case}");
    }
}

#[test]
fn a_write_is_in_doubt_until_its_last_attempt_can_land_no_more() {
    let (mut other, mut own) = (doubt(5, 990), doubt(5, 970));
    other.digest = digest(6);
    own.order = order(4);
    let doubts = [doubt(5, 900), doubt(5, 950), other, own, doubt(4, 980)];
    let head = stood(3, 100).doubting(&doubts);
    for (case, second, until) in [
        ("two attempts", 5, Some(950)),
        ("another push", 4, Some(980)),
        ("answered", 3, None),
    ] {
        let until = until.map(at);
        let found = head.in_doubt(&order(second), &digest(u8::try_from(second).unwrap()));
        assert_eq!(found, until, "{case}");
    }
}

#[test]
fn of_too_many_doubts_the_oldest_goes() {
    let twice = 2 * u8::try_from(DOUBTS_MAX).unwrap();
    let doubts: Vec<Doubt> = (0..twice).map(|n| doubt(n + 10, 2_000)).collect();
    let head = stood(3, 100).doubting(&doubts);
    let unknown = Ending::Unknown { until: at(1_085) };
    let next = head.settle(&lease(5, "mine", 1_000), unknown, at(1_010));
    assert_eq!(next.doubts.len(), doubts.len());
    assert_eq!(next.doubts.first(), doubts.get(1));
    assert_eq!(next.doubts.last(), Some(&doubt(5, 1_085)));
}

#[test]
fn a_write_may_arrive_a_minute_after_it_was_given_up() {
    let lease = lease(5, "mine", 1_000);
    for (case, given_up, expected) in [
        ("at once", 1_010, 1_075),
        ("after its sender stood still", 1_200, 1_265),
        ("when its signature is too old", 1_400, 1_360),
    ] {
        assert_eq!(lease.lands_until(at(given_up)), at(expected), "{case}");
    }
}

#[test]
fn a_case_is_open_until_it_is_known_what_became_of_its_write() {
    let ours = || lease(5, "mine", 1_000);
    let of_another = Lease {
        case: Some(CaseId {
            number: 2,
            ..case()
        }),
        ..ours()
    };
    for (name, head, expected) in [
        ("it writes", stood(3, 100).under(ours()), Some(1_060)),
        (
            "its write may land",
            stood(3, 100).doubting(&[doubt(5, 1_075)]),
            Some(1_075),
        ),
        (
            "the head changed since",
            stood(3, 1_072).doubting(&[doubt(5, 1_075)]),
            Some(1_077),
        ),
        (
            "it writes again, and an earlier write may land",
            stood(3, 100).under(ours()).doubting(&[doubt(5, 1_075)]),
            Some(1_075),
        ),
        ("another case writes", stood(3, 100).under(of_another), None),
        (
            "another push is in doubt",
            stood(3, 1_072).doubting(&[doubt(4, 1_075)]),
            None,
        ),
        ("nothing is known", Head::default(), None),
    ] {
        let until = head.open_until(&case(), &order(5), &digest(5));
        assert_eq!(until, expected.map(at), "{name}");
    }
}
