//! What a policy watches: a repository, a namespace, or everything. It is the partition key of the
//! policies table, so one event asks for the levels of its repository's name and never scans.

use std::fmt;

use crate::{
    Repository,
    reference::{ReferenceError, behind_host},
    suggest,
};

/// The source of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// One repository: `dev/website`.
    Repository(Repository),
    /// Every repository below a namespace, at any depth: `dev` for `dev/*`.
    Namespace(String),
    /// Every repository: `*`.
    All,
}

/// Why a text is not a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Neither a repository nor a pattern.
    #[error(
        "expected a repository as in \"dev/website\", a namespace as in \"dev/*\", or \"*\"; found {0:?}"
    )]
    Other(String),
    /// A repository with a mistake of its own.
    #[error(transparent)]
    Repository(#[from] ReferenceError),
}

impl Source {
    /// Reads a source.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let refused = || SourceError::Other(suggest::shortened(text));
        if let Some(repository) = behind_host(text) {
            return Err(SourceError::Repository(ReferenceError::Host {
                found: suggest::shortened(text),
                repository: suggest::shortened(repository),
            }));
        }
        if text == "*" {
            return Ok(Self::All);
        }
        match text.strip_suffix("/*") {
            Some(namespace) => is_namespace(namespace)
                .then(|| Self::Namespace(namespace.to_owned()))
                .ok_or_else(refused),
            None => match Repository::parse(text) {
                Ok(repository) => Ok(Self::Repository(repository)),
                Err(error @ ReferenceError::Length { .. }) => Err(error.into()),
                Err(_) => Err(refused()),
            },
        }
    }

    /// Whether a push of this repository concerns the policy.
    #[must_use]
    pub fn matches(&self, repository: &Repository) -> bool {
        match self {
            Self::Repository(own) => own == repository,
            Self::Namespace(namespace) => below(namespace, repository).is_some(),
            Self::All => true,
        }
    }

    /// What the `*` stands for: `team/web` for `dev/team/web` under `dev/*`. `None` if there is
    /// no `*`, or the repository is not covered by the source.
    #[must_use]
    pub fn rest<'a>(&self, repository: &'a Repository) -> Option<&'a str> {
        match self {
            Self::Repository(_) => None,
            Self::Namespace(namespace) => below(namespace, repository),
            Self::All => Some(repository.as_str()),
        }
    }

    /// Every source that matches all that this one does, the nearest first: `a/b/*`, `a/*`, `*`.
    #[must_use]
    pub fn above(&self) -> Vec<String> {
        match self {
            Self::Repository(repository) => Self::levels(repository),
            Self::Namespace(namespace) => up_from(namespace)
                .map(|namespace| format!("{namespace}/*"))
                .chain(std::iter::once("*".to_owned()))
                .collect(),
            Self::All => vec!["*".to_owned()],
        }
    }

    /// Every source that matches a repository, the nearest first: `a/b/c`, `a/b/*`, `a/*`, `*`.
    /// These are the partition keys that one event asks for.
    #[must_use]
    pub fn levels(repository: &Repository) -> Vec<String> {
        let name = repository.as_str();
        let namespaces = up_from(name).skip(1);
        std::iter::once(name.to_owned())
            .chain(namespaces.map(|namespace| format!("{namespace}/*")))
            .chain(std::iter::once("*".to_owned()))
            .collect()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repository(repository) => write!(f, "{repository}"),
            Self::Namespace(namespace) => write!(f, "{namespace}/*"),
            Self::All => f.write_str("*"),
        }
    }
}

/// A name and the namespaces that it lies in, the nearest first.
fn up_from(name: &str) -> impl Iterator<Item = &str> {
    let above = name.rmatch_indices('/');
    std::iter::once(name).chain(above.filter_map(|(end, _)| name.get(..end)))
}

/// Whether a repository can lie below `text`; a namespace may have one letter, a repository two.
pub(crate) fn is_namespace(text: &str) -> bool {
    Repository::parse(&format!("{text}/a")).is_ok()
}

/// What follows the namespace in a repository's name, where it lies below.
pub(crate) fn below<'a>(namespace: &str, repository: &'a Repository) -> Option<&'a str> {
    repository
        .as_str()
        .strip_prefix(namespace)?
        .strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(text: &str) -> Repository {
        Repository::parse(text).unwrap()
    }

    #[test]
    fn a_source_is_a_repository_a_namespace_or_everything() {
        for (text, good) in [
            ("dev/website", true),
            ("website", true),
            ("dev/*", true),
            ("d/*", true),
            ("dev/team/*", true),
            ("*", true),
            ("", false),
            ("/*", false),
            ("dev/", false),
            ("dev*", false),
            ("dev/*/web", false),
            ("*/web", false),
            ("dev/**", false),
            ("dev/*/*", false),
            ("Dev/*", false),
            ("dev /*", false),
            ("**", false),
            ("dev/web*", false),
            (" dev/website", false),
            ("dev/website ", false),
            ("dev/website:1.4", false),
            (
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/website",
                false,
            ),
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/*", false),
            ("123456789012.dkr-ecr.eu-west-1.on.aws/dev/website", false),
            (
                "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/website",
                false,
            ),
            ("public.ecr.aws/dev/website", false),
            // Prefixes of pull-through caches look like hosts.
            ("docker.io/library/nginx", true),
            ("ghcr.io/*", true),
            ("123456789012/dev", true),
        ] {
            let parsed = Source::parse(text);
            assert_eq!(parsed.is_ok(), good, "{text}");
            if let Ok(source) = parsed {
                assert_eq!(source.to_string(), text);
            }
        }
    }

    #[test]
    fn a_source_matches_at_any_depth_and_knows_the_rest() {
        for (source, name, rest) in [
            ("dev/*", "dev/website", Some("website")),
            ("dev/*", "dev/team/web", Some("team/web")),
            ("dev/*", "dev", None),
            ("dev/*", "devil/website", None),
            ("dev/*", "qa/dev/website", None),
            ("*", "dev/website", Some("dev/website")),
            ("*", "website", Some("website")),
        ] {
            let source = Source::parse(source).unwrap();
            assert_eq!(source.rest(&repository(name)), rest, "{source} {name}");
            assert_eq!(source.matches(&repository(name)), rest.is_some());
        }
        let one = Source::parse("dev/website").unwrap();
        assert!(one.matches(&repository("dev/website")));
        assert!(!one.matches(&repository("dev/website2")));
        assert_eq!(one.rest(&repository("dev/website")), None);
    }

    #[test]
    fn what_lies_above_a_source_matches_all_that_it_does() {
        for (source, above) in [
            ("a/b/c", vec!["a/b/c", "a/b/*", "a/*", "*"]),
            ("a/b/*", vec!["a/b/*", "a/*", "*"]),
            ("a/*", vec!["a/*", "*"]),
            ("*", vec!["*"]),
        ] {
            assert_eq!(Source::parse(source).unwrap().above(), above);
        }
    }

    #[test]
    fn one_event_asks_for_the_levels_of_its_name() {
        for (name, levels) in [
            ("a/b/c", vec!["a/b/c", "a/b/*", "a/*", "*"]),
            ("website", vec!["website", "*"]),
        ] {
            assert_eq!(Source::levels(&repository(name)), levels);
            for level in levels {
                assert!(Source::parse(level).unwrap().matches(&repository(name)));
            }
        }
    }
}
