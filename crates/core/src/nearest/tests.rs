//! What would let an image through, case by case, and what holds of every answer.

use serde_json::{Value, json};

use super::*;
use crate::{
    decide::fixtures::{
        On, component, evidence, finding, frame, licensed, never, not_yet, partial_sbom, policy,
        push, sbom, scanned, time,
    },
    evidence::{Component, Finding, License, Severity},
};

mod labels_and_ages;
mod lists;
mod properties;

fn paths() -> Paths {
    Paths::parse("*").unwrap()
}

fn criteria(list: &[(&str, &str, Value)]) -> Policy {
    let list = list.iter().map(|(attribute, operator, value)| {
        json!({"attribute": attribute, "operator": operator, "value": value})
    });
    policy(&json!({"criteria": list.collect::<Vec<_>>()}))
}

fn told(policy: &Policy, tag: &str, known: &Evidence) -> NearestPass {
    nearest(&push("dev/website", tag), policy, &paths(), known, time(30))
}

/// `update openssl 3.0.13 -> 3.0.14 in linux/arm64 removes CVE-1`
fn line(change: &Change) -> String {
    let mut words = vec![format!("{:?}", change.kind).to_lowercase()];
    words.extend(change.package.clone());
    words.extend(change.from.clone());
    words.extend(change.to.iter().map(|to| format!("-> {to}")));
    words.extend(
        change
            .platform
            .iter()
            .map(|platform| format!("in {platform}")),
    );
    if !change.removes.is_empty() {
        words.push(format!("removes {}", change.removes.join(" ")));
    }
    words.join(" ")
}

fn in_package(id: &str, severity: Severity, of: [&str; 3]) -> Finding {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let [package, installed, fixed] = of.map(some);
    Finding {
        fixable: Some(fixed.is_some()),
        package,
        installed,
        fixed,
        ..finding(id, severity)
    }
}

fn critical(id: &str, of: [&str; 3]) -> Finding {
    in_package(id, Severity::Critical, of)
}

fn openssl(fixed: &str) -> [&str; 3] {
    ["openssl", "3.0.13", fixed]
}

#[test]
fn findings_ask_for_the_fewest_packages() {
    let none = || criteria(&[("vulnerabilities.critical", "=", json!(0))]);
    let one = || criteria(&[("vulnerabilities.critical", "<=", json!(1))]);
    let twice = vec![
        critical("CVE-1", openssl("3.0.14")),
        critical("CVE-2", openssl("3.0.9")),
    ];
    for (case, policy, platforms, expected) in [
        (
            "one update takes both",
            none(),
            vec![scanned(twice.clone())],
            vec!["update openssl 3.0.13 -> 3.0.14 removes CVE-1 CVE-2"],
        ),
        (
            "on one of two platforms",
            none(),
            vec![scanned(vec![]), scanned(twice)],
            vec!["update openssl 3.0.13 -> 3.0.14 in linux/arm64 removes CVE-1 CVE-2"],
        ),
        (
            "ten is above nine",
            none(),
            vec![scanned(vec![
                critical("CVE-1", openssl("3.0.9")),
                critical("CVE-2", openssl("3.0.10")),
            ])],
            vec!["update openssl 3.0.13 -> 3.0.10 removes CVE-1 CVE-2"],
        ),
        (
            "nothing fixes it",
            none(),
            vec![scanned(vec![critical("CVE-1", openssl(""))])],
            vec!["remove openssl 3.0.13 removes CVE-1"],
        ),
        (
            "the one that takes two is enough",
            one(),
            vec![scanned(vec![
                critical("CVE-1", ["zlib", "1.2", "1.3"]),
                critical("CVE-2", openssl("3.0.14")),
                critical("CVE-3", openssl("3.0.14")),
            ])],
            vec!["update openssl 3.0.13 -> 3.0.14 removes CVE-2 CVE-3"],
        ),
        (
            "one that is forbidden by its id",
            criteria(&[("finding", "not_one_of", json!(["CVE-2"]))]),
            vec![scanned(vec![
                critical("CVE-1", openssl("3.0.14")),
                critical("CVE-2", ["zlib", "1.2", "1.3"]),
            ])],
            vec!["update zlib 1.2 -> 1.3 removes CVE-2"],
        ),
        (
            "only what has a fix",
            criteria(&[("vulnerabilities.fixable.critical", "=", json!(0))]),
            vec![scanned(vec![
                critical("CVE-1", openssl("3.0.14")),
                critical("CVE-2", ["zlib", "1.2", ""]),
            ])],
            vec!["update openssl 3.0.13 -> 3.0.14 removes CVE-1"],
        ),
        (
            "what is within the limit stays",
            one(),
            vec![
                scanned(vec![critical("CVE-1", openssl("3.0.14"))]),
                scanned(vec![
                    critical("CVE-1", openssl("3.0.14")),
                    critical("CVE-2", ["zlib", "1.2", "1.3"]),
                ]),
            ],
            vec!["update openssl 3.0.13 -> 3.0.14 in linux/arm64 removes CVE-1"],
        ),
    ] {
        let pass = told(&policy, "1.4", &evidence(&platforms));
        assert!(pass.possible, "{case}: {}", pass.why);
        let lines: Vec<_> = pass.changes.iter().map(line).collect();
        assert_eq!(lines, expected, "{case}");
    }
}

#[test]
fn a_package_that_goes_takes_its_findings_with_it() {
    let log4j = component(
        "log4j-core",
        "2.14.1",
        &["pkg:maven/org.apache/log4j-core@2.14.1"],
    );
    let known = scanned(vec![critical("CVE-1", ["log4j-core", "2.14.1", "2.15.0"])]);
    let known = known.and(sbom(vec![licensed("musl", License::of("MIT")), log4j]));
    let count = ("vulnerabilities.critical", "=", json!(0));
    for (ban, expected) in [
        ("log4j-core", "remove log4j-core 2.14.1 removes CVE-1"),
        (
            "log4j-core@<2.17.1",
            "update log4j-core 2.14.1 -> 2.17.1 removes CVE-1",
        ),
        (
            "log4j-core@<2.15.0",
            "update log4j-core 2.14.1 -> 2.15.0 removes CVE-1",
        ),
    ] {
        let list = [count.clone(), ("component", "not_one_of", json!([ban]))];
        let pass = told(
            &criteria(&list),
            "1.4",
            &evidence(std::slice::from_ref(&known)),
        );
        assert_eq!(
            pass.changes.iter().map(line).collect::<Vec<_>>(),
            [expected],
            "{}",
            pass.why
        );
    }
}

#[test]
fn what_no_push_can_change_says_why() {
    let none = [("vulnerabilities.critical", "=", json!(0))];
    let disabled = policy(&json!({"enabled": false}));
    let more = [("vulnerabilities.all", ">", json!(3))];
    let unnamed = scanned(vec![critical("CVE-1", ["", "", ""])]);
    let only = sbom(vec![component("log4j-core", "1", &[])]);
    for (case, policy, on, why) in [
        ("disabled", disabled, scanned(vec![]), "disabled"),
        (
            "the scan failed",
            criteria(&none),
            never(),
            "the scan failed",
        ),
        (
            "the scan is awaited",
            criteria(&none),
            not_yet(),
            "the scan has not finished",
        ),
        (
            "a finding in nothing",
            criteria(&none),
            unnamed,
            "CVE-1 names no package",
        ),
        (
            "more findings are wanted",
            criteria(&more),
            scanned(vec![]),
            "vulnerabilities.all > 3: saw 0",
        ),
        (
            "nothing would be left",
            criteria(&[("component", "not_one_of", json!(["log4j-core"]))]),
            only,
            "lists no component",
        ),
        (
            "nobody looked",
            criteria(&[("license", "not_one_of", json!(["GPL-3.0-only"]))]),
            scanned(vec![]),
            NOT_LOOKED_AT,
        ),
    ] {
        let pass = told(&policy, "1.4", &evidence(&[on]));
        assert!(
            !pass.possible && pass.changes.is_empty(),
            "{case}: {pass:?}"
        );
        assert!(pass.why.contains(why), "{case}: {}", pass.why);
    }
}

#[test]
fn what_passes_needs_nothing() {
    let pass = told(&criteria(&[]), "1.4", &evidence(&[scanned(vec![])]));
    assert_eq!((pass.possible, pass.changes.len()), (true, 0));
    let json = serde_json::to_value(told(
        &criteria(&[("vulnerabilities.critical", "=", json!(0))]),
        "1.4",
        &evidence(&[scanned(vec![critical("CVE-1", openssl("3.0.14"))])]),
    ));
    assert_eq!(
        json.unwrap(),
        json!({
            "possible": true,
            "changes": [{
                "kind": "update", "package": "openssl", "from": "3.0.13", "to": "3.0.14",
                "platform": null, "removes": ["CVE-1"],
            }],
            "why": "update 1 package",
        })
    );
}
