//! Manifests and indexes as they came from ECR: read strictly, kept byte for byte.
//!
//! One document has one reading. Where two programs could read two different images out of the same
//! bytes (OCI distribution specification advisory, CVE-2021-41190), the document is refused. Nothing
//! here writes JSON: what goes to the target are the bytes that were read.

use std::collections::BTreeMap;

mod descriptor;
mod error;
pub mod media;
mod spelling;
mod tree;
mod wire;

pub use descriptor::Descriptor;
pub use error::ManifestError;
pub use tree::{Stored, Tree};

/// The largest manifest, in bytes (Amazon ECR service quotas, "Manifest size").
pub const MANIFEST_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The most manifests of one image, its root and every child of every index counted once.
pub const MANIFESTS_MAX: usize = 100;
/// The most levels of one image, the root counted.
pub const LEVELS_MAX: usize = 4;
/// The most layers of one manifest.
pub const LAYERS_MAX: usize = 500;

/// One manifest, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its media type: as ECR says, as the document says, or by its shape where neither does.
    pub media_type: String,
    /// What it is, with what it names.
    pub kind: Kind,
    /// What it is attached to (OCI image specification, "subject").
    pub subject: Option<Descriptor>,
    /// Its artifact type, where the document gives one.
    pub artifact_type: Option<String>,
    /// Its annotations: words of whoever pushed it, no evidence.
    pub annotations: BTreeMap<String, String>,
}

/// What a manifest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// An image manifest: an image for one platform, or an artifact in an image's shape.
    Image {
        /// The config blob.
        config: Descriptor,
        /// The layers, lowest first; none in an image without files.
        layers: Vec<Descriptor>,
    },
    /// An image index, or Docker's manifest list.
    Index {
        /// The children, in the document's order.
        manifests: Vec<Descriptor>,
    },
}

impl Manifest {
    /// Reads a manifest; `media_type` is the registry's word for its type
    /// (`imageManifestMediaType` of `BatchGetImage`).
    pub fn read(bytes: &[u8], media_type: Option<&str>) -> Result<Self, ManifestError> {
        if bytes.len() > MANIFEST_BYTES_MAX {
            return Err(ManifestError::TooLarge(bytes.len()));
        }
        wire::read(bytes, media_type)
    }

    /// Whether this is an index.
    #[must_use]
    pub fn is_index(&self) -> bool {
        matches!(self.kind, Kind::Index { .. })
    }

    /// Whether this manifest, standing alone, is an image: it has an image's layers, or none at all
    /// and an image's config (`FROM scratch` with nothing copied).
    #[must_use]
    pub fn is_image(&self) -> bool {
        match &self.kind {
            Kind::Image { config, layers } if layers.is_empty() => {
                media::is_image_config(&config.media_type)
            }
            Kind::Image { layers, .. } => layers
                .iter()
                .any(|layer| media::is_image_layer(&layer.media_type)),
            Kind::Index { .. } => false,
        }
    }

    /// Whether this manifest holds in-toto statements and nothing else, as BuildKit's attestation
    /// manifests do (BuildKit documentation, "Image attestation storage").
    #[must_use]
    pub fn is_attestation(&self) -> bool {
        match &self.kind {
            Kind::Image { layers, .. } => {
                !layers.is_empty()
                    && layers
                        .iter()
                        .all(|layer| layer.media_type == media::IN_TOTO)
            }
            Kind::Index { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests;
