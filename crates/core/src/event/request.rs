//! Direct invocations: what a person or a script asks for. Strict, because a request that is
//! misread judges another image than the one that was meant.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{Request, Select, quoted};
use crate::{Digest, Repository, Tag, reference::ReferenceError, suggest};

/// Why a request cannot be understood.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    #[error(
        "unknown key {key}{} a request has \"repository\" and either \"tag\" or \"digest\", nothing else",
        match .near { Some(near) => format!(", did you mean {near:?}?"), None => ":".to_owned() }
    )]
    UnknownKey {
        /// As written, quoted.
        key: String,
        /// The key that was probably meant.
        near: Option<&'static str>,
    },
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

/// The keys of a request.
const KEYS: [&str; 3] = ["repository", "tag", "digest"];
/// So many keys of an object are compared with those of a request: who writes one by hand writes
/// few, and comparing has its price.
const KEYS_COMPARED_MAX: usize = 20;

/// Whether an object is a request: it has a key of one.
pub(super) fn is_one(object: &Map<String, Value>) -> bool {
    KEYS.iter().any(|key| object.contains_key(*key))
}

/// What is wrong with an object that is no request and was probably meant to be one.
pub(super) fn nearly(object: &Map<String, Value>) -> Option<RequestError> {
    let mut keys = object
        .keys()
        .take(KEYS_COMPARED_MAX)
        .map(|key| unknown(key));
    keys.find(|error| matches!(error, RequestError::UnknownKey { near: Some(_), .. }))
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
            _ => return Err(unknown(&key)),
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

fn unknown(key: &str) -> RequestError {
    RequestError::UnknownKey {
        key: quoted(key),
        near: suggest::nearest(key, KEYS),
    }
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
