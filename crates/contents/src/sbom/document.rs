//! The root object of an SBOM, of either format, with or without cosign's wrapper around it.
//!
//! The keys that tell the formats apart may stand anywhere in the document, so the readers of both
//! gather into one draft, which says at the end what it is.

use serde::de::{MapAccess, SeqAccess};

use super::{
    cyclonedx::{Components, Metadata},
    draft::Draft,
    error::SbomError,
    extracted::ExtractedInfos,
    fill,
    place::{At, Keys, Place, Text, note},
    spdx::{Described, Packages, Relationships},
};
use crate::{guard::Bounds, limits::TEXT_BYTES_MAX};

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

    fn take<'de, A: MapAccess<'de>>(
        &mut self,
        key: &'static str,
        object: &mut A,
    ) -> Result<(), A::Error> {
        let draft = &mut *self.draft;
        draft.keys.insert(key);
        let text = |into, problem| {
            At(Text {
                key,
                bytes_max: TEXT_BYTES_MAX,
                into,
                problem,
            })
        };
        match key {
            "spdxVersion" => {
                object.next_value_seed(text(&mut draft.spdx_version, &mut draft.problem))
            }
            "bomFormat" => object.next_value_seed(text(&mut draft.bom_format, &mut draft.problem)),
            "specVersion" => {
                object.next_value_seed(text(&mut draft.spec_version, &mut draft.problem))
            }
            "packages" => object.next_value_seed(At(Packages(draft))),
            "relationships" => object.next_value_seed(At(Relationships(draft))),
            "documentDescribes" => object.next_value_seed(At(Described(draft))),
            "components" => object.next_value_seed(At(Components(draft))),
            "metadata" => object.next_value_seed(At(Metadata(draft))),
            "hasExtractedLicensingInfos" => object.next_value_seed(At(ExtractedInfos(draft))),
            _ => object.next_value_seed(At(Passed)),
        }
    }
}

impl<'de> Place<'de> for Document<'_> {
    fn wrong(self, found: &'static str) {
        let (key, wanted) = ("predicate", "an object");
        let error = if self.may_be_wrapped {
            SbomError::WrongType { key, wanted, found }
        } else {
            SbomError::NoDocument
        };
        note(&mut self.draft.problem, error);
    }

    fn object<A: MapAccess<'de>>(mut self, mut object: A) -> Result<(), A::Error> {
        let mut keys = Keys::new(KEYS);
        let mut is_document = false;
        while let Some(key) = keys.next(&mut object, &mut self.draft.problem)? {
            if key != "Data" {
                is_document = true;
                self.take(key, &mut object)?;
            } else if self.may_be_wrapped {
                object.next_value_seed(At(Data(self.draft)))?;
            } else {
                object.next_value_seed(At(Passed))?;
            }
        }
        self.draft.documents += usize::from(is_document);
        Ok(())
    }
}

/// A value that matters only by being there.
struct Passed;

impl<'de> Place<'de> for Passed {
    fn wrong(self, _: &'static str) {}

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// What cosign wraps: the document, or its text.
struct Data<'a>(&'a mut Draft);

impl<'de> Place<'de> for Data<'_> {
    fn wrong(self, found: &'static str) {
        let (key, wanted) = ("Data", "an object or a string");
        note(
            &mut self.0.problem,
            SbomError::WrongType { key, wanted, found },
        );
    }

    fn text(self, text: &str) {
        let filled = fill(text.as_bytes(), Bounds::SBOM, Document::bare(self.0));
        if let Err(error) = filled {
            note(&mut self.0.problem, error);
        }
    }

    fn object<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        Document::bare(self.0).object(object)
    }
}
