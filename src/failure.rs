//! What went wrong, and who can do something about it.
//!
//! A [`Failure`] says what was tried, on what, what came back and what to do. Its [`Remedy`] is
//! decided where the failure arises, while the answer is still available, and never changed afterwards. It
//! carries no payload of a request and no credentials.

mod code;

pub(crate) use code::{Advice, MAKE_THE_TARGET};
pub use code::{Code, Remedy};

use std::{error::Error, fmt};

use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};

/// One act that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    tried: String,
    came_back: String,
    code: Code,
    advice: Option<&'static str>,
    remedy: Remedy,
    refused: bool,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: {}", self.tried, self.came_back)?;
        if self.code != Code::None {
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
            code: Code::None,
            advice: None,
            remedy,
            refused: false,
        }
    }

    /// A failure described by an answer's code.
    pub fn coded(
        code: Code,
        (remedy, advice): (Remedy, Option<&'static str>),
        tried: impl Into<String>,
        came_back: impl Into<String>,
    ) -> Self {
        Self {
            code,
            advice,
            ..Self::new(remedy, tried, came_back)
        }
    }

    /// Whether ECR or its registry refused requests that came faster than it takes them. Those of the
    /// function's own tables do not count: their record comes back as after any other refusal.
    pub(crate) fn is_throttling(&self) -> bool {
        self.refused && matches!(self.code, Code::Throttling | Code::TooManyRequests)
    }

    /// The same failure, of an act that is known to have had no effect.
    #[must_use]
    pub(crate) fn without_effect(mut self) -> Self {
        self.refused = true;
        self
    }

    /// A failure of an act that never began, so that it had no effect.
    pub(crate) fn not_sent(tried: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(Remedy::Wait, tried, why).without_effect()
    }

    /// Says what to do.
    #[must_use]
    pub fn advised(mut self, advice: &'static str) -> Self {
        self.advice = Some(advice);
        self
    }

    /// Says more about what came back than the service did.
    #[must_use]
    pub(crate) fn explained(mut self, came_back: String) -> Self {
        self.came_back = came_back;
        self
    }

    /// An answer of ECR: the repositories are other people's, so an administrator may be able to
    /// fix a refusal, or it may be final.
    pub fn ecr<E>(tried: impl Into<String>, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        Self::ecr_where(tried, error, Code::at_ecr)
    }

    /// An answer of ECR to an act, where some codes have a remedy of their own.
    pub(crate) fn ecr_where<E>(
        tried: impl Into<String>,
        error: &SdkError<E>,
        of_code: impl FnOnce(&Code) -> Advice,
    ) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let (code, came_back) = answer(error);
        let status = error.raw_response().map(|r| r.status().as_u16());
        let advice = if is_too_long(error) {
            (Remedy::Never, None)
        } else if status.is_some_and(|status| status >= 500) {
            (Remedy::Wait, None)
        } else {
            of_code(&code)
        };
        Self {
            refused: status.is_some_and(|status| status < 500),
            ..Self::coded(code, advice, tried, came_back)
        }
    }

    /// An answer about the function's own tables, queue or bus: whatever it is, the record
    /// comes back, and ends up in the dead-letter queue.
    pub fn own<E>(tried: impl Into<String>, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let (code, came_back) = answer(error);
        Self::coded(code, (Remedy::Wait, None), tried, came_back)
    }

    /// What was tried and on what, as in "read dev/website@sha256:…".
    #[must_use]
    pub fn tried(&self) -> &str {
        &self.tried
    }

    /// The answer's code; [`Code::None`] if there was no answer.
    #[must_use]
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// Who can do something about it.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        self.remedy
    }

    /// Whether it is known that the act had no effect; without an answer that is unknown.
    #[must_use]
    pub fn refused(&self) -> bool {
        self.refused
    }
}

/// An answer that is too long to read.
#[derive(Debug, thiserror::Error)]
#[error("limit: expected an answer of at most {0} bytes, found more")]
pub(crate) struct TooLong(pub u64);

/// Whether an answer was broken off because of its length: another try would be as long.
fn is_too_long(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<TooLong>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The longest text kept from an answer, in characters.
const CAME_BACK_MAX: usize = 2_000;

fn answer<E>(error: &SdkError<E>) -> (Code, String)
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let code = Code::parse(error.code().unwrap_or_default());
    let words = match (error.message(), error.code(), error.raw_response()) {
        (Some(message), ..) => message.to_owned(),
        (None, Some(_), _) => "no reason given".to_owned(),
        // A proxy's page, or an endpoint that is not AWS: the SDK would only name the byte at which the JSON breaks.
        (None, None, Some(answer)) => {
            format!("HTTP {} without an AWS error", answer.status().as_u16())
        }
        (None, None, None) => chain(error),
    };
    (code, words.chars().take(CAME_BACK_MAX).collect())
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
    use aws_sdk_ecr::{
        config::http::HttpResponse, error::ErrorMetadata,
        operation::describe_images::DescribeImagesError,
    };

    use super::*;

    #[test]
    fn a_code_without_a_message_was_told_as_a_rust_struct() {
        let refused = |code: Option<&str>, message: Option<&str>, status: u16| {
            let mut metadata = ErrorMetadata::builder();
            if let Some(code) = code {
                metadata = metadata.code(code);
            }
            if let Some(message) = message {
                metadata = metadata.message(message);
            }
            let error = DescribeImagesError::generic(metadata.build());
            let answer = HttpResponse::new(status.try_into().unwrap(), "not found".into());
            let error = SdkError::service_error(error, answer);
            Failure::ecr("read dev/website", &error).to_string()
        };
        for (code, message, status, told) in [
            (
                Some("SomethingNew"),
                None,
                400,
                "cannot read dev/website: no reason given (SomethingNew)",
            ),
            (
                None,
                None,
                404,
                "cannot read dev/website: HTTP 404 without an AWS error",
            ),
            (
                Some("SomethingNew"),
                Some("its words"),
                400,
                "cannot read dev/website: its words (SomethingNew)",
            ),
        ] {
            assert_eq!(refused(code, message, status), told);
        }
    }

    #[test]
    fn a_failure_says_what_was_tried_what_came_back_and_what_to_do() {
        let code = Code::RepositoryNotFound;
        let advice = code.at_ecr();
        let failure = Failure::coded(code, advice, "tag qa/website:1.4", "no such repository");
        assert_eq!(
            failure.to_string(),
            "cannot tag qa/website:1.4: no such repository (RepositoryNotFoundException); create the repository"
        );
    }
}
