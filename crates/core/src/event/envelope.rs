//! EventBridge's envelope, and the fields of `detail` that ECR and Inspector share.
//!
//! A field is absent, empty, text or something else; absent and empty are one (Amazon ECR writes
//! `"image-tag": ""` if there is no tag), and something else is refused, never guessed.

use super::{
    Trigger, TriggerKind,
    members::{Member, Members},
    quoted,
};
use crate::{Digest, Registry, Repository, Tag, Time, reference::ReferenceError};

/// Why an event leads to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
    /// Events of this kind are not handled here.
    #[error("an event of another kind")]
    Kind,
    #[error("no {0:?}")]
    Missing(&'static str),
    #[error("{0:?}: expected a string, found something else")]
    NotText(&'static str),
    #[error("{key}: {problem}")]
    Name {
        key: &'static str,
        problem: ReferenceError,
    },
    #[error("repository-name: expected the ARN of an ECR repository, found {0}")]
    Arn(String),
    #[error("time: expected RFC 3339 as in 2026-11-24T10:15:00Z, found {0}")]
    Time(String),
    /// The event tells of something that changes nothing for us.
    #[error("{key} {value}")]
    Nothing { key: &'static str, value: String },
}

/// An EventBridge event (Amazon EventBridge events reference, "AWS service event metadata").
pub(super) struct Envelope<'a> {
    event: &'a Members,
}

impl<'a> Envelope<'a> {
    pub(super) fn new(event: &'a Members) -> Self {
        Self { event }
    }

    pub(super) fn source(&self) -> &'a str {
        text(self.event, "source")
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    pub(super) fn detail_type(&self) -> &'a str {
        text(self.event, "detail-type")
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    /// The event's kind, for the log.
    pub(super) fn name(&self) -> String {
        format!(
            "{} of {}",
            quoted(self.detail_type()),
            quoted(self.source())
        )
    }

    /// A text of `detail` that may be absent or empty.
    pub(super) fn optional(&self, key: &'static str) -> Result<Option<&'a str>, Unread> {
        match self.event.object("detail") {
            Some(detail) => text(detail, key),
            None => Ok(None),
        }
    }

    /// A text of `detail` that must be there.
    pub(super) fn required(&self, key: &'static str) -> Result<&'a str, Unread> {
        self.optional(key)?.ok_or(Unread::Missing(key))
    }

    /// Refuses the event unless `key` says one of `wanted`.
    pub(super) fn only(&self, key: &'static str, wanted: &[&str]) -> Result<&'a str, Unread> {
        let value = self.required(key)?;
        if wanted.contains(&value) {
            Ok(value)
        } else {
            let value = quoted(value);
            Err(Unread::Nothing { key, value })
        }
    }

    pub(super) fn digest(&self) -> Result<Digest, Unread> {
        let key = "image-digest";
        Digest::parse(self.required(key)?).map_err(|problem| Unread::Name { key, problem })
    }

    pub(super) fn tag(&self) -> Result<Option<Tag>, Unread> {
        let key = "image-tag";
        self.optional(key)?
            .map(Tag::parse)
            .transpose()
            .map_err(|problem| Unread::Name { key, problem })
    }

    /// The trigger of this kind, with the place and the time of the event.
    pub(super) fn trigger(&self, kind: TriggerKind) -> Result<Trigger, Unread> {
        let (registry, repository) = self.place()?;
        Ok(Trigger {
            registry,
            repository,
            time: self.time()?,
            kind,
        })
    }

    /// The repository with its registry. Inspector writes an ARN where ECR writes the bare name; an
    /// ARN names the registry itself.
    fn place(&self) -> Result<(Registry, Repository), Unread> {
        let key = "repository-name";
        let name = self.required(key)?;
        if name.starts_with("arn:") {
            return from_arn(name);
        }
        let repository =
            Repository::parse(name).map_err(|problem| Unread::Name { key, problem })?;
        let account = text(self.event, "account")?.ok_or(Unread::Missing("account"))?;
        let region = text(self.event, "region")?.ok_or(Unread::Missing("region"))?;
        let registry = Registry::new(account, region).map_err(|problem| Unread::Name {
            key: "account, region",
            problem,
        })?;
        Ok((registry, repository))
    }

    fn time(&self) -> Result<Time, Unread> {
        let time = text(self.event, "time")?.ok_or(Unread::Missing("time"))?;
        chrono::DateTime::parse_from_rfc3339(time)
            .map(|time| time.to_utc())
            .map_err(|_| Unread::Time(quoted(time)))
    }
}

/// `arn:PARTITION:ecr:REGION:ACCOUNT:repository/NAME`, whatever the partition (`aws`, `aws-cn`,
/// `aws-us-gov` …; Service Authorization Reference, "Amazon Elastic Container Registry").
fn from_arn(arn: &str) -> Result<(Registry, Repository), Unread> {
    let refused = || Unread::Arn(quoted(arn));
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "ecr", region, account, resource] = parts.as_slice() else {
        return Err(refused());
    };
    let name = resource.strip_prefix("repository/").ok_or_else(refused)?;
    if partition.is_empty() {
        return Err(refused());
    }
    let registry = Registry::new(account, region).map_err(|_| refused())?;
    let repository = Repository::parse(name).map_err(|_| refused())?;
    Ok((registry, repository))
}

fn text<'a>(object: &'a Members, key: &'static str) -> Result<Option<&'a str>, Unread> {
    match object.get(key) {
        None | Some(Member::Null) => Ok(None),
        Some(Member::Text(text)) if text.is_empty() => Ok(None),
        Some(Member::Text(text)) => Ok(Some(text)),
        Some(_) => Err(Unread::NotText(key)),
    }
}
