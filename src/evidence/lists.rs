//! The lists of components of an image's platforms, as one document after the other adds to them. A
//! document's list is held once, whatever number of platforms it speaks of.
//!
//! Where a document cannot be read there may be more than the others list: never shorter.

use std::{collections::HashMap, sync::Arc};

use ecr_promoter_core::{
    Digest, Time,
    evidence::{Component, Components, Known, Never, NotYet, Origin, Platform, Read, Seen},
};

/// So many components of all documents together are kept; one SBOM has 200,000 at most.
const COMPONENTS_MAX: usize = 500_000;

/// The lists of an image's subjects: its platforms, its index.
pub(super) struct Lists {
    /// The digest of the image itself.
    root: Digest,
    /// What a document may be about: the platforms and the image itself.
    pub subjects: Vec<Digest>,
    by_subject: HashMap<Digest, OfSubject>,
    /// How many components are in them.
    kept: usize,
    /// When all this is read.
    pub now: Time,
}

/// What the documents about one subject come to.
#[derive(Default)]
struct OfSubject {
    lists: Vec<(Arc<Vec<Component>>, Origin)>,
    gap: Option<Never>,
}

impl Lists {
    /// Nothing read yet of an image and its platforms.
    pub(super) fn new(root: Digest, platforms: &[Platform], now: Time) -> Self {
        let mut subjects: Vec<Digest> = platforms
            .iter()
            .map(|platform| platform.digest.clone())
            .collect();
        if !subjects.contains(&root) {
            subjects.push(root.clone());
        }
        Self {
            root,
            subjects,
            by_subject: HashMap::new(),
            kept: 0,
            now,
        }
    }

    pub(super) fn add(&mut self, about: &[Digest], components: Vec<Component>, origin: Origin) {
        self.kept = self.kept.saturating_add(components.len());
        if self.kept > COMPONENTS_MAX {
            let words = format!("limit: more than {COMPONENTS_MAX} components on all platforms");
            return self.break_off(None, &Never::read(words, origin, self.now));
        }
        let list = Arc::new(components);
        for subject in about {
            let of_subject = self.by_subject.entry(subject.clone()).or_default();
            of_subject.lists.push((Arc::clone(&list), origin));
        }
    }

    /// A document that cannot be read: there may be more on what it is attached to, or on all
    /// platforms where that cannot be told.
    pub(super) fn break_off(&mut self, subject: Option<&Digest>, never: &Never) {
        let about = match subject {
            Some(subject) => std::slice::from_ref(subject),
            None => &self.subjects,
        };
        for subject in about {
            let of_subject = self.by_subject.entry(subject.clone()).or_default();
            of_subject.gap.get_or_insert_with(|| never.clone());
        }
    }

    /// A platform's own lists and its index's.
    pub(super) fn of(&self, platform: &Platform) -> Known<Components> {
        let mut subjects = vec![&platform.digest];
        if platform.digest != self.root {
            subjects.push(&self.root);
        }
        let mut value = Components::default();
        let mut seen_at = None;
        for of_subject in subjects.iter().filter_map(|of| self.by_subject.get(*of)) {
            for (list, origin) in &of_subject.lists {
                value.add(Arc::clone(list));
                seen_at.get_or_insert(*origin);
            }
            if let Some(never) = &of_subject.gap {
                value.lack(never.clone());
            }
        }
        match (seen_at, value.gap()) {
            (Some(origin), _) => Known::Seen(Seen {
                value,
                origin,
                at: self.now,
            }),
            (None, Some(never)) => Known::Never(never.clone()),
            (None, None) => Known::NotYet(NotYet {
                reason: format!("no SBOM is attached to {platform} yet"),
                look_at: None,
                read: Read::default(),
            }),
        }
    }
}
