//! What a document says of its own completeness.

use std::fmt;

use super::{
    draft::Draft,
    error::shortened,
    place::{Is, Keys, Text, wrong_type},
};
use crate::{
    json::{Fault, List, Object, Place},
    limits::TEXT_BYTES_MAX,
};

/// How a document says that there may be more than it lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Partial {
    /// CycloneDX: `compositions` with this `aggregate`.
    Composition(String),
    /// CycloneDX: `externalReferences` of type `bom`.
    ExternalBom,
    /// SPDX: `externalDocumentRefs`.
    ExternalDocument,
    /// SPDX: a relationship `CONTAINS` or `DEPENDS_ON` to `NOASSERTION`.
    MayContainMore,
}

impl fmt::Display for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Composition(aggregate) => {
                write!(
                    f,
                    "the SBOM says that it is incomplete: its compositions say {aggregate:?}"
                )
            }
            Self::ExternalBom => f.write_str(
                "the SBOM is incomplete: its externalReferences name another SBOM, which is not read",
            ),
            Self::ExternalDocument => f.write_str(
                "the SBOM is incomplete: its externalDocumentRefs name another document, which is not read",
            ),
            Self::MayContainMore => f.write_str(
                "the SBOM says that it is incomplete: it contains or depends on NOASSERTION",
            ),
        }
    }
}

/// `externalReferences`. One of type `bom` says that another document lists more (CycloneDX
/// specification, "External references").
pub(super) struct References<'a>(pub(super) &'a mut Draft);

impl Place for References<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "externalReferences", "a list", found);
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        while list.next(Reference(self.0))? {}
        Ok(())
    }
}

struct Reference<'a>(&'a mut Draft);

impl Place for Reference<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "externalReferences", "objects", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self(draft) = self;
        let mut keys = Keys::new(&["type"]);
        while let Some(key) = keys.next(object, &mut draft.problem)? {
            let wanted = "bom";
            let mut is_bom = false;
            object.value(Is {
                key,
                wanted,
                into: &mut is_bom,
                problem: &mut draft.problem,
            })?;
            if is_bom {
                draft.partial.get_or_insert(Partial::ExternalBom);
            }
        }
        Ok(())
    }
}

/// `compositions`: how complete the document is, in its own words (CycloneDX specification,
/// "Compositions"). What is said of vulnerabilities alone says nothing of components.
pub(super) struct Compositions<'a>(pub(super) &'a mut Draft);

impl Place for Compositions<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "compositions", "a list", found);
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        while list.next(Composition(self.0))? {}
        Ok(())
    }
}

struct Composition<'a>(&'a mut Draft);

impl Place for Composition<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "compositions", "objects", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self(draft) = self;
        let mut aggregate = None;
        let (mut of_components, mut of_vulnerabilities) = (false, false);
        let wanted = &["aggregate", "assemblies", "dependencies", "vulnerabilities"];
        let mut keys = Keys::new(wanted);
        while let Some(key) = keys.next(object, &mut draft.problem)? {
            match key {
                "aggregate" => object.value(Text {
                    key,
                    bytes_max: TEXT_BYTES_MAX,
                    into: &mut aggregate,
                    problem: &mut draft.problem,
                })?,
                "vulnerabilities" => of_vulnerabilities = true,
                _ => of_components = true,
            }
        }
        let aggregate: String = aggregate.unwrap_or_default();
        // Whatever else it says, now or in a later version, is not that the list is whole.
        let is_whole = ["", "complete", "not_specified"].contains(&aggregate.as_str());
        if !is_whole && (of_components || !of_vulnerabilities) {
            let aggregate = shortened(&aggregate);
            draft.partial.get_or_insert(Partial::Composition(aggregate));
        }
        Ok(())
    }
}

/// `externalDocumentRefs`: SBOMs that this one is a part of, or builds on.
pub(super) struct ExternalDocuments<'a>(pub(super) &'a mut Draft);

impl Place for ExternalDocuments<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "externalDocumentRefs", "a list", found);
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        if list.skip()? {
            self.0.partial.get_or_insert(Partial::ExternalDocument);
        }
        Ok(())
    }
}
