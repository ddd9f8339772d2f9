//! An image outside of a registry: its manifests in memory, its blobs wherever they lie.
//!
//! [`layout`] reads one from a folder, [`sample`] makes one; [`push`] brings it into a repository,
//! [`verify`] reads one back from there.

use std::{collections::HashMap, path::PathBuf};

use ecr_promoter_core::{Digest, evidence::Contents, manifest::Tree};
use sha2::{Digest as _, Sha256};

pub(crate) mod layout;
pub(crate) mod push;
pub(crate) mod sample;
pub(crate) mod verify;

/// An image, whole: every manifest, and where each blob lies.
#[derive(Debug)]
pub(crate) struct Image {
    /// The manifests, from the root down.
    pub(crate) tree: Tree,
    /// Every blob that is there. A layer that lies elsewhere by its own word may be missing.
    pub(crate) blobs: HashMap<Digest, Blob>,
}

/// Where a blob lies.
#[derive(Debug)]
pub(crate) enum Blob {
    /// In a file, whose digest and size were checked.
    File(PathBuf),
    /// Here.
    Memory(Vec<u8>),
}

/// What an image consists of, in numbers and names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The platforms, as the index names them; empty for an image without an index.
    pub(crate) platforms: Vec<String>,
    /// How many manifests, the root counted.
    pub(crate) manifests: usize,
    /// How many blobs, each counted once.
    pub(crate) blobs: usize,
    /// The bytes of all blobs, as the manifests tell them.
    pub(crate) bytes: u64,
}

impl Image {
    /// The digest of the root manifest.
    pub(crate) fn digest(&self) -> &Digest {
        self.tree.root()
    }

    /// What it consists of.
    pub(crate) fn summary(&self) -> Summary {
        let platforms = match self.tree.contents() {
            Contents::Platforms(platforms) => platforms,
            Contents::Artifact => Vec::new(),
        };
        let blobs = self.tree.blobs();
        let there = blobs
            .iter()
            .filter(|blob| self.blobs.contains_key(&blob.digest));
        Summary {
            platforms: platforms
                .into_iter()
                .filter_map(|platform| platform.name)
                .collect(),
            manifests: self.tree.manifests_leaves_first().len(),
            blobs: there.clone().count(),
            bytes: there.map(|blob| blob.size).sum(),
        }
    }
}

/// The digest of bytes.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::from_sha256(Sha256::digest(bytes).into())
}
