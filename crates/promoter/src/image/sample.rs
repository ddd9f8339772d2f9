//! A small image for two platforms, made in memory: real layers, a config that fits them, an index.
//!
//! The same version always gives the same bytes, and so the same digests.

use std::collections::HashMap;

use ecr_promoter_core::{
    Digest,
    manifest::{ManifestError, Stored, Tree, media},
};
use serde_json::{Value, json};

use super::{Blob, Image, digest};

mod tar;

/// The predicate type of an SPDX document.
const SPDX: &str = "https://spdx.dev/Document";
/// The type of a layer that is not compressed.
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
/// The architectures of the sample, both of Linux.
const ARCHITECTURES: [&str; 2] = ["amd64", "arm64"];
/// When its files and its config were made: a fixed time, so that the digests are fixed.
const CREATED: (&str, u64) = ("2026-01-01T00:00:00Z", 1_767_225_600);

/// A component that an SBOM lists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listed {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its version.
    pub(crate) version: &'static str,
    /// Its license, as an SPDX expression.
    pub(crate) license: &'static str,
    /// The type and namespace of its package URL, which say in which order its versions are.
    pub(crate) kind: &'static str,
}

/// A version of a small website: one layer that both platforms share, and one of each platform.
#[cfg(test)]
pub(crate) fn image(version: &str) -> Result<Image, ManifestError> {
    build(version, &[])
}

/// A version of a small website with an SBOM of each platform, attached as `BuildKit` attaches it: in an attestation
/// manifest of the index (`BuildKit`, "Attestation storage").
pub(crate) fn with_sboms(version: &str, components: &[Listed]) -> Result<Image, ManifestError> {
    build(version, components)
}

/// The blobs of an image, by their digests.
#[derive(Default)]
struct Blobs(HashMap<Digest, Blob>);

impl Blobs {
    fn keep(&mut self, bytes: Vec<u8>) -> (Digest, usize) {
        let (digest, size) = (digest(&bytes), bytes.len());
        self.0.insert(digest.clone(), Blob::Memory(bytes));
        (digest, size)
    }
}

/// A manifest of the index, and how the index names it.
struct Child {
    manifest: String,
    entry: String,
}

fn build(version: &str, components: &[Listed]) -> Result<Image, ManifestError> {
    let mut blobs = Blobs::default();
    let page =
        format!("<!doctype html>\n<title>website {version}</title>\n<h1>website {version}</h1>\n");
    let shared = blobs.keep(tar::tar(
        &[("srv/index.html", 0o644, page.as_bytes())],
        CREATED.1,
    ));
    let mut children = Vec::new();
    let mut attestations = Vec::new();
    for architecture in ARCHITECTURES {
        let child = platform(version, architecture, &shared, &mut blobs);
        if !components.is_empty() {
            attestations.push(attestation(
                &digest(child.manifest.as_bytes()),
                components,
                &mut blobs,
            ));
        }
        children.push(child);
    }
    children.append(&mut attestations);
    let tree = tree(children)?;
    Ok(Image {
        tree,
        blobs: blobs.0,
    })
}

/// The image of one platform.
fn platform(
    version: &str,
    architecture: &str,
    shared: &(Digest, usize),
    blobs: &mut Blobs,
) -> Child {
    let program = format!("#!/bin/sh\n# built for linux/{architecture}\nexec httpd -f -h /srv\n");
    let own = blobs.keep(tar::tar(
        &[("usr/bin/website", 0o755, program.as_bytes())],
        CREATED.1,
    ));
    let config = blobs.keep(config(version, architecture, &[&shared.0, &own.0]));
    let layers = [shared, &own].map(|(digest, size)| descriptor(LAYER, digest, *size));
    let manifest = manifest(&config, &layers.join(","));
    let entry = format!(r#""platform":{{"architecture":"{architecture}","os":"linux"}}"#);
    Child { manifest, entry }
}

/// The SBOM of one platform, in a manifest that is not a platform itself.
fn attestation(subject: &Digest, components: &[Listed], blobs: &mut Blobs) -> Child {
    let (sbom, size) = blobs.keep(statement(subject, components).to_string().into_bytes());
    let rootfs = json!({"type": "layers", "diff_ids": [sbom]});
    let config = json!({"architecture": "unknown", "os": "unknown", "rootfs": rootfs});
    let config = blobs.keep(config.to_string().into_bytes());
    let layer = json!({
        "mediaType": media::IN_TOTO,
        "digest": sbom,
        "size": size,
        "annotations": {"in-toto.io/predicate-type": SPDX},
    });
    let manifest = manifest(&config, &layer.to_string());
    let entry = format!(
        r#""platform":{{"architecture":"unknown","os":"unknown"}},"annotations":{{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{subject}"}}"#
    );
    Child { manifest, entry }
}

/// An in-toto statement about `subject` whose predicate is an SPDX document.
fn statement(subject: &Digest, components: &[Listed]) -> Value {
    let packages = components.iter().enumerate().map(|(number, listed)| {
        let Listed {
            name,
            version,
            license,
            kind,
        } = listed;
        json!({
            "SPDXID": format!("SPDXRef-Package-{number}"),
            "name": name,
            "versionInfo": version,
            "licenseConcluded": license,
            "externalRefs": [{
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": format!("pkg:{kind}/{name}@{version}"),
            }],
        })
    });
    let document = json!({
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "website",
        "dataLicense": "CC0-1.0",
        "packages": packages.collect::<Vec<_>>(),
    });
    json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": SPDX,
        "subject": [{"name": "website", "digest": {"sha256": subject.hex()}}],
        "predicate": document,
    })
}

fn manifest(config: &(Digest, usize), layers: &str) -> String {
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{layers}]}}"#,
        media::OCI_MANIFEST,
        descriptor(media::OCI_CONFIG, &config.0, config.1),
    )
}

fn tree(children: Vec<Child>) -> Result<Tree, ManifestError> {
    let named: Vec<String> = children
        .iter()
        .map(|Child { manifest, entry }| {
            format!(
                r#"{{"mediaType":"{}","digest":"{}","size":{},{entry}}}"#,
                media::OCI_MANIFEST,
                digest(manifest.as_bytes()),
                manifest.len(),
            )
        })
        .collect();
    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}}"#,
        media::OCI_INDEX,
        named.join(",")
    );
    let mut tree = Tree::new(digest(index.as_bytes()), Stored::read(index, None)?)?;
    for Child { manifest, .. } in children {
        tree.add(&digest(manifest.as_bytes()), Stored::read(manifest, None)?)?;
    }
    Ok(tree)
}

fn descriptor(media_type: &str, digest: &Digest, size: usize) -> String {
    format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}}}"#)
}

/// An image's config; the layers are not compressed, so their digests are their `diff_ids` (OCI
/// image specification, "Image Configuration").
fn config(version: &str, architecture: &str, layers: &[&Digest]) -> Vec<u8> {
    let diff_ids: Vec<String> = layers
        .iter()
        .map(|digest| format!("\"{digest}\""))
        .collect();
    format!(
        concat!(
            r#"{{"created":"{created}","architecture":"{architecture}","os":"linux","#,
            r#""config":{{"Entrypoint":["/usr/bin/website"],"ExposedPorts":{{"80/tcp":{{}}}},"#,
            r#""Labels":{{"org.opencontainers.image.title":"website","org.opencontainers.image.version":"{version}"}}}},"#,
            r#""rootfs":{{"type":"layers","diff_ids":[{diff_ids}]}},"#,
            r#""history":[{{"created":"{created}","created_by":"COPY srv /srv"}},"#,
            r#"{{"created":"{created}","created_by":"COPY website /usr/bin/website"}}]}}"#,
        ),
        created = CREATED.0,
        architecture = architecture,
        version = version,
        diff_ids = diff_ids.join(","),
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_always_has_the_same_digest() {
        let one = image("1.4").unwrap();
        assert_eq!(one.digest(), image("1.4").unwrap().digest());
        assert_ne!(one.digest(), image("1.5").unwrap().digest());
        insta::assert_snapshot!(one.digest(), @"sha256:57ff7ea94cbbaed231a1d3d50b8a08766f3a3fcb3a7c73fe9686581b5f6715eb");
    }

    #[test]
    fn every_blob_is_named_by_its_digest_and_size() {
        let image = image("1.4").unwrap();
        assert_eq!(image.tree.lacking(), []);
        let named = image.tree.blobs();
        assert_eq!(named.len(), image.blobs.len());
        for blob in named {
            let Some(Blob::Memory(bytes)) = image.blobs.get(&blob.digest) else {
                panic!("{} is not there", blob.digest);
            };
            assert_eq!(digest(bytes), blob.digest);
            assert_eq!(bytes.len() as u64, blob.size);
        }
        let summary = image.summary();
        assert_eq!(summary.platforms, ["linux/amd64", "linux/arm64"]);
        assert_eq!((summary.manifests, summary.blobs), (3, 5));
    }

    #[test]
    fn an_sbom_of_each_platform_is_no_platform() {
        let listed = Listed {
            name: "musl",
            version: "1.2.5",
            license: "MIT",
            kind: "apk/alpine",
        };
        let image = with_sboms("1.4", &[listed]).unwrap();
        let summary = image.summary();
        assert_eq!(summary.platforms, ["linux/amd64", "linux/arm64"]);
        assert_eq!((summary.manifests, summary.blobs), (5, 9));
    }
}
