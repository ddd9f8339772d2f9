//! Why a text is not the name it should be.

/// Why a text is not the name it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Neither twelve digits nor a Region's name.
    #[error("expected a registry as in \"123456789012/eu-west-1\", found {0:?}")]
    Registry(String),
    /// Outside ECR's pattern for repository names.
    #[error(
        "expected a repository's name (lower-case words joined by \".\", \"_\", \"-\" or \"/\"), found {0:?}"
    )]
    Repository(String),
    /// Outside OCI's grammar for tags.
    #[error("expected a tag (A-Z a-z 0-9 _ . -, not beginning with \".\" or \"-\"), found {0:?}")]
    Tag(String),
    /// Not `sha256:` and 64 lower-case hexadecimal digits.
    #[error("expected a digest (sha256: and 64 lower-case hexadecimal digits), found {0:?}")]
    Digest(String),
    /// Too short or too long.
    #[error("expected {what} of {length_min} to {length_max} characters, found {length}")]
    Length {
        /// "a tag" or "a repository's name".
        what: &'static str,
        /// The fewest characters that it may have.
        length_min: usize,
        /// The most characters that it may have.
        length_max: usize,
        /// The characters that it has.
        length: usize,
    },
    /// A registry's host before a repository's name.
    #[error(
        "expected a repository's name without a registry's host, found {found:?}: did you mean {repository:?}?"
    )]
    Host {
        /// As written.
        found: String,
        /// What follows the host.
        repository: String,
    },
}
