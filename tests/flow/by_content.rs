//! What is attached is known by its content: SBOMs under plain types, signed attestations in the index,
//! formats that are not read, documents that say that they are incomplete, and what is not one of these.

use serde_json::{Value, json};

use crate::{
    attach::{BUNDLE, Format, artifact, bundle, dressed, envelope, index, statement, ways},
    components::{no_log4j, spdx},
    image::{Image, OCI_MANIFEST},
    world::World,
};

const ORAS_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

fn attached(subject: &Image, artifact_type: &str, layer_type: &str, body: &str) -> Image {
    let none = json!({});
    artifact(
        artifact_type,
        layer_type,
        &none,
        Some(subject),
        body.as_bytes(),
    )
}

/// What is decided of an image with these things attached.
async fn decided(image: &Image, attached: &[Image]) -> Value {
    let world = World::new().await;
    world.policy(no_log4j()).await;
    world.push("dev/website", "1", image).await;
    for attached in attached {
        attached.push(&world.aws.ecr, "dev/website", None).await;
    }
    let request = json!({"repository": "dev/website", "tag": "1"});
    let answer = world.ask(&request).await.unwrap();
    let decision = answer["decisions"][0].clone();
    let there = world.tags("qa/website").await.contains_key("1");
    assert_eq!(there, decision["decision"] == "promote", "{decision}");
    decision
}

#[tokio::test(start_paused = true)]
async fn an_sbom_attached_with_a_plain_type_was_not_seen() {
    let image = Image::single("a", 1);
    for (artifact_type, layer_type) in [
        ("text/sbom+json", "text/sbom+json"),
        ("application/json", "application/json"),
        ("sbom/example", ORAS_LAYER),
        ("application/vnd.acme.thing", ORAS_LAYER),
        ("application/vnd.unknown.artifact.v1", ORAS_LAYER),
        (
            "application/vnd.goharbor.harbor.sbom.v1",
            "application/vnd.goharbor.harbor.sbom.v1",
        ),
    ] {
        for (component, wanted) in [("zlib", "promote"), ("log4j-core", "hold")] {
            let sbom = attached(&image, artifact_type, layer_type, &spdx(component));
            let decision = decided(&image, &[sbom]).await;
            assert_eq!(decision["decision"], wanted, "{artifact_type}: {decision}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_known_format_that_is_not_read_was_passed_over_beside_a_clean_sbom() {
    let image = Image::single("a", 1);
    let clean = || {
        ways(&image, Format::Spdx, &spdx("zlib"))
            .swap_remove(0)
            .artifact
    };
    let syft = r#"{"artifacts":[],"artifactRelationships":[],"descriptor":{"name":"syft"}}"#;
    for (artifact_type, body, word) in [
        ("application/vnd.syft+json", syft, "in syft's own format"),
        ("application/json", syft, "in syft's own format"),
        (
            "application/vnd.goharbor.harbor.sbom.v1",
            "{}",
            "the document is not an SBOM",
        ),
        (
            "application/spdx+json",
            r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]}"#,
            "SPDX 3",
        ),
        (
            "text/spdx",
            "SPDXVersion: SPDX-2.3\n",
            "SPDX in tag-value form",
        ),
        (
            "application/vnd.acme.thing",
            "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"/>",
            "CycloneDX in XML",
        ),
    ] {
        let other = attached(&image, artifact_type, artifact_type, body);
        let decision = decided(&image, &[clean(), other]).await;
        assert_eq!(decision["decision"], "hold", "{artifact_type}: {decision}");
        assert!(decision.to_string().contains(word), "{word}: {decision}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_document_that_says_that_it_is_incomplete_let_an_image_through() {
    let image = Image::single("a", 1);
    let cyclonedx = |component: &str, more: &str| {
        format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{{"name":"{component}"}}]{more}}}"#
        )
    };
    let incomplete = r#","compositions":[{"aggregate":"incomplete"}]"#;
    let complete = r#","compositions":[{"aggregate":"complete"}]"#;
    let elsewhere = r#","externalReferences":[{"type":"bom","url":"urn:cdx:a/1"}]"#;
    for (component, more, wanted, word) in [
        (
            "zlib",
            complete,
            "promote",
            "none of them among 1 components",
        ),
        (
            "zlib",
            incomplete,
            "hold",
            "its compositions say \\\"incomplete\\\"",
        ),
        (
            "zlib",
            elsewhere,
            "hold",
            "its externalReferences name another SBOM",
        ),
        // What it lists still counts against the image.
        ("log4j-core", incomplete, "hold", "log4j-core"),
    ] {
        let way = ways(&image, Format::CycloneDx, &cyclonedx(component, more)).swap_remove(0);
        let decision = decided(&image, &[way.artifact]).await;
        assert_eq!(decision["decision"], wanted, "{more}: {decision}");
        assert!(decision.to_string().contains(word), "{word}: {decision}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_attached_and_is_not_an_sbom_is_told_and_changes_nothing() {
    let image = Image::single("a", 1);
    let report = r#"{"SchemaVersion":2,"ArtifactName":"image","Results":[]}"#;
    let others = [
        attached(
            &image,
            "application/vnd.acme.report",
            "application/json",
            report,
        ),
        attached(
            &image,
            "application/vnd.cncf.notary.signature",
            "application/jose+json",
            "{}",
        ),
        attached(&image, "application/vnd.acme.notes", "text/plain", "Hello"),
    ];
    let decision = decided(&image, &others).await;
    assert_eq!(decision["decision"], "await", "{decision}");
    for word in [
        "what is attached is not an SBOM",
        "application/vnd.acme.report",
        "neither SPDX nor CycloneDX",
        "application/vnd.cncf.notary.signature",
        "application/vnd.acme.notes",
    ] {
        assert!(decision.to_string().contains(word), "{word}: {decision}");
    }
    let clean = ways(&image, Format::Spdx, &spdx("zlib")).swap_remove(0);
    let all = [others.as_slice(), &[clean.artifact]].concat();
    let decision = decided(&image, &all).await;
    assert_eq!(decision["decision"], "promote", "{decision}");
}

/// A statement of something else and one of an SBOM, signed.
type Sign = fn(&str, &str) -> String;

#[tokio::test(start_paused = true)]
async fn a_signed_attestation_in_the_index_counted_as_a_platform_and_was_not_read() {
    let provenance = |about: &str| statement(about, "https://slsa.dev/provenance/v1", "{}");
    let of = |about: &str, component: &str| {
        statement(about, Format::Spdx.predicate_type(), &spdx(component))
    };
    let rows: [(&str, Sign); 3] = [
        ("application/vnd.in-toto.spdx+dsse", |_, sbom| {
            envelope(sbom)
        }),
        (BUNDLE, |_, sbom| bundle(sbom)),
        (BUNDLE, |other, sbom| {
            format!("{}\n{}\n", bundle(other), bundle(sbom))
        }),
    ];
    for (media_type, sign) in rows {
        for (component, wanted) in [("zlib", "promote"), ("log4j-core", "hold")] {
            let child = Image::single("a", 1);
            let about = child.digest();
            let body = sign(&provenance(&about), &of(&about, component));
            let none = json!({});
            let attestation = artifact("x", media_type, &none, None, body.as_bytes());
            let entries = [
                json!({"mediaType": OCI_MANIFEST, "digest": about, "size": child.manifest.len(),
                    "platform": {"os": "linux", "architecture": "amd64"}}),
                dressed(&attestation, &about),
            ];
            let image = index(&entries, vec![child, attestation]);
            let decision = decided(&image, &[]).await;
            assert_eq!(decision["decision"], wanted, "{media_type}: {decision}");
        }
    }
}
