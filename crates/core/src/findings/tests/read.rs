//! What an answer that is not a list to decide on still has.

use super::*;
use crate::evidence::Origin;

#[test]
fn what_was_read_in_vain_is_named() {
    let bare = |status: &str| Answer {
        completed_at: None,
        ..answer(status)
    };
    let listed = |status: &str| Answer {
        completed_at: None,
        ..inspector(status, 1)
    };
    let short = Answer {
        counted: Some(2),
        ..inspector("COMPLETE", 1)
    };
    let read = |origin, minute: Option<i64>| Read {
        origin,
        at: minute.map(at),
    };
    let (basic_scan, enhanced_scan) = (Some(Origin::BasicScan), Some(Origin::EnhancedScan));
    for (case, answer, minute, wanted) in [
        ("failed", basic("FAILED", 0), 60, read(basic_scan, Some(5))),
        (
            "failed, no list",
            answer("FAILED"),
            60,
            read(basic_scan, Some(5)),
        ),
        ("failed, nothing", bare("FAILED"), 60, read(None, None)),
        (
            "archived",
            inspector("IMAGE_ARCHIVED", 1),
            60,
            read(enhanced_scan, Some(5)),
        ),
        (
            "expired",
            inspector("SCAN_ELIGIBILITY_EXPIRED", 1),
            60,
            read(enhanced_scan, Some(5)),
        ),
        (
            "too old",
            basic("COMPLETE", 1),
            50_000,
            read(basic_scan, Some(5)),
        ),
        ("not finished", bare("IN_PROGRESS"), 60, read(None, None)),
        (
            "not finished, a list",
            listed("PENDING"),
            60,
            read(enhanced_scan, None),
        ),
        ("no time", listed("ACTIVE"), 60, read(enhanced_scan, None)),
        ("no list", answer("COMPLETE"), 60, read(basic_scan, Some(5))),
        ("too short", short, 60, read(enhanced_scan, Some(5))),
        (
            "settling",
            inspector("COMPLETE", 1),
            6,
            read(enhanced_scan, Some(5)),
        ),
    ] {
        let found = match state(&Lookup::Found(answer), minute).known() {
            Known::Never(never) => never.read,
            Known::NotYet(waiting) => waiting.read,
            other => panic!("{case}: {other:?}"),
        };
        assert_eq!(found, wanted, "{case}");
    }
}
