//! An SBOM, of either format, with or without cosign's wrapper around it.
//!
//! The keys that tell the formats apart may stand anywhere in the document, so the readers of both
//! gather into one draft, which says at the end what it is.

use super::{
    cyclonedx::{Components, Metadata},
    draft::Draft,
    error::SbomError,
    extracted::ExtractedInfos,
    partial::{Compositions, ExternalDocuments, References},
    place::{Keys, Text, note, wrong_type},
    spdx::{Described, Files, Kind, Packages, Relationships},
    start::open,
};
use crate::{
    json::{Fault, Json, List, Object, Parts, Place},
    limits::{SBOM_BYTES_MAX, TEXT_BYTES_MAX},
};

/// The place of a document: itself, or, as a predicate, `{"Data": …, "Timestamp": …}` around it, as older
/// versions of `cosign attest` write (`Data` an object, or its text).
pub(super) struct Document<'a>(pub(super) &'a mut Draft);

/// The keys of a document that matter, and `Data`.
const KEYS: &[&str] = &[
    "spdxVersion",
    "packages",
    "files",
    "snippets",
    "relationships",
    "documentDescribes",
    "hasExtractedLicensingInfos",
    "externalDocumentRefs",
    "bomFormat",
    "specVersion",
    "components",
    "metadata",
    "compositions",
    "externalReferences",
    "vulnerabilities",
    "artifacts",
    "artifactRelationships",
    "descriptor",
    "@context",
    "@graph",
    "Data",
];

/// Reads the value of a key of a document.
pub(super) fn take(
    draft: &mut Draft,
    key: &'static str,
    object: &mut Object<'_, '_>,
) -> Result<(), Fault> {
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
        "files" => object.value(Files {
            draft,
            kind: &Kind::FILES,
        }),
        "snippets" => object.value(Files {
            draft,
            kind: &Kind::SNIPPETS,
        }),
        "relationships" => object.value(Relationships(draft)),
        "documentDescribes" => object.value(Described(draft)),
        "externalDocumentRefs" => object.value(ExternalDocuments(draft)),
        "components" => object.value(Components(draft)),
        "metadata" => object.value(Metadata(draft)),
        "compositions" => object.value(Compositions(draft)),
        "externalReferences" => object.value(References(draft)),
        "hasExtractedLicensingInfos" => object.value(ExtractedInfos(draft)),
        "@context" => object.value(Context(&mut draft.is_spdx_3)),
        // What matters is that it is there.
        _ => Ok(()),
    }
}

impl Place for Document<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "predicate", "an object", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self(draft) = self;
        let mut keys = Keys::new(KEYS);
        let mut is_document = false;
        while let Some(key) = keys.next(object, &mut draft.problem)? {
            if key == "Data" {
                object.value(Data(draft))?;
            } else {
                is_document = true;
                take(draft, key, object)?;
            }
        }
        draft.documents += usize::from(is_document);
        Ok(())
    }
}

/// What cosign wraps: the document, or its text.
struct Data<'a>(&'a mut Draft);

impl Data<'_> {
    fn whole(&mut self, parts: &mut Parts<'_, '_>) -> Result<(), SbomError> {
        let (start, mut source) = open(parts)?;
        if let Some(what) = start.unread() {
            return Err(SbomError::Unsupported(what.to_owned()));
        }
        let mut json = Json::of(&mut source, SBOM_BYTES_MAX);
        json.value(Wrapped(self.0))?;
        Ok(json.end()?)
    }
}

impl Place for Data<'_> {
    const TAKES_PARTS: bool = true;

    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "Data", "an object or a string", found);
    }

    fn parts(mut self, parts: &mut Parts<'_, '_>) {
        if let Err(error) = self.whole(parts) {
            note(&mut self.0.problem, error);
        }
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        Wrapped(self.0).object(object)
    }
}

/// A wrapped document, which wraps none itself.
struct Wrapped<'a>(&'a mut Draft);

impl Place for Wrapped<'_> {
    fn wrong(self, _: &'static str) {
        note(&mut self.0.problem, SbomError::NoDocument);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self(draft) = self;
        let mut keys = Keys::new(KEYS);
        let mut is_document = false;
        while let Some(key) = keys.next(object, &mut draft.problem)? {
            if key != "Data" {
                is_document = true;
                take(draft, key, object)?;
            }
        }
        draft.documents += usize::from(is_document);
        Ok(())
    }
}

/// `@context`, which tells an SPDX 3 document from others in JSON-LD (SPDX specification 3.0, "JSON-LD
/// serialization"): the address of its context, alone or in a list.
struct Context<'a>(&'a mut bool);

impl Place for Context<'_> {
    fn wrong(self, _: &'static str) {}

    fn text(self, text: &str) {
        *self.0 |= text.contains("spdx.org/rdf/3");
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        while list.next(Context(self.0))? {}
        Ok(())
    }
}
