//! Why a folder is not an image, in words for the person who named it.

use std::{io, path::PathBuf};

use ecr_promoter_core::{Digest, manifest::ManifestError};

/// Why a folder holds no image.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LayoutError {
    /// The folder is none, or lacks a file of every layout.
    #[error(
        "{folder:?} is not an image: {problem}; expected an OCI image layout folder, as `skopeo copy docker://IMAGE oci:DIR` writes it"
    )]
    NoLayout { folder: PathBuf, problem: String },
    /// The folder holds none.
    #[error("{0:?} holds no image: its \"index.json\" names none")]
    Empty(PathBuf),
    /// The folder holds several.
    #[error(
        "{folder:?} holds {count} images, expected one: copy the one that is meant into a folder of its own"
    )]
    Count { folder: PathBuf, count: usize },
    /// What it holds has no image's layers.
    #[error("{folder:?} holds {what}, which is not an image: no image layers are in it")]
    Artifact { folder: PathBuf, what: String },
    /// A file cannot be read.
    #[error("cannot read {path:?}: {source}")]
    File { path: PathBuf, source: io::Error },
    /// A blob is missing.
    #[error("{folder:?} is not whole: {place} {digest} is not there{hint}")]
    Missing {
        folder: PathBuf,
        place: &'static str,
        digest: Digest,
        hint: &'static str,
    },
    /// A blob is not what names it.
    #[error("{path:?} is broken: it has {seen}, expected {wanted}")]
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
