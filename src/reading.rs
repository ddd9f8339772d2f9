//! What was read of one image so far: shared by all policies on its push, filled as they ask.

use std::collections::HashMap;

use ecr_promoter_core::{
    Digest, Tag, Time,
    evidence::{Evidence, Known, Lack, Never, Origin, Seen},
    manifest::{Stored, Tree},
};

use crate::{failure::Failure, images::Holds};

/// What was read of one image so far; shared by all policies on its push.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The image's manifests, as far as they were read; `None` where it cannot be read.
    pub tree: Option<Tree>,
    /// What is known of it.
    pub evidence: Evidence,
    /// Where tags of the source repository stood in the same read.
    pub tags: HashMap<Tag, Digest>,
    /// The tags that this read asked for: one that is not in `tags` stands nowhere.
    pub asked: Vec<Tag>,
    /// What an administrator has to mend before evidence of a kind can be seen.
    pub failures: HashMap<Lack, Failure>,
    /// The ledger knows that the image's index holds its children.
    pub index_remembered: bool,
}

impl Reading {
    pub(crate) fn empty(tags: HashMap<Tag, Digest>, asked: Vec<Tag>) -> Self {
        Self {
            tree: None,
            evidence: Evidence::none(),
            tags,
            asked,
            failures: HashMap::new(),
            index_remembered: false,
        }
    }
}

impl Reading {
    /// An image that may not be read.
    pub(crate) fn refused(failure: Failure) -> Self {
        let mut reading = Self::empty(HashMap::new(), Vec::new());
        reading.evidence.contents = Known::Never(failure.to_string().into());
        reading.failures.insert(Lack::Contents, failure);
        reading
    }

    /// What one read shows of an image: its root manifest, and where tags of its repository stand.
    pub(crate) fn of(digest: &Digest, mut holds: Holds, asked: Vec<Tag>, at: Time) -> Self {
        let mut reading = Self::empty(holds.tags, asked);
        if let Some(words) = holds.inaccessible.remove(digest) {
            let words = format!("the image cannot be read: {words}");
            reading.evidence.contents = Known::Never(Never::read(words, Origin::Registry, at));
        } else if let Some(stored) = holds.manifests.remove(digest) {
            let root = Stored::read(stored.bytes, stored.media_type.as_deref());
            match root.and_then(|root| Tree::new(digest.clone(), root)) {
                Ok(tree) => {
                    if tree.lacking().is_empty() {
                        reading.evidence.contents = Known::Seen(Seen {
                            value: tree.contents(),
                            origin: Origin::Registry,
                            at,
                        });
                    }
                    reading.tree = Some(tree);
                }
                Err(error) => {
                    let never = Never::read(error.to_string(), Origin::Registry, at);
                    reading.evidence.contents = Known::Never(never);
                }
            }
        }
        reading
    }
}
