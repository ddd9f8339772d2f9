//! Small images: all have the same two blobs, and differ by an annotation, so that a world costs few uploads.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// What every image consists of: a config and a layer.
pub const BLOBS: [&str; 2] = [r#"{"architecture":"amd64","os":"linux"}"#, "a layer"];

/// An image, or an index of two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub manifest: String,
    pub media_type: &'static str,
    pub digest: String,
    pub children: Vec<Image>,
}

pub fn digest(bytes: &[u8]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

fn descriptor(media_type: &str, bytes: &str) -> Value {
    json!({"mediaType": media_type, "digest": digest(bytes.as_bytes()), "size": bytes.len()})
}

impl Image {
    /// Another name, another image.
    pub fn single(name: &str) -> Self {
        let [config, layer] = BLOBS;
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor(CONFIG, config),
            "layers": [descriptor(LAYER, layer)],
            "annotations": {"name": name},
        });
        Self::of(&manifest, MANIFEST, Vec::new())
    }

    pub fn index(name: &str) -> Self {
        let platforms = ["amd64", "arm64"];
        let children = platforms.map(|it| Self::single(&format!("{name} {it}")));
        let mut manifests = Vec::new();
        for (child, architecture) in children.iter().zip(platforms) {
            let mut entry = descriptor(MANIFEST, &child.manifest);
            entry["platform"] = json!({"os": "linux", "architecture": architecture});
            manifests.push(entry);
        }
        let manifest = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
        Self::of(&manifest, INDEX, children.into())
    }

    fn of(manifest: &Value, media_type: &'static str, children: Vec<Self>) -> Self {
        let manifest = manifest.to_string();
        Self {
            digest: digest(manifest.as_bytes()),
            manifest,
            media_type,
            children,
        }
    }
}
