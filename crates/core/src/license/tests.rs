//! Each value was worked out by hand from the SPDX specification 2.3, annex D, and the license list.

use super::*;

fn read(text: &str) -> String {
    Expression::read(text).map_or_else(|| "unreadable".to_owned(), |e| e.to_string())
}

const SPELLINGS: &[(&str, &str)] = &[
    // Identifiers, in any case.
    ("MIT", "MIT"),
    ("mit", "MIT"),
    ("  apache-2.0\n", "Apache-2.0"),
    ("APACHE-2.0 or mit", "Apache-2.0 OR MIT"),
    ("(MIT)", "MIT"),
    ("(isc or (MIT and zlib))", "(ISC OR (MIT AND Zlib))"),
    // Deprecated ones equal the modern ones.
    ("GPL-2.0", "GPL-2.0-only"),
    ("gpl-2.0+", "GPL-2.0-or-later"),
    ("LGPL-2.0", "LGPL-2.0-only"),
    ("AGPL-1.0", "AGPL-1.0-only"),
    ("GFDL-1.3", "GFDL-1.3-only"),
    (
        "GPL-2.0-with-classpath-exception",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    ),
    (
        "wxWindows",
        "LGPL-2.0-or-later WITH WxWindows-exception-3.1",
    ),
    ("StandardML-NJ", "SMLNJ"),
    (
        "GPL-2.0 WITH Classpath-exception-2.0",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    ),
    // `+` on licenses that have no `-or-later`.
    ("EPL-1.0+", "EPL-1.0+"),
    ("mpl-1.1+ OR MIT", "MPL-1.1+ OR MIT"),
    ("GPL-2.0-only+", "GPL-2.0-or-later"),
    // Abbreviations and names.
    ("GPLv3+", "GPL-3.0-or-later"),
    ("GPLv2", "GPL-2.0-only"),
    ("GPL-2", "GPL-2.0-only"),
    ("GPL-2+", "GPL-2.0-or-later"),
    ("LGPLv2.1+", "LGPL-2.1-or-later"),
    ("AGPLv3", "AGPL-3.0-only"),
    ("GNU GPL v2", "GPL-2.0-only"),
    (
        "GNU General Public License, version 2 or later",
        "GPL-2.0-or-later",
    ),
    (
        "GNU General Public License v3 or later (GPLv3+)",
        "GPL-3.0-or-later",
    ),
    ("GPL-3.0 or later", "GPL-3.0-or-later"),
    ("Apache License, Version 2.0", "Apache-2.0"),
    ("The Apache Software License, Version 2.0", "Apache-2.0"),
    ("Apache License 2.0", "Apache-2.0"),
    ("Apache 2.0", "Apache-2.0"),
    ("Apache 2", "Apache-2.0"),
    ("MIT License", "MIT"),
    ("The MIT License", "MIT"),
    ("License :: OSI Approved :: MIT License", "MIT"),
    (
        "GNU General Public License, version 2 (GPL2), with the classpath exception",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    ),
    ("GPL2 w/ CPE", "GPL-2.0-only WITH Classpath-exception-2.0"),
    ("Expat", "MIT"),
    ("ISC License", "ISC"),
    (
        "BSD 3-Clause \"New\" or \"Revised\" License",
        "BSD-3-Clause",
    ),
    ("New BSD License", "BSD-3-Clause"),
    ("BSD-3-Clause License", "BSD-3-Clause"),
    ("Simplified BSD License", "BSD-2-Clause"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    ("Eclipse Public License v2.0", "EPL-2.0"),
    ("EPL 1.0", "EPL-1.0"),
    (
        "zlib/libpng License with Acknowledgement",
        "zlib-acknowledgement",
    ),
    (
        "GPLv3+ and LGPLv2.1+",
        "GPL-3.0-or-later AND LGPL-2.1-or-later",
    ),
    ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
    ("MIT / X11", "MIT OR X11"),
    // The document's own.
    ("LicenseRef-ours", "LicenseRef-ours"),
    ("licenseref-Ours", "LicenseRef-Ours"),
    ("documentref-A:LICENSEREF-b", "DocumentRef-A:LicenseRef-b"),
    ("DocumentRef-A", "unreadable"),
    (
        "DocumentRef-a:LicenseRef-b AND MIT",
        "DocumentRef-a:LicenseRef-b AND MIT",
    ),
    // Not one license for sure.
    ("BSD", "unreadable"),
    ("BSD License", "unreadable"),
    ("GPL", "unreadable"),
    ("LGPL", "unreadable"),
    ("LGPLv2", "unreadable"),
    ("LGPLv2+", "unreadable"),
    ("Apache", "unreadable"),
    ("Apache Software License", "unreadable"),
    ("Python", "unreadable"),
    ("GNU General Public License", "unreadable"),
    ("Public Domain", "unreadable"),
    ("OpenSSL and BSD", "unreadable"),
    ("Mozilla Public License 2.0 (EPL 1.0)", "unreadable"),
    ("GPL-2.0, MIT", "unreadable"),
    ("MIT Apache-2.0", "unreadable"),
    ("MIT AND", "unreadable"),
    ("(MIT OR ISC", "unreadable"),
    ("MIT OR ISC)", "unreadable"),
    ("GPL-2.0 (MIT)", "unreadable"),
    ("GPLv2 with exceptions", "unreadable"),
    ("MIT WITH Apache-2.0", "unreadable"),
    ("LicenseRef-", "unreadable"),
    ("LicenseRef-a_b", "unreadable"),
    ("NOASSERTION", "unreadable"),
    ("NONE", "unreadable"),
    ("MIT AND NOASSERTION", "unreadable"),
    ("", "unreadable"),
    (" ", "unreadable"),
    ("()", "unreadable"),
    ("SEE LICENSE IN LICENSE.md", "unreadable"),
    ("UNLICENSED", "unreadable"),
];

#[test]
fn licenses_are_read_as_people_write_them() {
    for (written, wanted) in SPELLINGS {
        assert_eq!(read(written), *wanted, "{written:?}");
    }
}

#[test]
fn a_text_over_the_bound_is_unreadable() {
    let long = vec!["MIT"; EXPRESSION_LENGTH_MAX].join(" AND ");
    assert_eq!(read(&long), "unreadable");
    let deep = format!("{}MIT{}", "(".repeat(8_000), ")".repeat(8_000));
    assert!(Expression::read(&deep).is_some());
}

#[test]
fn every_license_named_is_seen_once() {
    let expression =
        Expression::read("MIT OR (gpl-2.0 with classpath-exception-2.0 AND MIT) OR EPL-1.0+");
    insta::assert_debug_snapshot!(expression.unwrap().names(), @r#"
    [
        "MIT",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "EPL-1.0+",
    ]
    "#);
}

#[test]
fn a_ban_is_broken_when_no_choice_avoids_it() {
    for (stated, banned, avoidable) in [
        ("MIT", "AGPL-3.0-only", true),
        ("AGPL-3.0-only", "AGPL-3.0-only", false),
        ("AGPL-3.0", "agpl-3.0-ONLY", false),
        ("MIT OR AGPL-3.0-only", "AGPL-3.0-only", true),
        ("MIT AND AGPL-3.0-only", "AGPL-3.0-only", false),
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
        ("LicenseRef-Ours", "licenseref-ours", false),
    ] {
        let listed = Listed::read(banned).unwrap();
        let expression = Expression::read(stated).unwrap();
        assert_eq!(
            expression.avoidable(|license, exception| listed.covers(license, exception)),
            avoidable,
            "{stated:?} under a ban of {banned:?}"
        );
    }
}

#[test]
fn a_lists_entry_names_one_license() {
    for (written, wanted) in [
        ("MIT OR ISC", Err(NotListed::Several(2))),
        ("MIT OR MIT", Ok("MIT")),
        ("gplv3+", Ok("GPL-3.0-or-later")),
        (
            "GPL2 w/ CPE",
            Ok("GPL-2.0-only WITH Classpath-exception-2.0"),
        ),
        ("LicenseRef-ours", Ok("LicenseRef-ours")),
        ("Our Own Words", Err(NotListed::Unknown)),
        ("NOASSERTION", Err(NotListed::Unknown)),
        ("", Err(NotListed::Unknown)),
    ] {
        let listed = Listed::read(written).map(|listed| listed.to_string());
        assert_eq!(listed, wanted.map(str::to_owned), "{written:?}");
    }
}

#[test]
fn what_is_near_to_a_word_that_is_no_license() {
    for (written, wanted) in [
        ("AGPL3-only", "AGPL-3.0-only"),
        ("Apache-2.O", "Apache-2.0"),
        ("MTI", "MIT"),
        (
            "AGPL",
            "AGPL-1.0-only AGPL-1.0-or-later AGPL-3.0-only AGPL-3.0-or-later",
        ),
        (
            "agpl-",
            "AGPL-1.0-only AGPL-1.0-or-later AGPL-3.0-only AGPL-3.0-or-later",
        ),
        ("Apache", "Apache-1.0 Apache-1.1 Apache-2.0"),
        (
            "gpl-2.0 with classpth-exception-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
        ),
        ("Nothing WITH Classpath-exception-2.0", ""),
        ("our own words", ""),
        ("", ""),
        ("-", ""),
    ] {
        assert_eq!(near(written).join(" "), wanted, "{written:?}");
    }
}

#[test]
fn a_license_has_its_deprecated_spellings_too() {
    for (license, exception, wanted) in [
        ("MIT", None, "MIT"),
        ("GPL-2.0-only", None, "GPL-2.0, GPL-2.0-only"),
        ("GPL-2.0-or-later", None, "GPL-2.0+, GPL-2.0-or-later"),
        (
            "GPL-2.0-only",
            Some("Classpath-exception-2.0"),
            "GPL-2.0, GPL-2.0-only, GPL-2.0-with-classpath-exception, GPL-2.0-only WITH Classpath-exception-2.0",
        ),
        ("Our Words", None, "Our Words"),
    ] {
        assert_eq!(spellings(license, exception).join(", "), wanted);
    }
}

#[test]
fn unknown_is_told_apart_from_clear_and_broken() {
    let stated = |parts: &[&str]| License::Stated(parts.iter().map(ToString::to_string).collect());
    let broken =
        |words: &[&str]| Clearance::Broken(words.iter().map(ToString::to_string).collect());
    let unknown = |word: &str| Clearance::Unknown(Some(word.to_owned()));
    for (license, wanted) in [
        (License::NotApplicable, Clearance::Clear),
        (License::Unknown, Clearance::Unknown(None)),
        (stated(&[]), Clearance::Unknown(None)),
        (stated(&["MIT"]), Clearance::Clear),
        (stated(&["MIT", "GPLv3"]), Clearance::Clear),
        (stated(&["MIT", "AGPLv3"]), broken(&["AGPL-3.0-only"])),
        (stated(&["MIT OR AGPLv3", "ISC"]), Clearance::Clear),
        (stated(&["MIT", "Foo"]), unknown("Foo")),
        (
            stated(&["Foo", "AGPL-3.0-only"]),
            broken(&["AGPL-3.0-only"]),
        ),
        (License::Unreadable("Foo".to_owned()), unknown("Foo")),
        (
            License::Unreadable("LicenseRef-bespoke".to_owned()),
            broken(&["LicenseRef-bespoke"]),
        ),
    ] {
        let banned =
            ["AGPL-3.0-only", "LicenseRef-bespoke"].map(|word| Listed::read(word).unwrap());
        let clearance = clearance(&license, |license, exception| {
            banned
                .iter()
                .any(|listed| listed.covers(license, exception))
        });
        assert_eq!(clearance, wanted, "{license:?}");
    }
}

#[test]
fn a_positive_operator_sees_every_license_and_every_unreadable_word() {
    let license = License::Stated(vec!["MIT OR GPLv2+".to_owned(), "Our Words".to_owned()]);
    let names: Vec<_> = named(&license).iter().map(Term::to_string).collect();
    assert_eq!(names, ["MIT", "GPL-2.0-or-later", "Our Words"]);
    assert!(named(&License::NotApplicable).is_empty());
}

#[test]
fn every_identifier_of_the_list_reads_as_itself_or_its_successor() {
    let none = ["NOASSERTION"];
    for license in spdx::identifiers::LICENSES
        .iter()
        .filter(|l| !none.contains(&l.name))
    {
        let expression = Expression::read(license.name);
        assert!(expression.is_some(), "{}", license.name);
        let again = Expression::read(&expression.as_ref().unwrap().to_string());
        assert_eq!(expression, again, "{}", license.name);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_reads_or_is_unreadable(text in "\\PC{0,80}") {
        let _ = Expression::read(&text);
    }

    #[test]
    fn what_reads_reads_the_same_again(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "MIT", "gplv3+", "GPL-2.0", "AND", "or", "WITH", "(", ")", "/", "+",
                "Classpath-exception-2.0", "LicenseRef-a", "EPL-1.0+", "wxWindows",
            ]),
            0..12,
        ),
    ) {
        if let Some(expression) = Expression::read(&words.join(" ")) {
            let again = Expression::read(&expression.to_string());
            proptest::prop_assert_eq!(again.as_ref(), Some(&expression));
            proptest::prop_assert!(expression.avoidable(|_, _| false));
            proptest::prop_assert!(!expression.avoidable(|_, _| true));
        }
    }
}
