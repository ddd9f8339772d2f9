//! What an API of AWS refused, in words: the one place where the SDK's errors become text.

use std::error::Error;

use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};

/// A call that came to nothing.
#[derive(Debug, thiserror::Error)]
#[error("cannot {tried}: {said}")]
pub(crate) struct Refusal {
    /// What was tried, and on what.
    tried: String,
    /// What came back.
    said: String,
}

impl Refusal {
    /// A call that was answered with `said`.
    pub(crate) fn new(tried: impl Into<String>, said: impl Into<String>) -> Self {
        Self {
            tried: tried.into(),
            said: said.into(),
        }
    }

    /// A call that the SDK reports as failed: the service's words and code, or what kept the call
    /// from being answered.
    pub(crate) fn of<E, R>(tried: impl Into<String>, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: std::fmt::Debug,
    {
        let said = match (error.code(), error.message()) {
            (Some(code), Some(message)) => format!("{message} ({code})"),
            (Some(code), None) => code.to_owned(),
            _ => chain(error),
        };
        Self::new(tried, said)
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
