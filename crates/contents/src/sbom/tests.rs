mod licenses;

use proptest::prelude::*;

use super::*;

mod attestations;
mod labels;
mod limits;
mod partial;
mod roots;
mod signed;

/// The one SBOM of a blob that was attached as one.
fn read(source: impl Read, kind: Format) -> Result<Sbom, SbomError> {
    let mut reader = Reader::new(Vec::new());
    let mut documents = reader.read(source, Label::Sbom(kind))?;
    assert_eq!(documents.sboms.len(), 1);
    Ok(documents.sboms.remove(0).sbom)
}

fn error(document: &str) -> String {
    match read(document.as_bytes(), Format::Any) {
        Ok(sbom) => format!("{} components", sbom.components.len()),
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
    assert!(read(document.as_bytes(), Format::CycloneDx).is_ok());
    let wanted = "SPDX";
    let found = "CycloneDX";
    assert_eq!(
        read(document.as_bytes(), Format::Spdx),
        Err(SbomError::WrongKind { wanted, found }),
    );
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
    let error = read(start.chain(Broken), Format::Any).unwrap_err();
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
    let sbom = read(document.as_bytes(), Format::Spdx).unwrap();
    insta::assert_debug_snapshot!(sbom.components[0]);
}

#[test]
fn package_urls_of_spdx_have_a_type_in_two_spellings() {
    for (kind, wanted) in [
        ("purl", true),
        ("http://spdx.org/rdf/references/purl", true),
        ("cpe23Type", false),
        ("http://spdx.org/rdf/references/cpe23Type", false),
        ("acme-purl", false),
    ] {
        let references =
            format!(r#"[{{"referenceType":"{kind}","referenceLocator":"pkg:npm/a@1"}}]"#);
        let document = spdx(
            &format!(r#"[{{"name":"a","externalRefs":{references}}}]"#),
            "",
        );
        let sbom = read(document.as_bytes(), Format::Spdx).unwrap();
        assert_eq!(!sbom.components[0].purls.is_empty(), wanted, "{kind}");
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
        if let Ok(sbom) = read(bytes.as_slice(), Format::Any) {
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
        if let Ok(sbom) = read(damaged.as_bytes(), Format::Any) {
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
            read(cut.as_bytes(), Format::Any),
            Err(SbomError::Truncated(_))
        );
        prop_assert!(truncated, "{}", cut);
    }
}
