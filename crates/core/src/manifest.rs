//! Manifests and indexes as they came from ECR: read strictly, kept byte for byte.
//!
//! One document has one reading. Where two programs could read two different images out of the same
//! bytes (OCI distribution specification advisory, CVE-2021-41190), the document is refused. Nothing
//! here writes JSON: what goes to the target are the bytes that were read.

mod annotations;
mod bulk;
mod descriptor;
mod error;
pub mod media;
mod platforms;
mod spelling;
mod tree;
mod wire;

pub use annotations::PREDICATE_TYPES;
pub use bulk::Bulk;
pub use descriptor::Descriptor;
pub use error::ManifestError;
pub(crate) use spelling::is_other_spelling;
pub use tree::{Stored, Tree};

/// The largest manifest, in bytes (Amazon ECR service quotas, "Manifest size").
pub const MANIFEST_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The most bytes of all manifests of one image: they are kept in memory as they are, to be put byte
/// for byte.
pub const MANIFESTS_BYTES_MAX: u64 = 16 * 1024 * 1024;
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
    pub kind: ManifestKind,
    /// What it is attached to (OCI image specification, "subject").
    pub subject: Option<Descriptor>,
    /// Its artifact type, if the document gives one.
    pub artifact_type: Option<String>,
}

/// What a manifest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestKind {
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
        matches!(self.kind, ManifestKind::Index { .. })
    }

    /// Whether this manifest, standing alone, is an image: its config is an image's, and it does not
    /// hold statements and nothing else. Build caches, charts, WASM modules and files that ORAS pushes
    /// have a config of their own, though the types of their layers may be an image's.
    #[must_use]
    pub fn is_image(&self) -> bool {
        match &self.kind {
            ManifestKind::Image { config, .. } => {
                media::is_image_config(&config.media_type) && !self.is_attestation()
            }
            ManifestKind::Index { .. } => false,
        }
    }

    /// Whether this manifest, a child of an index, is an image that can run: it has an image's config
    /// and a layer that is not a statement.
    ///
    /// The type of a config is the pusher's word, and runtimes do not look at it: image
    /// layers can run under any except the empty config, which names no layers.
    #[must_use]
    pub fn is_platform(&self) -> bool {
        let ManifestKind::Image { config, layers } = &self.kind else {
            return false;
        };
        let is_layer = |layer: &Descriptor| !media::is_statement(&layer.media_type);
        let is_image_layer = |layer: &Descriptor| media::is_image_layer(&layer.media_type);
        if media::is_image_config(&config.media_type) {
            layers.iter().any(is_layer)
        } else {
            config.digest.as_str() != EMPTY_JSON && layers.iter().any(is_image_layer)
        }
    }

    /// Whether this manifest holds statements about images and nothing else, as BuildKit's attestation
    /// manifests do (BuildKit documentation, "Image attestation storage"), signed or not.
    #[must_use]
    pub fn is_attestation(&self) -> bool {
        match &self.kind {
            ManifestKind::Image { layers, .. } => {
                let mut layers = layers.iter();
                layers.len() > 0 && layers.all(|layer| media::is_statement(&layer.media_type))
            }
            ManifestKind::Index { .. } => false,
        }
    }

    /// The type of a layer that may hold files in an unspecified form, if there is one:
    /// a scanner may have skipped it.
    #[must_use]
    pub fn unknown_layer(&self) -> Option<&str> {
        let ManifestKind::Image { layers, .. } = &self.kind else {
            return None;
        };
        let types = layers.iter().map(|layer| layer.media_type.as_str());
        types.into_iter().find(|media_type| {
            !media::is_statement(media_type) && !media::is_known_image_layer(media_type)
        })
    }
}

/// The digest of `{}`: OCI's empty config (OCI image specification, "Guidance for an Empty
/// Descriptor").
const EMPTY_JSON: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

#[cfg(test)]
mod tests;
