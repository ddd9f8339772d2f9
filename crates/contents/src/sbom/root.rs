//! The root object of a blob, or of an envelope's payload, whatever it turns out to be: an SBOM, an
//! in-toto statement, a DSSE envelope, a sigstore bundle, or something else.
//!
//! The keys that tell may stand anywhere in it, so that each reader gathers its own, and the end tells
//! which of them counts. A document that is two of these at once is refused: two programs would read
//! two SBOMs out of the same bytes.

use ecr_promoter_core::Digest;

use super::{
    Attested, Format, Label, NoSbom, Piece,
    allowance::Allowance,
    document,
    draft::Draft,
    envelope::{BundleParts, EnvelopeParts},
    error::SbomError,
    place::{Keys, Problem, note},
    statement::StatementParts,
};
use crate::json::{Fault, Object, Place};

/// What a document is read for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The digests that an attestation may be about.
    pub(super) subjects: &'a [Digest],
    /// What may still be read and kept.
    pub(super) left: Allowance,
    /// Whether it is the payload of an envelope, and cannot be another.
    pub(super) is_payload: bool,
}

/// Everything gathered from a root object.
pub(super) struct Gathered {
    /// What is wrong with the object itself.
    problem: Problem,
    document: Draft,
    statement: StatementParts,
    envelope: EnvelopeParts,
    bundle: BundleParts,
}

impl Gathered {
    pub(super) fn within(left: Allowance) -> Self {
        Self {
            problem: None,
            document: Draft::within(left),
            statement: StatementParts::within(left),
            envelope: EnvelopeParts::default(),
            bundle: BundleParts::default(),
        }
    }

    /// Whether anything in it may belong to an SBOM, had it been read to its end.
    pub(super) fn is_hinted(&self) -> bool {
        self.document.is_hinted()
            || self.statement.is_told()
            || self.envelope.is_told()
            || self.bundle.is_told()
    }

    /// What the object comes to; it has this many bytes.
    pub(super) fn finish(self, label: Label, bytes: u64) -> Result<Piece, SbomError> {
        let told = [
            self.document.is_told(),
            self.statement.is_told(),
            self.envelope.is_told(),
            self.bundle.is_told(),
        ];
        let count = told.iter().filter(|told| **told).count();
        if count > 1 {
            return Err(SbomError::TwoDocuments);
        }
        if let Some(problem) = self.problem
            && (count == 1 || label != Label::Open)
        {
            return Err(problem);
        }
        match told {
            [_, true, _, _] => self.statement.finish(bytes),
            [_, _, true, _] => self.envelope.finish(),
            [_, _, _, true] => self.bundle.finish(),
            [true, ..] => bare(self.document, label, bytes),
            _ => match label {
                Label::Sbom(_) => bare(self.document, label, bytes),
                Label::Attestation => Err(SbomError::NoAttestation),
                Label::Open | Label::Other => Ok(Piece::NoSbom(NoSbom::Unknown)),
            },
        }
    }
}

fn bare(document: Draft, label: Label, bytes: u64) -> Result<Piece, SbomError> {
    if document.is_of_vulnerabilities() {
        return Ok(Piece::NoSbom(NoSbom::Vulnerabilities));
    }
    let kind = match label {
        Label::Sbom(kind) => kind,
        Label::Attestation | Label::Open | Label::Other => Format::Any,
    };
    Ok(Piece::Sbom(Attested {
        sbom: document.finish(kind)?,
        subjects: None,
        bytes,
    }))
}

/// The place of a root object.
pub(super) struct Root<'a> {
    pub(super) into: &'a mut Gathered,
    pub(super) scope: Scope<'a>,
}

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
    "_type",
    "predicateType",
    "subject",
    "predicate",
    "payloadType",
    "payload",
    "mediaType",
    "dsseEnvelope",
    "messageSignature",
];

impl Place for Root<'_> {
    fn wrong(self, _: &'static str) {
        note(&mut self.into.problem, SbomError::NoDocument);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self { into, scope } = self;
        let mut keys = Keys::new(KEYS);
        while let Some(key) = keys.next(object, &mut into.problem)? {
            match key {
                "_type" | "predicateType" | "subject" | "predicate" => {
                    into.statement.take(key, object, scope.subjects)?;
                }
                "payloadType" | "payload" | "mediaType" | "dsseEnvelope" | "messageSignature"
                    if scope.is_payload => {}
                "payloadType" | "payload" => into.envelope.take(key, object, scope)?,
                "mediaType" | "dsseEnvelope" | "messageSignature" => {
                    into.bundle.take(key, object, scope)?;
                }
                _ => document::take(&mut into.document, key, object)?,
            }
        }
        Ok(())
    }
}
