//! What an API of AWS refused, in words: the one place where the SDK's errors become text.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};

use crate::signed::Unreachable;

/// A call that came to nothing.
#[derive(Debug, thiserror::Error)]
#[error("cannot {tried}: {said}")]
pub(crate) struct Refusal {
    /// What was tried, and on what.
    tried: String,
    /// What came back.
    said: String,
    /// The service's code, if it had one.
    code: Option<String>,
}

impl Refusal {
    /// A call that was answered with `said`.
    pub(crate) fn new(tried: impl Into<String>, said: impl Into<String>) -> Self {
        Self {
            tried: tried.into(),
            said: said.into(),
            code: None,
        }
    }

    /// A call that the SDK reports as failed: the service's words and code, or what kept the call
    /// from being answered.
    pub(crate) fn of<E>(tried: impl Into<String>, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        Self {
            code: error.code().map(str::to_owned),
            ..Self::new(tried, said(error))
        }
    }

    /// The same in other words.
    pub(crate) fn in_words(self, said: impl Into<String>) -> Self {
        Self {
            said: said.into(),
            ..self
        }
    }

    /// The service's code, if it had one.
    pub(crate) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

fn said<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let causes = std::iter::successors(error.source(), |error| (*error).source());
    let mut causes = causes.filter_map(|error| error.downcast_ref::<Unreachable>());
    match (error.code(), error.message(), error.raw_response()) {
        (Some(code), Some(message), _) => format!("{message} ({code})"),
        (Some(code), None, _) => format!("no reason given ({code})"),
        (None, _, Some(answer)) => format!(
            "HTTP {} without an AWS error; check AWS_ENDPOINT_URL",
            answer.status().as_u16()
        ),
        (None, _, None) => match causes.next() {
            Some(unreachable) => unreachable.to_string(),
            None if has_no_credentials(error) => NO_CREDENTIALS.to_owned(),
            None => chain(error),
        },
    }
}

/// What a person without credentials reads, instead of the list of all places where the SDK looked for them.
const NO_CREDENTIALS: &str = "no credentials are set; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
     AWS_SECRET_ACCESS_KEY";

/// Whether a call was not sent because nobody signed in.
fn has_no_credentials(error: &(dyn Error + 'static)) -> bool {
    let mut errors = std::iter::successors(Some(error), |error| (*error).source());
    errors.any(|error| {
        matches!(
            error.downcast_ref(),
            Some(CredentialsError::CredentialsNotLoaded(_))
        )
    })
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
