//! All manifests of one image: the root and, below an index, every child by digest.
//!
//! The reader of ECR builds the tree: it says what is still missing, and refuses what goes
//! over a limit as soon as it is seen. A digest that is named twice is one node. A cycle cannot be
//! made by hash; the bound on levels ends one all the same.

use std::collections::{HashMap, HashSet};

use super::{
    Descriptor, LEVELS_MAX, Manifest, ManifestError, ManifestKind, bulk::Bulk, platforms::Named,
};
use crate::{Digest, evidence::Contents, reference::shortened};

/// A manifest with the bytes that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The bytes, as they were read and as they go to the target.
    pub bytes: String,
    /// The media type to put them with.
    pub media_type: String,
    /// What they say.
    pub manifest: Manifest,
}

impl Stored {
    /// Reads a manifest and keeps its bytes; `media_type` is the registry's word for its type.
    pub fn read(bytes: String, media_type: Option<&str>) -> Result<Self, ManifestError> {
        let manifest = Manifest::read(bytes.as_bytes(), media_type)?;
        Ok(Self {
            bytes,
            media_type: manifest.media_type.clone(),
            manifest,
        })
    }

    fn children(&self) -> &[Descriptor] {
        match &self.manifest.kind {
            ManifestKind::Index { manifests } => manifests,
            ManifestKind::Image { .. } => &[],
        }
    }
}

/// An image's manifests, by digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    root: Digest,
    nodes: HashMap<Digest, Stored>,
    most: Bulk,
}

impl Tree {
    /// A tree of the root alone. That the digest is that of the bytes is the reader's to check.
    pub fn new(root: Digest, stored: Stored) -> Result<Self, ManifestError> {
        Self::within(root, stored, Bulk::OF_AN_IMAGE)
    }

    /// The same, of one that shares what an image may take with others.
    pub fn within(root: Digest, stored: Stored, most: Bulk) -> Result<Self, ManifestError> {
        let tree = Self {
            nodes: HashMap::from([(root.clone(), stored)]),
            root,
            most: most.min(Bulk::OF_AN_IMAGE),
        };
        tree.check()?;
        Ok(tree)
    }

    /// The digest of the root.
    #[must_use]
    pub fn root(&self) -> &Digest {
        &self.root
    }

    /// One manifest of the image, where it was read already.
    #[must_use]
    pub fn get(&self, digest: &Digest) -> Option<&Stored> {
        self.nodes.get(digest)
    }

    /// What has to be read next, in the order of the documents; empty when the tree is whole.
    #[must_use]
    pub fn lacking(&self) -> Vec<Digest> {
        let named = self.known_levels().into_iter().flatten();
        named
            .filter(|digest| !self.nodes.contains_key(*digest))
            .cloned()
            .collect()
    }

    /// Adds a manifest that was [`Self::lacking`]. On an error the tree stays as it was.
    pub fn add(&mut self, digest: &Digest, stored: Stored) -> Result<(), ManifestError> {
        if self.nodes.contains_key(digest) {
            return Ok(());
        }
        if !self.lacking().contains(digest) {
            return Err(ManifestError::Stray(digest.clone()));
        }
        self.nodes.insert(digest.clone(), stored);
        if let Err(error) = self.check() {
            self.nodes.remove(digest);
            return Err(error);
        }
        Ok(())
    }

    /// What the image consists of. A child is not a platform only if its own manifest says so; one
    /// that is not read yet counts as a platform, so a tree that is not whole promises too much
    /// evidence, never too little.
    #[must_use]
    pub fn contents(&self) -> Contents {
        let mut platforms = Named::default();
        match self.nodes.get(&self.root) {
            Some(root) if root.manifest.is_image() => {
                platforms.add(&self.root, Some(&root.manifest), None);
            }
            Some(root) if root.manifest.is_index() => {
                for child in self.edges() {
                    let manifest = self.nodes.get(&child.digest).map(|stored| &stored.manifest);
                    if manifest.is_none_or(Manifest::is_platform) {
                        platforms.add(&child.digest, manifest, Some(child));
                    }
                }
            }
            _ => {}
        }
        platforms.into_contents()
    }

    /// Every config and layer of every manifest, each digest once; a child's before its parent's.
    #[must_use]
    pub fn blobs(&self) -> Vec<&Descriptor> {
        let mut seen = HashSet::new();
        let mut blobs = Vec::new();
        for (_, stored) in self.manifests_leaves_first() {
            if let ManifestKind::Image { config, layers } = &stored.manifest.kind {
                let all = std::iter::once(config).chain(layers);
                blobs.extend(all.filter(|blob| seen.insert(&blob.digest)));
            }
        }
        blobs
    }

    /// The manifests in the order in which a registry takes them: every child before its parents,
    /// the root last.
    #[must_use]
    pub fn manifests_leaves_first(&self) -> Vec<(&Digest, &Stored)> {
        self.levels_leaves_first().into_iter().flatten().collect()
    }

    /// The same, in levels: the manifests of one level do not name each other. The root is the last level.
    #[must_use]
    pub fn levels_leaves_first(&self) -> Vec<Vec<(&Digest, &Stored)>> {
        let levels = self.known_levels().into_iter().rev();
        let nodes = |level: Vec<&Digest>| {
            let level = level.into_iter();
            level
                .filter_map(|digest| self.nodes.get_key_value(digest))
                .collect()
        };
        levels.map(nodes).collect()
    }

    /// Every naming of a child by an index, from the root downwards.
    fn edges(&self) -> impl Iterator<Item = &Descriptor> {
        let levels = self.known_levels().into_iter().flatten();
        levels
            .filter_map(|digest| self.nodes.get(digest))
            .flat_map(Stored::children)
    }

    /// The digests by their greatest distance from the root, each once: no limit is checked here
    /// but the depth, which ends the walk.
    fn known_levels(&self) -> Vec<Vec<&Digest>> {
        let mut levels = self.walk();
        levels.truncate(LEVELS_MAX);
        let mut seen = HashSet::new();
        for level in levels.iter_mut().rev() {
            level.retain(|digest| seen.insert(*digest));
        }
        levels
    }

    /// The digests of each level, those of deeper levels repeated; at most one level too many.
    fn walk(&self) -> Vec<Vec<&Digest>> {
        let mut levels = vec![vec![&self.root]];
        while levels.len() <= LEVELS_MAX {
            let mut seen = HashSet::new();
            let above = levels.last().into_iter().flatten();
            let next: Vec<&Digest> = above
                .filter_map(|digest| self.nodes.get(*digest))
                .flat_map(Stored::children)
                .map(|child| &child.digest)
                .filter(|digest| seen.insert(*digest))
                .collect();
            if next.is_empty() {
                break;
            }
            levels.push(next);
        }
        levels
    }

    /// What it takes: the manifests that were read, and those that are lacking as their indexes say.
    #[must_use]
    pub fn bulk(&self) -> Bulk {
        self.bulk_of(&self.walk())
    }

    fn bulk_of(&self, levels: &[Vec<&Digest>]) -> Bulk {
        Bulk {
            manifests: levels.iter().flatten().collect::<HashSet<_>>().len(),
            bytes: self.bytes(),
        }
    }

    fn bytes(&self) -> u64 {
        let read = self.nodes.values().map(|stored| stored.bytes.len() as u64);
        let mut seen = HashSet::new();
        let lacking = self
            .edges()
            .filter(|child| !self.nodes.contains_key(&child.digest) && seen.insert(&child.digest))
            .map(|child| child.size);
        read.chain(lacking).fold(0, u64::saturating_add)
    }

    /// Checks every limit, and that each index and its children agree on what the children are.
    fn check(&self) -> Result<(), ManifestError> {
        let levels = self.walk();
        if levels.len() > LEVELS_MAX {
            return Err(ManifestError::TooDeep);
        }
        let Bulk { manifests, bytes } = self.bulk_of(&levels);
        if manifests > self.most.manifests {
            return Err(ManifestError::TooManyManifests(manifests));
        }
        if bytes > self.most.bytes {
            return Err(ManifestError::TooManyBytes(bytes));
        }
        for child in self.edges() {
            match self.nodes.get(&child.digest) {
                Some(stored) if stored.media_type != child.media_type => {
                    return Err(ManifestError::MediaTypesDiffer {
                        place: "its index",
                        said: shortened(&child.media_type),
                        itself: shortened(&stored.media_type),
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }
}
