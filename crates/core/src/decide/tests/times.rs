//! A decision is what is read from its own JSON again, whatever the times of its evidence.

use super::*;

#[test]
fn times_enter_with_microseconds_at_most() {
    let fine = |minute: u32| time(minute) + chrono::TimeDelta::nanoseconds(500);
    let waiting = NotYet {
        reason: "the scan's list may still grow".to_owned(),
        look_at: Some(fine(9)),
        read: Read::of(Origin::EnhancedScan, fine(8)),
    };
    let criteria = json!({"criteria": [
        {"attribute": "tag", "operator": "equals", "value": "1.4"},
        {"attribute": "vulnerabilities.all", "operator": "=", "value": 0}
    ]});
    let own = Push {
        order_time: fine(0),
        ..push("dev/website", "1.4")
    };
    let waits = decision(&own, &criteria, &evidence(&[read(Known::NotYet(waiting))]));
    let json = serde_json::to_string(&waits).unwrap();
    assert_eq!(serde_json::from_str::<Decision>(&json).unwrap(), waits);
    let at: Vec<_> = waits
        .criteria
        .iter()
        .map(|judgement| judgement.at)
        .collect();
    assert_eq!(at, [Some(time(0)), Some(time(8))]);
    // Never before the time from which it is worth looking.
    assert_eq!(
        waits.next_look_at,
        Some(time(9) + chrono::TimeDelta::microseconds(1))
    );
}

#[test]
fn an_age_puts_off_no_look_for_what_may_come_at_any_time() {
    let criteria = criteria(&[
        ("age", ">=", json!("1h")),
        ("vulnerabilities.all", "=", json!(0)),
    ]);
    let own = push("dev/website", "1.4");
    let hours = |hours| own.order_time + chrono::TimeDelta::hours(hours);
    for (case, scan, next) in [
        ("the scan has no time", None, None),
        ("the scan comes later", Some(hours(2)), Some(hours(1))),
        ("the scan comes first", Some(time(30)), Some(time(30))),
    ] {
        let waiting = NotYet {
            reason: "the scan has not finished".to_owned(),
            look_at: scan,
            read: Read::of(Origin::EnhancedScan, time(8)),
        };
        let known = evidence(&[read(Known::NotYet(waiting))]);
        let waits = decision(&own, &criteria, &known);
        assert_eq!(waits.verdict, Verdict::Await, "{case}");
        assert_eq!(waits.next_look_at, next, "{case}");
    }
}
