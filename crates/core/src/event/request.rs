//! Direct invocations: what a person or a script asks for. Strict, because a request that is
//! misread judges another image than the one that was meant.

use super::{
    members::{Member, Members},
    quoted,
};
use crate::{Digest, Repository, Tag, reference::ReferenceError, suggest};

/// A direct invocation: `{"repository": "dev/website", "tag": "1.2-stable"}`, or `"digest"` in
/// place of the tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The source repository, in the registry of the invoked function.
    pub repository: Repository,
    /// Which of its pushes.
    pub select: Select,
    /// What a person or a lifecycle rule changed at the target is promoted once more.
    pub again: bool,
}

/// What of a repository is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Select {
    /// The push that this tag points to.
    Tag(Tag),
    /// The pushes of every tag that points to this digest.
    Digest(Digest),
}

/// Why a request cannot be understood.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    #[error(
        "expected \"repository\", either \"tag\" or \"digest\", and optionally \"again\"; found {key}{}",
        match .near { Some(near) => format!(": did you mean {near:?}?"), None => String::new() }
    )]
    UnknownKey {
        /// As written, quoted.
        key: String,
        /// The key that was probably meant.
        near: Option<&'static str>,
    },
    #[error("{0}: expected it once, found it twice")]
    Twice(String),
    #[error("{0}: expected a string, found something else")]
    NotText(String),
    #[error("{0}: expected true or false, found something else")]
    NotBool(String),
    #[error(
        "expected \"repository\", as in {{\"repository\": \"dev/website\", \"tag\": \"1.2\"}}, found none"
    )]
    NoRepository,
    #[error("expected either \"tag\" or \"digest\", found both")]
    Both,
    #[error("expected either \"tag\" or \"digest\", found neither")]
    Neither,
    #[error("{0}")]
    Name(#[from] ReferenceError),
    #[error("expected {EXPECTED}, found {0}")]
    NotARequest(String),
}

/// What a request looks like.
const EXPECTED: &str =
    "{\"repository\": \"dev/website\", \"tag\": \"1.2\"}, or \"digest\" in place of \"tag\"";
/// The keys of a request.
const KEYS: [&str; 4] = ["repository", "tag", "digest", "again"];
/// How many keys of an object are compared with those of a request, and named: who writes one by hand
/// writes few, and comparing has its price.
const KEYS_NAMED_MAX: usize = 10;

/// Whether an object is a request: it has a key of one.
pub(super) fn is_one(object: &Members) -> bool {
    KEYS.iter().any(|key| object.has(key))
}

/// What is wrong with an object that asks for something and has no key of a request.
pub(super) fn not_one(object: &Members) -> RequestError {
    let keys = object.all().map(|(key, _)| key).take(KEYS_NAMED_MAX);
    let keys: Vec<&str> = keys.collect();
    let mut unknown = keys.iter().map(|key| unknown(key));
    let near =
        unknown.find(|error| matches!(error, RequestError::UnknownKey { near: Some(_), .. }));
    near.unwrap_or_else(|| {
        let keys: Vec<String> = keys.iter().map(|key| quoted(key)).collect();
        RequestError::NotARequest(match keys.as_slice() {
            [] => "an empty object".to_owned(),
            keys => format!("an object with {}", keys.join(", ")),
        })
    })
}

/// What is wrong with something that is not an object.
pub(super) fn not_an_object(found: &'static str) -> RequestError {
    RequestError::NotARequest(found.to_owned())
}

/// Reads a request.
pub(super) fn read(object: &Members) -> Result<Request, RequestError> {
    let [mut repository, mut tag, mut digest] = [None, None, None];
    let mut again = None;
    for (key, value) in object.all() {
        if key == "again" {
            let Member::Bool(value) = value else {
                return Err(RequestError::NotBool(quoted(key)));
            };
            if again.replace(*value).is_some() {
                return Err(RequestError::Twice(quoted(key)));
            }
            continue;
        }
        let place = match key {
            "repository" => &mut repository,
            "tag" => &mut tag,
            "digest" => &mut digest,
            _ => return Err(unknown(key)),
        };
        let Member::Text(value) = value else {
            return Err(RequestError::NotText(quoted(key)));
        };
        if place.replace(value).is_some() {
            return Err(RequestError::Twice(quoted(key)));
        }
    }
    let repository = Repository::parse_written(repository.ok_or(RequestError::NoRepository)?)?;
    let select = match (tag, digest) {
        (Some(tag), None) => Select::Tag(Tag::parse(tag)?),
        (None, Some(digest)) => Select::Digest(Digest::parse(digest)?),
        (Some(_), Some(_)) => return Err(RequestError::Both),
        (None, None) => return Err(RequestError::Neither),
    };
    Ok(Request {
        repository,
        select,
        again: again.unwrap_or_default(),
    })
}

fn unknown(key: &str) -> RequestError {
    RequestError::UnknownKey {
        key: quoted(key),
        near: suggest::nearest(key, KEYS),
    }
}
