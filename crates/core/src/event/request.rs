//! Direct invocations: what a person or a script asks for. Strict, because a request that is
//! misread judges another image than the one that was meant.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

use super::{Request, Select, quoted};
use crate::{Digest, Repository, Tag, reference::ReferenceError};

/// Why a request cannot be understood.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    #[error(
        "unknown key {0}: a request has \"repository\" and either \"tag\" or \"digest\", nothing else"
    )]
    UnknownKey(String),
    #[error("{0} is given twice")]
    Twice(String),
    #[error("{0} is no text")]
    NotText(String),
    #[error(
        "no \"repository\": name the repository, as in {{\"repository\": \"dev/website\", \"tag\": \"1.2\"}}"
    )]
    NoRepository,
    #[error("both \"tag\" and \"digest\" are given: give one of them")]
    Both,
    #[error("neither \"tag\" nor \"digest\" is given: give one of them")]
    Neither,
    #[error("{0}")]
    Name(#[from] ReferenceError),
    #[error("no JSON object: {0}")]
    Json(#[from] serde_json::Error),
}

/// Reads a request. The text is read anew because a parsed object has forgotten keys given twice.
pub(super) fn read(text: &str) -> Result<Request, RequestError> {
    let Keys(keys) = serde_json::from_str(text)?;
    let [mut repository, mut tag, mut digest] = [None, None, None];
    for (key, value) in keys {
        let place = match key.as_str() {
            "repository" => &mut repository,
            "tag" => &mut tag,
            "digest" => &mut digest,
            _ => return Err(RequestError::UnknownKey(quoted(&key))),
        };
        let Value::String(value) = value else {
            return Err(RequestError::NotText(quoted(&key)));
        };
        if place.replace(value).is_some() {
            return Err(RequestError::Twice(quoted(&key)));
        }
    }
    let repository = Repository::parse(&repository.ok_or(RequestError::NoRepository)?)?;
    let select = match (tag, digest) {
        (Some(tag), None) => Select::Tag(Tag::parse(&tag)?),
        (None, Some(digest)) => Select::Digest(Digest::parse(&digest)?),
        (Some(_), Some(_)) => return Err(RequestError::Both),
        (None, None) => return Err(RequestError::Neither),
    };
    Ok(Request { repository, select })
}

/// The members of an object as they were written, repeated ones included.
struct Keys(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Keys;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some(member) = map.next_entry()? {
                    keys.push(member);
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
