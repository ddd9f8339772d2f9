use ecr_promoter_core::evidence::License;
use proptest::prelude::*;

use super::*;
use crate::limits::{COMPONENTS_MAX, DEPTH_MAX, LICENSE_BYTES_MAX, SBOM_BYTES_MAX, TEXT_BYTES_MAX};

fn error(document: &str) -> String {
    match read(document.as_bytes(), Kind::Any) {
        Ok(sbom) => format!("{sbom:?}"),
        Err(error) => error.to_string(),
    }
}

fn cyclonedx(components: &str) -> String {
    format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":{components}}}"#)
}

fn spdx(packages: &str, more: &str) -> String {
    format!(r#"{{"spdxVersion":"SPDX-2.3","packages":{packages}{more}}}"#)
}

/// Name and license of each component.
fn licenses(document: &str) -> Vec<(String, License)> {
    let sbom = read(document.as_bytes(), Kind::Any).unwrap();
    let named = |component: Component| (component.name, component.license);
    sbom.components.into_iter().map(named).collect()
}

#[test]
fn a_document_that_cannot_be_trusted_says_why() {
    let rows = [
        "",
        "no JSON",
        "[]",
        "\"CycloneDX\"",
        "{}",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a"}"#,
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a"}]} {}"#,
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#,
        r#"{"bomFormat":"CycloneDX","components":[{"name":"a"}]}"#,
        r#"{"bomFormat":"CycloneDX","specVersion":1.6,"components":[{"name":"a"}]}"#,
        r#"{"bomFormat":"CycloneDX","specVersion":"2.0","components":[{"name":"a"}]}"#,
        r#"{"bomFormat":"CycloneDX","specVersion":"1.1","components":[{"name":"a"}]}"#,
        r#"{"bomFormat":"Other","specVersion":"1.6","components":[{"name":"a"}]}"#,
        r#"{"spdxVersion":"SPDX-3.0","packages":[{"name":"a"}]}"#,
        r#"{"spdxVersion":"SPDX-2.1","packages":[{"name":"a"}]}"#,
        r#"{"@context":"https://spdx.org/rdf/3.0.0/spdx-context.jsonld","@graph":[]}"#,
        r#"{"artifacts":[{"name":"a"}],"schema":{"version":"16.0.0"}}"#,
        r#"{"spdxVersion":"SPDX-2.3","bomFormat":"CycloneDX","specVersion":"1.6"}"#,
        r#"{"spdxVersion":"SPDX-2.3","packages":[{"name":"a"}],"components":[{"name":"b"}]}"#,
        r#"{"Data":{"spdxVersion":"SPDX-2.3","packages":[{"name":"a"}]}}"#,
    ];
    let mut shown: Vec<String> = rows
        .iter()
        .map(|row| format!("{row}\n  {}", error(row)))
        .collect();
    for components in [
        "[]",
        "null",
        "{}",
        "\"a\"",
        "[1]",
        "[[]]",
        r#"[{"version":"1"}]"#,
        r#"[{"name":""}]"#,
        r#"[{"name":1}]"#,
        r#"[{"name":"a","name":"b"}]"#,
        r#"[{"name":"a","licenses":[],"n\u0061me":"b"}]"#,
        r#"[{"name":"a","version":2}]"#,
        r#"[{"name":"a","purl":[]}]"#,
        r#"[{"name":"a","licenses":"MIT"}]"#,
        r#"[{"name":"a","licenses":["MIT"]}]"#,
        r#"[{"name":"a","licenses":[{"license":"MIT"}]}]"#,
        r#"[{"name":"a","licenses":[{"license":{"id":1}}]}]"#,
        r#"[{"name":"a","components":[{}]}]"#,
        r#"[{"name":"linux","type":"operating-system"}]"#,
        "[{\"name\":\"a\u{1}\"}]",
        r#"[{"name":"\ud800"}]"#,
    ] {
        shown.push(format!("{components}\n  {}", error(&cyclonedx(components))));
    }
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn what_was_attached_as_one_format_is_not_read_as_another() {
    let document = cyclonedx(r#"[{"name":"a"}]"#);
    assert!(read(document.as_bytes(), Kind::CycloneDx).is_ok());
    let wanted = "SPDX";
    let found = "CycloneDX";
    assert_eq!(
        read(document.as_bytes(), Kind::Spdx),
        Err(SbomError::WrongKind { wanted, found })
    );
}

#[test]
fn every_bound_has_its_error() {
    let name = |length: usize| cyclonedx(&format!(r#"[{{"name":"{}"}}]"#, "a".repeat(length)));
    assert!(read(name(TEXT_BYTES_MAX).as_bytes(), Kind::Any).is_ok());
    assert_eq!(
        error(&name(TEXT_BYTES_MAX + 1)),
        "limit: a \"name\" of the SBOM is over 4096 bytes"
    );
    let license = "a".repeat(LICENSE_BYTES_MAX + 1);
    let license = format!(r#"[{{"name":"a","licenses":[{{"expression":"{license}"}}]}}]"#);
    let license = cyclonedx(&license);
    assert_eq!(
        error(&license),
        "limit: a \"expression\" of the SBOM is over 65536 bytes"
    );

    let many = |count: usize| cyclonedx(&format!("[{}]", vec![r#"{"name":"a"}"#; count].join(",")));
    assert!(read(many(COMPONENTS_MAX).as_bytes(), Kind::Any).is_ok());
    let over = "limit: the SBOM has over 200000 entries of \"components\"";
    assert_eq!(error(&many(COMPONENTS_MAX + 1)), over);

    let nested = |depth: usize| {
        let open = r#"{"name":"a","components":["#.repeat(depth);
        cyclonedx(&format!("[{open}{}]", "]}".repeat(depth)))
    };
    let deepest = DEPTH_MAX / 2 - 1;
    let sbom = read(nested(deepest).as_bytes(), Kind::Any).unwrap();
    assert_eq!(sbom.components.len(), deepest);
    let too_deep = "limit: the SBOM nests deeper than 100 levels";
    assert_eq!(error(&nested(deepest + 1)), too_deep);
    assert_eq!(error(&"[".repeat(1_000_000)), too_deep);

    // Each component has three further names as long as its own.
    let long = "n".repeat(4000);
    let purl = format!(r#"{{"name":"a","group":"g","purl":"pkg:maven/g/{long}"}}"#);
    let kept = cyclonedx(&format!("[{}]", vec![purl; 5_000].join(",")));
    let too_much = "limit: the SBOM's names and licenses are over 67108864 bytes";
    assert_eq!(error(&kept), too_much);

    let endless = std::io::repeat(b' ');
    let max = SBOM_BYTES_MAX;
    assert_eq!(read(endless, Kind::Any), Err(SbomError::TooLarge { max }));
}

#[test]
fn a_source_that_fails_is_not_a_short_document() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("connection reset"))
        }
    }
    let start = br#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":["#.as_slice();
    let error = read(start.chain(Broken), Kind::Any).unwrap_err();
    assert!(matches!(error, SbomError::Unread(_)), "{error}");
}

#[test]
fn cyclonedx_components_state_licenses_in_three_ways() {
    let stated = |texts: &[&str]| License::Stated(texts.iter().map(ToString::to_string).collect());
    let unreadable = |text: &str| License::Unreadable(text.to_owned());
    for (licenses_of, wanted) in [
        ("null", License::Unknown),
        ("[]", License::Unknown),
        (r#"[{"license":{"id":"MIT"}}]"#, stated(&["MIT"])),
        (r#"[{"license":{"name":"EPL-1.0"}}]"#, stated(&["EPL-1.0"])),
        (r#"[{"license":{"name":"GPLv3+"}}]"#, stated(&["GPLv3+"])),
        (
            r#"[{"expression":"MIT OR ISC","acknowledgement":"declared"}]"#,
            stated(&["MIT OR ISC"]),
        ),
        (
            r#"[{"license":{"id":"MIT"}},{"license":{"name":"Ours"}}]"#,
            stated(&["MIT", "Ours"]),
        ),
        (r#"[{"license":{"name":"Ours"}}]"#, unreadable("Ours")),
        (
            r#"[{"license":{"name":" "}}]"#,
            unreadable("a license without id, name or expression"),
        ),
        (
            r#"[{"license":{}}]"#,
            unreadable("a license without id, name or expression"),
        ),
        (
            "[{}]",
            unreadable("a license without id, name or expression"),
        ),
        (r#"[{"license":{"name":"NOASSERTION"}}]"#, License::Unknown),
        (r#"[{"expression":"NONE"}]"#, License::Unknown),
    ] {
        let document = cyclonedx(&format!(r#"[{{"name":"a","licenses":{licenses_of}}}]"#));
        assert_eq!(
            licenses(&document),
            [("a".to_owned(), wanted)],
            "{licenses_of}"
        );
    }
    let document = cyclonedx(
        r#"[{"name":"a","licenses":[{"license":{"id":"MIT"}},{"expression":"NOASSERTION"}]}]"#,
    );
    let (_, license) = licenses(&document).remove(0);
    let clearance = ecr_promoter_core::license::clearance(&license, |_, _| false);
    assert!(matches!(
        clearance,
        ecr_promoter_core::license::Clearance::Unknown(_)
    ));
}

#[test]
fn spdx_takes_what_was_concluded_and_else_what_was_declared() {
    for (concluded, declared, wanted) in [
        (Some("MIT"), Some("GPL-2.0"), Some("MIT")),
        (Some("NOASSERTION"), Some("GPL-2.0"), Some("GPL-2.0")),
        (Some("NONE"), Some("GPL-2.0"), Some("GPL-2.0")),
        (Some(""), Some("GPL-2.0"), Some("GPL-2.0")),
        (None, Some("MIT OR ISC"), Some("MIT OR ISC")),
        (None, Some("NOASSERTION"), None),
        (Some("NOASSERTION"), Some("NONE"), None),
        (None, None, None),
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
        let wanted = wanted.map_or(License::Unknown, |text| {
            License::Stated(vec![text.to_owned()])
        });
        let found = licenses(&spdx(&package, ""));
        assert_eq!(found, [("a".to_owned(), wanted)], "{package}");
    }
}

#[test]
fn an_entry_that_is_no_component_states_no_license_and_misses_none() {
    let packages = r#"[{"name":"image","SPDXID":"SPDXRef-i"},{"name":"a","SPDXID":"SPDXRef-a"},
        {"name":"os","primaryPackagePurpose":"OPERATING-SYSTEM"},
        {"name":"box","primaryPackagePurpose":"CONTAINER"},
        {"name":"file","primaryPackagePurpose":"FILE"},
        {"name":"alpine","SPDXID":"SPDXRef-OperatingSystem-1"},
        {"name":"lib","SPDXID":"SPDXRef-OperatingSystem-2","primaryPackagePurpose":"LIBRARY"}]"#;
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
        let found: Vec<String> = licenses(&spdx(packages, &more))
            .into_iter()
            .filter(|(_, license)| *license == License::NotApplicable)
            .map(|(name, _)| name)
            .collect();
        let mut wanted = vec!["os", "box", "file", "alpine"];
        if image_is_described {
            wanted.insert(0, "image");
        }
        assert_eq!(found, wanted, "{how}");
    }
    let document = r#"{"bomFormat":"CycloneDX","specVersion":"1.4",
        "components":[{"name":"a"},{"name":"os","type":"operating-system"},
            {"name":"box","type":"container"},{"name":"file","type":"file"}],
        "metadata":{"component":{"name":"image","components":[{"name":"part"}]}}}"#;
    let unknown: Vec<String> = licenses(document)
        .into_iter()
        .filter(|(_, license)| *license == License::Unknown)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(unknown, ["a", "part"]);
}

#[test]
fn package_urls_of_spdx_stand_among_other_references() {
    let document = spdx(
        r#"[{"name":"log4j-core","externalRefs":[
            {"referenceCategory":"SECURITY","referenceType":"cpe23Type","referenceLocator":"cpe:2.3:a"},
            {"referenceCategory":"PACKAGE_MANAGER","referenceLocator":
                "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1","referenceType":"purl"}]}]"#,
        "",
    );
    let sbom = read(document.as_bytes(), Kind::Spdx).unwrap();
    insta::assert_debug_snapshot!(sbom.components[0]);
}

#[test]
fn media_and_predicate_types_name_a_format() {
    for (media_type, kind) in [
        ("application/spdx+json", Some(Kind::Spdx)),
        ("text/spdx+json; charset=utf-8", Some(Kind::Spdx)),
        ("text/spdx", Some(Kind::Spdx)),
        ("spdx+json", Some(Kind::Spdx)),
        ("application/vnd.cyclonedx+json", Some(Kind::CycloneDx)),
        (
            "application/vnd.cyclonedx+json;version=1.5",
            Some(Kind::CycloneDx),
        ),
        ("application/vnd.cyclonedx+xml", Some(Kind::CycloneDx)),
        ("sbom/cyclonedx", Some(Kind::CycloneDx)),
        ("application/vnd.syft+json", None),
        ("application/vnd.in-toto+json", None),
        ("application/json", None),
        ("", None),
    ] {
        assert_eq!(Kind::of_media_type(media_type), kind, "{media_type}");
    }
    for (predicate_type, kind) in [
        ("https://spdx.dev/Document", Some(Kind::Spdx)),
        ("https://spdx.dev/Document/v2.3", Some(Kind::Spdx)),
        ("https://cyclonedx.org/bom/v1.4", Some(Kind::CycloneDx)),
        ("https://slsa.dev/provenance/v1", None),
        ("https://cosign.sigstore.dev/attestation/v1", None),
    ] {
        assert_eq!(
            Kind::of_predicate_type(predicate_type),
            kind,
            "{predicate_type}"
        );
    }
}

const SAMPLE: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"component":
    {"name":"image","type":"container"}},"components":[{"type":"library","name":"a","group":"g",
    "version":"1","purl":"pkg:maven/g/a@1","licenses":[{"license":{"id":"MIT"}},
    {"expression":"MIT OR ISC"}],"components":[{"name":"b"}]},{"name":"c","hashes":[{"alg":"MD5"}]}]}"#;

const SPDX_SAMPLE: &str = r#"{"spdxVersion":"SPDX-2.2","packages":[{"SPDXID":"SPDXRef-i","name":"i"},
    {"SPDXID":"SPDXRef-a","name":"a","versionInfo":"1","licenseConcluded":"NOASSERTION",
    "licenseDeclared":"LicenseRef-x","externalRefs":[{"referenceType":"purl","referenceLocator":
    "pkg:npm/a@1"}]}],"hasExtractedLicensingInfos":[{"licenseId":"LicenseRef-x","extractedText":"MIT"}],
    "relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relatedSpdxElement":"SPDXRef-i",
    "relationshipType":"DESCRIBES"}]}"#;

proptest! {
    #[test]
    fn any_bytes_read_or_give_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(sbom) = read(bytes.as_slice(), Kind::Any) {
            prop_assert!(!sbom.components.is_empty());
        }
    }

    #[test]
    fn a_damaged_document_reads_or_gives_an_error(
        sample in prop_oneof![Just(SAMPLE), Just(SPDX_SAMPLE)],
        at in any::<prop::sample::Index>(),
        length in 0_usize..8,
        put in "[\\[\\]{}\",:0-9nul\\\\a-z]{0,6}",
    ) {
        let start = at.index(sample.len());
        let end = (start + length).min(sample.len());
        let damaged = [&sample[..start], &put, &sample[end..]].concat();
        if let Ok(sbom) = read(damaged.as_bytes(), Kind::Any) {
            prop_assert!(!sbom.components.is_empty());
        }
    }

    #[test]
    fn a_document_cut_short_is_never_read(
        sample in prop_oneof![Just(SAMPLE), Just(SPDX_SAMPLE)],
        at in any::<prop::sample::Index>(),
    ) {
        let cut = &sample[..at.index(sample.len())];
        let truncated = matches!(
            read(cut.as_bytes(), Kind::Any),
            Err(SbomError::Truncated(_))
        );
        prop_assert!(truncated, "{}", cut);
    }
}
