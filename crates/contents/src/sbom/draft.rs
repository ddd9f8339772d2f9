//! What is gathered from a document while it is read, and what it comes to at its end.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use ecr_promoter_core::{
    evidence::{Component, License},
    license::Expression,
};

use super::{
    Kind, Sbom,
    aliases::aliases,
    error::{SbomError, shortened},
    extracted::Meanings,
    place::{Problem, note},
};
use crate::limits::{COMPONENTS_MAX, KEPT_BYTES_MAX};

/// How many license texts are remembered as readable or not, and up to which length in bytes; a
/// document has a few hundred short ones.
const READABLE_MAX: usize = 10_000;
const READABLE_BYTES_MAX: usize = 200;

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
    /// The document's subject, an operating system, a file, a container: states no license.
    pub(super) without_license: bool,
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
    readable: HashMap<String, bool>,
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
        let license = if entry.without_license {
            License::NotApplicable
        } else {
            self.license(entry.licenses)
        };
        let component = Component {
            aliases: aliases(&name, entry.group.as_deref(), &entry.purls),
            name,
            version: entry.version,
            purl: entry.purls.into_iter().next(),
            license,
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

    /// `NOASSERTION` and `NONE` state nothing; beside other texts they leave the whole unknown.
    fn license(&mut self, texts: Vec<String>) -> License {
        if texts.iter().all(|text| !states(text)) {
            return License::Unknown;
        }
        let mut parts = Vec::with_capacity(texts.len());
        let mut is_readable = false;
        for text in texts {
            if states(&text) && self.is_readable(&text) {
                is_readable = true;
                parts.push(text);
                continue;
            }
            let conjuncts = conjuncts(&text);
            if conjuncts.iter().any(|part| self.is_readable(part)) {
                is_readable = true;
                parts.extend(conjuncts.into_iter().map(shortened));
            } else {
                parts.push(shortened(&text));
            }
        }
        if !is_readable && parts.len() == 1 {
            return License::Unreadable(parts.concat());
        }
        License::Stated(parts)
    }

    fn is_readable(&mut self, text: &str) -> bool {
        if let Some(readable) = self.readable.get(text) {
            return *readable;
        }
        let readable = Expression::read(text).is_some();
        if self.readable.len() < READABLE_MAX && text.len() <= READABLE_BYTES_MAX {
            self.readable.insert(text.to_owned(), readable);
        }
        readable
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
                component.license = License::NotApplicable;
            }
        }
        if !self.meanings.is_empty() {
            self.explain_licenses()?;
        }
        let lists_any = self
            .components
            .iter()
            .any(|component| component.license != License::NotApplicable);
        if !lists_any {
            return Err(SbomError::NoComponent);
        }
        Ok(Sbom {
            components: self.components,
        })
    }

    fn explain_licenses(&mut self) -> Result<(), SbomError> {
        for component in &mut self.components {
            if let License::Stated(parts) = &mut component.license {
                let explained = parts.drain(..).flat_map(|part| self.meanings.explain(part));
                *parts = explained.collect();
                self.kept += parts.iter().map(String::len).sum::<usize>();
            }
            if self.kept > KEPT_BYTES_MAX {
                return Err(SbomError::TooMuchText);
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

fn text_bytes(component: &Component) -> usize {
    let licenses = match &component.license {
        License::Stated(parts) => parts.iter().map(String::len).sum(),
        License::Unreadable(word) => word.len(),
        License::Unknown | License::NotApplicable => 0,
    };
    let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    component.name.len()
        + optional(&component.version)
        + optional(&component.purl)
        + component.aliases.iter().map(String::len).sum::<usize>()
        + licenses
}

/// Whether a license text states anything (SPDX specification 2.3, "Concluded license field").
pub(super) fn states(text: &str) -> bool {
    let text = text.trim();
    !(text.is_empty()
        || text.eq_ignore_ascii_case("NOASSERTION")
        || text.eq_ignore_ascii_case("NONE"))
}

/// The parts of `A and B` where all of it cannot be read: each applies, so one that can be read
/// counts, whatever stands beside it.
fn conjuncts(text: &str) -> Vec<&str> {
    let lower = text.to_ascii_lowercase();
    if text.contains(['(', ')', '/', ',', ';']) || lower.contains(" or ") {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, and) in lower.match_indices(" and ") {
        parts.extend(text.get(start..at));
        start = at + and.len();
    }
    parts.extend(text.get(start..));
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}
