//! Why a folder is not an image, in words for the person who named it.

use std::{io, path::PathBuf};

use ecr_promoter_core::{Digest, manifest::ManifestError};

/// Why a folder holds no image.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LayoutError {
    /// Not a folder, or it lacks a file that every layout has.
    #[error(
        "{folder:?} is not an OCI image layout: {problem}; use a folder as `skopeo copy docker://IMAGE oci:DIR` writes it"
    )]
    NoLayout { folder: PathBuf, problem: String },
    /// The folder holds none.
    #[error("{0:?} holds no image: its \"index.json\" lists none")]
    Empty(PathBuf),
    /// The folder holds several.
    #[error(
        "{folder:?} holds {count} images, expected one: copy the one you mean into a separate folder"
    )]
    Count { folder: PathBuf, count: usize },
    /// What it holds has no image's layers.
    #[error("{folder:?} holds {what}, which is not an image: it has no image layers")]
    Artifact { folder: PathBuf, what: String },
    /// A file cannot be read.
    #[error("cannot read {path:?}: {source}")]
    File { path: PathBuf, source: io::Error },
    /// A blob is missing.
    #[error("{folder:?} is incomplete: {place} {digest} is missing{hint}")]
    Missing {
        folder: PathBuf,
        place: &'static str,
        digest: Digest,
        hint: &'static str,
    },
    /// A blob is not what names it.
    #[error("{path:?} is broken: expected {wanted}, found {seen}")]
    Broken {
        path: PathBuf,
        seen: String,
        wanted: String,
    },
    /// A manifest cannot be read as one.
    #[error("{path:?} is not a manifest that can be promoted: {source}")]
    Manifest {
        path: PathBuf,
        source: ManifestError,
    },
}
