//! Why a manifest is refused.

use super::{LAYERS_MAX, LEVELS_MAX, MANIFEST_BYTES_MAX, MANIFESTS_BYTES_MAX, MANIFESTS_MAX};
use crate::{
    Digest,
    reference::{ReferenceError, shortened},
};

/// Why a manifest is refused. Each names what was seen and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// More than [`MANIFEST_BYTES_MAX`].
    #[error("limit: expected a manifest of at most {MANIFEST_BYTES_MAX} bytes, found {0}")]
    TooLarge(usize),
    /// More than [`MANIFESTS_BYTES_MAX`].
    #[error(
        "limit: expected an image of at most {MANIFESTS_BYTES_MAX} bytes of manifests, found {0} or more"
    )]
    TooManyBytes(u64),
    /// More than [`LAYERS_MAX`].
    #[error("limit: expected a manifest of at most {LAYERS_MAX} layers, found {0}")]
    TooManyLayers(usize),
    /// More than [`MANIFESTS_MAX`].
    #[error("limit: expected an image of at most {MANIFESTS_MAX} manifests, found {0} or more")]
    TooManyManifests(usize),
    /// More than [`LEVELS_MAX`].
    #[error(
        "limit: expected an image of at most {LEVELS_MAX} levels of indexes and manifests, found more"
    )]
    TooDeep,
    /// No JSON, or not of a manifest's shape; keys given twice included.
    #[error("the manifest cannot be read: {0}")]
    Json(String),
    /// Docker's image manifest schema 1.
    #[error(
        "expected a manifest with a config, found Docker's schema 1: push the image again with a current client"
    )]
    SchemaOne,
    /// OCI's or ORAS's withdrawn artifact manifest.
    #[error(
        "expected an image manifest or an index, found an artifact manifest ({0}), which OCI withdrew: attach the artifact again with a current client"
    )]
    ArtifactManifest(String),
    /// A `schemaVersion` other than 2, or none.
    #[error("schemaVersion: expected 2, found {0}")]
    SchemaVersion(String),
    /// A media type that is not a manifest's.
    #[error("{place}: expected the media type of a manifest, found {media_type:?}")]
    UnknownMediaType {
        /// Where it stands.
        place: String,
        /// The type, shortened.
        media_type: String,
    },
    /// Two places name two types for the same manifest.
    #[error("mediaType: expected {said:?}, as {place} says, found {itself:?} in the manifest")]
    MediaTypesDiffer {
        /// What says otherwise: the registry, or an index.
        place: &'static str,
        /// The type that it says, shortened.
        said: String,
        /// The type of the document, shortened.
        itself: String,
    },
    /// The document could be read as an image and as an index, or as two generations of one.
    #[error(
        "expected only keys of the manifest's own media type, found {0:?} as well: it could be read in two ways"
    )]
    Ambiguous(String),
    /// A part without which there is no manifest.
    #[error("expected the key {0:?} in the manifest, found none")]
    Lacks(&'static str),
    /// A string that is not a digest.
    #[error("{place}: {problem}")]
    Digest {
        /// Which descriptor.
        place: String,
        /// What is wrong with it.
        problem: ReferenceError,
    },
    /// A size that is negative, broken or beyond 63 bits.
    #[error("{place}: expected a size in bytes, found {size}")]
    Size {
        /// Which descriptor.
        place: String,
        /// What stands there, shortened.
        size: String,
    },
    /// A manifest was handed in that no index of this image names.
    #[error("expected a manifest that the image's index lists, found {0}")]
    Stray(Digest),
}

impl ManifestError {
    pub(super) fn json(error: &serde_json::Error) -> Self {
        Self::Json(shortened(&error.to_string()))
    }
}
