//! Published vectors of each ecosystem, as values, and what holds of any version.

mod vectors;

use std::cmp::Ordering::{self, Equal, Greater, Less};

use proptest::prelude::*;

use super::*;
use vectors::{RISING, SAME};

#[test]
fn each_ecosystem_orders_as_it_says() {
    for (order, versions) in RISING {
        let versions: Vec<_> = versions.split_whitespace().collect();
        for (at, left) in versions.iter().enumerate() {
            for (other, right) in versions.iter().enumerate() {
                let found = order.compare(left, right);
                assert_eq!(found, Some(at.cmp(&other)), "{order:?}: {left} and {right}");
            }
        }
    }
    for (order, left, right) in SAME {
        assert_eq!(
            order.compare(left, right),
            Some(Equal),
            "{order:?}: {left} and {right}"
        );
        assert_eq!(
            order.compare(right, left),
            Some(Equal),
            "{order:?}: {right} and {left}"
        );
    }
}

#[test]
fn text_that_is_not_a_version_has_no_order() {
    let parts = vec!["1"; 10_000].join(".");
    for (order, text) in [
        (VersionOrder::Semver, "1.2.3.4"),
        (VersionOrder::Semver, "01.2.3"),
        (VersionOrder::Semver, "latest"),
        (VersionOrder::Semver, "99999999999999999999999.0.0"),
        (VersionOrder::Pypi, "1.0-what?"),
        (VersionOrder::Maven, ""),
        (VersionOrder::Maven, "1.0 beta"),
        (VersionOrder::Debian, "a:1.0"),
        (VersionOrder::Debian, "1_0"),
        (VersionOrder::Rpm, "1.0 2"),
        (VersionOrder::Alpine, "1.2.3-1"),
        (VersionOrder::Alpine, "1.2_what1"),
        (VersionOrder::Alpine, "v1"),
        (VersionOrder::Nuget, "1.0.0.0.0"),
        (VersionOrder::Nuget, "1.0.0-"),
        (VersionOrder::Gem, "a.1"),
        (VersionOrder::Gem, "1..2"),
    ] {
        assert!(!order.has(text), "{order:?}: {text}");
    }
    for order in VersionOrder::ALL {
        assert!(!order.has(""), "{order:?}");
        assert!(!order.has(&parts), "{order:?}");
        assert!(!order.has("1.0\n"), "{order:?}");
    }
}

#[test]
fn ranges_hold_what_is_within_their_bounds() {
    for (range, order, version, wanted) in [
        ("<2.17.1", Some(VersionOrder::Maven), "2.14.1", Some(true)),
        ("<2.17.1", Some(VersionOrder::Maven), "2.17.1", Some(false)),
        (
            "<=2.17.1",
            Some(VersionOrder::Maven),
            "2.17.1.0",
            Some(true),
        ),
        (
            ">=2.0,<2.17.1",
            Some(VersionOrder::Maven),
            "1.2.17",
            Some(false),
        ),
        (
            ">=2.0 , <2.17.1",
            Some(VersionOrder::Maven),
            "2.0-rc1",
            Some(false),
        ),
        ("=2.14.1", Some(VersionOrder::Maven), "2.14.1", Some(true)),
        ("=2.14.1", Some(VersionOrder::Maven), "2.14.2", Some(false)),
        (">2.0.0", Some(VersionOrder::Semver), "2.0.0", Some(false)),
        // Pure order.
        (
            "<2.0.0",
            Some(VersionOrder::Semver),
            "2.0.0-rc1",
            Some(true),
        ),
        ("<2.0.0", Some(VersionOrder::Semver), "what", None),
        ("<2.0.0", None, "1.0.0", None),
        ("=2.0.0", None, "2.0.0", Some(true)),
        ("=2.0.0", None, "2.0.1", None),
        ("<2.0.0,>1", None, "2.0.0", Some(false)),
    ] {
        let read = Range::parse(range, None).unwrap();
        assert_eq!(read.holds(version, order), wanted, "{range}: {version}");
    }
}

#[test]
fn a_range_that_says_nothing_is_refused() {
    let told: Vec<_> = [
        ("", None),
        ("2.14.1", None),
        ("<", None),
        ("<2.0,", None),
        ("<<2.0", None),
        ("=what?!\u{e9}", None),
        (">2,<1", None),
        (">=2,<2", None),
        ("=1,=2", None),
        ("<01.0", Some(VersionOrder::Semver)),
        (">2,<1", Some(VersionOrder::Rpm)),
    ]
    .into_iter()
    .map(|(range, order)| {
        let error = Range::parse(range, order).unwrap_err();
        format!("{range:?}: {error}")
    })
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    "": expected a bound such as <2.17.1, >=2.0 or =2.14.1, found ""
    "2.14.1": expected a bound such as <2.17.1, >=2.0 or =2.14.1, found "2.14.1"
    "<": expected a version, found ""
    "<2.0,": expected a bound such as <2.17.1, >=2.0 or =2.14.1, found ""
    "<<2.0": expected a version, found "<2.0"
    "=what?!é": expected a version, found "what?!é"
    ">2,<1": expected a range that a version can be in, found an empty one
    ">=2,<2": expected a range that a version can be in, found an empty one
    "=1,=2": expected a range that a version can be in, found an empty one
    "<01.0": expected a version, found "01.0"
    ">2,<1": expected a range that a version can be in, found an empty one
    "#);
    assert!(Range::parse(">=2,<=2", None).is_ok());
}

/// Texts that are versions often enough.
fn any_version() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "0", "1", "2", "10", "01", "00", "a", "b", "alpha", "rc", "rc1", "sp", "final", "p", "x",
        "post", "dev",
    ]);
    let joint = prop::sample::select(vec![".", ".", "-", "_", "", "~", "^", "+", "-r", ":"]);
    let rest = prop::collection::vec((joint, piece), 0..5);
    (
        prop::sample::select(vec!["0", "1", "2", "1.0", "1.2.3"]),
        rest,
    )
        .prop_map(|(first, rest)| {
            let rest: String = rest
                .into_iter()
                .flat_map(|(joint, piece)| [joint, piece])
                .collect();
            format!("{first}{rest}")
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_order_is_total(a in any_version(), b in any_version(), c in any_version()) {
        for order in VersionOrder::ALL {
            if ![&a, &b, &c].iter().all(|version| order.has(version)) {
                continue;
            }
            let compare = |l: &str, r: &str| order.compare(l, r).unwrap();
            prop_assert_eq!(compare(&a, &a), Equal);
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse(), "{:?}: {} {}", order, a, b);
            if compare(&a, &b) != Greater && compare(&b, &c) != Greater {
                prop_assert_ne!(compare(&a, &c), Greater, "{:?}: {} {} {}", order, a, b, c);
            }
            if compare(&a, &b) == Less && compare(&b, &c) != Greater {
                prop_assert_eq!(compare(&a, &c), Less, "{:?}: {} {} {}", order, a, b, c);
            }
        }
    }

    #[test]
    fn a_range_and_its_complement_share_nothing_and_leave_nothing(
        bound in any_version(),
        version in any_version(),
    ) {
        for order in VersionOrder::ALL {
            for (one, other) in [("<", ">="), ("<=", ">")] {
                let holds = |operator: &str| {
                    let range = Range::parse(&format!("{operator}{bound}"), Some(order)).ok();
                    range.and_then(|range| range.holds(&version, Some(order)))
                };
                match (holds(one), holds(other)) {
                    (Some(one), Some(other)) => prop_assert_ne!(one, other),
                    (one, other) => prop_assert_eq!(one, other),
                }
            }
        }
    }

    #[test]
    fn any_text_is_compared_or_refused(a in "\\PC{0,30}", b in "[0-9a-z.~^+:_-]{0,30}") {
        for order in VersionOrder::ALL {
            let one = order.compare(&a, &b).map(Ordering::reverse);
            prop_assert_eq!(one, order.compare(&b, &a));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// A sort panics where an order goes in circles.
    #[test]
    fn any_texts_are_sorted(texts in prop::collection::vec(prop_oneof![any_version(), "\\PC{0,8}"], 0..60)) {
        for order in VersionOrder::ALL {
            let mut sorted = texts.clone();
            sorted.sort_by(|one, other| order.total_cmp(one, other));
            for pair in sorted.windows(2) {
                prop_assert_ne!(order.total_cmp(&pair[0], &pair[1]), Greater, "{:?}: {:?}", order, pair);
                let are_versions = pair.iter().all(|text| order.has(text));
                prop_assert_eq!(order.compare(&pair[0], &pair[1]).is_some(), are_versions);
            }
        }
    }
}
