use super::*;
use crate::evidence::Severity;

mod fixes;
mod lists;
mod read;
mod unscannable;

fn at(minute: i64) -> Time {
    Time::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::minutes(minute)
}

/// A push at minute 0, looked at in a given minute.
fn state(lookup: &Lookup, minute: i64) -> State {
    let repository = Repository::parse("dev/website").unwrap();
    State::of(
        lookup,
        &Terms {
            repository: &repository,
            pushed_at: at(0),
            now: at(minute),
            settle: TimeDelta::seconds(120),
            age_max: TimeDelta::days(30),
        },
    )
}

/// The state in a word, with what was counted.
fn word(state: &State) -> String {
    match state {
        State::NeverScanned { until: Some(_), .. } => "never scanned, await".to_owned(),
        State::NeverScanned { .. } => "never scanned, hold".to_owned(),
        State::Pending { .. } => "pending".to_owned(),
        State::Settling { .. } => "settling".to_owned(),
        State::Ready(seen) => format!("ready, {} of {}", seen.value.len(), seen.origin),
        State::Stale { .. } => "stale".to_owned(),
        State::Impossible {
            unscannable: true, ..
        } => "impossible, unscannable".to_owned(),
        State::Impossible { .. } => "impossible".to_owned(),
    }
}

fn entries(count: usize) -> Vec<Entry> {
    vec![enhanced("HIGH", "ACTIVE"); count]
}

fn enhanced(severity: &str, status: &str) -> Entry {
    let id = Some("CVE-2021-44228");
    Entry::enhanced(&Enhanced {
        id,
        severity: Some(severity),
        status: Some(status),
        packages: vec![Affected {
            name: Some("log4j"),
            version: Some("2.14"),
            fixed: None,
        }],
        ..Enhanced::default()
    })
}

/// A scan that was completed in minute 5.
fn answer(status: &str) -> Answer {
    Answer {
        status: Some(status.to_owned()),
        completed_at: Some(at(5)),
        ..Answer::default()
    }
}

fn basic(status: &str, count: usize) -> Answer {
    Answer {
        basic: Some(entries(count)),
        ..answer(status)
    }
}

fn inspector(status: &str, count: usize) -> Answer {
    Answer {
        enhanced: Some(entries(count)),
        ..answer(status)
    }
}

#[test]
fn every_status_of_both_scanners_has_its_state() {
    for (status, from_basic, from_enhanced) in [
        (
            "COMPLETE",
            "ready, 1 of scan: basic",
            "ready, 1 of scan: enhanced",
        ),
        (
            "ACTIVE",
            "ready, 1 of scan: basic",
            "ready, 1 of scan: enhanced",
        ),
        ("IN_PROGRESS", "pending", "pending"),
        ("PENDING", "pending", "pending"),
        ("FAILED", "impossible", "impossible"),
        ("UNSUPPORTED_IMAGE", "impossible", "impossible"),
        ("SCAN_ELIGIBILITY_EXPIRED", "stale", "stale"),
        ("FINDINGS_UNAVAILABLE", "impossible", "impossible"),
        ("LIMIT_EXCEEDED", "impossible", "impossible"),
        ("IMAGE_ARCHIVED", "impossible", "impossible"),
        ("IMAGE_SIZE_EXCEEDED", "impossible", "impossible"),
        ("SOMETHING_NEW", "impossible", "impossible"),
        ("complete", "impossible", "impossible"),
        ("", "impossible", "impossible"),
    ] {
        let found = |answer| word(&state(&Lookup::Found(answer), 60));
        assert_eq!(found(basic(status, 1)), from_basic, "basic {status}");
        assert_eq!(
            found(inspector(status, 1)),
            from_enhanced,
            "enhanced {status}"
        );
        let without_list = found(answer(status));
        assert!(
            !without_list.starts_with("ready"),
            "{status} without a list: {without_list}"
        );
    }
    assert_eq!(
        word(&state(&Lookup::Found(Answer::default()), 60)),
        "impossible"
    );
}

#[test]
fn suppressed_and_closed_findings_are_not_counted_and_unrated_ones_are() {
    let answer = Answer {
        counted: Some(5),
        enhanced: Some(vec![
            enhanced("CRITICAL", "SUPPRESSED"),
            enhanced("CRITICAL", "CLOSED"),
            enhanced("UNTRIAGED", "ACTIVE"),
            enhanced("WORSE", "REOPENED"),
            Entry::enhanced(&Enhanced::default()),
        ]),
        ..answer("ACTIVE")
    };
    let State::Ready(seen) = state(&Lookup::Found(answer), 60) else {
        panic!("not ready")
    };
    let severities: Vec<_> = seen.value.iter().map(|finding| finding.severity).collect();
    assert_eq!(severities, [Severity::Undefined; 3]);
}

#[test]
fn a_time_at_the_end_of_all_times_does_no_harm() {
    for at in [Time::MAX_UTC, Time::MIN_UTC] {
        let answer = Answer {
            completed_at: Some(at),
            ..inspector("ACTIVE", 1)
        };
        let _ = state(&Lookup::Found(answer), 60);
        let answer = Answer {
            completed_at: Some(at),
            ..basic("COMPLETE", 1)
        };
        let _ = state(&Lookup::Found(answer), 60);
    }
}

#[test]
fn an_image_without_a_scan_waits_ten_minutes_after_its_push() {
    for (minute, wanted) in [
        (0, "never scanned, await"),
        (9, "never scanned, await"),
        (10, "never scanned, hold"),
        (10_000, "never scanned, hold"),
    ] {
        assert_eq!(
            word(&state(&Lookup::NotFound, minute)),
            wanted,
            "minute {minute}"
        );
    }
    assert_eq!(
        state(&Lookup::NotFound, 3).known(),
        Known::NotYet(NotYet {
            reason: "no scan exists yet".to_owned(),
            look_at: Some(at(10)),
            read: Read::default(),
        })
    );
}

#[test]
fn a_hold_speaks_in_the_scanners_words() {
    let said = |status: &str, description: &str| {
        let answer = Answer {
            description: Some(description.to_owned()),
            ..answer(status)
        };
        state(&Lookup::Found(answer), 60)
    };
    let unsupported = said(
        "FAILED",
        "UnsupportedImageError: The operating system and/or package manager are not supported.",
    );
    let words = [
        unsupported,
        said("SCAN_ELIGIBILITY_EXPIRED", "Scan eligibility has expired."),
        said("IMAGE_ARCHIVED", ""),
        state(&Lookup::NotFound, 11),
        state(&Lookup::Found(basic("COMPLETE", 0)), 50_000),
    ]
    .map(State::known)
    .map(|known| match known {
        Known::Never(never) => never.reason,
        other => panic!("{other:?}"),
    });
    insta::assert_snapshot!(words.join("\n"), @r"
    the scan: FAILED: UnsupportedImageError: The operating system and/or package manager are not supported.
    the scan has expired: SCAN_ELIGIBILITY_EXPIRED: Scan eligibility has expired.
    the scan: IMAGE_ARCHIVED
    never scanned; is scanning turned on for dev/website?
    scanned at 2023-11-14T22:18:20+00:00, more than 30 days ago
    ");
}

#[test]
fn entries_keep_what_the_scanner_says() {
    let basic = Entry::basic(
        Some("CVE-2019-1"),
        Some("LOW"),
        [
            ("CVSS2_SCORE", Some("5")),
            ("package_version", Some("1.0-r1")),
            ("package_name", Some("musl")),
            ("patched_version", None),
        ],
    );
    assert_eq!(
        basic.finding,
        Finding {
            id: "CVE-2019-1".to_owned(),
            severity: Severity::Low,
            package: Some("musl".to_owned()),
            installed: Some("1.0-r1".to_owned()),
            fixed: None,
            fixable: Some(false),
            exploitable: None,
            related: Vec::new(),
            others: Vec::new(),
            first_seen: None,
        }
    );
    let fixed = |fixed| {
        let package = Affected {
            fixed,
            ..Affected::default()
        };
        let read = Enhanced {
            packages: vec![package],
            ..Enhanced::default()
        };
        Entry::enhanced(&read).finding.fixed
    };
    assert_eq!(fixed(Some("NotAvailable")), None);
    assert_eq!(fixed(Some("0:4.19.232-1")), Some("0:4.19.232-1".to_owned()));
}

proptest::proptest! {
    /// Nothing but a list with a time is ever ready, and never before an enhanced list has settled.
    #[test]
    fn nothing_missing_is_ever_ready(
        status in "COMPLETE|ACTIVE|PENDING|FAILED|[A-Z_]{0,12}",
        timed: bool,
        counted in proptest::option::of(0u64..4),
        basic_count in proptest::option::of(0usize..4),
        enhanced_count in proptest::option::of(0usize..4),
        minute in 0i64..60,
    ) {
        let answer = Answer {
            status: Some(status),
            description: None,
            completed_at: timed.then(|| at(5)),
            counted,
            basic: basic_count.map(entries),
            enhanced: enhanced_count.map(entries),
        };
        if let State::Ready(seen) = state(&Lookup::Found(answer), minute) {
            let listed = basic_count.unwrap_or(0) + enhanced_count.unwrap_or(0);
            proptest::prop_assert!(timed);
            proptest::prop_assert_eq!(seen.value.len(), listed);
            proptest::prop_assert!(listed as u64 >= counted.unwrap_or(0));
            proptest::prop_assert!(enhanced_count.is_none() || minute >= 7);
            proptest::prop_assert!(listed > 0 || basic_count.is_some() || enhanced_count.is_some() || counted == Some(0));
        }
    }
}
