//! The lists of components of an image's platforms, as one document after the other adds to them.
//!
//! A list that a document could not be read for is unknown, whatever others say: never shorter.

use std::collections::HashMap;

use ecr_promoter_core::{
    Digest, Time,
    evidence::{Component, Known, Never, NotYet, Origin, Platform, Read, Seen},
};

/// So many components of all platforms together are kept; one SBOM has 200,000 at most.
const COMPONENTS_MAX: usize = 500_000;

/// The lists of an image's subjects: its platforms, its index.
pub(super) struct Lists {
    /// The digest of the image itself.
    root: Digest,
    /// What a document may be about: the platforms and the image itself.
    pub subjects: Vec<Digest>,
    by_subject: HashMap<Digest, Result<(Vec<Component>, Origin), Never>>,
    /// How many components are in them.
    kept: usize,
    /// When all this is read.
    pub now: Time,
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

    pub(super) fn add(&mut self, about: &[Digest], components: &[Component], origin: Origin) {
        // An index's list is handed to each of its platforms.
        let copies = if about.contains(&self.root) {
            self.subjects.len()
        } else {
            about.len()
        };
        self.kept = self
            .kept
            .saturating_add(components.len().saturating_mul(copies));
        if self.kept > COMPONENTS_MAX {
            let words = format!("limit: more than {COMPONENTS_MAX} components on all platforms");
            return self.break_off(None, &Never::read(words, origin, self.now));
        }
        for subject in about {
            let list = self.by_subject.entry(subject.clone());
            if let Ok((list, _)) = list.or_insert_with(|| Ok((Vec::new(), origin))) {
                list.extend(components.iter().cloned());
            }
        }
    }

    /// A document that cannot be read: the lists of what it is attached to are unknown, those of all
    /// where that cannot be told.
    pub(super) fn break_off(&mut self, subject: Option<&Digest>, never: &Never) {
        let about = match subject {
            Some(subject) => vec![subject.clone()],
            None => self.subjects.clone(),
        };
        for subject in about {
            self.by_subject.insert(subject, Err(never.clone()));
        }
    }

    /// A platform's own list and its index's.
    pub(super) fn of(&self, platform: &Platform) -> Known<Vec<Component>> {
        let mut subjects = vec![&platform.digest];
        if platform.digest != self.root {
            subjects.push(&self.root);
        }
        let mut seen: Option<(Vec<Component>, Origin)> = None;
        for subject in subjects {
            match self.by_subject.get(subject) {
                None => {}
                Some(Err(never)) => return Known::Never(never.clone()),
                Some(Ok((components, origin))) => {
                    let (list, _) = seen.get_or_insert_with(|| (Vec::new(), *origin));
                    list.extend(components.iter().cloned());
                }
            }
        }
        match seen {
            Some((value, origin)) => Known::Seen(Seen {
                value,
                origin,
                at: self.now,
            }),
            None => Known::NotYet(NotYet {
                reason: format!("no SBOM is attached to {platform} yet"),
                look_at: None,
                read: Read::default(),
            }),
        }
    }
}
