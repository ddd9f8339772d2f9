//! Why a document says nothing of an image's components.

use std::fmt;

/// What a document is that is not an SBOM of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSbom {
    /// An envelope whose payload is not an in-toto statement but of this type.
    PayloadType(String),
    /// A bundle of a plain signature.
    Signature,
    /// A statement with a predicate of this type.
    PredicateType(String),
    /// A statement that names none of the wanted subjects.
    Subject,
    /// CycloneDX that names vulnerabilities and lists no component: VEX, VDR.
    Vulnerabilities,
    /// In an encoding in which SBOMs are not read, and nothing says that it is one.
    Encoding(&'static str),
    /// Neither SPDX, nor CycloneDX, nor an attestation.
    Unknown,
}

impl NoSbom {
    /// Whether it is an attestation, which others may follow in the same blob.
    pub(super) fn is_attestation(&self) -> bool {
        matches!(
            self,
            Self::PayloadType(_) | Self::Signature | Self::PredicateType(_) | Self::Subject
        )
    }
}

impl fmt::Display for NoSbom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PayloadType(found) => write!(f, "an attestation with the payload {found:?}"),
            Self::Signature => f.write_str("a signature"),
            Self::PredicateType(found) => write!(f, "an attestation of {found:?}"),
            Self::Subject => f.write_str("an attestation about another digest"),
            Self::Vulnerabilities => {
                f.write_str("a CycloneDX document that lists vulnerabilities but no components")
            }
            Self::Encoding(what) => write!(f, "a file {what}"),
            Self::Unknown => f.write_str("neither SPDX nor CycloneDX"),
        }
    }
}
