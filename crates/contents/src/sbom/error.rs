//! Why a document's list of components is unknown.

use std::io;

use crate::{
    json::Fault,
    limits::{
        DEPTH_MAX, DOCUMENTS_MAX, IMAGE_COMPONENTS_MAX, IMAGE_KEPT_BYTES_MAX, IMAGE_SBOM_BYTES_MAX,
        SBOM_BYTES_MAX, STRING_BYTES_MAX, UNREADABLE_BYTES_MAX,
    },
};

/// Why no list of components could be read. Whatever it is, the list is unknown, never empty and
/// never shorter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SbomError {
    /// More bytes than the limit.
    #[error("limit: expected an SBOM of at most {SBOM_BYTES_MAX} bytes, found more")]
    TooLarge,
    /// More bytes than all SBOMs of an image may have.
    #[error(
        "limit: expected at most {IMAGE_SBOM_BYTES_MAX} bytes in all SBOMs of the image, found more"
    )]
    TooLargeTogether,
    /// A string that matters, longer than the limit.
    #[error(
        "limit: expected strings of at most {STRING_BYTES_MAX} bytes in the SBOM, found a longer one"
    )]
    StringTooLong,
    /// More to be kept than the limit.
    #[error(
        "limit: expected the components of the image's SBOMs to take at most {IMAGE_KEPT_BYTES_MAX} bytes, found more"
    )]
    TooMuchKept,
    /// More components than an image may have.
    #[error(
        "limit: expected at most {IMAGE_COMPONENTS_MAX} components in the image's SBOMs, found more"
    )]
    TooManyComponents,
    /// More documents in one blob than the limit.
    #[error("limit: expected at most {DOCUMENTS_MAX} documents in the blob, found more")]
    TooManyDocuments,
    /// Nested deeper than the limit.
    #[error("limit: expected at most {DEPTH_MAX} levels of nesting in the SBOM, found more")]
    TooDeep,
    /// More of something than the limit.
    #[error("limit: expected at most {max} entries of {key:?} in the SBOM, found more")]
    TooMany {
        /// The key that holds them.
        key: &'static str,
        /// The limit.
        max: usize,
    },
    /// A value longer than the limit.
    #[error("limit: expected at most {max} bytes in a {key:?} of the SBOM, found more")]
    TextTooLong {
        /// The key that holds it.
        key: &'static str,
        /// The limit, in bytes.
        max: usize,
    },
    /// The document ends inside a value.
    #[error("the SBOM is truncated: it ends inside a value after {0} bytes")]
    Truncated(u64),
    /// The document is not JSON.
    #[error("the SBOM is not JSON at byte {0}")]
    NotJson(u64),
    /// The bytes could not be had.
    #[error("the SBOM could not be read: {0}")]
    Unread(String),
    /// JSON, and neither SPDX nor CycloneDX.
    #[error(
        "the document is not an SBOM: expected \"spdxVersion\" or \"bomFormat\", found neither"
    )]
    NoDocument,
    /// Attached as an attestation, and none.
    #[error(
        "expected an in-toto statement, a DSSE envelope or a sigstore bundle, found another document"
    )]
    NoAttestation,
    /// An SBOM in a form that is not read.
    #[error("the SBOM is {0}; attach SPDX 2.2 or 2.3, or CycloneDX 1.2 to 1.7, as JSON")]
    Unsupported(String),
    /// Two documents in one, which two readers would read differently.
    #[error("expected one SBOM in the document, found two")]
    TwoDocuments,
    /// Another format than the one it was attached as.
    #[error("the SBOM: expected {wanted}, as it was attached, found {found}")]
    WrongKind {
        /// The format it was attached as.
        wanted: &'static str,
        /// The format it is in.
        found: &'static str,
    },
    /// A key given twice, which two readers would read differently.
    #[error("the SBOM: expected the key {0:?} once in an object, found it twice")]
    Twice(&'static str),
    /// A key that holds something else than it must.
    #[error("the SBOM's {key:?}: expected {wanted}, found {found}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// What it must hold.
        wanted: &'static str,
        /// What it holds.
        found: &'static str,
    },
    /// A key that must be there.
    #[error("the SBOM: expected the key {0:?}, found none")]
    Missing(&'static str),
    /// An entry without a name.
    #[error("the SBOM's {0} has no name")]
    Nameless(String),
    /// No component but the entries that stand for the image, its system and its files.
    #[error("the SBOM lists no components")]
    NoComponent,
    /// The envelope's payload is not base64.
    #[error("the envelope's payload is not base64")]
    NotBase64,
}

impl From<Fault> for SbomError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Bytes(max) if max < SBOM_BYTES_MAX => Self::TooLargeTogether,
            Fault::Bytes(_) => Self::TooLarge,
            Fault::StringBytes => Self::StringTooLong,
            Fault::Depth => Self::TooDeep,
            Fault::Truncated(at) => Self::Truncated(at),
            Fault::NotJson(at) => Self::NotJson(at),
            Fault::Unread(words) => Self::Unread(shortened(&words)),
        }
    }
}

impl From<io::Error> for SbomError {
    fn from(error: io::Error) -> Self {
        Self::Unread(shortened(&error.to_string()))
    }
}

/// As much of a text from outside as is kept to be shown.
pub(super) fn shortened(text: &str) -> String {
    if text.len() <= UNREADABLE_BYTES_MAX {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(UNREADABLE_BYTES_MAX);
    format!("{}…", text.get(..end).unwrap_or_default())
}
