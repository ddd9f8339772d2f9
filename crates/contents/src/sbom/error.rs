//! Why a document's list of components is unknown.

use crate::{
    guard::Fault,
    limits::{DEPTH_MAX, UNREADABLE_BYTES_MAX},
};

/// Why no list of components could be read. Whatever it is, the list is unknown, never empty and
/// never shorter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SbomError {
    /// More bytes than the limit.
    #[error("limit: the SBOM is over {max} bytes")]
    TooLarge {
        /// The limit, in bytes.
        max: u64,
    },
    /// A string longer than the limit.
    #[error("limit: the SBOM has a string over {max} bytes")]
    StringTooLong {
        /// The limit, in bytes.
        max: u64,
    },
    /// Nested deeper than the limit.
    #[error("limit: the SBOM nests deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// More of something than the limit.
    #[error("limit: the SBOM has over {max} entries of {key:?}")]
    TooMany {
        /// The key that holds them.
        key: &'static str,
        /// The limit.
        max: usize,
    },
    /// A value longer than the limit.
    #[error("limit: a {key:?} of the SBOM is over {max} bytes")]
    TextTooLong {
        /// The key that holds it.
        key: &'static str,
        /// The limit, in bytes.
        max: usize,
    },
    /// The document ends inside a value.
    #[error("the SBOM is truncated: it ends inside line {line}, column {column}")]
    Truncated {
        /// Where it ends, from 1.
        line: usize,
        /// Where it ends.
        column: usize,
    },
    /// The document is no JSON.
    #[error("the SBOM is no JSON: line {line}, column {column}")]
    NotJson {
        /// Where it ceases to be JSON, from 1.
        line: usize,
        /// Where it ceases to be JSON.
        column: usize,
    },
    /// The bytes could not be had.
    #[error("the SBOM could not be read: {0}")]
    Unread(String),
    /// JSON, and neither SPDX nor CycloneDX.
    #[error("the document is no SBOM: it has neither \"spdxVersion\" nor \"bomFormat\"")]
    NoDocument,
    /// An SBOM in a form that is not read.
    #[error("the SBOM is {0}; attach SPDX 2.2 or 2.3, or CycloneDX 1.2 to 1.7, as JSON")]
    Unsupported(String),
    /// Two documents in one, which two readers would read differently.
    #[error("the document is two SBOMs at once")]
    TwoDocuments,
    /// Another format than the one it was attached as.
    #[error("the SBOM was attached as {wanted} and is {found}")]
    WrongKind {
        /// The format it was attached as.
        wanted: &'static str,
        /// The format it is in.
        found: &'static str,
    },
    /// A key given twice, which two readers would read differently.
    #[error("the SBOM has the key {0:?} twice in one object")]
    Twice(&'static str),
    /// A key that holds something else than it must.
    #[error("the SBOM has {found} where {key:?} wants {wanted}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// What it must hold.
        wanted: &'static str,
        /// What it holds.
        found: &'static str,
    },
    /// A key that must be there.
    #[error("the SBOM lacks the key {0:?}")]
    Missing(&'static str),
    /// No component but the entries that stand for the image, its system and its files.
    #[error("the SBOM lists no component")]
    NoComponent,
    /// The envelope's payload is no base64.
    #[error("the envelope's payload is no base64")]
    NotBase64,
}

impl SbomError {
    pub(super) fn of(error: &serde_json::Error, fault: Option<Fault>) -> Self {
        let (line, column) = (error.line(), error.column());
        match (fault, error.classify()) {
            (Some(Fault::Bytes(max)), _) => Self::TooLarge { max },
            (Some(Fault::StringBytes(max)), _) => Self::StringTooLong { max },
            (Some(Fault::Depth), _) => Self::TooDeep,
            (None, serde_json::error::Category::Eof) => Self::Truncated { line, column },
            (None, serde_json::error::Category::Io) => Self::Unread(shortened(&error.to_string())),
            (None, _) => Self::NotJson { line, column },
        }
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
