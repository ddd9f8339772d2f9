use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE},
};

use super::*;
use ecr_promoter_core::Digest;

pub(super) const IN_TOTO: &str = "application/vnd.in-toto+json";

fn digest(byte: u8) -> Digest {
    Digest::from_sha256([byte; 32])
}

pub(super) const PREDICATE: &str =
    r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a"}]}"#;

/// A statement about digest 1, with what is given instead of the usual.
pub(super) fn made(subject: Option<&str>, predicate_type: &str, predicate: &str) -> String {
    let usual = format!(
        r#"[{{"name":"x","digest":{{"sha256":"{}"}}}}]"#,
        digest(1).hex()
    );
    let subject = subject.unwrap_or(&usual);
    format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"{predicate_type}","predicate":{predicate},"subject":{subject}}}"#
    )
}

pub(super) fn envelope(statement: &str) -> String {
    let payload = BASE64_STANDARD.encode(statement);
    format!(r#"{{"payload":"{payload}","signatures":[],"payloadType":"{IN_TOTO}"}}"#)
}

/// What comes of an attestation that is wanted for digests 1 and 2, in a word.
pub(super) fn word(document: &str) -> String {
    let mut reader = Reader::new(vec![digest(1), digest(2)]);
    match reader.read(document.as_bytes(), Label::Attestation) {
        Ok(documents) => told(&documents),
        Err(error) => error.to_string(),
    }
}

fn told(documents: &Documents) -> String {
    let sboms = documents.sboms.iter().map(|attested| {
        let components = attested.sbom.components.len();
        match &attested.subjects {
            Some(subjects) => format!("{components} components of {} subjects", subjects.len()),
            None => format!("{components} components"),
        }
    });
    let others = documents.others.iter().map(|why| format!("no SBOM: {why}"));
    sboms.chain(others).collect::<Vec<_>>().join("; ")
}

pub(super) const CYCLONEDX: &str = "https://cyclonedx.org/bom";

#[test]
fn a_statement_counts_for_its_subjects_alone() {
    let subject = |hexes: &[&str]| {
        let subject = |hex: &&str| format!(r#"{{"digest":{{"sha1":"0","sha256":"{hex}"}}}}"#);
        format!(
            "[{}]",
            hexes.iter().map(subject).collect::<Vec<_>>().join(",")
        )
    };
    let [one, two, three] = [1, 2, 3].map(|byte| digest(byte).hex().to_owned());
    let about_another = "no SBOM: an attestation about another digest";
    for (case, subject, wanted) in [
        ("the image", subject(&[&one]), "1 components of 1 subjects"),
        ("its index", subject(&[&two]), "1 components of 1 subjects"),
        (
            "both, and others",
            subject(&[&three, &two, &one, &two]),
            "1 components of 2 subjects",
        ),
        ("another", subject(&[&three]), about_another),
        ("upper case", subject(&["AB"]), about_another),
        ("a path", subject(&["../../x"]), about_another),
        ("none", "[]".to_owned(), about_another),
        ("null", "null".to_owned(), about_another),
        (
            "an object",
            "{}".to_owned(),
            "the SBOM's \"subject\": expected a list, found an object",
        ),
    ] {
        let document = made(Some(&subject), CYCLONEDX, PREDICATE);
        assert_eq!(word(&document), wanted, "{case}");
        assert_eq!(word(&envelope(&document)), wanted, "{case}");
    }
}

#[test]
fn another_predicate_is_never_an_sbom() {
    for (predicate_type, predicate) in [
        (
            "https://slsa.dev/provenance/v1",
            r#"{"components":[1],"packages":{}}"#,
        ),
        ("https://cosign.sigstore.dev/attestation/v1", PREDICATE),
        ("https://cosign.sigstore.dev/attestation/vuln/v1", "[]"),
        ("https://example.com/https://cyclonedx.org/bom", PREDICATE),
        ("", PREDICATE),
    ] {
        let document = made(None, predicate_type, predicate);
        let wanted = format!("no SBOM: an attestation of {predicate_type:?}");
        assert_eq!(word(&document), wanted);
    }
}

#[test]
fn an_sbom_that_cannot_be_read_is_not_no_sbom() {
    let twice = made(None, CYCLONEDX, PREDICATE).replacen('{', r#"{"predicateType":"a","#, 1);
    let data = |data: &str| made(None, CYCLONEDX, &format!(r#"{{"Data":{data}}}"#));
    let text = |text: &str| data(&serde_json::Value::from(text).to_string());
    for (document, wanted) in [
        (
            made(None, CYCLONEDX, PREDICATE),
            "1 components of 1 subjects",
        ),
        (text(PREDICATE), "1 components of 1 subjects"),
        (data(PREDICATE), "1 components of 1 subjects"),
        (
            text(&PREDICATE[..20]),
            "the SBOM is truncated: it ends inside a value after 20 bytes",
        ),
        (text("plain"), "the SBOM is not JSON at byte 1"),
        (
            text(&format!("{{\"a\":{}", "[".repeat(200))),
            "limit: expected at most 100 levels of nesting in the SBOM, found more",
        ),
        (
            data("1"),
            "the SBOM's \"Data\": expected an object or a string, found a number",
        ),
        (data("{}"), NO_DOCUMENT),
        (data(&format!(r#"{{"Data":{PREDICATE}}}"#)), NO_DOCUMENT),
        (
            made(
                None,
                CYCLONEDX,
                &format!(r#"{{"Data":{PREDICATE},"components":[]}}"#),
            ),
            "expected one SBOM in the document, found two",
        ),
        (
            made(None, "https://spdx.dev/Document", PREDICATE),
            "the SBOM: expected SPDX, as it was attached, found CycloneDX",
        ),
        (
            made(None, CYCLONEDX, "[]"),
            "the SBOM's \"predicate\": expected an object, found a list",
        ),
        (made(None, CYCLONEDX, "null"), NO_DOCUMENT),
        (
            twice,
            "the SBOM: expected the key \"predicateType\" once in an object, found it twice",
        ),
        ("{}".to_owned(), NO_ATTESTATION),
        ("[]".to_owned(), NO_DOCUMENT),
        (
            String::new(),
            "the SBOM is truncated: it ends inside a value after 0 bytes",
        ),
        (
            made(None, CYCLONEDX, PREDICATE).replace("in-toto.io", "example.com"),
            "the SBOM is in a statement of type \"https://example.com/Statement/v1\"; \
             attach SPDX 2.2 or 2.3, or CycloneDX 1.2 to 1.7, as JSON",
        ),
    ] {
        assert_eq!(word(&document), wanted, "{document}");
    }
}

pub(super) const NO_ATTESTATION: &str =
    "expected an in-toto statement, a DSSE envelope or a sigstore bundle, found another document";

pub(super) const NO_DOCUMENT: &str =
    "the document is not an SBOM: expected \"spdxVersion\" or \"bomFormat\", found neither";

#[test]
fn an_envelope_says_what_its_payload_is() {
    let statement = made(None, CYCLONEDX, PREDICATE);
    let with = |payload: &str| {
        format!(r#"{{"payloadType":"{IN_TOTO}","payload":"{payload}","signatures":[]}}"#)
    };
    // Bytes that need the characters in which the two alphabets differ.
    let odd = made(None, CYCLONEDX, &PREDICATE.replace("\"a\"", "\"~~~???ÿÿ\""));
    for (document, wanted) in [
        (
            with(&BASE64_STANDARD.encode(&statement)),
            "1 components of 1 subjects",
        ),
        (
            with(&BASE64_STANDARD_NO_PAD.encode(&statement)),
            "1 components of 1 subjects",
        ),
        (
            with(&BASE64_URL_SAFE.encode(&odd)),
            "1 components of 1 subjects",
        ),
        (with("=!"), "the envelope's payload is not base64"),
        (
            with(""),
            "the SBOM is truncated: it ends inside a value after 0 bytes",
        ),
        (format!(r#"{{"payloadType":"{IN_TOTO}"}}"#), NO_ATTESTATION),
        (
            format!(r#"{{"payloadType":"{IN_TOTO}","payload":{{}}}}"#),
            "the SBOM's \"payload\": expected a string, found an object",
        ),
        (r#"{"payload":"e30="}"#.to_owned(), NO_ATTESTATION),
        (
            r#"{"payload":"e30=","payloadType":"text/plain"}"#.to_owned(),
            "no SBOM: an attestation with the payload \"text/plain\"",
        ),
        (
            with(&BASE64_STANDARD.encode(&statement)).replacen('{', r#"{"payload":"","#, 1),
            "the SBOM: expected the key \"payload\" once in an object, found it twice",
        ),
    ] {
        assert_eq!(word(&document), wanted, "{document}");
    }
}

#[test]
fn a_bundle_holds_an_envelope_or_a_signature() {
    let envelope = envelope(&made(None, CYCLONEDX, PREDICATE));
    let bundle = |media_type: &str, content: &str| {
        format!(r#"{{"mediaType":"{media_type}","verificationMaterial":{{}},{content}}}"#)
    };
    let current = "application/vnd.dev.sigstore.bundle.v0.3+json";
    let dsse = format!(r#""dsseEnvelope":{envelope}"#);
    let signature = r#""messageSignature":{"signature":"MEUC"}"#;
    for (document, wanted) in [
        (bundle(current, &dsse), "1 components of 1 subjects"),
        (
            bundle(
                "application/vnd.dev.sigstore.bundle+json;version=0.2",
                &dsse,
            ),
            "1 components of 1 subjects",
        ),
        (bundle(current, signature), "no SBOM: a signature"),
        (
            bundle(current, &format!("{dsse},{signature}")),
            "expected one SBOM in the document, found two",
        ),
        (bundle(current, "\"a\":1"), NO_ATTESTATION),
        (
            bundle("text/plain", &dsse),
            "the SBOM is in a bundle of type \"text/plain\"; \
             attach SPDX 2.2 or 2.3, or CycloneDX 1.2 to 1.7, as JSON",
        ),
        (
            format!("{{{dsse}}}"),
            "the SBOM: expected the key \"mediaType\", found none",
        ),
    ] {
        assert_eq!(word(&document), wanted, "{document}");
    }
}

proptest::proptest! {
    #[test]
    fn a_damaged_attestation_reads_or_gives_an_error(
        at in proptest::prelude::any::<proptest::sample::Index>(),
        length in 0_usize..8,
        put in "[\\[\\]{}\",:0-9a-z=]{0,6}",
    ) {
        let whole = envelope(&made(None, CYCLONEDX, PREDICATE));
        let start = at.index(whole.len());
        let end = (start + length).min(whole.len());
        let damaged = [&whole[..start], &put, &whole[end..]].concat();
        for label in [Label::Attestation, Label::Open, Label::Sbom(Format::Any)] {
            let _ = Reader::new(vec![digest(1)]).read(damaged.as_bytes(), label);
        }
    }
}
