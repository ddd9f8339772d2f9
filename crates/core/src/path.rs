//! The administrator's paths: which pairs of source and target repository are allowed at all,
//! no matter who writes the policies.

pub(crate) mod reach;

use std::fmt;

use crate::{
    Repository,
    policy::{
        Policy, PolicyError,
        source::{below, is_namespace},
    },
    reference::ReferenceError,
    suggest,
};
use reach::Extent;

/// The most paths of one setting.
pub const PATHS_MAX: usize = 200;

/// The pairs of source and target that are allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    text: String,
    paths: Vec<Path>,
}

/// One pair of patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Path {
    source: Side,
    target: Side,
}

/// One side of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Side {
    /// `*`: any repository.
    Any,
    /// `dev/*`: any repository below, at any depth.
    Below(String),
    /// `dev/{rest}`: any repository below, and the other side has the same rest; `{rest}` alone
    /// has no namespace.
    Rest(Option<String>),
    /// One repository.
    One(Repository),
}

/// A mistake in the paths, with the path that has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("path {path:?}: {message}")]
pub struct PathError {
    /// The path as it is written.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// How many of the pairs that a policy can come to lie inside the paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allows {
    /// Every one.
    Always,
    /// Some, or it is not known before a push.
    Partly,
    /// None: the policy can never promote.
    Never,
}

impl Paths {
    /// No pair at all: what stands where the setting cannot be read.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            text: String::new(),
            paths: Vec::new(),
        }
    }

    /// Reads paths, separated by commas: `dev/* => qa/*, dev/{rest} => qa/{rest}, *`.
    pub fn parse(text: &str) -> Result<Self, Vec<PathError>> {
        let written: Vec<&str> = text.split(',').map(str::trim).collect();
        if written.len() > PATHS_MAX {
            let message = format!(
                "expected at most {PATHS_MAX} paths, found {}",
                written.len()
            );
            return Err(vec![mistake(text, message)]);
        }
        let mut paths = Vec::new();
        let mut mistakes = Vec::new();
        for path in written {
            match Path::parse(path) {
                Ok(parsed) => paths.push(parsed),
                Err(message) => mistakes.push(mistake(path, message)),
            }
        }
        if mistakes.is_empty() {
            Ok(Self {
                text: text.to_owned(),
                paths,
            })
        } else {
            Err(mistakes)
        }
    }

    /// Whether an image may go from `source` to `target`.
    #[must_use]
    pub fn allows(&self, source: &Repository, target: &Repository) -> bool {
        self.paths.iter().any(|path| path.allows(source, target))
    }

    /// Whether an image may leave `source` at all.
    #[must_use]
    pub fn leave(&self, source: &Repository) -> bool {
        let mut paths = self.paths.iter();
        paths.any(|path| path.source.rest(source).is_some())
    }

    /// How many of the pairs that a policy can come to are allowed.
    #[must_use]
    pub fn may_allow(&self, policy: &Policy) -> Allows {
        let extents = self.paths.iter().map(|path| reach::allowed(policy, path));
        match extents.max() {
            Some(Extent::All) => Allows::Always,
            Some(Extent::Some) => Allows::Partly,
            Some(Extent::None) | None => Allows::Never,
        }
    }

    /// The mistake of a policy that can never promote along these paths, where it is one.
    #[must_use]
    pub fn mistake_of(&self, policy: &Policy) -> Option<PolicyError> {
        (self.may_allow(policy) == Allows::Never).then(|| PolicyError {
            place: "target.repository".to_owned(),
            message: format!(
                "expected a target inside the paths ({}), found \"{}\" for the source \"{}\"",
                suggest::shortened(&self.text),
                policy.target.repository,
                policy.source,
            ),
        })
    }
}

impl fmt::Display for Paths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Path {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("expected a path as in \"dev/* => qa/*\", found nothing".to_owned());
        }
        if text == "*" {
            return Ok(Self {
                source: Side::Any,
                target: Side::Any,
            });
        }
        let Some((source, target)) = text.split_once("=>") else {
            return Err("expected \"=>\" as in \"dev/* => qa/*\", found none".to_owned());
        };
        let path = Self {
            source: Side::parse(source.trim())?,
            target: Side::parse(target.trim())?,
        };
        let has_rest = |side: &Side| matches!(side, Side::Rest(_));
        if has_rest(&path.source) == has_rest(&path.target) {
            Ok(path)
        } else {
            Err("expected {rest} on both sides or on neither, found it on one".to_owned())
        }
    }

    fn allows(&self, source: &Repository, target: &Repository) -> bool {
        match (self.source.rest(source), self.target.rest(target)) {
            (Some(source_rest), Some(target_rest)) => {
                !matches!(self.source, Side::Rest(_)) || source_rest == target_rest
            }
            _ => false,
        }
    }
}

impl Side {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "*" => return Ok(Self::Any),
            "{rest}" => return Ok(Self::Rest(None)),
            _ => {}
        }
        for (suffix, side) in [
            ("/*", Self::Below as fn(String) -> Self),
            ("/{rest}", |namespace| Self::Rest(Some(namespace))),
        ] {
            if let Some(namespace) = text.strip_suffix(suffix).filter(|text| is_namespace(text)) {
                return Ok(side(namespace.to_owned()));
            }
        }
        Repository::parse_written(text).map(Self::One).map_err(|error| match error {
            error @ ReferenceError::Host { .. } => error.to_string(),
            _ => format!(
                "expected a repository, \"dev/*\", \"dev/{{rest}}\" or \"*\" on each side, found {:?}",
                suggest::shortened(text)
            ),
        })
    }

    /// What the pattern leaves open of a repository that it matches.
    fn rest<'a>(&self, repository: &'a Repository) -> Option<&'a str> {
        match self {
            Self::Any | Self::Rest(None) => Some(repository.as_str()),
            Self::Below(namespace) | Self::Rest(Some(namespace)) => below(namespace, repository),
            Self::One(own) => (own == repository).then_some(""),
        }
    }
}

fn mistake(path: &str, message: String) -> PathError {
    PathError {
        path: suggest::shortened(path),
        message,
    }
}

#[cfg(test)]
mod tests;
