//! What is gathered from a document while it is read, and what it comes to at its end.

use std::{
    collections::{BTreeSet, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use ecr_promoter_core::{
    evidence::{Component, License},
    license::{Expression, states},
};

use super::{
    Format, Partial, Sbom,
    allowance::{Allowance, allocated, license_allocated, texts_allocated},
    error::{SbomError, shortened},
    extracted::Meanings,
    path::Path,
    place::{Problem, note},
};
use crate::limits::{IMAGE_COMPONENTS_MAX, UNREADABLE_BYTES_MAX, VALUES_MAX};

mod format;

/// An identifier inside a document, by its hash: a document has one for each component, and they
/// are only ever compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Id(u64);

impl Id {
    pub(super) fn of(text: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// One entry as a document gives it.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) id: Option<Id>,
    pub(super) name: Option<String>,
    pub(super) group: Option<String>,
    pub(super) version: Option<String>,
    pub(super) purls: Vec<String>,
    /// All license texts that apply together.
    pub(super) licenses: Vec<String>,
    /// An operating system, a file, a container: misses no license.
    pub(super) is_frame: bool,
    /// What the document is about.
    pub(super) is_root: bool,
}

/// Everything gathered from a document.
#[derive(Debug)]
pub(super) struct Draft {
    /// The first thing wrong.
    pub(super) problem: Problem,
    /// How many objects took themselves for the document.
    pub(super) documents: usize,
    /// `spdxVersion`.
    pub(super) spdx_version: Option<String>,
    /// `bomFormat`.
    pub(super) bom_format: Option<String>,
    /// `specVersion`.
    pub(super) spec_version: Option<String>,
    /// Whether `@context` names SPDX 3.
    pub(super) is_spdx_3: bool,
    /// The keys of the root object that were there.
    pub(super) keys: HashSet<&'static str>,
    /// What the document's own license identifiers stand for.
    pub(super) meanings: Meanings,
    /// Where the reader stands among nested components.
    pub(super) path: Path,
    /// What the document says of its own completeness.
    pub(super) partial: Option<Partial>,
    /// What may still be kept.
    left: Allowance,
    components: Vec<Component>,
    /// The identifiers of components, by their place.
    ids: Vec<(usize, Id)>,
    /// Entries without a name: what describes them may come later.
    nameless: Vec<(String, Option<Id>)>,
    described: HashSet<Id>,
    /// What licenses are stated, each once.
    licenses: HashSet<Arc<License>>,
}

impl Draft {
    /// Nothing gathered yet, and so much to be gathered at most.
    pub(super) fn within(left: Allowance) -> Self {
        Self {
            problem: None,
            documents: 0,
            spdx_version: None,
            bom_format: None,
            spec_version: None,
            is_spdx_3: false,
            keys: HashSet::new(),
            meanings: Meanings::default(),
            path: Path::default(),
            partial: None,
            left,
            components: Vec::new(),
            ids: Vec::new(),
            nameless: Vec::new(),
            described: HashSet::new(),
            licenses: HashSet::new(),
        }
    }

    /// Takes an entry, which stands at a place. One without a name makes the list unknown, since it may
    /// be the one that is asked for, unless it is the document's root.
    pub(super) fn push(&mut self, entry: Entry, place: impl FnOnce(&Self) -> String) {
        let Some(name) = entry.name.filter(|name| !name.is_empty()) else {
            let says_something = !entry.licenses.is_empty() || !entry.purls.is_empty();
            let may_be_root = entry.is_root || entry.id.is_some();
            if says_something || !may_be_root || self.nameless.len() >= VALUES_MAX {
                let place = place(self);
                note(&mut self.problem, SbomError::Nameless(place));
            } else if !entry.is_root {
                let place = place(self);
                self.nameless.push((place, entry.id));
            }
            return;
        };
        if self.components.len() >= self.left.components {
            return note(&mut self.problem, SbomError::TooManyComponents);
        }
        let license = self.license(entry.licenses);
        let component = Component {
            name,
            group: entry.group,
            version: entry.version,
            purls: entry.purls,
            license,
            is_frame: entry.is_frame || entry.is_root,
        };
        if !self.keep(allocated(&component)) {
            return;
        }
        self.ids
            .extend(entry.id.map(|id| (self.components.len(), id)));
        self.components.push(component);
    }

    /// Whether this many bytes more may be kept.
    pub(super) fn keep(&mut self, bytes: usize) -> bool {
        let left = self.left.kept.checked_sub(bytes);
        self.left.kept = left.unwrap_or(0);
        if left.is_none() {
            note(&mut self.problem, SbomError::TooMuchKept);
        }
        left.is_some()
    }

    /// Marks an entry, wherever it stands, as what the document describes.
    pub(super) fn describe(&mut self, id: Id) {
        if self.described.len() < IMAGE_COMPONENTS_MAX {
            self.described.insert(id);
        } else {
            note(&mut self.problem, SbomError::TooManyComponents);
        }
    }

    /// What these texts state, shared with the components that state the same. `NOASSERTION` and
    /// `NONE` state nothing; beside other texts they leave the whole unknown.
    fn license(&mut self, texts: Vec<String>) -> Arc<License> {
        let license = License {
            stated: self.stated(texts),
            ..License::default()
        };
        if let Some(known) = self.licenses.get(&license) {
            return Arc::clone(known);
        }
        if !self.keep(license_allocated(&license)) {
            return Arc::default();
        }
        let license = Arc::new(license);
        self.licenses.insert(Arc::clone(&license));
        license
    }

    /// The texts, each once, as they are kept: nothing where that is more than may be kept.
    fn stated(&mut self, texts: Vec<String>) -> Vec<String> {
        let mut stated = Vec::new();
        if !texts.iter().any(|text| states(text)) {
            return stated;
        }
        let mut left = self.left.kept;
        let mut seen = HashSet::new();
        for text in texts {
            if seen.contains(&text) {
                continue;
            }
            for text in bounded(text) {
                left = left.saturating_sub(2 * texts_allocated(std::slice::from_ref(&text)));
                if seen.insert(text.clone()) {
                    stated.push(text);
                }
            }
            if left == 0 {
                note(&mut self.problem, SbomError::TooMuchKept);
                return Vec::new();
            }
        }
        stated
    }

    /// What the document comes to, now that all of it is read.
    pub(super) fn finish(mut self, kind: Format) -> Result<Sbom, SbomError> {
        self.check_format(kind)?;
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        self.check_names()?;
        self.set_root_apart();
        self.explain_licenses()?;
        if self.listed() == 0 {
            return Err(SbomError::NoComponent);
        }
        Ok(Sbom {
            components: self.components,
            partial: self.partial,
        })
    }

    fn check_names(&mut self) -> Result<(), SbomError> {
        for (place, id) in std::mem::take(&mut self.nameless) {
            if id.is_none_or(|id| !self.described.contains(&id)) {
                return Err(SbomError::Nameless(place));
            }
        }
        Ok(())
    }

    /// The one entry that the document describes stands for the image. A document that describes
    /// several lists them, and so does one that holds nothing else.
    fn set_root_apart(&mut self) {
        let described = &self.described;
        let mut roots = self.ids.iter().filter(|(_, id)| described.contains(id));
        if let (Some((root, _)), None) = (roots.next(), roots.next())
            && self.listed() > 1
            && let Some(component) = self.components.get_mut(*root)
        {
            component.is_frame = true;
        }
    }

    /// How many components the image holds.
    fn listed(&self) -> usize {
        let components = self.components.iter();
        components.filter(|component| !component.is_frame).count()
    }

    fn explain_licenses(&mut self) -> Result<(), SbomError> {
        let explained = self.meanings.explain(&self.licenses, self.left.kept);
        let explained = explained.ok_or(SbomError::TooMuchKept)?;
        if explained.is_empty() {
            return Ok(());
        }
        for component in &mut self.components {
            if let Some(with) = explained.get(&component.license) {
                component.license = Arc::clone(with);
            }
        }
        Ok(())
    }
}

/// A license text as it is kept. One that is long and not readable as a whole is kept as the licenses
/// that it names, which all count, and its beginning, which tells that there was more.
fn bounded(text: String) -> Vec<String> {
    if text.len() <= UNREADABLE_BYTES_MAX {
        return vec![text];
    }
    let expression = Expression::read(&text);
    if expression.is_readable() {
        return vec![text];
    }
    let named: BTreeSet<String> = expression.terms().map(ToString::to_string).collect();
    named.into_iter().chain([shortened(&text)]).collect()
}
