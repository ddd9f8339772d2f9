//! SQS records: what is needed to answer for each of them alone. What is in a body is not read here,
//! and what else a record holds is passed over as it is read.

use serde_json::value::RawValue;

use super::members::{self, Member, Members};

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

/// The records as an SQS batch, which they are where one of them is of SQS.
pub(super) fn read(records: &[&RawValue]) -> Option<Vec<Message>> {
    let messages = records.iter().map(|record| Message::read(record.get()));
    let messages: Vec<Message> = messages.collect();
    let of_another = |message: &Message| message.problem == Some(NOT_OF_SQS);
    (!messages.iter().all(of_another)).then_some(messages)
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
