//! Components and licenses from the SBOMs that build tools and scanners write: SPDX 2.2 and 2.3 as
//! JSON, CycloneDX 1.2 to 1.7 as JSON.
//!
//! A document is read once, as a stream, into the few fields that matter; a document of 50 MB costs
//! little more memory than the components in it. Whatever is wrong with a document makes its list
//! unknown: it never becomes shorter, and never empty. Nobody here verifies a signature: whoever
//! pushes an image can attach to it what he likes, and the evidence's origin says so.
//!
//! How the pieces lie: `json` is the ground (a stream pulled into places), `spdx`
//! and `cyclonedx` fill a `draft`, `document` tells the two apart and finishes it, [`statement`]
//! unwraps attestations around it.

mod cyclonedx;
mod document;
mod draft;
mod error;
mod extracted;
mod place;
mod spdx;
pub mod statement;

use std::io::Read;

use ecr_promoter_core::evidence::Component;

pub use self::error::SbomError;
use self::{document::Document, draft::Draft};
use crate::{
    json::{self, Place},
    limits::SBOM_BYTES_MAX,
};

/// The format that a document was attached as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// SPDX.
    Spdx,
    /// CycloneDX.
    CycloneDx,
    /// Not said: the document itself tells.
    Any,
}

impl Kind {
    /// The format that a media type or artifact type names, as in `application/spdx+json`,
    /// `text/spdx`, `application/vnd.cyclonedx+json` or `sbom/cyclonedx`; `None` where it is not the
    /// type of an SBOM. Types of other encodings are SBOMs too: that they cannot be read must be
    /// seen, not passed over.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        let media_type = media_type.to_ascii_lowercase();
        let subtype = media_type.split(';').next().unwrap_or_default();
        let names = |name: &str| {
            subtype
                .split(['/', '+', '.', '-'])
                .any(|part| part.trim() == name)
        };
        match (names("spdx"), names("cyclonedx")) {
            (true, false) => Some(Self::Spdx),
            (false, true) => Some(Self::CycloneDx),
            (true, true) => Some(Self::Any),
            (false, false) => None,
        }
    }

    /// The format that an in-toto predicate type names, by prefix: `https://spdx.dev/Document`,
    /// `https://cyclonedx.org/bom` (in-toto attestation framework, "Predicates").
    #[must_use]
    pub fn of_predicate_type(predicate_type: &str) -> Option<Self> {
        if predicate_type.starts_with("https://spdx.dev/Document") {
            Some(Self::Spdx)
        } else if predicate_type.starts_with("https://cyclonedx.org/bom") {
            Some(Self::CycloneDx)
        } else {
            None
        }
    }
}

/// What a document lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sbom {
    /// Every entry in it, the described one included; at least one of them is a component that the
    /// image holds.
    pub components: Vec<Component>,
}

/// Reads an SBOM as it lies in a blob. `kind` is what it was attached as; one that turns out to be
/// of another format is refused, since its author meant something else.
pub fn read(mut reader: impl Read, kind: Kind) -> Result<Sbom, SbomError> {
    let mut draft = Draft::default();
    fill(&mut reader, SBOM_BYTES_MAX, Document::bare(&mut draft))?;
    draft.finish(kind)
}

/// Reads one JSON document into a place, within bounds.
fn fill(reader: &mut dyn Read, bytes_max: u64, place: impl Place) -> Result<(), SbomError> {
    Ok(json::read(reader, bytes_max, place)?)
}

#[cfg(test)]
mod tests;
