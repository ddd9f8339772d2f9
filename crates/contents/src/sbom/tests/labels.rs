//! Documents by what their types say of them, and what no type says anything of.

use super::*;

const CYCLONEDX: &str =
    r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a"}]}"#;

/// What a blob comes to, in a word.
fn word(bytes: &[u8], label: Label) -> String {
    match Reader::new(Vec::new()).read(bytes, label) {
        Ok(documents) => match (documents.sboms.as_slice(), documents.others.as_slice()) {
            ([one], []) => format!("{} components", one.sbom.components.len()),
            ([], [one]) => format!("no SBOM: {one}"),
            other => format!("{other:?}"),
        },
        Err(error) => error.to_string(),
    }
}

/// Known formats that are not read hold, whether or not their types say what they are: beside a clean
/// SBOM they would be passed over otherwise.
#[test]
fn a_known_format_that_is_not_read_is_not_passed_over() {
    let utf16: Vec<u8> = CYCLONEDX
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let syft = r#"{"artifacts":[{"name":"a"}],"artifactRelationships":[],"source":{},
        "descriptor":{"name":"syft"},"schema":{"version":"16.0.0"}}"#;
    for (what, bytes) in [
        ("in syft's own format", syft.as_bytes()),
        (
            "SPDX 3",
            br#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]}"#,
        ),
        (
            "SPDX 3",
            br#"{"@graph":[],"@context":["https://spdx.org/rdf/3.0.1/spdx-context.jsonld",{"x":"y"}]}"#,
        ),
        ("of version \"SPDX-3.0\"", br#"{"spdxVersion":"SPDX-3.0"}"#),
        ("SPDX in tag-value form", b"SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n"),
        ("SPDX in YAML", b"SPDXID: SPDXRef-DOCUMENT\nspdxVersion: SPDX-2.3\n"),
        ("CycloneDX in XML", b"<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"></bom>"),
        ("SPDX in RDF/XML", b"<rdf:RDF xmlns=\"http://spdx.org/rdf/terms#\"></rdf:RDF>"),
        ("in UTF-16", &utf16),
        ("compressed with zstd", b"\x28\xb5\x2f\xfd\0\0"),
        (
            "in syft's own format",
            br#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://syft.dev/bom","predicate":{}}"#,
        ),
    ] {
        let wanted = format!(
            "the SBOM is {what}; attach SPDX 2.2 or 2.3, or CycloneDX 1.2 to 1.7, as JSON"
        );
        for label in [Label::Sbom(Format::Any), Label::Open] {
            assert_eq!(word(bytes, label), wanted, "{label:?}");
        }
    }
    // Nothing in these says that they are SBOMs, unless their types do.
    for (what, bytes) in [
        ("compressed with gzip", &b"\x1f\x8b\x08\0\0\0\0\0"[..]),
        ("in XML", b"<testsuite/>"),
    ] {
        let held =
            format!("the SBOM is {what}; attach SPDX 2.2 or 2.3, or CycloneDX 1.2 to 1.7, as JSON");
        assert_eq!(word(bytes, Label::Sbom(Format::Any)), held);
        assert_eq!(word(bytes, Label::Attestation), held);
        assert_eq!(word(bytes, Label::Open), format!("no SBOM: a file {what}"));
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_compressed_sbom_is_not_passed_over_and_a_compressed_folder_is() {
    let held = "the SBOM is compressed with gzip; attach SPDX 2.2 or 2.3, or CycloneDX 1.2 to 1.7, as JSON";
    let components = r#"{"name":"a","version":"1.0"},"#.repeat(20_000);
    let large = format!(r#"{{"components":[{components}{{"name":"b"}}],"bomFormat":"CycloneDX"}}"#);
    let utf16: Vec<u8> = CYCLONEDX
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (case, inside) in [
        ("CycloneDX", CYCLONEDX.as_bytes()),
        ("SPDX", SPDX_SAMPLE.as_bytes()),
        (
            "one that is longer than what is looked at",
            large.as_bytes(),
        ),
        (
            "syft's own format",
            br#"{"artifacts":[],"artifactRelationships":[],"descriptor":{"name":"syft"}}"#,
        ),
        ("tag-value", b"SPDXVersion: SPDX-2.3\n"),
        (
            "XML",
            b"<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"></bom>",
        ),
        ("UTF-16", &utf16),
    ] {
        let compressed = gzip(inside);
        for label in [Label::Open, Label::Attestation, Label::Sbom(Format::Any)] {
            assert_eq!(word(&compressed, label), held, "{case}, {label:?}");
        }
    }
    let folder = [b"index.html".as_slice(), &[0; 2048]].concat();
    let bomb = vec![b' '; 64 << 20];
    let in_two = gzip(&gzip(CYCLONEDX.as_bytes()));
    for (case, bytes) in [
        ("a folder", gzip(&folder)),
        ("a report", gzip(br#"{"SchemaVersion":2,"Results":[]}"#)),
        ("a log", gzip(b"all went well")),
        ("nothing", gzip(b"")),
        ("blanks without an end", gzip(&bomb)),
        (
            "something else that begins alike",
            b"\x1f\x8b and so on".to_vec(),
        ),
        ("compressed twice", in_two),
    ] {
        let wanted = "no SBOM: a file compressed with gzip";
        assert_eq!(word(&bytes, Label::Open), wanted, "{case}");
    }
}

#[test]
fn an_sbom_is_recognised_by_its_content_under_any_type() {
    let marked = [b"\xef\xbb\xbf", CYCLONEDX.as_bytes()].concat();
    for label in [
        Label::Open,
        Label::Attestation,
        Label::Sbom(Format::Any),
        Label::Sbom(Format::CycloneDx),
    ] {
        assert_eq!(
            word(CYCLONEDX.as_bytes(), label),
            "1 components",
            "{label:?}"
        );
        assert_eq!(
            word(&marked, label),
            "1 components",
            "{label:?}, after a mark"
        );
    }
}

/// What nothing calls an SBOM, and is not one, leaves the list of another as it is.
#[test]
fn a_report_beside_an_sbom_makes_nothing_unknown() {
    let unknown = "no SBOM: neither SPDX nor CycloneDX";
    for report in [
        r#"{"SchemaVersion":2,"ArtifactName":"image","Metadata":{},"Results":[]}"#,
        r#"{"matches":[],"source":{},"descriptor":{"name":"grype"}}"#,
        r#"{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}"#,
        r#"{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[]}"#,
        r#"{"artifacts":[{"path":"a.tar"}]}"#,
        r#"{"payload":{"a":1}}"#,
        r#"{"subject":"a","predicate":1,"metadata":[]}"#,
        r#"{"metadata":1,"metadata":2}"#,
        "[1,2]",
        "\"text\"",
        "7",
        "# Release notes",
        "",
        "{",
        r#"{"a":1}trailing"#,
    ] {
        assert_eq!(word(report.as_bytes(), Label::Open), unknown, "{report}");
    }
    let vex = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","vulnerabilities":[{"id":"CVE-1"}],
        "metadata":{"component":{"type":"container","name":"image"}}}"#;
    for label in [Label::Open, Label::Sbom(Format::CycloneDx)] {
        assert_eq!(
            word(vex.as_bytes(), label),
            "no SBOM: a CycloneDX document that lists vulnerabilities but no components"
        );
    }
}

/// But what looks like an SBOM and cannot be read does not.
#[test]
fn a_broken_sbom_under_an_open_type_is_not_passed_over() {
    for document in [
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a"}"#,
        r#"{"components":[{"name":"a"}"#,
        r#"{"packages":[{"name":"a"},]}"#,
        r#"{"bomFormat":7}"#,
        r#"{"spdxVersion":"SPDX-2.3","packages":[]}"#,
        r#"{"spdxVersion":"SPDX-2.3","bomFormat":"CycloneDX","specVersion":"1.6"}"#,
        r#"{"payloadType":"application/vnd.in-toto+json","payload":"!"}"#,
        r#"{"dsseEnvelope":{}"#,
    ] {
        let read = Reader::new(Vec::new()).read(document.as_bytes(), Label::Open);
        assert!(read.is_err(), "{document}: {read:?}");
    }
}

#[test]
fn a_document_that_is_two_things_at_once_is_refused() {
    let cyclonedx = r#""bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a"}]"#;
    let statement = r#""_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1","predicate":{}"#;
    let envelope = r#""payloadType":"text/plain","payload":"e30=""#;
    let bundle =
        r#""messageSignature":{},"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json""#;
    for two in [
        [cyclonedx, statement],
        [cyclonedx, envelope],
        [cyclonedx, bundle],
        [statement, envelope],
        [statement, bundle],
        [envelope, bundle],
    ] {
        let document = format!("{{{}}}", two.join(","));
        for label in [Label::Open, Label::Attestation, Label::Sbom(Format::Any)] {
            let found = word(document.as_bytes(), label);
            assert_eq!(
                found, "expected one SBOM in the document, found two",
                "{document}"
            );
        }
    }
}
