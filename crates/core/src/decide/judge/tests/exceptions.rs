//! Findings that a policy leaves out until a date.

use super::*;
use crate::{Time, evidence::Finding};

/// Judged under these exceptions at noon of this day.
fn judged_on(day: &str, exceptions: &Value, criterion: &Criterion, known: &Evidence) -> Judged {
    let own = policy(&json!({"exceptions": exceptions}));
    let push = push("dev/website", "1.4");
    let now: Time = format!("{day}T12:00:00Z").parse().unwrap();
    let criteria = std::slice::from_ref(criterion);
    Judge::of(criteria, &own, &push, known, now)
        .judge(criterion)
        .unwrap()
}

fn exception(more: &Value) -> Value {
    let mut exception =
        json!({"finding": "CVE-1", "until": "2026-03-31", "reason": "not reachable"});
    let entries = exception.as_object_mut().unwrap();
    entries.extend(more.as_object().unwrap().clone());
    json!([exception])
}

#[test]
fn a_finding_is_left_out_where_the_exception_is_about_it() {
    let one = || vec![finding("CVE-1", Critical)];
    let in_two = Finding {
        others: vec!["log4j-api".to_owned()],
        ..finding("CVE-1", Critical)
    };
    let in_two_of_one_name = Finding {
        others: vec!["log4j-core".to_owned()],
        ..finding("CVE-1", Critical)
    };
    let in_none = Finding {
        package: None,
        ..finding("CVE-1", Critical)
    };
    let related = Finding {
        related: vec!["CVE-1".to_owned()],
        ..finding("GHSA-1", Critical)
    };
    let log4j = json!({"component": "log4j-core"});
    for (case, findings, more, left_out) in [
        ("its id", one(), json!({}), true),
        ("another id", one(), json!({"finding": "CVE-2"}), false),
        ("another case", one(), json!({"finding": "cve-1"}), false),
        ("its package", one(), log4j.clone(), true),
        (
            "another package",
            one(),
            json!({"component": "log4j"}),
            false,
        ),
        (
            "one of two packages",
            vec![in_two.clone()],
            log4j.clone(),
            false,
        ),
        ("two packages, any", vec![in_two], json!({}), true),
        (
            "twice one name",
            vec![in_two_of_one_name],
            log4j.clone(),
            true,
        ),
        ("no package", vec![in_none], log4j, false),
        (
            "its platform",
            one(),
            json!({"platform": "linux/amd64"}),
            true,
        ),
        (
            "another platform",
            one(),
            json!({"platform": "linux/arm64"}),
            false,
        ),
        ("a related id", vec![related], json!({}), false),
        ("the last day", one(), json!({"until": "2026-03-07"}), true),
        (
            "the day after",
            one(),
            json!({"until": "2026-03-06"}),
            false,
        ),
    ] {
        let known = evidence(&[scanned(findings)]);
        let exceptions = exception(&more);
        for (attribute, operator, value) in [
            ("vulnerabilities.critical", "=", json!(0)),
            ("vulnerabilities.fixable.all", "<", json!(1)),
            ("finding", "not_one_of", json!(["CVE-1", "GHSA-1"])),
        ] {
            let own = criterion(attribute, operator, &value);
            let judged = judged_on("2026-03-07", &exceptions, &own, &known);
            let wanted = if left_out { Met } else { Broken };
            assert_eq!(judged.judgement.verdict, wanted, "{case}: {attribute}");
        }
    }
}

#[test]
fn the_note_names_what_was_left_out_and_exceptions_that_do_nothing() {
    let known = evidence(&[scanned(vec![
        finding("CVE-1", Critical),
        finding("CVE-2", Critical),
    ])]);
    let exceptions = json!([
        {"finding": "CVE-1", "until": "2026-03-31", "reason": "not reachable"},
        {"finding": "CVE-2", "until": "2026-03-01", "reason": "no fix yet", "owner": "web"},
        {"finding": "CVE-3", "until": "2026-03-31", "reason": "to come"},
    ]);
    let own = criterion("vulnerabilities.critical", "=", &json!(0));
    let judged = judged_on("2026-03-07", &exceptions, &own, &known);
    assert_eq!(judged.judgement.verdict, Broken);
    assert_eq!(judged.judgement.seen, json!(1));
    let of_ids = criterion("finding", "not_one_of", &json!(["CVE-9"]));
    let by_ids = judged_on("2026-03-07", &exceptions, &of_ids, &known);
    assert_eq!(by_ids.judgement.note, judged.judgement.note);
    insta::assert_snapshot!(judged.judgement.note.unwrap(), @"left out by exceptions: CVE-1 until 2026-03-31 (not reachable); exceptions that are over: CVE-2 since 2026-03-01; exceptions that match nothing: CVE-3");
}

/// An allow-list that named every finding still blocked elsewhere, and one without a scan let pass.
#[test]
fn exceptions_for_every_finding_promote_and_no_exception_stands_for_a_scan() {
    let exceptions = exception(&json!({}));
    let own = criterion("vulnerabilities.all", "=", &json!(0));
    let every = evidence(&[scanned(vec![finding("CVE-1", Critical)])]);
    let judged = judged_on("2026-03-07", &exceptions, &own, &every);
    assert_eq!(judged.judgement.verdict, Met);
    for (lacking, wanted) in [(not_yet(), Await), (never(), Unknown)] {
        let judged = judged_on("2026-03-07", &exceptions, &own, &evidence(&[lacking]));
        assert_eq!(judged.judgement.verdict, wanted);
    }
    // Nor does one make known whether another finding has a fix.
    let unsaid = Finding {
        fixable: None,
        ..finding("CVE-2", Critical)
    };
    let known = evidence(&[scanned(vec![finding("CVE-1", Critical), unsaid])]);
    let fixable = criterion("vulnerabilities.fixable.all", "=", &json!(0));
    let judged = judged_on("2026-03-07", &exceptions, &fixable, &known);
    assert_eq!(judged.judgement.verdict, Unknown);
}

#[test]
fn a_decision_stands_until_the_first_of_its_exceptions_ends() {
    use crate::decide::{exceptions_end, fixtures::time};
    let until = |finding: &str, until: &str, more: Value| {
        let mut one = json!({"finding": finding, "until": until, "reason": "r"});
        one.as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap());
        one
    };
    let known = evidence(&[scanned(vec![
        finding("CVE-1", Critical),
        finding("CVE-2", Low),
    ])]);
    let on_findings =
        json!([{"attribute": "vulnerabilities.critical", "operator": "=", "value": 0}]);
    let on_tags = json!([{"attribute": "tag", "operator": "equals", "value": "x"}]);
    for (case, criteria, exceptions, ends) in [
        ("none", &on_findings, vec![], None),
        (
            "one",
            &on_findings,
            vec![until("CVE-1", "2026-03-09", json!({}))],
            Some("2026-03-10"),
        ),
        (
            "the first of two findings",
            &on_findings,
            vec![
                until("CVE-1", "2026-03-09", json!({})),
                until("CVE-2", "2026-03-08", json!({})),
            ],
            Some("2026-03-09"),
        ),
        (
            "the last of one finding",
            &on_findings,
            vec![
                until("CVE-1", "2026-03-09", json!({})),
                until("CVE-1", "2026-03-11", json!({})),
            ],
            Some("2026-03-12"),
        ),
        (
            "it is the last day",
            &on_findings,
            vec![until("CVE-1", "2026-03-07", json!({}))],
            Some("2026-03-08"),
        ),
        (
            "over",
            &on_findings,
            vec![until("CVE-1", "2026-03-06", json!({}))],
            None,
        ),
        (
            "another package",
            &on_findings,
            vec![until("CVE-1", "2026-03-09", json!({"component": "x"}))],
            None,
        ),
        (
            "another finding",
            &on_findings,
            vec![until("CVE-3", "2026-03-09", json!({}))],
            None,
        ),
        (
            "no criterion on findings",
            &on_tags,
            vec![until("CVE-1", "2026-03-09", json!({}))],
            None,
        ),
    ] {
        let policy = policy(&json!({"criteria": criteria, "exceptions": exceptions}));
        let found = exceptions_end(&policy, &known, time(30));
        let ends = ends.map(|day| format!("{day}T00:00:00Z").parse().unwrap());
        assert_eq!(found, ends, "{case}");
    }
}

#[test]
fn an_exception_for_a_package_that_is_not_said_makes_doubtful_only_what_asks_for_more_findings() {
    let first_seen = Some("2026-03-01T00:00:00Z".parse().unwrap());
    let known = |package: Option<&str>| {
        let found = Finding {
            package: package.map(str::to_owned),
            first_seen,
            ..finding("CVE-1", Critical)
        };
        evidence(&[scanned(vec![found])])
    };
    let open = json!({"component": "log4j-api"});
    let over = json!({"component": "log4j-api", "until": "2026-03-06"});
    let elsewhere = json!({"platform": "linux/arm64"});
    for (case, package, more, few, many) in [
        ("not said", None, &open, Met, Unknown),
        ("said, another one", Some("zlib"), &open, Met, Met),
        ("not said, over", None, &over, Met, Met),
        ("not said, and not asked for", None, &elsewhere, Met, Met),
    ] {
        for (attribute, operator, value, wanted) in [
            ("vulnerabilities.critical", "<=", 1, few),
            ("vulnerabilities.critical", ">=", 1, many),
            ("vulnerabilities.critical", ">=", 2, Broken),
            ("finding_age.critical", "<=", 6, few),
            ("finding_age.critical", ">=", 6, many),
            ("finding_age.critical", ">=", 7, Broken),
        ] {
            let own = criterion(attribute, operator, &json!(value));
            let judged = judged_on("2026-03-07", &exception(more), &own, &known(package));
            let said = judged.judgement.verdict;
            assert_eq!(said, wanted, "{case}: {attribute} {operator} {value}");
        }
    }
}
