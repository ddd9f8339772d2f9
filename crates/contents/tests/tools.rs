//! Documents as real tools wrote them, read back whole: plain, and in every wrapping that a build
//! attaches them in. `sboms/README.md` says how each was made.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where a step that must work does not"
)]

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ecr_promoter_contents::sbom::{Format, Label, Reader, Sbom};
use ecr_promoter_core::Digest;
use serde_json::{Value, json};

fn document(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sboms");
    std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
}

/// The one SBOM in a blob.
fn read(bytes: &[u8], label: Label) -> (Sbom, Option<Vec<Digest>>) {
    let mut documents = Reader::new(vec![image()]).read(bytes, label).unwrap();
    assert_eq!((documents.sboms.len(), documents.others.len()), (1, 0));
    let attested = documents.sboms.remove(0);
    (attested.sbom, attested.subjects)
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

fn read_back(name: &str, kind: Format) -> String {
    let (sbom, subjects) = read(document(name).as_bytes(), Label::Sbom(kind));
    assert_eq!(sbom.partial, None, "{name}");
    assert_eq!(subjects, None, "{name}");
    shown(&sbom)
}

#[test]
fn syft_in_spdx() {
    let newer = read_back("syft.spdx.json", Format::Spdx);
    assert_eq!(newer, read_back("syft.spdx-2.2.json", Format::Spdx));
    insta::assert_snapshot!(newer);
}

#[test]
fn syft_in_cyclonedx() {
    let newer = read_back("syft.cyclonedx-1.6.json", Format::CycloneDx);
    assert_eq!(
        newer,
        read_back("syft.cyclonedx-1.4.json", Format::CycloneDx)
    );
    insta::assert_snapshot!(newer);
}

#[test]
fn trivy_in_both_formats() {
    insta::assert_snapshot!(read_back("trivy.spdx.json", Format::Spdx));
    insta::assert_snapshot!(read_back("trivy.cyclonedx.json", Format::CycloneDx));
}

#[test]
fn the_tools_of_languages() {
    insta::assert_snapshot!(read_back("cyclonedx-npm.json", Format::CycloneDx));
    insta::assert_snapshot!(read_back("cyclonedx-py.json", Format::CycloneDx));
}

/// Documents that describe every package, or hold only one.
#[test]
fn what_describes_all_that_it_lists_lists_it() {
    let names = |name: &str, kind| {
        let (sbom, _) = read(document(name).as_bytes(), Label::Sbom(kind));
        let named = sbom.components.into_iter().map(|component| {
            let version = component.version.unwrap_or_default();
            format!("{} {version}", component.name)
        });
        named.collect::<Vec<_>>()
    };
    for (name, kind, wanted) in [
        (
            "sbom4python-system.spdx.json",
            Format::Spdx,
            &["idna 3.10", "pip 23.2.1", "pyyaml 6.0.2"][..],
        ),
        ("sbom4python-module.spdx.json", Format::Spdx, &["idna 3.20"]),
        (
            "distro2sbom.spdx.json",
            Format::Spdx,
            &[
                "debian 12",
                "libc6 2.36-9+deb12u9",
                "zlib1g 1:1.2.13.dfsg-1",
            ],
        ),
        (
            "distro2sbom.cyclonedx.json",
            Format::CycloneDx,
            &[
                "Distro-debian ",
                "debian 12",
                "libc6 2.36-9+deb12u9",
                "zlib1g 1:1.2.13.dfsg-1",
            ],
        ),
    ] {
        assert_eq!(names(name, kind), wanted, "{name}");
    }
}

#[test]
fn tag_value_is_named() {
    let document = document("sbom4python-module.spdx");
    let read = Reader::new(Vec::new()).read(document.as_bytes(), Label::Open);
    assert_eq!(
        read.unwrap_err().to_string(),
        "the SBOM is SPDX in tag-value form; attach SPDX 2.2 or 2.3, or CycloneDX 1.2 to 1.7, as JSON"
    );
}

/// A name, how it is wrapped, and the document in it.
fn wrappings(sbom: &str, predicate_type: &str) -> Vec<(&'static str, String)> {
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
        ("buildkit", statement("v0.1", &bare).to_string()),
        ("newer buildkit", statement("v1", &bare).to_string()),
        (
            "cosign .att",
            envelope(&statement("v0.1", &bare)).to_string(),
        ),
        (
            "older cosign, an object",
            envelope(&statement("v0.1", &as_object)).to_string(),
        ),
        (
            "older cosign, a text",
            envelope(&statement("v0.1", &as_text)).to_string(),
        ),
        ("sigstore bundle", bundle.to_string()),
        ("bundles as JSON lines", format!("{bundle}\n")),
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
        ("syft.spdx.json", Format::Spdx, "https://spdx.dev/Document"),
        (
            "trivy.spdx.json",
            Format::Spdx,
            "https://spdx.dev/Document/v2.3",
        ),
        (
            "syft.cyclonedx-1.6.json",
            Format::CycloneDx,
            "https://cyclonedx.org/bom",
        ),
        (
            "trivy.cyclonedx.json",
            Format::CycloneDx,
            "https://cyclonedx.org/bom/v1.5",
        ),
    ] {
        let sbom = document(name);
        let plain = sorted(read(sbom.as_bytes(), Label::Sbom(kind)).0);
        for (how, document) in wrappings(&sbom, predicate_type) {
            for label in [Label::Attestation, Label::Open] {
                let (sbom, subjects) = read(document.as_bytes(), label);
                assert_eq!(sorted(sbom), plain, "{name} in {how}");
                assert_eq!(subjects, Some(vec![image()]), "{name} in {how}");
            }
        }
    }
}
