//! From where to where blobs and manifests go, and what went.

use ecr_promoter_core::Repository;

use super::progress::Progress;
use crate::{aws::Aws, ecr::uploads::Uploads};

/// From where to where, and by which clients.
#[derive(Clone, Copy)]
pub(crate) struct Route<'a> {
    /// The clients.
    pub aws: &'a Aws,
    /// The registry's uploads.
    pub uploads: &'a Uploads,
    /// Where it is.
    pub source: &'a Repository,
    /// Where it goes.
    pub target: &'a Repository,
    /// Told of each blob and of the bytes that move.
    pub progress: &'a Progress,
}

/// What a copy did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moves {
    /// Blobs that the registry linked.
    pub mounted: usize,
    /// Blobs whose bytes went through the function.
    pub streamed: usize,
    /// The bytes of these.
    pub bytes: u64,
    /// Manifests that were put below the root.
    pub manifests: usize,
}
