//! Small images, made in memory and pushed by ECR's own API.

use aws_sdk_ecr::{Client, primitives::Blob};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// An image or an index of images.
#[derive(Clone)]
pub struct Image {
    pub manifest: String,
    pub media_type: &'static str,
    pub blobs: Vec<Vec<u8>>,
    pub children: Vec<Image>,
}

pub fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = "sha256:".to_owned();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": digest(bytes), "size": bytes.len()})
}

impl Image {
    /// An image whose layers hold `seed` and their number: another seed, another image.
    pub fn single(seed: &str, layers: usize) -> Self {
        let layers: Vec<Vec<u8>> = (0..layers)
            .map(|n| format!("{seed} layer {n}").into_bytes())
            .collect();
        Self::of(seed, OCI_LAYER, layers)
    }

    /// An image of these layers.
    pub fn of(seed: &str, layer_type: &str, layers: Vec<Vec<u8>>) -> Self {
        let config = json!({"architecture": "amd64", "os": "linux", "author": seed});
        Self::configured(
            (OCI_CONFIG, config.to_string().into_bytes()),
            layer_type,
            layers,
        )
    }

    /// An image with these labels.
    pub fn labelled(seed: &str, labels: &Value) -> Self {
        let config = json!({"architecture": "amd64", "os": "linux", "author": seed, "config": {"Labels": labels}});
        let layers = vec![format!("{seed} layer").into_bytes()];
        Self::configured(
            (OCI_CONFIG, config.to_string().into_bytes()),
            OCI_LAYER,
            layers,
        )
    }

    /// An image with this config, of this type.
    pub fn configured(
        (config_type, config): (&str, Vec<u8>),
        layer_type: &str,
        layers: Vec<Vec<u8>>,
    ) -> Self {
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": descriptor(config_type, &config),
            "layers": layers.iter().map(|layer| descriptor(layer_type, layer)).collect::<Vec<_>>(),
        });
        let mut blobs = vec![config];
        blobs.extend(layers);
        Self {
            manifest: manifest.to_string(),
            media_type: OCI_MANIFEST,
            blobs,
            children: Vec::new(),
        }
    }

    /// An index of one image for each platform.
    pub fn index(seed: &str, platforms: &[&str], layers: usize) -> Self {
        let children = platforms
            .iter()
            .map(|platform| Self::single(&format!("{seed} {platform}"), layers))
            .collect();
        Self::index_of(children, platforms)
    }

    pub fn index_of(children: Vec<Self>, platforms: &[&str]) -> Self {
        let manifests: Vec<Value> = children
            .iter()
            .zip(platforms)
            .map(|(child, platform)| {
                let mut entry = descriptor(child.media_type, child.manifest.as_bytes());
                if let Some((os, architecture)) = platform.split_once('/') {
                    entry["platform"] = json!({"os": os, "architecture": architecture});
                }
                entry
            })
            .collect();
        Self {
            manifest: json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests})
                .to_string(),
            media_type: OCI_INDEX,
            blobs: Vec::new(),
            children,
        }
    }

    pub fn digest(&self) -> String {
        digest(self.manifest.as_bytes())
    }

    /// Pushes blobs, children and the manifest; the digest of the manifest.
    pub async fn push(&self, ecr: &Client, repository: &str, tag: Option<&str>) -> String {
        self.push_below(ecr, repository).await;
        ecr.put_image()
            .repository_name(repository)
            .image_manifest(&self.manifest)
            .image_manifest_media_type(self.media_type)
            .set_image_tag(tag.map(str::to_owned))
            .send()
            .await
            .unwrap();
        self.digest()
    }

    async fn push_below(&self, ecr: &Client, repository: &str) {
        for child in &self.children {
            Box::pin(child.push(ecr, repository, None)).await;
        }
        for blob in &self.blobs {
            upload(ecr, repository, blob).await;
        }
    }
}

/// The largest part of a layer (Amazon ECR service quotas, "Maximum layer part size").
const PART_BYTES: usize = 10 * 1024 * 1024;

async fn upload(ecr: &Client, repository: &str, blob: &[u8]) {
    let started = ecr
        .initiate_layer_upload()
        .repository_name(repository)
        .send()
        .await
        .unwrap();
    let id = started.upload_id().unwrap();
    let mut first = 0;
    for part in blob.chunks(PART_BYTES) {
        let next = first + i64::try_from(part.len()).unwrap();
        ecr.upload_layer_part()
            .repository_name(repository)
            .upload_id(id)
            .part_first_byte(first)
            .part_last_byte(next - 1)
            .layer_part_blob(Blob::new(part))
            .send()
            .await
            .unwrap();
        first = next;
    }
    let completed = ecr
        .complete_layer_upload()
        .repository_name(repository)
        .upload_id(id)
        .layer_digests(digest(blob))
        .send()
        .await;
    if let Err(error) = completed {
        let there = error
            .as_service_error()
            .is_some_and(aws_sdk_ecr::operation::complete_layer_upload::CompleteLayerUploadError::is_layer_already_exists_exception);
        assert!(there, "{error:?}");
    }
}
