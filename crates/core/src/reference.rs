//! Names of registries, repositories, tags and digests, parsed once at the border.
//!
//! A value of these types has been checked against the grammar of its specification, so no later
//! module checks again and nothing unchecked reaches a request or a key. Nothing here normalises:
//! a digest in upper case is refused, not lowered, because bytes are the promise.

mod error;
mod registry;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use error::ReferenceError;
pub use registry::Registry;

/// The longest tag: OCI distribution specification, "Pulling manifests".
pub const TAG_LENGTH_MAX: usize = 128;
/// The shortest repository name: Amazon ECR API reference, `repositoryName`.
pub const REPOSITORY_LENGTH_MIN: usize = 2;
/// The longest repository name: Amazon ECR API reference, `repositoryName`.
pub const REPOSITORY_LENGTH_MAX: usize = 256;

macro_rules! text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $name {
            /// The name as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = ReferenceError;
            fn try_from(text: String) -> Result<Self, ReferenceError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    };
}

/// A repository's name, as in `dev/website`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Repository(String);

text!(Repository);

impl Repository {
    /// Checks a name against ECR's pattern (Amazon ECR API reference, `CreateRepository`):
    /// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*` joined by `/`, 2 to 256 characters.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let length = text.chars().count();
        if !(REPOSITORY_LENGTH_MIN..=REPOSITORY_LENGTH_MAX).contains(&length) {
            return Err(ReferenceError::Length {
                what: "a repository's name",
                length_min: REPOSITORY_LENGTH_MIN,
                length_max: REPOSITORY_LENGTH_MAX,
                length,
            });
        }
        if text.split('/').all(is_path_component) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError::Repository(shortened(text)))
        }
    }

    /// As [`Self::parse`], for names that people write: one with the host of an ECR registry before it
    /// would be a valid name, and is never meant to be one.
    pub fn parse_written(text: &str) -> Result<Self, ReferenceError> {
        match behind_host(text) {
            Some(repository) => Err(ReferenceError::Host {
                found: shortened(text),
                repository: shortened(repository),
            }),
            None => Self::parse(text),
        }
    }

    /// The last part of the name: `website` of `dev/website`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// All before the last part, empty if there is none: `dev` of `dev/website`.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.0
            .rsplit_once('/')
            .map_or("", |(namespace, _)| namespace)
    }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_path_component(part: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = part.as_bytes();
    let ends_are_words =
        bytes.first().is_some_and(|b| word(*b)) && bytes.last().is_some_and(|b| word(*b));
    ends_are_words
        && bytes.split(|b| word(*b)).all(|separator| {
            matches!(separator, b"" | b"." | b"_" | b"__") || separator.iter().all(|b| *b == b'-')
        })
}

/// What follows the host of an ECR registry, with or without a scheme (Amazon ECR user guide, "Private
/// registry": `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, `dkr.ecr-fips`, `dkr-ecr` of dual stack; public
/// ones are `public.ecr.aws`).
pub(crate) fn behind_host(text: &str) -> Option<&str> {
    let bare = ["https://", "http://", "oci://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .unwrap_or(text);
    let (host, rest) = bare.split_once('/')?;
    let account = host.split('.').next().unwrap_or_default();
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let is_private = [".dkr.ecr.", ".dkr.ecr-fips.", ".dkr-ecr."]
        .iter()
        .any(|part| host.contains(part));
    ((is_account && is_private) || host == "public.ecr.aws").then_some(rest)
}

/// Whether a tag can have this character.
pub(crate) fn is_tag_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// A tag, as in `1.4-stable`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

text!(Tag);

/// What follows the subject in a tag by which something is attached to it: cosign's signatures, attestations and
/// SBOMs, and the list that clients write where they take a registry for one without referrers (OCI
/// distribution specification, "Referrers Tag Schema").
pub const REFERRER_SUFFIXES: [&str; 4] = [".sig", ".att", ".sbom", ""];

impl Tag {
    /// Checks a tag against the OCI grammar `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}` (distribution
    /// specification, "Pulling manifests"). ECR's own model allows more; no client could pull it.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let length = text.chars().count();
        if !(1..=TAG_LENGTH_MAX).contains(&length) {
            return Err(ReferenceError::Length {
                what: "a tag",
                length_min: 1,
                length_max: TAG_LENGTH_MAX,
                length,
            });
        }
        if text.chars().all(is_tag_character) && !text.starts_with(['.', '-']) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError::Tag(shortened(text)))
        }
    }

    /// The subject of a tag of cosign's scheme or of the OCI referrers tag schema:
    /// `sha256-<64 hex>`, alone or with `.sig`, `.att` or `.sbom`. Such a tag is a referrer's
    /// address, never a push to be judged.
    #[must_use]
    pub fn subject(&self) -> Option<Digest> {
        let rest = self.0.strip_prefix("sha256-")?;
        REFERRER_SUFFIXES.iter().find_map(|suffix| {
            let hex = rest.strip_suffix(suffix)?;
            Digest::parse(&format!("sha256:{hex}")).ok()
        })
    }

    /// The tags by which a digest's referrers are found, one for each of [`REFERRER_SUFFIXES`].
    #[must_use]
    pub fn of_referrers(subject: &Digest) -> [Self; REFERRER_SUFFIXES.len()] {
        REFERRER_SUFFIXES.map(|suffix| Self(format!("sha256-{}{suffix}", subject.hex())))
    }
}

/// The digest of a manifest or blob: `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

text!(Digest);

impl Digest {
    /// Checks a digest (OCI image specification, "Digests"; ECR stores sha256 alone).
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let hex = text.strip_prefix("sha256:").unwrap_or_default();
        let good = hex.len() == 64
            && hex
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError::Digest(shortened(text)))
        }
    }

    /// A digest from the 32 bytes of a SHA-256.
    #[must_use]
    pub fn from_sha256(bytes: [u8; 32]) -> Self {
        use fmt::Write as _;
        let mut text = String::from("sha256:");
        for byte in bytes {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The 64 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> &str {
        self.0.strip_prefix("sha256:").unwrap_or(&self.0)
    }

    /// The first twelve hexadecimal digits, as the placeholder `{digest}` shows them.
    #[must_use]
    pub fn short(&self) -> &str {
        self.hex().get(..12).unwrap_or_default()
    }
}

/// One image: a digest in a repository of a registry. Written
/// `account/Region/repository@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Image {
    /// Where the repository lies.
    pub registry: Registry,
    /// The repository that holds the image.
    pub repository: Repository,
    /// The digest of its root manifest.
    pub digest: Digest,
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}@{}", self.registry, self.repository, self.digest)
    }
}

/// What is quoted of a text from outside: enough to recognise it, never a megabyte of it.
pub(crate) fn shortened(text: &str) -> String {
    const QUOTED_MAX: usize = 300;
    match text.char_indices().nth(QUOTED_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
