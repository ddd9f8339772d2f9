//! What documents state of licenses, and where.

use ecr_promoter_core::license::License;

use super::*;

fn stated(texts: &[&str]) -> License {
    License {
        stated: texts.iter().map(ToString::to_string).collect(),
        ..License::default()
    }
}

/// Name and license of each component.
fn licenses(document: &str) -> Vec<(String, License)> {
    let sbom = read(document.as_bytes(), Format::Any).unwrap();
    let named = |component: Component| (component.name, (*component.license).clone());
    sbom.components.into_iter().map(named).collect()
}

#[test]
fn cyclonedx_components_state_licenses_in_many_ways() {
    const UNNAMED: &str = "a license without id, name or expression";
    for (licenses_of, wanted) in [
        ("null", vec![]),
        ("[]", vec![]),
        (r#"[{"license":{"id":"MIT"}}]"#, vec!["MIT"]),
        (r#"[{"license":{"name":"EPL-1.0"}}]"#, vec!["EPL-1.0"]),
        (r#"[{"license":{"name":"GPLv3+"}}]"#, vec!["GPLv3+"]),
        (
            r#"[{"expression":"MIT OR ISC","acknowledgement":"declared"}]"#,
            vec!["MIT OR ISC"],
        ),
        (
            r#"[{"license":{"id":"MIT"}},{"license":{"name":"Ours"}}]"#,
            vec!["MIT", "Ours"],
        ),
        (r#"[{"license":{"name":"Ours"}}]"#, vec!["Ours"]),
        (r#"[{"license":{"name":" "}}]"#, vec![UNNAMED]),
        (r#"[{"license":{}}]"#, vec![UNNAMED]),
        ("[{}]", vec![UNNAMED]),
        (r#"[{"license":{"name":"NOASSERTION"}}]"#, vec![]),
        (r#"[{"expression":"NONE"}]"#, vec![]),
        // Two things are both said.
        (
            r#"[{"license":{"id":"MIT","name":"AGPL-3.0-only"}}]"#,
            vec!["MIT", "AGPL-3.0-only"],
        ),
        (
            r#"[{"license":{"id":"MIT"},"expression":"ISC"}]"#,
            vec!["ISC", "MIT"],
        ),
        (r#"[{"license":{"id":"MIT","name":"MIT"}}]"#, vec!["MIT"]),
        (r#"[{"license":{"id":"MIT","name":"NONE"}}]"#, vec!["MIT"]),
        (
            r#"[{"license":{"id":"MIT"}},{"expression":"NOASSERTION"}]"#,
            vec!["MIT", "NOASSERTION"],
        ),
    ] {
        let document = cyclonedx(&format!(r#"[{{"name":"a","licenses":{licenses_of}}}]"#));
        assert_eq!(
            licenses(&document),
            [("a".to_owned(), stated(&wanted))],
            "{licenses_of}"
        );
    }
}

#[test]
fn what_was_found_in_a_component_counts_beside_what_it_states() {
    for (component, wanted) in [
        (
            r#""evidence":{"licenses":[{"license":{"id":"AGPL-3.0-only"}}]}"#,
            vec!["AGPL-3.0-only"],
        ),
        (
            r#""licenses":[{"license":{"id":"MIT"}}],"evidence":{"copyright":[{"text":"a"}],
                "licenses":[{"expression":"AGPL-3.0-only"},{"license":{"id":"MIT"}}]}"#,
            vec!["MIT", "AGPL-3.0-only"],
        ),
        (
            r#""licenses":[{"license":{"id":"MIT"}}],"evidence":{"licenses":[{"expression":"NONE"}]}"#,
            vec!["MIT"],
        ),
        (r#""evidence":{}"#, vec![]),
    ] {
        let document = cyclonedx(&format!(r#"[{{"name":"a",{component}}}]"#));
        let found = licenses(&document);
        assert_eq!(found, [("a".to_owned(), stated(&wanted))], "{component}");
    }
}

#[test]
fn what_was_concluded_hides_nothing_of_what_was_declared() {
    for (concluded, declared, wanted) in [
        (Some("MIT"), Some("GPL-2.0"), vec!["MIT", "GPL-2.0"]),
        (Some("MIT"), Some("MIT"), vec!["MIT"]),
        (Some("MIT"), Some("NOASSERTION"), vec!["MIT"]),
        (Some("NOASSERTION"), Some("GPL-2.0"), vec!["GPL-2.0"]),
        (Some("NONE"), Some("GPL-2.0"), vec!["GPL-2.0"]),
        (Some(""), Some("GPL-2.0"), vec!["GPL-2.0"]),
        (None, Some("MIT OR ISC"), vec!["MIT OR ISC"]),
        (None, Some("NOASSERTION"), vec![]),
        (Some("NOASSERTION"), Some("NONE"), vec![]),
        (None, None, vec![]),
    ] {
        let key = |key: &str, text: Option<&str>| {
            text.map(|text| format!(r#","{key}":"{text}""#))
                .unwrap_or_default()
        };
        let package = format!(
            r#"[{{"name":"a"{}{}}}]"#,
            key("licenseConcluded", concluded),
            key("licenseDeclared", declared)
        );
        let found = licenses(&spdx(&package, ""));
        assert_eq!(found, [("a".to_owned(), stated(&wanted))], "{package}");
    }
}

#[test]
fn what_was_found_in_files_was_dropped() {
    let gpl = || vec!["GPL-2.0-only"];
    for (package, rest, wanted) in [
        (
            r#""licenseDeclared":"MIT","licenseInfoFromFiles":["GPL-2.0-only","NONE","MIT"]"#,
            "",
            vec![("a", vec!["GPL-2.0-only", "MIT"])],
        ),
        (
            r#""licenseInfoFromFiles":["GPL-2.0-only"]"#,
            "",
            vec![("a", gpl())],
        ),
        (
            r#""licenseInfoFromFiles":["NOASSERTION"]"#,
            "",
            vec![("a", vec![])],
        ),
        (
            "",
            r#","files":[{"fileName":"./x","licenseConcluded":"GPL-2.0-only"}]"#,
            vec![("a", vec![]), ("./x", gpl())],
        ),
        (
            "",
            r#","files":[{"fileName":"./x","licenseInfoInFiles":["GPL-2.0-only"],"licenseConcluded":"MIT"}]"#,
            vec![("a", vec![]), ("./x", vec!["GPL-2.0-only", "MIT"])],
        ),
        (
            "",
            r#","snippets":[{"name":"sort","licenseConcluded":"GPL-2.0-only","snippetFromFile":"SPDXRef-f"}]"#,
            vec![("a", vec![]), ("sort", gpl())],
        ),
        (
            "",
            r#","snippets":[{"licenseInfoInSnippets":["GPL-2.0-only"]},{"licenseConcluded":"NOASSERTION"}]"#,
            vec![("a", vec![]), ("snippets[0]", gpl())],
        ),
        // A file that states nothing is not kept.
        (
            "",
            r#","files":[{"fileName":"./x","licenseConcluded":"NOASSERTION","licenseInfoInFiles":["NOASSERTION"]},{}]"#,
            vec![("a", vec![])],
        ),
    ] {
        let package = if package.is_empty() {
            String::new()
        } else {
            format!(",{package}")
        };
        let document = spdx(&format!(r#"[{{"name":"a"{package}}}]"#), rest);
        let wanted = wanted
            .iter()
            .map(|(name, texts)| ((*name).to_owned(), stated(texts)));
        assert_eq!(
            licenses(&document),
            wanted.collect::<Vec<_>>(),
            "{document}"
        );
    }
    for files in [
        "{}",
        "[1]",
        r#"[{"licenseInfoInFiles":"MIT"}]"#,
        r#"[{"licenseConcluded":"GPL-2.0-only"}]"#,
    ] {
        let document = spdx(r#"[{"name":"a"}]"#, &format!(r#","files":{files}"#));
        assert!(read(document.as_bytes(), Format::Any).is_err(), "{files}");
    }
}

#[test]
fn an_entry_that_is_not_a_component_needs_no_license_and_keeps_what_it_states() {
    let packages = r#"[{"name":"image","SPDXID":"SPDXRef-i","licenseDeclared":"AGPL-3.0-only"},
        {"name":"a","SPDXID":"SPDXRef-a"},
        {"name":"os","primaryPackagePurpose":"OPERATING-SYSTEM","licenseConcluded":"AGPL-3.0-only"},
        {"name":"box","primaryPackagePurpose":"CONTAINER"},
        {"name":"file","primaryPackagePurpose":"FILE"},
        {"name":"alpine","SPDXID":"SPDXRef-OperatingSystem-1"},
        {"name":"lib","SPDXID":"SPDXRef-OperatingSystem-2","primaryPackagePurpose":"LIBRARY"}]"#;
    let frames = |document: &str| -> Vec<String> {
        let sbom = read(document.as_bytes(), Format::Any).unwrap();
        let frames = sbom
            .components
            .iter()
            .filter(|component| component.is_frame);
        let shown =
            |frame: &Component| format!("{} {}", frame.name, frame.license.stated.join(", "));
        frames.map(shown).collect()
    };
    let relationship = |from: &str, kind: &str, to: &str| {
        format!(
            r#","relationships":[{{"spdxElementId":"{from}","relationshipType":"{kind}","relatedSpdxElement":"{to}"}}]"#
        )
    };
    for (how, more, image_is_described) in [
        (
            "documentDescribes",
            r#","documentDescribes":["SPDXRef-i"]"#.to_owned(),
            true,
        ),
        (
            "DESCRIBES",
            relationship("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-i"),
            true,
        ),
        (
            "DESCRIBED_BY",
            relationship("SPDXRef-i", "DESCRIBED_BY", "SPDXRef-DOCUMENT"),
            true,
        ),
        (
            "of a package",
            relationship("SPDXRef-a", "DESCRIBES", "SPDXRef-i"),
            false,
        ),
        (
            "CONTAINS",
            relationship("SPDXRef-DOCUMENT", "CONTAINS", "SPDXRef-i"),
            false,
        ),
    ] {
        let mut wanted = vec!["os AGPL-3.0-only", "box ", "file ", "alpine "];
        if image_is_described {
            wanted.insert(0, "image AGPL-3.0-only");
        }
        assert_eq!(frames(&spdx(packages, &more)), wanted, "{how}");
    }
    // cyclonedx-npm writes the license of package.json in metadata.component.
    let document = r#"{"bomFormat":"CycloneDX","specVersion":"1.4",
        "components":[{"name":"a"},{"name":"os","type":"operating-system"},
            {"name":"box","type":"container"},
            {"name":"file","type":"file","licenses":[{"expression":"AGPL-3.0-only"}]},
            {"name":"app","type":"application","licenses":[{"expression":"AGPL-3.0-only"}]}],
        "metadata":{"component":{"name":"image","components":[{"name":"part"}],
            "licenses":[{"license":{"id":"AGPL-3.0-only"}}]}}}"#;
    let wanted = ["os ", "box ", "file AGPL-3.0-only", "image AGPL-3.0-only"];
    assert_eq!(frames(document), wanted);
    let app = ("app".to_owned(), stated(&["AGPL-3.0-only"]));
    assert!(licenses(document).contains(&app));
}

#[test]
fn a_long_text_is_kept_as_what_it_names_and_its_beginning() {
    let words = "x and ".repeat(10_000);
    let kept = |text: &str| {
        let document = cyclonedx(&format!(
            r#"[{{"name":"a","licenses":[{{"license":{{"name":"{text}"}}}}]}}]"#
        ));
        licenses(&document).remove(0).1.stated
    };
    let stated = kept(&format!("{words} AGPL-3.0-only and MIT"));
    let lengths: Vec<_> = stated.iter().map(String::len).collect();
    assert!(lengths.iter().sum::<usize>() < 1100, "{lengths:?}");
    assert_eq!(stated[..2], ["AGPL-3.0-only", "MIT"]);
    // One that can be read is kept as it is.
    let readable = vec!["MIT"; 1000].join(" AND ");
    assert_eq!(kept(&readable), [readable.as_str()]);
}

#[test]
fn components_that_state_the_same_share_it() {
    let document = spdx(
        r#"[{"name":"a","licenseDeclared":"LicenseRef-x"},{"name":"b","licenseDeclared":"LicenseRef-x"}]"#,
        r#","hasExtractedLicensingInfos":[{"licenseId":"LicenseRef-x","extractedText":"MIT"}]"#,
    );
    let sbom = read(document.as_bytes(), Format::Any).unwrap();
    let [a, b] = sbom.components.as_slice() else {
        panic!("{sbom:?}");
    };
    assert!(std::sync::Arc::ptr_eq(&a.license, &b.license));
    let own = a.license.explained.first().unwrap();
    assert_eq!(own.by, ["MIT"]);
}
