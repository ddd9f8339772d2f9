//! What came in: the bytes of an invocation, read into deliveries, each with the event in it.
//!
//! Reading never fails and never drops: what cannot be read is a delivery too, with the words for
//! the log. Events are hints and nothing here is evidence: the counts, the tags and the status of a
//! scan event are not what a policy is judged by, so counts and tags are not even kept. This module
//! makes no call and decides nothing; whether ECR agrees with an event is for those who can ask it.

mod ecr;
mod envelope;
mod inspector;
mod members;
mod records;
mod request;
mod sqs;
mod stream;
mod trigger;
mod words;
mod work;
mod wrapping;

use members::{Member, Members};
use records::Records;
pub use request::{Request, Select};
pub use sqs::BatchRecord;
pub use stream::PolicyEdit;
pub use trigger::{Arrival, Scanner, Trigger, TriggerKind};
pub use words::WORDS_LENGTH_MAX;
use words::{bounded, quoted, sendable};
pub use work::{Found, PolicyCases, Work};
use work::{POLICY_CASES, WORK};

/// The largest payload that is read, in bytes: Lambda hands over no more than 6 MB (AWS Lambda
/// Developer Guide, "Lambda quotas", invocation payload), counted in its own way.
pub const PAYLOAD_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The largest event or request that is read, in bytes: those of AWS that concern us have one or two
/// thousand, and one of Inspector names each of an image's tags.
pub const EVENT_BYTES_MAX: usize = 256 * 1024;
/// The most records of one payload that are read (AWS Lambda Developer Guide, "Using Lambda with
/// Amazon SQS", batch size).
pub const RECORDS_MAX: usize = 10_000;

/// One thing to handle: a record of an SQS batch or of a stream's, or a direct invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The record that the event came in; `None` for a direct invocation.
    pub record: Option<BatchRecord>,
    /// The event's own JSON, to be sent again as a fresh message. Empty if there was no text, and for a
    /// stream's record, which is never sent to the queue.
    pub body: String,
    /// What it says.
    pub event: Event,
    /// How many times it came back already: the message attribute `round`. An attribute that is not
    /// a number counts as [`u32::MAX`], so that it cannot go round forever.
    pub round: u32,
}

/// What a delivery says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something happened to an image, or to a tag of it.
    Trigger(Trigger),
    /// Somebody asks to have an image judged.
    Request(Request),
    /// A minute has passed: send what is due to the queue.
    Schedule,
    /// Open work that was due, or that the walk found.
    Work(Work),
    /// Somebody wrote or deleted an item of the policies table.
    Edit(PolicyEdit),
    /// More cases of a policy that was edited.
    Cases(PolicyCases),
    /// Somebody asks for something that cannot be understood. The answer says so, and it is not a failure
    /// of ours.
    Invalid {
        /// What is wrong with the request.
        message: String,
    },
    /// One of the events that concern us, in a wrapping that is not read: nothing comes of it, and
    /// the person who set that up wants to know.
    Wrapped {
        /// What it is wrapped in, and what to do.
        what: String,
    },
    /// Nothing that concerns us, or nothing that can be read: named in the log and acknowledged.
    Other {
        /// What it was, in one line, bounded.
        what: String,
    },
}

/// Reads the payload of an invocation: an SQS batch gives a delivery for each of its records, in
/// their order, anything else gives one. A payload is an SQS batch where one of its `Records` has
/// the `eventSource` `aws:sqs`; only the outermost batch is unwrapped. A batch of the policies table's
/// stream gives a delivery for each of its records, too.
#[must_use]
pub fn read(payload: &[u8]) -> Vec<Delivery> {
    let bytes = payload.len();
    if bytes > PAYLOAD_BYTES_MAX {
        let words = format!("a payload of {bytes} bytes, more than {PAYLOAD_BYTES_MAX}");
        return vec![direct(String::new(), other(words))];
    }
    let Ok(text) = std::str::from_utf8(payload) else {
        return vec![direct(String::new(), other("not JSON: not UTF-8"))];
    };
    match Records::of(text) {
        Some(records) => from_records(&records, text),
        None => vec![alone(text)],
    }
}

fn from_records(Records { first, count }: &Records<'_>, text: &str) -> Vec<Delivery> {
    if *count > RECORDS_MAX {
        let words = format!("{count} SQS records, more than {RECORDS_MAX}");
        return vec![direct(String::new(), other(words))];
    }
    if let Some(messages) = sqs::read(first) {
        messages.into_iter().map(from_message).collect()
    } else if let Some(changes) = stream::read(first) {
        changes.into_iter().map(from_change).collect()
    } else {
        vec![alone(text)]
    }
}

/// What is not a batch.
fn alone(text: &str) -> Delivery {
    if text.len() > EVENT_BYTES_MAX {
        let words = format!(
            "an event of {} bytes, more than {EVENT_BYTES_MAX}",
            text.len()
        );
        return direct(String::new(), invalid(&words));
    }
    direct(text.to_owned(), from_text(text))
}

fn from_change(change: stream::Change) -> Delivery {
    Delivery {
        record: Some(change.record),
        body: String::new(),
        event: change.edit.map_or_else(other, Event::Edit),
        round: 0,
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

fn from_message(message: sqs::Message) -> Delivery {
    let bytes = message.body.len();
    let event = match message.problem {
        Some(problem) => other(problem),
        None if bytes > EVENT_BYTES_MAX => other(format!(
            "an event of {bytes} bytes, more than {EVENT_BYTES_MAX}"
        )),
        None => from_text(&message.body),
    };
    Delivery {
        record: Some(message.record),
        body: sendable(message.body),
        event,
        round: message.round,
    }
}

/// The event in one JSON document that is not, or not again, an SQS batch.
fn from_text(text: &str) -> Event {
    let object = match members::read(text) {
        Ok(Member::Object(object)) => object,
        Ok(Member::Array(first)) => {
            return match first.as_ref().and_then(wrapping::of_element) {
                Some(what) => wrapped(what),
                None => invalid(&request::not_an_object("an array").to_string()),
            };
        }
        Ok(_) => return invalid(&request::not_an_object("JSON that is not an object").to_string()),
        Err(error) => return other(format!("not JSON: {error}")),
    };
    if object.has("detail-type") {
        return from_envelope(&object);
    }
    if let Some(what) = wrapping::of(&object, text) {
        return wrapped(what);
    }
    if object.has("Records") {
        return other("records that are not from SQS");
    }
    if let Some(event) = of_our_own(&object, text) {
        return event;
    }
    if request::is_one(&object) {
        return request::read(&object)
            .map_or_else(|error| invalid(&error.to_string()), Event::Request);
    }
    // What is left of an event without its envelope asks for nothing.
    if object.has("source") || object.has("repository-name") {
        return other("an event without \"detail-type\"");
    }
    invalid(&request::not_one(&object).to_string())
}

/// What the function sends itself.
fn of_our_own(object: &Members, text: &str) -> Option<Event> {
    let unreadable = |what: &str, error: serde_json::Error| {
        other(format!("{what} that cannot be read: {error}"))
    };
    if object.has(WORK) {
        let work = work::read(text).map(Event::Work);
        return Some(work.unwrap_or_else(|error| unreadable("open work", error)));
    }
    object.has(POLICY_CASES).then(|| {
        let cases = work::read_cases(text).map(Event::Cases);
        cases.unwrap_or_else(|error| unreadable("a policy's cases", error))
    })
}

fn from_envelope(event: &Members) -> Event {
    let envelope = envelope::Envelope::new(event);
    let trigger = match envelope.source() {
        "aws.ecr" => ecr::read(&envelope),
        "aws.inspector2" => inspector::read(&envelope),
        "aws.events" if envelope.detail_type() == "Scheduled Event" => return Event::Schedule,
        _ => Err(envelope::Unread::Kind),
    };
    match trigger {
        Ok(trigger) => Event::Trigger(trigger),
        Err(envelope::Unread::Kind) => other(envelope.name()),
        Err(problem) => other(format!("{}: {problem}", envelope.name())),
    }
}

fn invalid(words: &str) -> Event {
    Event::Invalid {
        message: bounded(words),
    }
}

fn wrapped(what: &str) -> Event {
    Event::Wrapped {
        what: bounded(what),
    }
}

fn other(what: impl AsRef<str>) -> Event {
    Event::Other {
        what: bounded(what.as_ref()),
    }
}

#[cfg(test)]
mod tests;
