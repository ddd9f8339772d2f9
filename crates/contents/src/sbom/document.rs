//! The root object of an SBOM, of either format, with or without cosign's wrapper around it.
//!
//! The keys that tell the formats apart may stand anywhere in the document, so the readers of both
//! gather into one draft, which says at the end what it is.

use super::{
    cyclonedx::{Components, Metadata},
    draft::Draft,
    error::SbomError,
    extracted::ExtractedInfos,
    fill,
    place::{Keys, Text, note, wrong_type},
    spdx::{Described, Packages, Relationships},
};
use crate::{
    json::{Fault, Object, Parts, Place},
    limits::{SBOM_BYTES_MAX, TEXT_BYTES_MAX},
};

/// The place of a document.
pub(super) struct Document<'a> {
    draft: &'a mut Draft,
    /// Whether the document may lie under `Data`.
    may_be_wrapped: bool,
}

const KEYS: &[&str] = &[
    "spdxVersion",
    "packages",
    "relationships",
    "documentDescribes",
    "hasExtractedLicensingInfos",
    "bomFormat",
    "specVersion",
    "components",
    "metadata",
    "artifacts",
    "@context",
    "@graph",
    "Data",
];

impl<'a> Document<'a> {
    /// A document as it is.
    pub(super) fn bare(draft: &'a mut Draft) -> Self {
        let may_be_wrapped = false;
        Self {
            draft,
            may_be_wrapped,
        }
    }

    /// A document as a predicate: itself, or `{"Data": …, "Timestamp": …}` around it, as older
    /// versions of `cosign attest` write (`Data` an object, or its text).
    pub(super) fn predicate(draft: &'a mut Draft) -> Self {
        let may_be_wrapped = true;
        Self {
            draft,
            may_be_wrapped,
        }
    }

    fn take(&mut self, key: &'static str, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let draft = &mut *self.draft;
        draft.keys.insert(key);
        let text = |into, problem| Text {
            key,
            bytes_max: TEXT_BYTES_MAX,
            into,
            problem,
        };
        match key {
            "spdxVersion" => object.value(text(&mut draft.spdx_version, &mut draft.problem)),
            "bomFormat" => object.value(text(&mut draft.bom_format, &mut draft.problem)),
            "specVersion" => object.value(text(&mut draft.spec_version, &mut draft.problem)),
            "packages" => object.value(Packages(draft)),
            "relationships" => object.value(Relationships(draft)),
            "documentDescribes" => object.value(Described(draft)),
            "components" => object.value(Components(draft)),
            "metadata" => object.value(Metadata(draft)),
            "hasExtractedLicensingInfos" => object.value(ExtractedInfos(draft)),
            // What matters is that it is there.
            _ => Ok(()),
        }
    }
}

impl Place for Document<'_> {
    fn wrong(self, found: &'static str) {
        let (key, wanted) = ("predicate", "an object");
        let error = if self.may_be_wrapped {
            SbomError::WrongType { key, wanted, found }
        } else {
            SbomError::NoDocument
        };
        note(&mut self.draft.problem, error);
    }

    fn object(mut self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let mut keys = Keys::new(KEYS);
        let mut is_document = false;
        while let Some(key) = keys.next(object, &mut self.draft.problem)? {
            if key != "Data" {
                is_document = true;
                self.take(key, object)?;
            } else if self.may_be_wrapped {
                object.value(Data(self.draft))?;
            }
        }
        self.draft.documents += usize::from(is_document);
        Ok(())
    }
}

/// What cosign wraps: the document, or its text.
struct Data<'a>(&'a mut Draft);

impl Place for Data<'_> {
    const TAKES_PARTS: bool = true;

    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "Data", "an object or a string", found);
    }

    fn parts(self, parts: &mut Parts<'_, '_>) {
        if let Err(error) = fill(parts, SBOM_BYTES_MAX, Document::bare(self.0)) {
            note(&mut self.0.problem, error);
        }
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        Document::bare(self.0).object(object)
    }
}
