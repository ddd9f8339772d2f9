//! What came in: the bytes of an invocation, read into deliveries, each with the event in it.
//!
//! Reading never fails and never drops: what nobody can read is a delivery too, with the words for
//! the log. Events are hints and nothing here is evidence: the counts, the tags and the status of a
//! scan event are not what a policy is judged by, so counts and tags are not even kept. This module
//! asks nobody and decides nothing; whether ECR agrees with an event is for those who can ask it.

use serde_json::Value;

use crate::{Digest, Registry, Repository, Tag, Time};

mod ecr;
mod envelope;
mod inspector;
mod request;
mod sqs;
mod words;

pub use sqs::Record;
pub use words::WORDS_LENGTH_MAX;
use words::{bounded, quoted, sendable};

/// The largest payload that is read, in bytes: Lambda hands over no more than 6 MB (AWS Lambda
/// Developer Guide, "Lambda quotas", invocation payload), counted in its own way.
pub const PAYLOAD_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The most records of one payload that are read (AWS Lambda Developer Guide, "Using Lambda with
/// Amazon SQS", batch size).
pub const RECORDS_MAX: usize = 10_000;

/// One thing to handle: a record of an SQS batch, or a direct invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The SQS record that the event came in; `None` for a direct invocation.
    pub record: Option<Record>,
    /// The event's own JSON, to be sent again as a fresh message. Empty where there was no text.
    pub body: String,
    /// What it says.
    pub event: Event,
    /// How often it came back already: the message attribute `round`. An attribute that is no
    /// number counts as [`u32::MAX`], so that it cannot go round for ever.
    pub round: u32,
}

/// What a delivery says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something happened to an image, or to a tag of it.
    Trigger(Trigger),
    /// Somebody asks to have an image judged.
    Request(Request),
    /// Somebody asks for something that cannot be understood. It is told to him, and is no failure
    /// of ours.
    Invalid {
        /// What is wrong with the request.
        message: String,
    },
    /// Nothing that concerns us, or nothing that can be read: named in the log and acknowledged.
    Other {
        /// What it was, in one line, bounded.
        what: String,
    },
}

/// What of an event concerns one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// Where it happened: the account and Region of the envelope, or those of the repository's ARN.
    pub registry: Registry,
    /// The repository that it happened in.
    pub repository: Repository,
    /// When it happened, as the event says.
    pub time: Time,
    /// What happened.
    pub kind: TriggerKind,
}

/// What happened to an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerKind {
    /// A tag came to stand on a digest.
    Push {
        /// The tag; never one that is a referrer's address.
        tag: Tag,
        /// What it was put on.
        digest: Digest,
        /// How the image arrived.
        arrival: Arrival,
    },
    /// Something that is attached to an image arrived.
    Referrer {
        /// The referrer's own digest.
        digest: Digest,
        /// The tag that it was pushed under, where there is one.
        tag: Option<Tag>,
        /// The subject, where the tag tells it; else its manifest does.
        subject: Option<Digest>,
        /// The type of its manifest, as the event says.
        manifest_media_type: Option<String>,
        /// Its artifact type, as the event says.
        artifact_media_type: Option<String>,
    },
    /// A manifest without a tag that is no referrer: the child of an index. Leads to nothing, and
    /// costs no call.
    Child {
        /// Its digest.
        digest: Digest,
    },
    /// A scan ended.
    Scan {
        /// What was scanned.
        digest: Digest,
        /// Which scanner says so.
        scanner: Scanner,
        /// Its word, for the log: never evidence.
        status: String,
    },
    /// An image was restored from the archive.
    Restored {
        /// Its digest.
        digest: Digest,
    },
    /// An image, or a tag of it, was deleted.
    Deleted {
        /// Its digest.
        digest: Digest,
        /// The tag, where the event names one.
        tag: Option<Tag>,
    },
}

/// How a pushed image arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Somebody pushed it here.
    Push,
    /// ECR replicated it from another registry.
    Replication,
    /// A pull through cache rule fetched it.
    PullThroughCache,
}

/// Who scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanner {
    /// ECR's basic scanning.
    Basic,
    /// Amazon Inspector.
    Enhanced,
}

/// A direct invocation: `{"repository": "dev/website", "tag": "1.2-stable"}`, or `"digest"` in
/// place of the tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The source repository, in the registry of the invoked function.
    pub repository: Repository,
    /// Which of its pushes.
    pub select: Select,
}

/// What of a repository is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Select {
    /// The push that this tag stands on.
    Tag(Tag),
    /// The pushes of every tag that stands on this digest.
    Digest(Digest),
}

/// Reads the payload of an invocation: an SQS batch gives a delivery for each of its records, in
/// their order, anything else gives one. A payload is an SQS batch where one of its `Records` has
/// the `eventSource` `aws:sqs`; only the outermost batch is unwrapped.
#[must_use]
pub fn read(payload: &[u8]) -> Vec<Delivery> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        let bytes = payload.len();
        let event = other(format!(
            "a payload of {bytes} bytes, more than {PAYLOAD_BYTES_MAX}"
        ));
        return vec![direct(String::new(), event)];
    }
    let Ok(text) = std::str::from_utf8(payload) else {
        return vec![direct(String::new(), other("no JSON: not UTF-8"))];
    };
    match serde_json::from_str::<Value>(text) {
        Ok(value) => match sqs::records(value) {
            Ok(records) if records.len() > RECORDS_MAX => {
                let count = records.len();
                let event = other(format!("{count} SQS records, more than {RECORDS_MAX}"));
                vec![direct(String::new(), event)]
            }
            Ok(records) => records.into_iter().map(from_record).collect(),
            Err(value) => vec![direct(text.to_owned(), from_json(&value, text))],
        },
        Err(error) => vec![direct(text.to_owned(), no_json(&error))],
    }
}

fn direct(body: String, event: Event) -> Delivery {
    Delivery {
        record: None,
        body: sendable(body),
        event,
        round: 0,
    }
}

fn from_record(record: Value) -> Delivery {
    let message = sqs::Message::read(record);
    let event = match &message.problem {
        Some(problem) => other(problem),
        None => match serde_json::from_str::<Value>(&message.body) {
            Ok(value) => from_json(&value, &message.body),
            Err(error) => no_json(&error),
        },
    };
    Delivery {
        record: Some(message.record),
        body: sendable(message.body),
        event,
        round: message.round,
    }
}

/// The event in one JSON document that is not, or not again, an SQS batch.
fn from_json(value: &Value, text: &str) -> Event {
    let Some(object) = value.as_object() else {
        return other("no event: JSON, but no object");
    };
    if let Some(records) = object.get("Records") {
        let source = records.get(0).and_then(|record| record.get("eventSource"));
        return match source.and_then(Value::as_str) {
            Some(source) => other(format!("records of {}", quoted(source))),
            None => other("records without an event source"),
        };
    }
    if object.contains_key("detail-type") {
        return from_envelope(value);
    }
    if request::is_one(object) {
        return request::read(text).map_or_else(|error| invalid(&error), Event::Request);
    }
    // An event, or what is left of one without its envelope, asks for nothing.
    let is_event = ["source", "repository-name"]
        .iter()
        .any(|key| object.contains_key(*key));
    if !is_event && let Some(error) = request::nearly(object) {
        return invalid(&error);
    }
    let keys: Vec<String> = object.keys().take(5).map(|key| quoted(key)).collect();
    other(format!(
        "neither \"detail-type\" nor \"repository\": an object with the keys [{}]",
        keys.join(", ")
    ))
}

fn from_envelope(value: &Value) -> Event {
    let envelope = envelope::Envelope::new(value);
    let trigger = match envelope.source() {
        "aws.ecr" => ecr::read(&envelope),
        "aws.inspector2" => inspector::read(&envelope),
        _ => Err(envelope::Unread::Kind),
    };
    match trigger {
        Ok(trigger) => Event::Trigger(trigger),
        Err(envelope::Unread::Kind) => other(envelope.name()),
        Err(problem) => other(format!("{}: {problem}", envelope.name())),
    }
}

fn no_json(error: &serde_json::Error) -> Event {
    other(format!("no JSON: {error}"))
}

fn invalid(error: &request::RequestError) -> Event {
    Event::Invalid {
        message: bounded(&error.to_string()),
    }
}

fn other(what: impl AsRef<str>) -> Event {
    Event::Other {
        what: bounded(what.as_ref()),
    }
}

#[cfg(test)]
mod tests;
