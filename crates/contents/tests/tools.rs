//! Documents as real tools wrote them, read back whole: plain, and in every wrapping that a build
//! attaches them in. `sboms/README.md` says how each was made.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where a step that must work does not"
)]

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ecr_promoter_contents::sbom::{
    Kind, Sbom, read,
    statement::{Unwrapped, Wrapping, unwrap},
};
use ecr_promoter_core::Digest;
use serde_json::{Value, json};

fn document(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sboms");
    std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
}

/// A line for each component.
fn shown(sbom: &Sbom) -> String {
    let mut lines = String::new();
    for component in &sbom.components {
        let version = component.version.as_deref().unwrap_or("-");
        let mut aliases = Vec::new();
        component.each_name(|name, _| {
            if name != component.name && !aliases.iter().any(|known| known == name) {
                aliases.push(name.to_owned());
            }
        });
        let aliases = aliases.join(" ");
        let license = &component.license;
        let mut line = format!(
            "{} {version} [{aliases}] {:?}",
            component.name, license.stated
        );
        for own in &license.explained {
            write!(line, " {}: {:?}", own.reference, own.by).unwrap();
        }
        if component.is_frame {
            line.push_str(" (frame)");
        }
        writeln!(lines, "{line}").unwrap();
    }
    lines
}

fn read_back(name: &str, kind: Kind) -> String {
    shown(&read(document(name).as_bytes(), kind).unwrap())
}

#[test]
fn syft_in_spdx() {
    let newer = read_back("syft.spdx.json", Kind::Spdx);
    assert_eq!(newer, read_back("syft.spdx-2.2.json", Kind::Spdx));
    insta::assert_snapshot!(newer);
}

#[test]
fn syft_in_cyclonedx() {
    let newer = read_back("syft.cyclonedx-1.6.json", Kind::CycloneDx);
    assert_eq!(newer, read_back("syft.cyclonedx-1.4.json", Kind::CycloneDx));
    insta::assert_snapshot!(newer);
}

#[test]
fn trivy_in_both_formats() {
    insta::assert_snapshot!(read_back("trivy.spdx.json", Kind::Spdx));
    insta::assert_snapshot!(read_back("trivy.cyclonedx.json", Kind::CycloneDx));
}

#[test]
fn the_tools_of_languages() {
    insta::assert_snapshot!(read_back("cyclonedx-npm.json", Kind::CycloneDx));
    insta::assert_snapshot!(read_back("cyclonedx-py.json", Kind::CycloneDx));
}

/// A name, how it is wrapped, and the document in it.
fn wrappings(sbom: &str, predicate_type: &str) -> Vec<(&'static str, Wrapping, String)> {
    let subject = json!([{"name": "demo", "digest": {"sha256": image().hex()}}]);
    let statement = |version: &str, predicate: &Value| {
        json!({
            "_type": format!("https://in-toto.io/Statement/{version}"),
            "subject": subject,
            "predicateType": predicate_type,
            "predicate": predicate,
        })
    };
    let bare: Value = serde_json::from_str(sbom).unwrap();
    let as_object = json!({"Data": bare, "Timestamp": "2024-01-01T00:00:00Z"});
    let as_text = json!({"Data": sbom, "Timestamp": "2024-01-01T00:00:00Z"});
    let envelope = |statement: &Value| {
        json!({
            "payloadType": "application/vnd.in-toto+json",
            "payload": BASE64_STANDARD.encode(statement.to_string()),
            "signatures": [{"keyid": "", "sig": "MEUCIQ=="}],
        })
    };
    let bundle = json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"certificate": {"rawBytes": "MIIC"}, "tlogEntries": []},
        "dsseEnvelope": envelope(&statement("v1", &bare)),
    });
    vec![
        (
            "buildkit",
            Wrapping::Statement,
            statement("v0.1", &bare).to_string(),
        ),
        (
            "newer buildkit",
            Wrapping::Statement,
            statement("v1", &bare).to_string(),
        ),
        (
            "cosign .att",
            Wrapping::Envelope,
            envelope(&statement("v0.1", &bare)).to_string(),
        ),
        (
            "older cosign, an object",
            Wrapping::Envelope,
            envelope(&statement("v0.1", &as_object)).to_string(),
        ),
        (
            "older cosign, a text",
            Wrapping::Envelope,
            envelope(&statement("v0.1", &as_text)).to_string(),
        ),
        ("sigstore bundle", Wrapping::Bundle, bundle.to_string()),
    ]
}

fn image() -> Digest {
    Digest::from_sha256([7; 32])
}

/// The test's own JSON sorts keys, so the entries come in another order.
fn sorted(mut sbom: Sbom) -> Sbom {
    sbom.components.sort_by(|a, b| a.name.cmp(&b.name));
    sbom
}

#[test]
fn each_wrapping_gives_back_what_was_put_in() {
    for (name, kind, predicate_type) in [
        ("syft.spdx.json", Kind::Spdx, "https://spdx.dev/Document"),
        (
            "trivy.spdx.json",
            Kind::Spdx,
            "https://spdx.dev/Document/v2.3",
        ),
        (
            "syft.cyclonedx-1.6.json",
            Kind::CycloneDx,
            "https://cyclonedx.org/bom",
        ),
        (
            "trivy.cyclonedx.json",
            Kind::CycloneDx,
            "https://cyclonedx.org/bom/v1.5",
        ),
    ] {
        let sbom = document(name);
        let plain = sorted(read(sbom.as_bytes(), kind).unwrap());
        for (how, wrapping, document) in wrappings(&sbom, predicate_type) {
            let Ok(Unwrapped::Sbom { sbom, subjects }) =
                unwrap(document.as_bytes(), wrapping, &[image()])
            else {
                panic!("{name} in {how}: no SBOM")
            };
            assert_eq!(sorted(sbom), plain, "{name} in {how}");
            assert_eq!(subjects, [image()], "{name} in {how}");
        }
    }
}
