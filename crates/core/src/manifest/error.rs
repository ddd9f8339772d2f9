//! Why a manifest is refused.

use super::{LAYERS_MAX, LEVELS_MAX, MANIFEST_BYTES_MAX, MANIFESTS_MAX};
use crate::{
    Digest,
    reference::{ReferenceError, shortened},
};

/// Why a manifest is refused. Each names what was seen and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// More than [`MANIFEST_BYTES_MAX`].
    #[error("limit: the manifest has {0} bytes, {MANIFEST_BYTES_MAX} are allowed")]
    TooLarge(usize),
    /// More than [`LAYERS_MAX`].
    #[error("limit: the manifest has {0} layers, {LAYERS_MAX} are allowed")]
    TooManyLayers(usize),
    /// More than [`MANIFESTS_MAX`].
    #[error("limit: the image has {0} manifests or more, {MANIFESTS_MAX} are allowed")]
    TooManyManifests(usize),
    /// More than [`LEVELS_MAX`].
    #[error("limit: the image's indexes are nested more than {LEVELS_MAX} levels deep")]
    TooDeep,
    /// No JSON, or not of a manifest's shape; keys given twice included.
    #[error("the manifest cannot be read: {0}")]
    Json(String),
    /// Docker's image manifest schema 1.
    #[error(
        "the manifest is of Docker's schema 1, which names no config: push the image again with a current client"
    )]
    SchemaOne,
    /// OCI's or ORAS's withdrawn artifact manifest.
    #[error(
        "the manifest is an artifact manifest ({0}), which OCI withdrew: attach the artifact again with a current client"
    )]
    ArtifactManifest(String),
    /// A `schemaVersion` other than 2, or none.
    #[error("the manifest's schemaVersion is {0}, expected 2")]
    SchemaVersion(String),
    /// A media type that is no manifest's, or of a layer in a form that nobody knows.
    #[error("{place}: unknown media type {media_type:?}")]
    UnknownMediaType {
        /// Where it stands.
        place: String,
        /// The type, shortened.
        media_type: String,
    },
    /// Two places name two types for the same manifest.
    #[error("{place} says media type {said:?}, the manifest itself {itself:?}")]
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
        "the manifest has {0:?} beside what its media type allows: it could be read in two ways"
    )]
    Ambiguous(String),
    /// A part without which there is no manifest.
    #[error("the manifest has no {0:?}")]
    Lacks(&'static str),
    /// A digest that is none.
    #[error("{place}: {problem}")]
    Digest {
        /// Which descriptor.
        place: String,
        /// What is wrong with it.
        problem: ReferenceError,
    },
    /// A size that is negative, broken or beyond 63 bits.
    #[error("{place}: {size} is not a size in bytes")]
    Size {
        /// Which descriptor.
        place: String,
        /// What stands there, shortened.
        size: String,
    },
    /// A manifest was handed in that no index of this image names.
    #[error("{0} is no manifest of this image")]
    Stray(Digest),
}

impl ManifestError {
    pub(super) fn json(error: &serde_json::Error) -> Self {
        Self::Json(shortened(&error.to_string()))
    }
}
