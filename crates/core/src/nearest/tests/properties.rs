//! What holds of any answer: applying it lets the image through, no part of it does, and no other choice
//! of packages is smaller.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::decide::fixtures::On as Known;

fn any_finding() -> impl Strategy<Value = Finding> {
    (
        prop::sample::select(vec!["CVE-1", "CVE-2", "CVE-3", "CVE-4"]),
        prop::sample::select(vec![Severity::Critical, Severity::High, Severity::Low]),
        prop::sample::select(vec!["a", "b", "c", "openssl"]),
        prop::sample::select(vec!["", "1.1", "1.9", "1.10"]),
        0i64..4,
    )
        .prop_map(|(id, severity, package, fixed, days)| Finding {
            first_seen: Some(time(0) - chrono::TimeDelta::days(days)),
            ..in_package(id, severity, [package, "1.0", fixed])
        })
}

fn any_component() -> impl Strategy<Value = Component> {
    (
        prop::sample::select(vec!["a", "b", "musl", "website"]),
        prop::sample::select(vec![
            "",
            "MIT",
            "AGPL-3.0-only",
            "MIT OR AGPL-3.0-only",
            "own words",
        ]),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(name, license, is_frame)| Component {
            is_frame,
            version: Some("1.0".to_owned()),
            ..licensed(
                name,
                if license.is_empty() {
                    License::default()
                } else {
                    License::of(license)
                },
            )
        })
}

fn any_platform() -> impl Strategy<Value = On> {
    let findings = prop::collection::vec(any_finding(), 0..6).prop_map(scanned);
    let lists = prop::collection::vec(any_component(), 0..4);
    let lists = (lists, prop::bool::weighted(0.15)).prop_map(|(list, is_partial)| {
        if is_partial {
            partial_sbom(list, "it is incomplete")
        } else {
            sbom(list)
        }
    });
    (findings, prop_oneof![6 => lists, 1 => Just(never())])
        .prop_map(|(findings, lists): (Known, Known)| findings.and(lists))
}

fn any_criterion() -> impl Strategy<Value = (&'static str, &'static str, Value)> {
    let count = (
        prop::sample::select(vec![
            "vulnerabilities.critical",
            "vulnerabilities.all",
            "vulnerabilities.minor",
            "finding_age.critical",
        ]),
        prop::sample::select(vec!["=", "<=", "<", ">="]),
        (1u64..4).prop_map(|number| json!(number)),
    );
    let clean = (
        prop::sample::select(vec!["vulnerabilities.critical", "vulnerabilities.all"]),
        Just("="),
        Just(json!(0)),
    );
    let name = (
        Just("component"),
        prop::sample::select(vec!["not_one_of", "one_of"]),
        prop::sample::select(vec![
            json!(["a"]),
            json!(["a@<1.5", "b"]),
            json!(["musl"]),
            json!(["a@>=2"]),
        ]),
    );
    let license = (
        Just("license"),
        prop::sample::select(vec!["not_one_of", "one_of", "not_matches"]),
        prop::sample::select(vec![json!(["AGPL-3.0-only"]), json!(["MIT"])]),
    );
    let tag = (
        Just("tag"),
        prop::sample::select(vec![
            "ends_with",
            "starts_with",
            "not_equals",
            "contains",
            "matches",
        ]),
        prop::sample::select(vec![json!("stable"), json!("1.4"), json!("v1")]),
    );
    prop_oneof![3 => count, 3 => clean, 2 => name, 2 => license, 1 => tag]
}

fn verdict(changes: &[Change], push: &Push, policy: &Policy, known: &Evidence) -> Option<Verdict> {
    let (push, known) = apply(changes, push, policy, known);
    match decide(&push, policy, &paths(), &known, time(30)) {
        Step::Decided(decision) => Some(decision.verdict),
        Step::Ask(_) => None,
    }
}

/// Every selection of some members, but all of them.
fn proper_subsets(changes: &[Change]) -> impl Iterator<Item = Vec<Change>> {
    let all = (1u32 << changes.len()) - 1;
    (0..all).map(|chosen| {
        let member = |(place, _): &(usize, &Change)| chosen & (1 << place) != 0;
        changes
            .iter()
            .enumerate()
            .filter(member)
            .map(|(_, change)| change.clone())
            .collect()
    })
}

proptest! {
    #[test]
    fn applying_it_promotes_and_no_part_of_it_does(
        platforms in prop::collection::vec(any_platform(), 1..3),
        list in prop::collection::vec(any_criterion(), 1..4),
    ) {
        let known = evidence(&platforms);
        let policy = criteria(&list);
        let own = push("dev/website", "1.4");
        let pass = nearest(&own, &policy, &paths(), &known, time(30));
        if pass.possible {
            let after = verdict(&pass.changes, &own, &policy, &known);
            prop_assert_eq!(after, Some(Verdict::Promote), "{:?}", pass);
            if pass.changes.len() <= 10 {
                for part in proper_subsets(&pass.changes) {
                    let after = verdict(&part, &own, &policy, &known);
                    prop_assert_ne!(after, Some(Verdict::Promote), "{:?} of {:?}", part, pass);
                }
            }
        } else {
            prop_assert!(pass.changes.is_empty() && !pass.why.is_empty());
            prop_assert_ne!(verdict(&[], &own, &policy, &known), Some(Verdict::Promote));
        }
    }

    #[test]
    fn no_choice_of_fewer_packages_would_do(
        platforms in prop::collection::vec(prop::collection::vec(any_finding(), 0..6).prop_map(scanned), 1..3),
        limits in prop::collection::vec(
            (prop::sample::select(vec!["vulnerabilities.critical", "vulnerabilities.all"]), 0u64..3), 1..3),
    ) {
        let known = evidence(&platforms);
        let list: Vec<_> = limits.iter().map(|(attribute, most)| (*attribute, "<=", json!(most))).collect();
        let policy = criteria(&list);
        let own = push("dev/website", "1.4");
        let pass = nearest(&own, &policy, &paths(), &known, time(30));
        prop_assert!(pass.possible, "{}", pass.why);
        let names = |changes: &[Change]| {
            changes.iter().filter_map(|change| change.package.clone()).collect::<BTreeSet<_>>().len()
        };
        let told = names(&pass.changes);
        for chosen in 0u8..16 {
            let members = ["a", "b", "c", "openssl"].iter().enumerate();
            let members: Vec<_> = members.filter(|(place, _)| chosen & (1 << place) != 0).collect();
            let removed = members.iter().flat_map(|(_, name)| {
                ["linux/amd64", "linux/arm64"].map(|platform| Change {
                    kind: ChangeKind::Remove,
                    package: Some((**name).to_owned()),
                    from: Some("1.0".to_owned()),
                    to: None,
                    platform: (platforms.len() > 1).then(|| platform.to_owned()),
                    removes: Vec::new(),
                })
            });
            let removed: Vec<_> = removed.collect();
            if verdict(&removed, &own, &policy, &known) == Some(Verdict::Promote) {
                prop_assert!(members.len() >= told, "{:?} would do, told {:?}", members, pass);
            }
        }
    }
}
