//! What criteria ask of licenses: worked out by hand from the expressions.

use super::*;

#[test]
fn every_license_named_is_seen() {
    let license = License {
        stated: vec![
            "MIT OR (gpl-2.0 with classpath-exception-2.0 AND LicenseRef-a)".to_owned(),
            "EPL-1.0+, Our Words".to_owned(),
        ],
        explained: vec![Explained {
            reference: "LicenseRef-A".to_owned(),
            by: vec!["AGPLv3".to_owned(), "see LICENSE".to_owned()],
        }],
    };
    let mut named = Vec::new();
    each_named(&license, |name| named.push(name.to_string()));
    insta::assert_debug_snapshot!(named, @r#"
    [
        "MIT",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "LicenseRef-a",
        "AGPL-3.0-only",
        "see LICENSE",
        "EPL-1.0+",
        "Our Words",
        "EPL-1.0+, Our Words",
    ]
    "#);
    each_named(&License::default(), |name| panic!("{name}"));
}

fn bans(banned: &str) -> impl Fn(Named<'_>) -> bool {
    let mut listed = ListedBy::default();
    listed.insert(&Listed::read(banned).unwrap(), 1);
    move |named| listed.by(named) == 1
}

/// What one criterion learns, asked beside one that forbids everything and one that forbids nothing.
pub(super) fn clearance(
    license: &License,
    banned: &dyn Fn(Named<'_>) -> bool,
    accepted: &dyn Fn(&str) -> bool,
) -> Clearance {
    let touched = &mut |named: Named<'_>| 0b100 | (u64::from(banned(named)) << 1);
    clearances(license, touched, accepted).of(0b10)
}

#[test]
fn a_ban_is_broken_when_no_choice_avoids_it() {
    for (stated, banned, avoidable) in [
        ("MIT", "AGPL-3.0-only", true),
        ("AGPL-3.0-only", "AGPL-3.0-only", false),
        ("AGPL-3.0", "agpl-3.0-ONLY", false),
        ("MIT OR AGPL-3.0-only", "AGPL-3.0-only", true),
        ("MIT AND AGPL-3.0-only", "AGPL-3.0-only", false),
        ("MIT/AGPL-3.0-only", "AGPL-3.0-only", false),
        (
            "(MIT OR AGPL-3.0) AND (ISC OR AGPL-3.0)",
            "AGPL-3.0-only",
            true,
        ),
        ("(MIT OR AGPL-3.0) AND AGPL-3.0", "AGPL-3.0-only", false),
        // AND binds tighter than OR.
        ("MIT OR ISC AND AGPL-3.0-only", "AGPL-3.0-only", true),
        (
            "AGPL-3.0-only AND MIT OR AGPL-3.0-only",
            "AGPL-3.0-only",
            false,
        ),
        // -only and -or-later are two licenses.
        ("GPL-2.0-or-later", "GPL-2.0-only", true),
        ("GPL-2.0-only", "GPL-2.0-or-later", true),
        ("GPL-2.0+", "GPL-2.0-or-later", false),
        ("EPL-1.0+", "EPL-1.0", true),
        // Exceptions.
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "GPL-2.0-only",
            false,
        ),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            false,
        ),
        (
            "GPL-2.0-only",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            true,
        ),
        (
            "GPL-2.0-only WITH GCC-exception-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            true,
        ),
        ("GPL-2.0-with-classpath-exception", "GPL-2.0", false),
    ] {
        let clearance = clearance(&License::of(stated), &bans(banned), &|_| false);
        let is_clear = clearance == Clearance::Clear;
        assert_eq!(is_clear, avoidable, "{stated:?} under a ban of {banned:?}");
    }
}

#[test]
fn a_license_has_its_deprecated_spellings_too() {
    for (text, wanted) in [
        ("MIT", "MIT"),
        ("GPL-2.0-only", "GPL-2.0, GPL-2.0-only"),
        ("GPL-2.0-or-later", "GPL-2.0+, GPL-2.0-or-later"),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "GPL-2.0, GPL-2.0-only, GPL-2.0-with-classpath-exception, GPL-2.0-only WITH Classpath-exception-2.0",
        ),
    ] {
        let expression = Expression::read(text);
        let spelled: Vec<_> = expression.terms().flat_map(spellings).collect();
        assert_eq!(spelled.join(", "), wanted);
    }
}

/// A license that these texts state, with what explains the document's own.
fn license(stated: &[&str], explained: &[(&str, &[&str])]) -> License {
    let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    let explained = explained.iter().map(|(reference, by)| Explained {
        reference: (*reference).to_owned(),
        by: owned(by),
    });
    License {
        stated: owned(stated),
        explained: explained.collect(),
    }
}

#[test]
fn unknown_is_neither_clear_nor_broken() {
    let (clear, agpl) = (
        Clearance::Clear,
        Clearance::Broken(vec!["AGPL-3.0-only".to_owned()]),
    );
    let unknown = |word: &str| Clearance::Unknown(Some(word.to_owned()));
    let broken = |word: &str| Clearance::Broken(vec![word.to_owned()]);
    for (stated, wanted) in [
        (license(&[], &[]), Clearance::Unknown(None)),
        (license(&["MIT"], &[]), clear.clone()),
        (license(&["MIT", "GPLv3"], &[]), clear.clone()),
        (license(&["MIT", "AGPLv3"], &[]), agpl.clone()),
        (license(&["MIT OR AGPLv3", "ISC"], &[]), clear.clone()),
        (license(&["MIT", "Foo"], &[]), unknown("Foo")),
        (license(&["Foo", "AGPL-3.0-only"], &[]), agpl.clone()),
        (license(&["Foo"], &[]), unknown("Foo")),
        (license(&["MIT OR Foo"], &[]), clear.clone()),
        (license(&["AGPLv3 OR Foo"], &[]), unknown("Foo")),
        (license(&["(AGPLv3 or AFL) and AGPLv3"], &[]), agpl.clone()),
        (license(&["(MIT or AFL) and MIT"], &[]), clear.clone()),
        (license(&["MIT, AGPLv3"], &[]), agpl.clone()),
        // Words that are banned are broken as they are written.
        (license(&["Acme  license"], &[]), broken("Acme  license")),
        (
            license(&["MIT and ACME License"], &[]),
            broken("ACME License"),
        ),
        (license(&["Acme License, Inc"], &[]), broken("Acme License")),
        // Licenses of the document's own.
        (license(&["LicenseRef-x"], &[]), unknown("LicenseRef-x")),
        (license(&["MIT OR LicenseRef-x"], &[]), clear.clone()),
        (
            license(&["MIT AND LicenseRef-x"], &[]),
            unknown("LicenseRef-x"),
        ),
        (
            license(&["LicenseRef-bespoke"], &[]),
            broken("LicenseRef-bespoke"),
        ),
        (
            license(&["licenseref-Bespoke"], &[("LicenseRef-bespoke", &["MIT"])]),
            broken("LicenseRef-Bespoke"),
        ),
        (
            license(&["LicenseRef-x"], &[("LicenseRef-x", &["MIT License"])]),
            clear.clone(),
        ),
        (
            license(&["LicenseRef-x"], &[("LicenseRef-X", &["MIT License"])]),
            clear.clone(),
        ),
        (
            license(&["LicenseRef-x"], &[("LicenseRef-y", &["MIT"])]),
            unknown("LicenseRef-x"),
        ),
        (
            license(&["LicenseRef-x"], &[("LicenseRef-x", &[])]),
            unknown("LicenseRef-x"),
        ),
        (
            license(&["LicenseRef-x"], &[("LicenseRef-x", &["AGPLv3"])]),
            agpl.clone(),
        ),
        (
            license(&["LicenseRef-x"], &[("LicenseRef-x", &["MIT", "AGPLv3"])]),
            agpl.clone(),
        ),
        (
            license(
                &["LicenseRef-x"],
                &[("LicenseRef-x", &["MIT", "see LICENSE"])],
            ),
            unknown("see LICENSE"),
        ),
        (
            license(
                &["LicenseRef-x"],
                &[
                    ("LicenseRef-x", &["LicenseRef-y"]),
                    ("LicenseRef-y", &["MIT"]),
                ],
            ),
            unknown("LicenseRef-y"),
        ),
        (
            license(&["MIT OR LicenseRef-x"], &[("LicenseRef-x", &["AGPLv3"])]),
            clear.clone(),
        ),
    ] {
        let bans = [
            bans("AGPL-3.0-only"),
            bans("LicenseRef-bespoke"),
            bans("Acme License"),
        ];
        let banned = |named: Named<'_>| bans.iter().any(|bans| bans(named));
        assert_eq!(
            clearance(&stated, &banned, &|_| false),
            wanted,
            "{stated:?}"
        );
    }
}

#[test]
fn words_that_are_accepted_are_known_and_nothing_else_is() {
    let accepted = |word: &str| ["public-domain", "LicenseRef-x", "a, b"].contains(&word);
    let unknown = |word: &str| Clearance::Unknown(Some(word.to_owned()));
    for (stated, wanted) in [
        (license(&[], &[]), Clearance::Unknown(None)),
        (license(&["public-domain"], &[]), Clearance::Clear),
        (license(&["MIT AND public-domain"], &[]), Clearance::Clear),
        (license(&["BSD AND public-domain"], &[]), unknown("BSD")),
        (license(&["a, b"], &[]), Clearance::Clear),
        (license(&["a"], &[]), unknown("a")),
        (license(&["LicenseRef-x"], &[]), Clearance::Clear),
        (
            license(&["LicenseRef-x"], &[("LicenseRef-x", &["BSD"])]),
            Clearance::Clear,
        ),
        (
            license(&["LicenseRef-y"], &[("LicenseRef-y", &["public-domain"])]),
            Clearance::Clear,
        ),
        (license(&["LicenseRef-y"], &[]), unknown("LicenseRef-y")),
        (
            license(&["public-domain and AGPLv3"], &[]),
            Clearance::Broken(vec!["AGPL-3.0-only".to_owned()]),
        ),
        (
            license(&["LicenseRef-x"], &[("LicenseRef-x", &["AGPLv3"])]),
            Clearance::Broken(vec!["AGPL-3.0-only".to_owned()]),
        ),
    ] {
        let found = clearance(&stated, &bans("AGPL-3.0-only"), &accepted);
        assert_eq!(found, wanted, "{stated:?}");
    }
}

#[test]
fn what_explains_a_license_is_looked_at_once_however_often_it_is_named() {
    let words: Vec<String> = (0..1_000).map(|n| format!("word{n}")).collect();
    let text = words.join(" and ");
    let named = vec!["LicenseRef-a"; 1_000].join(" AND ");
    let license = license(&[&named], &[("licenseref-A", &[&text])]);
    let mut asked = 0;
    let touched = &mut |_: Named<'_>| {
        asked += 1;
        1
    };
    let learnt = clearances(&license, touched, &|_| false);
    // Each reference, each word, and the text that explains as a whole.
    assert_eq!(asked, 1_000 + 1_000 + 1);
    let told = learnt.names(1).count();
    assert_eq!(told, 40, "no message shows more");
    let mut looked_at = 0;
    each_named(&license, |_| looked_at += 1);
    assert_eq!(looked_at, 1_000 + 1_000 + 1);
}
