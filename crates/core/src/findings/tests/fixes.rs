//! Whether a finding has a fix, and an exploit: said, or not said, never guessed.

use super::*;

fn fixable(fix: Option<&str>, fixed_in: &[Option<&str>]) -> Option<bool> {
    let packages = fixed_in.iter().copied();
    let packages = packages.map(|fixed| Affected {
        name: Some("openssl"),
        version: Some("3.0.13"),
        fixed,
    });
    let read = Enhanced {
        fix,
        packages: packages.collect(),
        ..Enhanced::default()
    };
    Entry::enhanced(&read).finding.fixable
}

#[test]
fn an_enhanced_finding_has_a_fix_where_the_scanner_or_one_of_its_packages_says_so() {
    let version = Some("3.0.14");
    let none = Some("NotAvailable");
    for (what, fix, packages, expected) in [
        ("a version", None, vec![version], Some(true)),
        ("YES without a version", Some("YES"), vec![none], Some(true)),
        ("YES without a package", Some("YES"), vec![], Some(true)),
        (
            "some packages",
            Some("PARTIAL"),
            vec![none, version],
            Some(true),
        ),
        ("the second package", None, vec![none, version], Some(true)),
        ("NO beside a version", Some("NO"), vec![version], Some(true)),
        ("NO", Some("NO"), vec![None], Some(false)),
        ("not available", None, vec![none, Some("")], Some(false)),
        ("one package says nothing", None, vec![none, None], None),
        ("nothing", None, vec![], None),
        ("an unknown word", Some("MAYBE"), vec![None], None),
    ] {
        assert_eq!(fixable(fix, &packages), expected, "{what}");
    }
}

#[test]
fn a_basic_finding_says_by_its_attributes_whether_it_has_a_fix() {
    for (attributes, expected) in [
        (vec![("patched_version", Some("1.2"))], Some(true)),
        (vec![("patched_version", Some("NotAvailable"))], Some(false)),
        (vec![("patched_version", Some(""))], Some(false)),
        (vec![("patched_version", None)], Some(false)),
        (vec![("package_version", Some("1.1"))], None),
    ] {
        let entry = Entry::basic(Some("CVE-1"), Some("LOW"), attributes.clone());
        assert_eq!(entry.finding.fixable, expected, "{attributes:?}");
        assert_eq!(entry.finding.exploitable, None);
    }
}

#[test]
fn an_exploit_is_known_or_not_or_not_said() {
    for (exploit, expected) in [
        (Some("YES"), Some(true)),
        (Some("NO"), Some(false)),
        (Some("UNKNOWN"), None),
        (None, None),
    ] {
        let read = Enhanced {
            exploit,
            ..Enhanced::default()
        };
        let found = Entry::enhanced(&read).finding.exploitable;
        assert_eq!(found, expected, "{exploit:?}");
    }
}
