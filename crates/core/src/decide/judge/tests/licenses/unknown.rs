use super::*;

#[test]
fn an_unknown_license_holds_and_hides_nothing() {
    // Under a ban of GPL-2.0-or-later and AGPL-3.0-only: as it is, and where unknown licenses are
    // accepted.
    for (stated, holds, accepts) in [
        ("LicenseRef-x", Unknown, Met),
        ("MIT OR LicenseRef-x", Met, Met),
        ("MIT AND LicenseRef-x", Unknown, Met),
        ("(GPLv2+ or AFL) and GPLv2+", Broken, Broken),
        ("MIT, GPL-2.0-or-later", Broken, Broken),
        ("GPL-2+/LGPL-2.1", Broken, Broken),
        (
            "License :: OSI Approved :: GNU Affero General Public License v3, License :: OSI Approved :: MIT License",
            Broken,
            Broken,
        ),
        (
            "License :: OSI Approved :: MIT License, License :: OSI Approved :: BSD License",
            Unknown,
            Met,
        ),
        ("x and x and AGPL-3.0-only", Broken, Broken),
        ("MIT/X11", Met, Met),
        (
            "License :: OSI Approved :: MIT License, License :: OSI Approved :: ISC License (ISCL)",
            Met,
            Met,
        ),
    ] {
        let bans = criterion(
            "license",
            "not_one_of",
            &json!(["GPL-2.0-or-later", "AGPL-3.0-only"]),
        );
        let known = one(stated);
        assert_eq!(verdict(&bans, &known), holds, "{stated}");
        let accept = json!({"unknown_licenses": "accept"});
        let accepted = judged_by(&accept, &bans, &known).judgement.verdict;
        assert_eq!(accepted, accepts, "{stated}, accepted");
    }
}

#[test]
fn acceptable_words_are_accepted_and_no_others() {
    let accept = json!({"unknown_licenses": ["Public-Domain", "LicenseRef-debian"]});
    for (stated, met) in [
        ("public-domain", Met),
        ("MIT AND public-domain", Met),
        ("LicenseRef-Debian", Met),
        ("BSD", Unknown),
        ("BSD AND public-domain", Unknown),
        ("AGPL-3.0-only AND public-domain", Broken),
    ] {
        let found = judged_by(&accept, &banned(), &one(stated));
        assert_eq!(found.judgement.verdict, met, "{stated}");
    }
    let unstated = evidence(&[sbom(vec![licensed("a", License::default())])]);
    let found = judged_by(&accept, &banned(), &unstated);
    assert_eq!(found.judgement.verdict, Unknown);
}

#[test]
fn what_is_not_known_breaks_nothing_and_clears_nothing() {
    let mit = || stated("a", "MIT");
    let agpl = || stated("b", "AGPL-3.0-only");
    let parts = |parts: &[&str]| {
        licensed(
            "c",
            License {
                stated: parts.iter().map(ToString::to_string).collect(),
                ..License::default()
            },
        )
    };
    let unknown = || licensed("d", License::default());
    let words = || licensed("e", License::of("BSD-like"));
    let file = || frame("f", License::default());
    // Under not_one_of: as it is, and where unknown licenses are accepted; and under one_of.
    for (case, components, holds, accepts, wants) in [
        ("clear", vec![mit()], Met, Met, Broken),
        ("banned", vec![mit(), agpl()], Broken, Broken, Met),
        ("not stated", vec![mit(), unknown()], Unknown, Met, Broken),
        ("not readable", vec![mit(), words()], Unknown, Met, Broken),
        (
            "stated without words",
            vec![parts(&[])],
            Unknown,
            Met,
            Broken,
        ),
        ("not stated alone", vec![unknown()], Unknown, Met, Broken),
        (
            "unknown and banned",
            vec![unknown(), agpl()],
            Broken,
            Broken,
            Met,
        ),
        (
            "all that is stated applies",
            vec![parts(&["MIT", "AGPLv3"])],
            Broken,
            Broken,
            Met,
        ),
        (
            "one part cannot be read",
            vec![parts(&["MIT", "BSD-like"])],
            Unknown,
            Met,
            Broken,
        ),
        (
            "it cannot, and is banned",
            vec![parts(&["BSD", "AGPLv3"])],
            Broken,
            Broken,
            Met,
        ),
        ("a file misses none", vec![file(), mit()], Met, Met, Broken),
        (
            "files alone are no list",
            vec![file()],
            Unknown,
            Unknown,
            Unknown,
        ),
        (
            "an empty list does not count",
            vec![],
            Unknown,
            Unknown,
            Unknown,
        ),
    ] {
        let known = evidence(&[sbom(components)]);
        assert_eq!(verdict(&banned(), &known), holds, "{case}");
        let accept = json!({"unknown_licenses": "accept"});
        let accepted = judged_by(&accept, &banned(), &known).judgement.verdict;
        assert_eq!(accepted, accepts, "{case}, accepted");
        let wanted = criterion("license", "one_of", &json!(["AGPL-3.0-only"]));
        assert_eq!(verdict(&wanted, &known), wants, "{case}, wanted");
    }
}
