//! From where to where blobs and manifests go, within which time, and what went.

use ecr_promoter_core::{Repository, Time};

use super::progress::Progress;
use crate::{
    aws::Aws,
    ecr::uploads::Uploads,
    failure::{Code, Failure},
};

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
    /// The time that there is.
    pub span: Span,
    /// Whether this invocation made the target.
    pub target_is_new: bool,
}

impl Route<'_> {
    /// Whether a failure passes because the target was just made: ECR may not know it everywhere yet.
    pub(crate) fn comes_yet(&self, failure: &Failure) -> bool {
        self.target_is_new && *failure.code() == Code::RepositoryNotFound
    }
}

/// The time of the invocation that copies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// When the invocation began.
    pub began: Time,
    /// When its blobs have to be there. What is not, is left to the next invocation.
    pub until: Time,
}

impl Span {
    /// Whether somebody who begins at this time has most of the invocation.
    pub(super) fn is_early(self, at: Time) -> bool {
        at - self.began <= self.until - at
    }
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
