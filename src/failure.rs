//! What went wrong, and who can do something about it.
//!
//! A [`Failure`] says what was tried, on what, what came back and what to do. Its [`Remedy`] is
//! settled here, where the answer is still at hand, and obeyed in [`crate::handler`] and
//! [`crate::promote`] alone. It carries no payload of a request and no credentials.

use std::{error::Error, fmt};

use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};

/// Who can do something about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// It passes: throttling, a broken connection, any refusal by the function's own tables or
    /// queue. The record fails and comes back.
    Wait,
    /// An administrator mends it: access denied, a repository that is missing, a quota. Recorded,
    /// acknowledged, judged again by hand.
    Mend,
    /// It cannot get better: an immutable tag, a refused manifest. Recorded and acknowledged.
    Never,
}

/// One act that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was tried and on what, as in "read dev/website@sha256:…".
    pub tried: String,
    /// What came back, in the words of who answered.
    pub came_back: String,
    /// The answer's code, as in `RepositoryNotFoundException`; empty where there was no answer.
    pub code: String,
    /// What to do, where more can be said than to try again.
    pub advice: Option<&'static str>,
    /// Who can do something about it.
    pub remedy: Remedy,
    /// Whether the service answered that it did not do it; without an answer nobody knows.
    pub refused: bool,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: {}", self.tried, self.came_back)?;
        if !self.code.is_empty() {
            write!(f, " ({})", self.code)?;
        }
        if let Some(advice) = self.advice {
            write!(f, "; {advice}")?;
        }
        Ok(())
    }
}

impl Error for Failure {}

impl Failure {
    /// A failure without a service's answer.
    pub fn new(remedy: Remedy, tried: impl Into<String>, came_back: impl Into<String>) -> Self {
        Self {
            tried: tried.into(),
            came_back: came_back.into(),
            code: String::new(),
            advice: None,
            remedy,
            refused: false,
        }
    }

    /// Gives the failure a code of its own.
    #[must_use]
    pub fn coded(mut self, code: impl Into<String>) -> Self {
        self.code = code.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn advised(mut self, advice: &'static str) -> Self {
        self.advice = Some(advice);
        self
    }

    /// An answer of ECR: the repositories are other people's, so a refusal may be for an
    /// administrator or for good.
    pub fn ecr<E>(tried: impl Into<String>, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let (code, came_back) = answer(error);
        let status = status(error);
        let (remedy, advice) = if status.is_some_and(|s| s >= 500) {
            (Remedy::Wait, None)
        } else {
            ecr_remedy(&code)
        };
        Self {
            tried: tried.into(),
            came_back,
            code,
            advice,
            remedy,
            refused: status.is_some_and(|s| s < 500),
        }
    }

    /// An answer about the function's own tables, queue or bus: whatever it is, the record comes
    /// back, and in the end the dead-letter queue has it.
    pub fn own<E>(tried: impl Into<String>, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let (code, came_back) = answer(error);
        Self {
            tried: tried.into(),
            came_back,
            code,
            advice: None,
            remedy: Remedy::Wait,
            refused: false,
        }
    }
}

/// Amazon ECR API reference, "Common error types" and each action's "Errors".
fn ecr_remedy(code: &str) -> (Remedy, Option<&'static str>) {
    match code {
        "AccessDeniedException" | "AccessDenied" => (
            Remedy::Mend,
            Some("grant the function's role this action on this repository"),
        ),
        "RepositoryNotFoundException" => (Remedy::Mend, Some("create the repository")),
        "LimitExceededException" => (
            Remedy::Mend,
            Some("a quota of the registry is used up: raise it or remove images"),
        ),
        "KmsException" => (Remedy::Mend, Some("check the repository's encryption key")),
        "InvalidParameterException"
        | "ValidationException"
        | "ImageDigestDoesNotMatchException"
        | "ImageTagAlreadyExistsException"
        | "InvalidLayerException"
        | "LayersNotFoundException"
        | "LayerInaccessibleException"
        | "ImageNotFoundException" => (Remedy::Never, None),
        // Throttling, server errors, expired credentials, and whatever nobody has seen yet.
        _ => (Remedy::Wait, None),
    }
}

/// The longest text of an answer that is kept.
const CAME_BACK_MAX: usize = 2_000;

fn answer<E>(error: &SdkError<E>) -> (String, String)
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let code = error.code().unwrap_or_default().to_owned();
    let words = match error.message() {
        Some(message) => message.to_owned(),
        None => chain(error),
    };
    (code, words.chars().take(CAME_BACK_MAX).collect())
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|r| r.status().as_u16())
}

/// An error and its causes, joined by colons.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words.push_str(": ");
        words.push_str(&inner.to_string());
        cause = inner.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_ecr_says_who_can_mend_it() {
        for (code, remedy) in [
            ("AccessDeniedException", Remedy::Mend),
            ("RepositoryNotFoundException", Remedy::Mend),
            ("LimitExceededException", Remedy::Mend),
            ("ImageTagAlreadyExistsException", Remedy::Never),
            ("InvalidParameterException", Remedy::Never),
            ("ThrottlingException", Remedy::Wait),
            ("ServerException", Remedy::Wait),
            ("ExpiredTokenException", Remedy::Wait),
            ("SomethingNew", Remedy::Wait),
        ] {
            assert_eq!(ecr_remedy(code).0, remedy, "{code}");
        }
    }

    #[test]
    fn a_failure_says_what_was_tried_what_came_back_and_what_to_do() {
        let failure = Failure::new(Remedy::Mend, "tag qa/website:1.4", "no such repository")
            .coded("RepositoryNotFoundException")
            .advised("create the repository");
        assert_eq!(
            failure.to_string(),
            "cannot tag qa/website:1.4: no such repository (RepositoryNotFoundException); create the repository"
        );
    }
}
