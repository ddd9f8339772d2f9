//! Manifests, and the bodies of requests.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").expect("a string takes it");
    }
    text
}

pub(crate) fn part(repository: &str, upload: &str, first: u64, bytes: &[u8]) -> Value {
    let last = (first + bytes.len() as u64).saturating_sub(1);
    json!({"repositoryName": repository, "uploadId": upload, "partFirstByte": first, "partLastByte": last, "layerPartBlob": STANDARD.encode(bytes)})
}

pub(crate) fn manifest(config: &str, layer: &str) -> Value {
    json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": {"mediaType": CONFIG, "digest": config, "size": 2},
           "layers": [{"mediaType": LAYER, "digest": layer, "size": 5}]})
}

pub(crate) fn index(children: &[&str]) -> String {
    let children: Vec<Value> = children
        .iter()
        .map(|digest| json!({"mediaType": OCI_MANIFEST, "digest": digest, "size": 1}))
        .collect();
    json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": children}).to_string()
}

/// A `PutImage` request.
pub(crate) fn put(repository: &str, manifest: &str, tag: Option<&str>) -> Value {
    let mut body = json!({"repositoryName": repository, "imageManifest": manifest});
    if let Some(tag) = tag {
        body["imageTag"] = json!(tag);
    }
    body
}

pub(crate) fn by_tag(repository: &str, tag: &str) -> Value {
    json!({"repositoryName": repository, "imageIds": [{"imageTag": tag}]})
}

pub(crate) fn by_digest(repository: &str, digest: &str) -> Value {
    json!({"repositoryName": repository, "imageIds": [{"imageDigest": digest}]})
}
