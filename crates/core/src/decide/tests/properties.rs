//! What holds of any evidence and any criteria.

use proptest::prelude::*;

use super::*;
use crate::evidence::{Component, Finding};

/// What is known of a platform, any way it can be.
fn any_platform() -> impl Strategy<Value = fixtures::On> {
    let severities = prop::sample::select(vec![Severity::Critical, Severity::Low]);
    let fixes = prop::sample::select(vec![Some(true), Some(false), None]);
    let days = prop::sample::select(vec![None, Some(0), Some(2)]);
    let any = (severities, fixes, days).prop_map(|(severity, fixable, days)| Finding {
        fixable,
        first_seen: days.map(|days| fixtures::time(0) - chrono::TimeDelta::days(days)),
        ..finding("CVE-1", severity)
    });
    let findings = prop::collection::vec(any, 0..3).prop_map(scanned);
    let licenses = prop::sample::select(vec![
        License::default(),
        License::of("some words"),
        License::of("MIT OR ISC"),
        License::of("MIT"),
    ]);
    let component = (
        prop::sample::select(vec!["a", "b"]),
        licenses,
        prop::bool::ANY,
    )
        .prop_map(|(name, license, is_frame)| Component {
            is_frame,
            ..licensed(name, license)
        });
    let names = prop::collection::vec(component, 0..3).prop_map(sbom);
    let labels = prop::sample::select(vec![None, Some("a"), Some("c")]);
    let unseen = prop::sample::select(vec![0, 1, 2]).prop_map(|kind| match kind {
        0 => not_yet(),
        1 => never(),
        // Neither asked for.
        _ => scanned(vec![]).and(scanned(vec![])).without_findings(),
    });
    (
        prop_oneof![3 => findings, 1 => unseen.clone()],
        prop_oneof![3 => names, 1 => unseen],
        labels,
        prop::sample::select(vec![None, Some(0), Some(2)]),
    )
        .prop_map(|(findings, components, label, days)| {
            let label: Vec<_> = label.into_iter().map(|value| ("l", value)).collect();
            let on = findings.and(components).with_labels(&label);
            match days {
                Some(days) => on.with_sightings(&[("CVE-1", days)]),
                None => on,
            }
        })
}

fn any_criterion() -> impl Strategy<Value = (&'static str, &'static str, Value)> {
    let count = (
        prop::sample::select(vec![
            "vulnerabilities.critical",
            "vulnerabilities.all",
            "vulnerabilities.fixable.all",
            "finding_age.critical",
        ]),
        prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]),
        (0u64..3).prop_map(|n| json!(n)),
    )
        .prop_filter("no count is below zero", |(_, operator, value)| {
            *operator != "<" || *value != json!(0)
        });
    let name = (
        prop::sample::select(vec!["component", "finding", "label.l"]),
        prop::sample::select(vec![
            "equals",
            "not_equals",
            "one_of",
            "not_one_of",
            "matches",
            "not_matches",
        ]),
        prop::sample::select(vec![json!("a"), json!(["a", "c"])]),
    );
    let license = (
        Just("license"),
        prop::sample::select(vec!["equals", "not_one_of", "contains", "not_matches"]),
        prop::sample::select(vec![json!("MIT"), json!(["ISC", "Zlib"])]),
    );
    prop_oneof![count, name, license]
}

/// A policy that may leave findings out, until a day that is over or not.
fn any_policy() -> impl Strategy<Value = Value> {
    let list = prop::collection::vec(any_criterion(), 1..4);
    let component = prop::sample::select(vec![None, Some("log4j-core"), Some("other")]);
    let until = prop::sample::select(vec!["2026-03-06", "2026-03-07"]);
    let exception = (component, until).prop_map(|(component, until)| {
        let mut exception = json!({"finding": "CVE-1", "until": until, "reason": "r"});
        if let Some(component) = component {
            exception["component"] = json!(component);
        }
        exception
    });
    let exceptions = prop::collection::vec(exception, 0..2);
    (list, exceptions).prop_map(|(list, exceptions)| {
        let mut keys = criteria(&list);
        keys["exceptions"] = json!(exceptions);
        keys
    })
}

proptest! {
    /// Closed by default: what is held or awaited is never promoted for want of a fact.
    #[test]
    fn what_goes_missing_never_promotes(
        platforms in prop::collection::vec(any_platform(), 1..3),
        keys in any_policy(),
        losses in prop::collection::vec((0usize..2, prop::sample::select(fixtures::LOSSES.to_vec())), 1..4),
    ) {
        let own = push("dev/website", "1.4");
        let promotes = |platforms: &[fixtures::On]| {
            let step = step(&own, &keys, &evidence(platforms));
            matches!(step, Step::Decided(decision) if decision.verdict == Verdict::Promote)
        };
        let mut fewer = platforms.clone();
        for (place, loss) in &losses {
            if let Some(on) = fewer.get_mut(*place) {
                on.lose(*loss);
            }
        }
        prop_assert!(promotes(&platforms) || !promotes(&fewer), "{:?}: {:?}", losses, fewer);
    }

    #[test]
    fn unseen_evidence_of_any_platform_promotes_nothing(
        platforms in prop::collection::vec(any_platform(), 1..3),
        list in prop::collection::vec(any_criterion(), 1..4),
    ) {
        let known = evidence(&platforms);
        let own = push("dev/website", "1.4");
        let step = step(&own, &criteria(&list), &known);
        if let Step::Decided(decision) = &step && decision.verdict == Verdict::Promote {
            let is_seen = |attribute: &str| platforms.iter().all(|on| on.is_seen(attribute));
            for (attribute, operator, _) in &list {
                prop_assert!(is_seen(attribute), "{decision:?}");
                let is_ban = *attribute == "license" && operator.starts_with("not_");
                let are_known = platforms.iter().all(fixtures::On::states_licenses);
                prop_assert!(!is_ban || are_known, "{decision:?}");
                let asks_for_fixes = attribute.contains("fixable");
                let are_said = platforms.iter().all(fixtures::On::says_fixes);
                prop_assert!(!asks_for_fixes || are_said, "{decision:?}");
            }
            prop_assert_eq!(decision.criteria.len(), list.len());
        }
        if let Step::Ask(lacks) = &step {
            // What is asked for was not asked for before, so that asking ends.
            let unasked = platforms.iter().any(|on| on.is_not_asked(lacks[0]));
            prop_assert!(unasked, "{lacks:?}");
        }
    }
}
