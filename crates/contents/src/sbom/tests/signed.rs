//! Signed attestations: envelopes and bundles, several in one blob, and what an envelope holds beside a
//! statement.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::attestations::{
    CYCLONEDX, IN_TOTO, NO_ATTESTATION, NO_DOCUMENT, PREDICATE, envelope, made, word,
};

#[test]
fn signed_attestations_and_lists_of_them_are_read() {
    let sbom = made(None, CYCLONEDX, PREDICATE);
    let provenance = made(None, "https://slsa.dev/provenance/v1", "{}");
    let bundle = |statement: &str| {
        let envelope = envelope(statement);
        format!(
            r#"{{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{envelope}}}"#
        )
    };
    let of = "no SBOM: an attestation of \"https://slsa.dev/provenance/v1\"";
    let one = "1 components of 1 subjects";
    for (case, document, wanted) in [
        ("an envelope", envelope(&sbom), one.to_owned()),
        (
            "bundles, one a line",
            format!("{}\n{}\n", bundle(&provenance), bundle(&sbom)),
            format!("{one}; {of}"),
        ),
        (
            "envelopes, one a line",
            format!("{}\r\n{}", envelope(&sbom), envelope(&sbom)),
            format!("{one}; {one}"),
        ),
        (
            "two statements, without a line between them",
            format!("{provenance}{sbom}"),
            format!("{one}; {of}"),
        ),
        (
            "bundles, and a line of something else",
            format!("{}\n{{}}\n", bundle(&sbom)),
            NO_ATTESTATION.to_owned(),
        ),
        (
            "a bundle and half of another",
            format!("{}\n{}", bundle(&provenance), &bundle(&sbom)[..99]),
            String::new(),
        ),
        (
            "an SBOM after an attestation",
            format!("{provenance}\n{PREDICATE}"),
            format!("1 components; {of}"),
        ),
        (
            "an SBOM alone",
            PREDICATE.to_owned(),
            "1 components".to_owned(),
        ),
        (
            "two SBOMs",
            format!("{PREDICATE}\n{PREDICATE}"),
            "the SBOM is not JSON at byte 75".to_owned(),
        ),
    ] {
        let word = word(&document);
        if wanted.is_empty() {
            assert!(word.starts_with("the SBOM is truncated"), "{case}: {word}");
        } else {
            assert_eq!(word, wanted, "{case}");
        }
    }
}

#[test]
fn an_envelope_may_hold_the_sbom_itself() {
    let signed = |payload_type: &str, payload: &str| {
        let payload = BASE64_STANDARD.encode(payload);
        format!(r#"{{"payloadType":"{payload_type}","payload":"{payload}","signatures":[]}}"#)
    };
    for (payload_type, payload, wanted) in [
        ("application/vnd.cyclonedx+json", PREDICATE, "1 components"),
        (
            "application/spdx+json",
            PREDICATE,
            "the SBOM: expected SPDX, as it was attached, found CycloneDX",
        ),
        ("application/vnd.cyclonedx+json", "{}", NO_DOCUMENT),
        (IN_TOTO, "{}", NO_ATTESTATION),
        (
            "application/vnd.cyclonedx+xml",
            "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"/>",
            "the SBOM is CycloneDX in XML; attach SPDX 2.2 or 2.3, or CycloneDX 1.2 to 1.7, as JSON",
        ),
        (
            "application/octet-stream",
            PREDICATE,
            "no SBOM: an attestation with the payload \"application/octet-stream\"",
        ),
    ] {
        assert_eq!(
            word(&signed(payload_type, payload)),
            wanted,
            "{payload_type} {payload}"
        );
    }
    // An envelope in an envelope is not read.
    let twice = signed(IN_TOTO, &envelope(&made(None, CYCLONEDX, PREDICATE)));
    assert_eq!(word(&twice), NO_ATTESTATION);
}
