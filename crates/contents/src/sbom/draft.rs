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
    Kind, Sbom,
    error::{SbomError, shortened},
    extracted::Meanings,
    place::{Problem, note},
};
use crate::limits::{COMPONENTS_MAX, KEPT_BYTES_MAX, UNREADABLE_BYTES_MAX};

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
    /// The document's subject, an operating system, a file, a container: misses no license.
    pub(super) is_frame: bool,
}

/// Everything gathered from a document.
#[derive(Debug, Default)]
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
    /// The keys of the root object that were there.
    pub(super) keys: HashSet<&'static str>,
    /// What the document's own license identifiers stand for.
    pub(super) meanings: Meanings,
    components: Vec<Component>,
    /// The bytes of text in them.
    kept: usize,
    /// The identifiers of components, by their place.
    ids: Vec<(usize, Id)>,
    described: HashSet<Id>,
    /// What licenses are stated, each once.
    licenses: HashSet<Arc<License>>,
}

impl Draft {
    /// Takes an entry. One without a name makes the list unknown: it may be the one that is asked for.
    pub(super) fn push(&mut self, entry: Entry) {
        let Some(name) = entry.name.filter(|name| !name.is_empty()) else {
            return note(&mut self.problem, SbomError::Missing("name"));
        };
        if self.components.len() >= COMPONENTS_MAX {
            let is_spdx = self.keys.contains("packages");
            return self.too_many(if is_spdx { "packages" } else { "components" });
        }
        let license = self.license(entry.licenses);
        let component = Component {
            name,
            group: entry.group,
            version: entry.version,
            purls: entry.purls,
            license,
            is_frame: entry.is_frame,
        };
        self.kept += text_bytes(&component);
        if self.kept > KEPT_BYTES_MAX {
            return note(&mut self.problem, SbomError::TooMuchText);
        }
        self.ids
            .extend(entry.id.map(|id| (self.components.len(), id)));
        self.components.push(component);
    }

    /// Marks an entry, wherever it stands, as what the document describes.
    pub(super) fn describe(&mut self, id: Id) {
        if self.described.len() < COMPONENTS_MAX {
            self.described.insert(id);
        } else {
            self.too_many("documentDescribes");
        }
    }

    fn too_many(&mut self, key: &'static str) {
        let max = COMPONENTS_MAX;
        note(&mut self.problem, SbomError::TooMany { key, max });
    }

    /// What these texts state, shared with the components that state the same. `NOASSERTION` and
    /// `NONE` state nothing; beside other texts they leave the whole unknown.
    fn license(&mut self, texts: Vec<String>) -> Arc<License> {
        let mut stated: Vec<String> = Vec::new();
        if texts.iter().any(|text| states(text)) {
            for text in texts.into_iter().flat_map(bounded) {
                if !stated.contains(&text) {
                    stated.push(text);
                }
            }
        }
        let license = License {
            stated,
            ..License::default()
        };
        if let Some(known) = self.licenses.get(&license) {
            return Arc::clone(known);
        }
        let text = |text: &String| size_of::<String>() + text.len();
        self.kept += size_of::<License>() + license.stated.iter().map(text).sum::<usize>();
        let license = Arc::new(license);
        self.licenses.insert(Arc::clone(&license));
        license
    }

    /// What the document comes to, now that all of it is read.
    pub(super) fn finish(mut self, kind: Kind) -> Result<Sbom, SbomError> {
        self.check_format(kind)?;
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        for (place, id) in &self.ids {
            if let Some(component) = self.components.get_mut(*place)
                && self.described.contains(id)
            {
                component.is_frame = true;
            }
        }
        self.explain_licenses()?;
        let lists_any = self.components.iter().any(|component| !component.is_frame);
        if !lists_any {
            return Err(SbomError::NoComponent);
        }
        Ok(Sbom {
            components: self.components,
        })
    }

    fn explain_licenses(&mut self) -> Result<(), SbomError> {
        let bytes_left = KEPT_BYTES_MAX.saturating_sub(self.kept);
        let explained = self.meanings.explain(&self.licenses, bytes_left);
        let explained = explained.ok_or(SbomError::TooMuchText)?;
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

    fn check_format(&self, kind: Kind) -> Result<(), SbomError> {
        let unsupported = |what: String| Err(SbomError::Unsupported(shortened(&what)));
        let is_spdx = self.spdx_version.is_some();
        let is_cyclonedx = self.bom_format.is_some();
        if self.documents > 1 || (is_spdx && is_cyclonedx) {
            return Err(SbomError::TwoDocuments);
        }
        match (&self.spdx_version, &self.bom_format) {
            (Some(version), _) => {
                if !matches!(version.as_str(), "SPDX-2.2" | "SPDX-2.3") {
                    return unsupported(format!("of version {version:?}"));
                }
            }
            (None, Some(format)) if format == "CycloneDX" => match self.spec_version.as_deref() {
                Some("1.2" | "1.3" | "1.4" | "1.5" | "1.6" | "1.7") => {}
                Some(version) => return unsupported(format!("CycloneDX of version {version:?}")),
                None => return self.or_problem(SbomError::Missing("specVersion")),
            },
            (None, Some(format)) => return unsupported(format!("of format {format:?}")),
            (None, None) if self.keys.contains("@graph") || self.keys.contains("@context") => {
                return unsupported("SPDX 3".to_owned());
            }
            (None, None) if self.keys.contains("artifacts") => {
                return unsupported("in syft's own format".to_owned());
            }
            (None, None) => return self.or_problem(SbomError::NoDocument),
        }
        if (is_spdx && self.keys.contains("components"))
            || (is_cyclonedx && self.keys.contains("packages"))
        {
            return Err(SbomError::TwoDocuments);
        }
        match kind {
            Kind::Spdx if !is_spdx => wrong_kind("SPDX", "CycloneDX"),
            Kind::CycloneDx if !is_cyclonedx => wrong_kind("CycloneDX", "SPDX"),
            _ => Ok(()),
        }
    }

    /// A key of the wrong type looks like a key that is not there; what was noted says more.
    fn or_problem(&self, error: SbomError) -> Result<(), SbomError> {
        Err(self.problem.clone().unwrap_or(error))
    }
}

fn wrong_kind(wanted: &'static str, found: &'static str) -> Result<(), SbomError> {
    Err(SbomError::WrongKind { wanted, found })
}

/// What a component's own texts take; its license is counted once for all.
fn text_bytes(component: &Component) -> usize {
    let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    component.name.len()
        + optional(&component.version)
        + optional(&component.group)
        + component.purls.iter().map(String::len).sum::<usize>()
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
