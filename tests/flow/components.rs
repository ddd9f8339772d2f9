//! Components and licenses: SBOMs in every way in which they are attached.

use serde_json::{Value, json};

use crate::{
    image::{Image, OCI_INDEX, OCI_MANIFEST, digest},
    world::{World, stable_to_qa},
};

fn no_log4j() -> Value {
    let mut policy = stable_to_qa();
    policy["criteria"] =
        json!([{"attribute": "component", "operator": "not_one_of", "value": ["log4j-core"]}]);
    policy
}

fn spdx(component: &str) -> Value {
    json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "image", "dataLicense": "CC0-1.0",
        "packages": [{"SPDXID": "SPDXRef-1", "name": component, "versionInfo": "1.0", "licenseConcluded": "MIT"}],
    })
}

fn cyclonedx(component: &str) -> Value {
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "components": [{"type": "library", "name": component, "version": "1.0"}],
    })
}

fn statement(subject: &str, predicate_type: &str, predicate: &Value) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "subject": [{"name": "image", "digest": {"sha256": subject.trim_start_matches("sha256:")}}],
        "predicateType": predicate_type,
        "predicate": predicate,
    })
}

fn envelope(statement: &Value) -> Value {
    use base64::Engine as _;
    let payload = base64::engine::general_purpose::STANDARD.encode(statement.to_string());
    json!({"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": [{"sig": "c2ln"}]})
}

/// An artifact of one blob; with a subject it is a referrer.
fn artifact(
    artifact_type: &str,
    layer_type: &str,
    annotations: &Value,
    subject: Option<&Image>,
    body: &Value,
) -> Image {
    let body = body.to_string().into_bytes();
    let config = b"{}".to_vec();
    let mut manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": artifact_type,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest(&config), "size": 2},
        "layers": [{"mediaType": layer_type, "digest": digest(&body), "size": body.len(), "annotations": annotations}],
    });
    if let Some(subject) = subject {
        manifest["subject"] = json!({"mediaType": subject.media_type, "digest": subject.digest(), "size": subject.manifest.len()});
    }
    Image {
        manifest: manifest.to_string(),
        media_type: OCI_MANIFEST,
        blobs: vec![config, body],
        children: Vec::new(),
    }
}

const SPDX: &str = "https://spdx.dev/Document";

/// Each way of attaching an SBOM to `subject`: its name, the tag that it needs, the artifact.
fn ways(subject: &Image, component: &str) -> Vec<(&'static str, Option<String>, Image)> {
    let none = json!({});
    let about = subject.digest();
    let hex = about.trim_start_matches("sha256:").to_owned();
    let att = envelope(&statement(&about, SPDX, &spdx(component)));
    let wrapped = envelope(&statement(
        &about,
        SPDX,
        &json!({"Data": spdx(component), "Timestamp": ""}),
    ));
    let bundle =
        json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": att});
    let bundle_type = "application/vnd.dev.sigstore.bundle.v0.3+json";
    let dsse = "application/vnd.dsse.envelope.v1+json";
    vec![
        (
            "spdx referrer",
            None,
            artifact(
                "application/spdx+json",
                "application/spdx+json",
                &none,
                Some(subject),
                &spdx(component),
            ),
        ),
        (
            "cyclonedx referrer",
            None,
            artifact(
                "application/vnd.cyclonedx+json",
                "application/vnd.cyclonedx+json",
                &none,
                Some(subject),
                &cyclonedx(component),
            ),
        ),
        (
            "sigstore bundle",
            None,
            artifact(bundle_type, bundle_type, &none, Some(subject), &bundle),
        ),
        (
            "cosign att",
            Some(format!("sha256-{hex}.att")),
            artifact(
                "application/vnd.oci.image.config.v1+json",
                dsse,
                &json!({"predicateType": SPDX}),
                None,
                &att,
            ),
        ),
        (
            "cosign att, wrapped",
            Some(format!("sha256-{hex}.att")),
            artifact(
                "application/vnd.oci.image.config.v1+json",
                dsse,
                &json!({"predicateType": SPDX}),
                None,
                &wrapped,
            ),
        ),
        (
            "cosign sbom",
            Some(format!("sha256-{hex}.sbom")),
            artifact(
                "application/vnd.oci.image.config.v1+json",
                "spdx+json",
                &none,
                None,
                &spdx(component),
            ),
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_sbom_is_read_however_it_is_attached_and_its_arrival_has_the_image_judged_again() {
    for index in 0..6 {
        for (component, promoted) in [("zlib", true), ("log4j-core", false)] {
            let world = World::new().await;
            world.policy(no_log4j()).await;
            let image = Image::single("a", 1);
            world.push("dev/website", "1", &image).await;
            world.settle().await;
            assert!(
                world.history().await[0].contains("awaiting"),
                "{:?}",
                world.history().await
            );
            let (way, tag, attached) = ways(&image, component).swap_remove(index);
            attached
                .push(&world.aws.ecr, "dev/website", tag.as_deref())
                .await;
            world.settle().await;
            world.later(30).await;
            let history = world.history().await.join("\n");
            assert_eq!(
                world.tags("qa/website").await.contains_key("1"),
                promoted,
                "{way}: {history}"
            );
            assert_eq!(
                history.contains("log4j-core"),
                !promoted || history.contains("awaiting"),
                "{way}: {history}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_index_resolved_to_the_runners_own_platform() {
    // Only one of two platforms has an SBOM: evidence must name every platform.
    let world = World::new().await;
    world.policy(no_log4j()).await;
    let index = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
    let digest = world.push("dev/website", "1", &index).await;
    let ways_of_child = |n: usize| ways(&index.children[n], "zlib").swap_remove(0).2;
    ways_of_child(0)
        .push(&world.aws.ecr, "dev/website", None)
        .await;
    world.settle().await;
    world.later(30).await;
    let history = world.history().await.join("\n");
    assert!(
        history.contains("awaiting") && history.contains("linux/arm64"),
        "{history}"
    );
    ways_of_child(1)
        .push(&world.aws.ecr, "dev/website", None)
        .await;
    world.settle().await;
    world.later(30).await;
    assert_eq!(world.tags("qa/website").await["1"], digest);
}

#[tokio::test(start_paused = true)]
async fn an_sbom_on_the_index_counts_for_every_platform() {
    let world = World::new().await;
    world.policy(no_log4j()).await;
    let index = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
    let digest = world.push("dev/website", "1", &index).await;
    world.settle().await;
    ways(&index, "zlib")
        .swap_remove(0)
        .2
        .push(&world.aws.ecr, "dev/website", None)
        .await;
    world.settle().await;
    world.later(30).await;
    assert_eq!(world.tags("qa/website").await["1"], digest);
}

/// `BuildKit`'s layout: the attestation is a child of the index, for no platform.
fn with_buildkit_attestation(seed: &str, component: &str) -> Image {
    let child = Image::single(seed, 1);
    let about = child.digest();
    let annotations = json!({"in-toto.io/predicate-type": SPDX});
    let body = statement(&about, SPDX, &spdx(component));
    let mut attestation = artifact(
        "x",
        "application/vnd.in-toto+json",
        &annotations,
        None,
        &body,
    );
    attestation.manifest = attestation.manifest.replace(r#""artifactType":"x","#, "");
    let manifests = json!([
        {"mediaType": OCI_MANIFEST, "digest": about, "size": child.manifest.len(),
         "platform": {"os": "linux", "architecture": "amd64"}},
        {"mediaType": OCI_MANIFEST, "digest": attestation.digest(), "size": attestation.manifest.len(),
         "platform": {"os": "unknown", "architecture": "unknown"},
         "annotations": {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": about}},
    ]);
    Image {
        manifest: json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests})
            .to_string(),
        media_type: OCI_INDEX,
        blobs: Vec::new(),
        children: vec![child, attestation],
    }
}

#[tokio::test(start_paused = true)]
async fn buildkits_attestation_is_read_from_the_index() {
    for (component, promoted) in [("zlib", true), ("log4j-core", false)] {
        let world = World::new().await;
        world.policy(no_log4j()).await;
        let index = with_buildkit_attestation("a", component);
        world.push("dev/website", "1", &index).await;
        world.settle().await;
        let history = world.history().await.join("\n");
        assert_eq!(
            world.tags("qa/website").await.contains_key("1"),
            promoted,
            "{history}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_attached_and_cannot_be_read_makes_the_list_unknown() {
    let none = json!({});
    let image = Image::single("a", 1);
    let spdx_type = "application/spdx+json";
    for (case, body, held) in [
        ("no SBOM at all", json!([1, 2, 3]), true),
        (
            "an unknown version",
            json!({"spdxVersion": "SPDX-9.9", "packages": []}),
            true,
        ),
        (
            "no component",
            json!({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": []}),
            true,
        ),
    ] {
        let world = World::new().await;
        world.policy(no_log4j()).await;
        world.push("dev/website", "1", &image).await;
        let attached = artifact(spdx_type, spdx_type, &none, Some(&image), &body);
        attached.push(&world.aws.ecr, "dev/website", None).await;
        world.settle().await;
        world.later(30).await;
        let history = world.history().await.join("\n");
        assert_eq!(history.contains("held"), held, "{case}: {history}");
        assert!(world.tags("qa/website").await.is_empty(), "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn verify_attestation_accepted_any_attestation_type() {
    let image = Image::single("a", 1);
    let other = Image::single("b", 1);
    let bundle_type = "application/vnd.dev.sigstore.bundle.v0.3+json";
    for (case, statement) in [
        (
            "another predicate",
            statement(
                &image.digest(),
                "https://slsa.dev/provenance/v1",
                &json!({}),
            ),
        ),
        (
            "another digest",
            statement(&other.digest(), SPDX, &spdx("zlib")),
        ),
    ] {
        let world = World::new().await;
        world.policy(no_log4j()).await;
        world.push("dev/website", "1", &image).await;
        let bundle = json!({"mediaType": bundle_type, "dsseEnvelope": envelope(&statement)});
        let attached = artifact(bundle_type, bundle_type, &json!({}), Some(&image), &bundle);
        attached.push(&world.aws.ecr, "dev/website", None).await;
        world.settle().await;
        world.later(30).await;
        let history = world.history().await.join("\n");
        assert!(
            history.contains("awaiting") && !history.contains("held"),
            "{case}: {history}"
        );
        assert!(world.tags("qa/website").await.is_empty(), "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn endless_attachments_exhausted_the_verifier() {
    let world = World::new().await;
    world.policy(no_log4j()).await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1", &image).await;
    let spdx_type = "application/spdx+json";
    for n in 0..101 {
        let attached = artifact(
            spdx_type,
            spdx_type,
            &json!({}),
            Some(&image),
            &spdx(&format!("c{n}")),
        );
        attached.push(&world.aws.ecr, "dev/website", None).await;
    }
    world.drop_events_of("none").await;
    let event = world.push_event("dev/website", "1", &image.digest());
    world.ask(&event).await.unwrap();
    let history = world.history().await.join("\n");
    assert!(
        history.contains("held") && history.contains("limit: more than 100 referrers"),
        "{history}"
    );
}
