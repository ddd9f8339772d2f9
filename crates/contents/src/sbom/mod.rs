//! Components and licenses from the SBOMs that build tools and scanners write: SPDX 2.2 and 2.3 as
//! JSON, CycloneDX 1.2 to 1.7 as JSON, plain or in attestations.
//!
//! A blob is looked into by its content: its types are only [`Label`]s. It is read once, as a stream,
//! into the few fields that matter; a document of 50 MB costs little more memory than the components
//! in it. Whatever is wrong with an SBOM makes its list unknown: it never becomes shorter, and never
//! empty. No signature is verified here: anybody who pushes an image can attach anything to it, and
//! the evidence's origin says so.
//!
//! How the pieces lie: `json` is the ground (a stream pulled into places), `start` tells what is not
//! JSON, `root` tells documents apart, `statement` and `envelope` unwrap attestations, `spdx` and
//! `cyclonedx` fill a `draft`, which says at the end what it comes to.

mod allowance;
mod cyclonedx;
mod document;
mod draft;
mod envelope;
mod error;
mod extracted;
mod label;
mod no_sbom;
mod partial;
mod path;
mod place;
mod root;
mod spdx;
mod start;
mod statement;

use std::io::Read;

use ecr_promoter_core::{Digest, evidence::Component};
use flate2::read::MultiGzDecoder;

use self::{
    allowance::Allowance,
    root::{Gathered, Root, Scope},
    start::{GZIP, Start, open},
};
pub use self::{
    error::SbomError,
    label::{Format, Label},
    no_sbom::NoSbom,
    partial::Partial,
};
use crate::{
    json::{Fault, Json},
    limits::{BLOB_BYTES_MAX, COMPRESSED_BYTES_MAX, DOCUMENTS_MAX},
};

/// What a document lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sbom {
    /// Every entry in it, the described one included; at least one of them is a component that the
    /// image holds.
    pub components: Vec<Component>,
    /// Why there may be more, if the document says so.
    pub partial: Option<Partial>,
}

/// An SBOM and what it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// The SBOM.
    pub sbom: Sbom,
    /// Those of the wanted subjects that its statement names, each once, in its order; `None` for a
    /// document without a statement, which speaks of what it is attached to.
    pub subjects: Option<Vec<Digest>>,
    /// The size of the document, in bytes.
    bytes: u64,
}

/// What one document comes to.
#[derive(Debug)]
enum Piece {
    Sbom(Attested),
    NoSbom(NoSbom),
}

/// What a blob holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// Its SBOMs: several where it is a list of attestations.
    pub sboms: Vec<Attested>,
    /// What else is in it.
    pub others: Vec<NoSbom>,
}

/// Reads what is attached to one image, one blob after the other, within what an image may have.
#[derive(Debug)]
pub struct Reader {
    subjects: Vec<Digest>,
    left: Allowance,
}

impl Reader {
    /// A reader for an image. `subjects` are the digests that an attestation may be about: the image,
    /// its platforms, its index.
    #[must_use]
    pub fn new(subjects: Vec<Digest>) -> Self {
        Self {
            subjects,
            left: Allowance::of_an_image(),
        }
    }

    /// Reads a blob, of whose types is known what they claim. A blob with an SBOM is read to its end.
    ///
    /// # Errors
    /// What is an SBOM, claims to be one, or might be one, and cannot be read whole: the list is
    /// unknown.
    pub fn read(&mut self, source: impl Read, label: Label) -> Result<Documents, SbomError> {
        let (start, mut source) = open(source)?;
        match (start, label) {
            (Start::Json, _) => {}
            (Start::Other(what), Label::Open) => return Ok(NoSbom::Encoding(what).into()),
            (Start::Gzip, Label::Open) => return self.compressed(source),
            (unread, _) => return Err(unsupported(unread)),
        }
        self.documents(&mut Json::of(&mut source, BLOB_BYTES_MAX), label)
    }

    /// What is compressed is not read. Its beginning tells whether it is an SBOM: a folder or a log that
    /// somebody attached makes nothing unknown.
    fn compressed(&self, source: impl Read) -> Result<Documents, SbomError> {
        let inside = MultiGzDecoder::new(source).take(COMPRESSED_BYTES_MAX);
        let is_sbom = match open(inside) {
            // Not gzip after its first bytes.
            Err(_) => false,
            Ok((Start::Json, mut source)) => {
                let json = &mut Json::of(&mut source, COMPRESSED_BYTES_MAX);
                !matches!(self.document(json, Label::Open), Ok(Piece::NoSbom(_)))
            }
            Ok((start, _)) => matches!(start, Start::Sbom(_)),
        };
        if is_sbom {
            Err(unsupported(Start::Gzip))
        } else {
            Ok(NoSbom::Encoding(GZIP).into())
        }
    }

    fn documents(&mut self, json: &mut Json<'_>, label: Label) -> Result<Documents, SbomError> {
        let mut documents = Documents::default();
        for _ in 0..DOCUMENTS_MAX {
            match self.document(json, label)? {
                Piece::Sbom(attested) => {
                    let max = self.left.bytes_max();
                    if attested.bytes > max {
                        return Err(Fault::Bytes(max).into());
                    }
                    self.left.spend(attested.bytes, &attested.sbom.components);
                    if attested.subjects.is_none() {
                        json.end()?;
                    }
                    documents.sboms.push(attested);
                }
                Piece::NoSbom(no_sbom) if no_sbom.is_attestation() => {
                    documents.others.push(no_sbom);
                }
                Piece::NoSbom(no_sbom) if documents == Documents::default() => {
                    return Ok(no_sbom.into());
                }
                // Among attestations everything is one, or the list is unknown.
                Piece::NoSbom(_) => return Err(SbomError::NoAttestation),
            }
            if json.is_at_end()? {
                return Ok(documents);
            }
        }
        Err(SbomError::TooManyDocuments)
    }

    fn document(&self, json: &mut Json<'_>, label: Label) -> Result<Piece, SbomError> {
        let began = json.position();
        let left = self.left;
        let mut gathered = Gathered::within(left);
        let scope = Scope {
            subjects: &self.subjects,
            left,
            is_payload: false,
        };
        let into = &mut gathered;
        match json.value(Root { into, scope }) {
            Ok(()) => gathered.finish(label, json.position() - began),
            // What is not claimed to be an SBOM, and breaks off before that is known, is not one.
            Err(Fault::NotJson(_) | Fault::Truncated(_))
                if label == Label::Open && !gathered.is_hinted() =>
            {
                Ok(Piece::NoSbom(NoSbom::Unknown))
            }
            Err(fault) => Err(fault.into()),
        }
    }
}

fn unsupported(start: Start) -> SbomError {
    SbomError::Unsupported(start.unread().unwrap_or_default().to_owned())
}

impl From<NoSbom> for Documents {
    fn from(no_sbom: NoSbom) -> Self {
        Self {
            sboms: Vec::new(),
            others: vec![no_sbom],
        }
    }
}

#[cfg(test)]
mod tests;
