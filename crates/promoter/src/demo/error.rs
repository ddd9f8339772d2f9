//! Why a demonstration ends early.

use std::io;

use ecr_promoter_core::Repository;

use super::story::ANSWER_WITHIN;
use crate::{
    image::{push::PushError, verify::VerifyError},
    refusal::Refusal,
};

/// Why the demonstration shows nothing that one could believe.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoryError {
    /// The output is gone.
    #[error("cannot print")]
    Output(#[from] io::Error),
    /// The embedded AWS refused something.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The image could not be pushed.
    #[error(transparent)]
    Push(#[from] PushError),
    /// The image could not be read back.
    #[error("the target does not have the image: {0}")]
    Verify(#[from] VerifyError),
    /// The embedded policy, names or image are broken.
    #[error("the {0} of the demo is broken: {1}")]
    Own(&'static str, String),
    /// The function did not answer.
    #[error(
        "no decision on {0} within {secs} s; `promoter demo -v` shows the log",
        secs = ANSWER_WITHIN.as_secs()
    )]
    NoAnswer(String),
    /// The function decided otherwise.
    #[error("expected {push} to be {wanted}, found {seen}: {reason}")]
    Otherwise {
        push: String,
        wanted: &'static str,
        seen: &'static str,
        reason: String,
    },
    /// The target holds something else.
    #[error("{repository} does not hold what was expected: {problem}")]
    Target {
        repository: Repository,
        problem: String,
    },
}
