//! What was read without an answer: a criterion that cannot be answered says where the answer was looked for.

use super::*;
use crate::{
    decide::fixtures::frame,
    decide::fixtures::{read, time},
    evidence::{Known, License, Never, NotYet, Origin, Read, Seen},
};

/// Verdict, origin and minute of a criterion.
fn told(judged: Judged) -> (CriterionVerdict, Option<String>, Option<Time>) {
    let Judgement {
        verdict,
        origin,
        at,
        ..
    } = judged.judgement;
    (verdict, origin, at)
}

#[test]
fn a_scan_that_does_not_tell_is_named() {
    let count = criterion("vulnerabilities.all", "=", &json!(0));
    let failed = |reason: &str| Never::read(reason.to_owned(), Origin::BasicScan, time(7));
    let growing = NotYet {
        reason: "the scan's list may still grow".to_owned(),
        look_at: Some(time(9)),
        read: Read::of(Origin::EnhancedScan, time(8)),
    };
    let basic = Some("scan: basic".to_owned());
    let enhanced = Some("scan: enhanced".to_owned());
    let nothing = || read(Known::Never("the scan failed".to_owned().into()));
    for (case, platforms, wanted) in [
        (
            "failed",
            vec![read(Known::Never(failed("the scan: FAILED")))],
            (Unknown, basic.clone(), Some(time(7))),
        ),
        (
            "failed on one of two",
            vec![
                scanned(vec![]),
                read(Known::Never(failed("the scan: FAILED"))),
            ],
            (Unknown, basic, Some(time(7))),
        ),
        (
            "settling",
            vec![read(Known::NotYet(growing))],
            (Await, enhanced, Some(time(8))),
        ),
        ("nothing read", vec![nothing()], (Unknown, None, None)),
        ("not there", vec![not_yet()], (Await, None, None)),
    ] {
        assert_eq!(
            told(judged(&count, &evidence(&platforms))),
            wanted,
            "{case}"
        );
    }
}

#[test]
fn a_list_that_does_not_tell_is_named() {
    let names = criterion("component", "not_one_of", &json!(["x"]));
    let subject = frame("website", License::of("MIT"));
    let empty = evidence(&[sbom(vec![subject])]);
    let origin = Some(Origin::BuildkitAttestation.to_string());
    assert_eq!(
        told(judged(&names, &empty)),
        (Unknown, origin, Some(time(5)))
    );
    let mut broken = evidence(&[sbom(vec![])]);
    for known in broken.components.values_mut() {
        assert!(matches!(known, Known::Seen(Seen { .. })));
        let reason = "the document ends early".to_owned();
        *known = Known::Never(Never::read(reason, Origin::Referrer, time(6)));
    }
    let origin = Some(Origin::Referrer.to_string());
    assert_eq!(
        told(judged(&names, &broken)),
        (Unknown, origin, Some(time(6)))
    );
}
