//! The codes of AWS's and the registry's answers, and what each says of who can fix it.

use std::fmt;

/// Who can do something about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// It passes: throttling, a broken connection, any refusal by the function's own tables or
    /// queue. The record fails and comes back.
    Wait,
    /// An administrator has to fix it: access denied, a repository that is missing, a quota. Recorded,
    /// acknowledged, judged again by hand.
    Mend,
    /// It cannot get better: an immutable tag, a refused manifest. Recorded and acknowledged.
    Never,
}

/// A remedy, and what to do if there is more to say than to try again.
pub(crate) type Advice = (Remedy, Option<&'static str>);

/// What to do where a target repository is missing.
pub(crate) const MAKE_THE_TARGET: Option<&str> =
    Some("create the repository, or let the function create its targets: CREATE_TARGETS=true");

/// The code of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// There was no answer, or it had no code.
    None,
    /// The role has no permission.
    AccessDenied,
    /// There is no such repository.
    RepositoryNotFound,
    /// There is no such image.
    ImageNotFound,
    /// A quota is used up. ECR's own throttling has another code.
    LimitExceeded,
    /// The repository's key cannot be used.
    Kms,
    /// The same, of one image of several.
    KmsOfImage,
    /// A parameter is not what the API takes.
    InvalidParameter,
    /// The same, of other actions.
    Validation,
    /// The request's shape is not what the API takes.
    Serialization,
    /// The service does not know the action: another service, or an endpoint in its place.
    UnknownOperation,
    /// The same, in the query protocol.
    InvalidAction,
    /// A manifest's bytes are not of the digest that was named.
    ImageDigestDoesNotMatch,
    /// The tag is immutable and stands.
    ImageTagAlreadyExists,
    /// A layer is not what its digest says.
    InvalidLayer,
    /// A layer of a manifest is not in the repository.
    LayersNotFound,
    /// A child of an index is not in the repository.
    ReferencedImagesNotFound,
    /// A layer cannot be read: archived, or its key is gone.
    LayerInaccessible,
    /// The upstream of a pull through cache refuses, or the role may not ask it.
    UpstreamAccessDenied,
    /// The image cannot be got from its upstream.
    UnableToGetUpstreamImage,
    /// What is attached to the image cannot be listed at its upstream.
    UnableToListUpstreamReferrers,
    /// Too many requests.
    Throttling,
    /// The same, of the registry: 429, whatever its body says.
    TooManyRequests,
    /// The registry does not know the blob.
    BlobUnknown,
    /// Any other.
    Other(String),
}

/// Each code as it is written; of two spellings of one, the first is the one that is shown.
static SPELLINGS: [(&str, Code); 26] = [
    ("", Code::None),
    ("AccessDeniedException", Code::AccessDenied),
    ("AccessDenied", Code::AccessDenied),
    ("RepositoryNotFoundException", Code::RepositoryNotFound),
    ("NAME_UNKNOWN", Code::RepositoryNotFound),
    ("ImageNotFoundException", Code::ImageNotFound),
    ("LimitExceededException", Code::LimitExceeded),
    ("KmsException", Code::Kms),
    ("KmsError", Code::KmsOfImage),
    ("InvalidParameterException", Code::InvalidParameter),
    ("ValidationException", Code::Validation),
    ("SerializationException", Code::Serialization),
    ("UnknownOperationException", Code::UnknownOperation),
    ("InvalidAction", Code::InvalidAction),
    (
        "ImageDigestDoesNotMatchException",
        Code::ImageDigestDoesNotMatch,
    ),
    (
        "ImageTagAlreadyExistsException",
        Code::ImageTagAlreadyExists,
    ),
    ("InvalidLayerException", Code::InvalidLayer),
    ("LayersNotFoundException", Code::LayersNotFound),
    (
        "ReferencedImagesNotFoundException",
        Code::ReferencedImagesNotFound,
    ),
    ("LayerInaccessibleException", Code::LayerInaccessible),
    ("UpstreamAccessDenied", Code::UpstreamAccessDenied),
    (
        "UnableToGetUpstreamImageException",
        Code::UnableToGetUpstreamImage,
    ),
    (
        "UnableToListUpstreamImageReferrersException",
        Code::UnableToListUpstreamReferrers,
    ),
    ("ThrottlingException", Code::Throttling),
    ("TOOMANYREQUESTS", Code::TooManyRequests),
    ("BLOB_UNKNOWN", Code::BlobUnknown),
];

impl Code {
    /// The code that an answer names.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let known = SPELLINGS.iter().find(|(spelling, _)| *spelling == text);
        known.map_or_else(|| Self::Other(text.to_owned()), |(_, code)| code.clone())
    }

    /// As the answer spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if let Self::Other(text) = self {
            return text;
        }
        let spelling = SPELLINGS.iter().find(|(_, code)| code == self);
        spelling.map_or("", |(spelling, _)| spelling)
    }

    /// What it means in an answer from ECR (Amazon ECR API reference, "Common error types" and each
    /// action's "Errors").
    pub(crate) fn at_ecr(&self) -> Advice {
        match self {
            Self::AccessDenied => (
                Remedy::Mend,
                Some("allow the caller (the function or you) this action on this repository"),
            ),
            Self::RepositoryNotFound => (Remedy::Mend, Some("create the repository")),
            Self::LimitExceeded => (
                Remedy::Mend,
                Some("a quota of the registry is used up: raise it or remove images"),
            ),
            Self::Kms | Self::KmsOfImage => {
                (Remedy::Mend, Some("check the repository's encryption key"))
            }
            Self::UpstreamAccessDenied
            | Self::UnableToGetUpstreamImage
            | Self::UnableToListUpstreamReferrers => (
                Remedy::Mend,
                Some(
                    "check the pull through cache rule's credentials, and grant the function's role ecr:BatchImportUpstreamImage",
                ),
            ),
            Self::UnknownOperation | Self::InvalidAction => (
                Remedy::Mend,
                Some("check the endpoint: it does not answer as Amazon ECR does"),
            ),
            Self::InvalidParameter
            | Self::Validation
            | Self::Serialization
            | Self::ImageDigestDoesNotMatch
            | Self::ImageTagAlreadyExists
            | Self::InvalidLayer
            | Self::LayersNotFound
            | Self::LayerInaccessible
            | Self::ImageNotFound
            | Self::BlobUnknown => (Remedy::Never, None),
            // Throttling, server errors, expired credentials, and whatever was never seen yet.
            _ => (Remedy::Wait, None),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_ecr_says_who_can_mend_it() {
        for (code, remedy) in [
            ("AccessDeniedException", Remedy::Mend),
            ("AccessDenied", Remedy::Mend),
            ("RepositoryNotFoundException", Remedy::Mend),
            ("LimitExceededException", Remedy::Mend),
            ("UpstreamAccessDenied", Remedy::Mend),
            ("UnableToListUpstreamImageReferrersException", Remedy::Mend),
            ("ImageTagAlreadyExistsException", Remedy::Never),
            ("InvalidParameterException", Remedy::Never),
            ("ThrottlingException", Remedy::Wait),
            ("ServerException", Remedy::Wait),
            ("ExpiredTokenException", Remedy::Wait),
            ("SomethingNew", Remedy::Wait),
        ] {
            assert_eq!(Code::parse(code).at_ecr().0, remedy, "{code}");
        }
    }

    #[test]
    fn what_the_service_cannot_do_was_tried_again_as_if_throttled() {
        for code in ["UnknownOperationException", "InvalidAction", "BLOB_UNKNOWN"] {
            assert_ne!(Code::parse(code).at_ecr().0, Remedy::Wait, "{code}");
        }
    }

    #[test]
    fn a_code_is_told_as_it_came() {
        for (spelling, code) in &SPELLINGS {
            assert_eq!(Code::parse(spelling), *code, "{spelling}");
        }
        for text in ["", "KmsException", "BLOB_UNKNOWN", "SomethingNew", "kms"] {
            assert_eq!(Code::parse(text).as_str(), text);
        }
    }
}
