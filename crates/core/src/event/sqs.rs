//! SQS records: what is needed to answer for each of them alone. What is in a body is not read here,
//! and what else a record holds is passed over as it is read.

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    RECORDS_MAX,
    members::{self, Member, Members},
};

/// The `eventSource` of SQS records (AWS Lambda Developer Guide, "Using Lambda with Amazon SQS").
const SOURCE: &str = "aws:sqs";

/// A record of a batch, as far as it matters for the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRecord {
    /// What names the record in `batchItemFailures`: of a message its id, of a stream's record its sequence
    /// number. `None` if it is absent or empty: an empty `itemIdentifier` would make the whole batch fail.
    pub message_id: Option<String>,
    /// With it the visibility of the message can be changed.
    pub receipt_handle: Option<String>,
    /// How many times the message was received, this time included; 1 if the record does not say.
    pub receive_count: u32,
    /// The queue, or the stream, that it came from.
    pub source_arn: Option<String>,
}

/// A record with what it carries.
pub(super) struct Message {
    pub(super) record: BatchRecord,
    /// The body, empty if the record has none.
    pub(super) body: String,
    pub(super) round: u32,
    /// Why the body must not be read.
    pub(super) problem: Option<&'static str>,
}

/// What the `Records` of a payload are.
pub(super) enum Batch {
    /// An SQS batch.
    Messages(Vec<Message>),
    /// One with too many records: this many.
    TooLarge(usize),
    /// Not a batch of SQS.
    None,
}

/// Reads the payload as an SQS batch, which it is where one of its `Records` is of SQS.
pub(super) fn read(payload: &str) -> Batch {
    #[derive(Deserialize)]
    struct Outer<'a> {
        #[serde(rename = "Records", borrow)]
        records: Option<&'a RawValue>,
    }
    let Ok(Outer {
        records: Some(records),
    }) = serde_json::from_str::<Outer<'_>>(payload)
    else {
        return Batch::None;
    };
    let Ok(Raw { first, count }) = serde_json::from_str::<Raw<'_>>(records.get()) else {
        return Batch::None;
    };
    if count > RECORDS_MAX {
        return Batch::TooLarge(count);
    }
    let messages = first.iter().map(|record| Message::read(record.get()));
    let messages: Vec<Message> = messages.collect();
    let of_another = |message: &Message| message.problem == Some(NOT_OF_SQS);
    if messages.iter().all(of_another) {
        Batch::None
    } else {
        Batch::Messages(messages)
    }
}

/// The records as they are written: the first [`RECORDS_MAX`], and how many there are.
pub(super) struct Raw<'a> {
    pub(super) first: Vec<&'a RawValue>,
    pub(super) count: usize,
}

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements;
        impl<'de> Visitor<'de> for Elements {
            type Value = Raw<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Raw<'de>, A::Error> {
                let mut first = Vec::new();
                while first.len() < RECORDS_MAX
                    && let Some(element) = elements.next_element()?
                {
                    first.push(element);
                }
                let mut count = first.len();
                while elements.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Raw { first, count })
            }
        }
        deserializer.deserialize_seq(Elements)
    }
}

const NOT_OF_SQS: &str = "a record that is not from SQS";

impl Message {
    fn read(record: &str) -> Self {
        let members = match members::read(record) {
            Ok(Member::Object(members)) => members,
            _ => Members::default(),
        };
        let text = |key| {
            members
                .text(key)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let body = members.text("body").map(str::to_owned);
        let problem = if members.text("eventSource") != Some(SOURCE) {
            Some(NOT_OF_SQS)
        } else if body.is_none() {
            Some("an SQS record without a body")
        } else {
            None
        };
        Self {
            round: round(&members),
            record: BatchRecord {
                message_id: text("messageId"),
                receipt_handle: text("receiptHandle"),
                receive_count: receive_count(&members),
                source_arn: text("eventSourceARN"),
            },
            body: body.unwrap_or_default(),
            problem,
        }
    }
}

fn receive_count(record: &Members) -> u32 {
    let attributes = record.object("attributes");
    attributes
        .and_then(|attributes| attributes.text("ApproximateReceiveCount"))
        .and_then(|count| count.parse().ok())
        .unwrap_or(1)
}

/// The attribute is written by this system alone, so one that cannot be read is a stranger's: it
/// gets no further round.
fn round(record: &Members) -> u32 {
    match record
        .object("messageAttributes")
        .map(|attributes| attributes.get("round"))
    {
        None | Some(None) => 0,
        Some(Some(Member::Object(round))) => round
            .text("stringValue")
            .and_then(|round| round.parse().ok())
            .unwrap_or(u32::MAX),
        Some(Some(_)) => u32::MAX,
    }
}
