//! What cannot be changed in an image, and what has stood in it for too long.

use super::*;

#[test]
fn a_label_is_changed_by_a_new_build_alone() {
    let policy = criteria(&[
        ("label.team", "equals", json!("web")),
        ("vulnerabilities.critical", "=", json!(0)),
    ]);
    let scan = || scanned(vec![critical("CVE-1", openssl("3.0.14"))]);
    let lines: Vec<String> = [
        scan().with_labels(&[("team", "web")]),
        scan().with_labels(&[("team", "shop")]),
        scan().with_labels(&[]),
    ]
    .into_iter()
    .map(|on| told(&policy, "1.4", &evidence(&[on])).why)
    .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    update 1 package
    label.team equals "web": saw "shop"; labels are given when an image is built
    label.team equals "web": saw no such label; labels are given when an image is built
    "#);
}

#[test]
fn findings_that_are_too_old_go_and_younger_ones_stay() {
    let policy = criteria(&[("finding_age.critical", "<=", json!(15))]);
    let aged = |days: Option<i64>, finding: Finding| Finding {
        first_seen: days.map(|days| time(0) - chrono::TimeDelta::days(days)),
        ..finding
    };
    for (case, platforms, expected) in [
        (
            "by the scanner's word",
            vec![scanned(vec![
                aged(Some(16), critical("CVE-1", openssl("3.0.14"))),
                aged(Some(15), critical("CVE-2", ["zlib", "1.2", ""])),
            ])],
            vec!["update openssl 3.0.13 -> 3.0.14 removes CVE-1"],
        ),
        (
            "by the ledger's",
            vec![
                scanned(vec![aged(None, critical("CVE-1", openssl("3.0.14")))])
                    .with_sightings(&[("CVE-1", 16)]),
                scanned(vec![aged(None, critical("CVE-1", openssl("3.0.14")))])
                    .with_sightings(&[("CVE-1", 2)]),
            ],
            vec!["update openssl 3.0.13 -> 3.0.14 in linux/amd64 removes CVE-1"],
        ),
    ] {
        let pass = told(&policy, "1.4", &evidence(&platforms));
        let lines: Vec<String> = pass.changes.iter().map(line).collect();
        assert_eq!(lines, expected, "{case}: {}", pass.why);
    }
}
