mod licenses;

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

    // Each component has licenses of its own, and each of sixty is explained in 380 bytes.
    let ids: Vec<String> = (0..60).map(|n| format!("LicenseRef-{n}")).collect();
    let packages = (0..3_000).map(|n| {
        let licenses = ids.join(" AND ");
        format!(r#"{{"name":"a","licenseDeclared":"{licenses} AND LicenseRef-own-{n}"}}"#)
    });
    let packages = packages.collect::<Vec<_>>().join(",");
    let words = "w".repeat(190);
    let explains = |id: &String| {
        format!(r#"{{"licenseId":"{id}","name":"{words}","extractedText":"{words} too"}}"#)
    };
    let explained = ids.iter().map(explains).collect::<Vec<_>>().join(",");
    let kept = spdx(
        &format!("[{packages}]"),
        &format!(r#","hasExtractedLicensingInfos":[{explained}]"#),
    );
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
