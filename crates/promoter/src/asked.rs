//! An image as people name it: `dev/website:1.4`, with a digest, with both, or as the whole URI that the console shows.

use std::fmt;

use ecr_promoter_core::{
    Digest, Registry, Repository, Tag, event::Select, reference::ReferenceError,
};

/// The tag of an image that is named without one, as registries' clients have it.
const TAG: &str = "latest";
/// What may stand before an image's name.
const SCHEMES: [&str; 3] = ["docker://", "https://", "http://"];

/// An image as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The registry, where a URI names one.
    pub(crate) registry: Option<Registry>,
    /// The repository.
    pub(crate) repository: Repository,
    /// The tag; where a digest is given, too, the digest says which image it is.
    pub(crate) tag: Option<Tag>,
    /// The digest.
    pub(crate) digest: Option<Digest>,
}

impl Asked {
    /// Reads `[HOST/]REPOSITORY[:TAG][@DIGEST]`; without tag and digest it is the tag "latest".
    pub(crate) fn parse(text: &str) -> Result<Self, ReferenceError> {
        let text = text.trim();
        let bare = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme));
        let (registry, name) = without_host(bare.unwrap_or(text));
        let (name, digest) = match name.split_once('@') {
            Some((name, digest)) => (name, Some(Digest::parse(digest)?)),
            None => (name, None),
        };
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(Tag::parse(tag)?)),
            None if digest.is_none() => (name, Some(Tag::parse(TAG)?)),
            None => (name, None),
        };
        Ok(Self {
            registry,
            repository: Repository::parse(repository)?,
            tag,
            digest,
        })
    }

    /// By which of the two the image is looked up.
    pub(crate) fn select(&self) -> Option<Select> {
        let digest = self.digest.clone().map(Select::Digest);
        digest.or_else(|| self.tag.clone().map(Select::Tag))
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// The registry of a URI, and the name behind it. A host is a private registry's of ECR, or one with a port, as
/// `promoter local` has. Any other first part belongs to the name: repositories may have dots.
fn without_host(text: &str) -> (Option<Registry>, &str) {
    let Some((host, name)) = text.split_once('/') else {
        return (None, text);
    };
    let registry = registry(host);
    let port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let with_port = host
        .rsplit_once(':')
        .is_some_and(|(_, digits)| port(digits));
    if registry.is_some() || with_port || host == "localhost" {
        (registry, name)
    } else {
        (None, text)
    }
}

/// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, FIPS, dual-stack and the hosts of other partitions included (Amazon ECR user
/// guide, "Private registry", and "Getting started with making requests over IPv6").
fn registry(host: &str) -> Option<Registry> {
    let mut labels = host.split('.');
    let account = labels.next()?;
    let service = labels.next()?;
    let region = match service {
        "dkr" if labels.next()?.starts_with("ecr") => labels.next()?,
        "dkr-ecr" | "dkr-ecr-fips" => labels.next()?,
        _ => return None,
    };
    labels.next()?;
    Registry::new(account, region).ok()
}

#[cfg(test)]
mod tests;
