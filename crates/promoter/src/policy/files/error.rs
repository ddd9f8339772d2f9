//! Why a file holds no documents, in words, with line and column where they are known.

use super::{super::places::Position, DOCUMENTS_MAX, FILE_BYTES_MAX};

/// Why a file holds no documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FileError {
    /// The system does not give it.
    #[error("cannot be read: {0}")]
    Read(String),
    /// More than [`FILE_BYTES_MAX`].
    #[error("expected at most {FILE_BYTES_MAX} bytes, found more")]
    TooLarge,
    /// More than [`DOCUMENTS_MAX`].
    #[error("expected at most {DOCUMENTS_MAX} documents, found more")]
    TooMany,
    /// No text.
    #[error("expected UTF-8 text, found other bytes")]
    NotText,
    /// Nothing in it.
    #[error("expected a policy document, found none")]
    Empty,
    /// No JSON, with line and column.
    #[error("expected JSON: {0}")]
    Json(String, Option<Position>),
    /// No YAML, with line and column.
    #[error("expected YAML: {0}")]
    Yaml(String, Option<Position>),
}

impl FileError {
    /// Line and column, where the file is neither.
    pub(in crate::policy) fn position(&self) -> Option<Position> {
        match self {
            Self::Json(_, position) | Self::Yaml(_, position) => *position,
            _ => None,
        }
    }
}
