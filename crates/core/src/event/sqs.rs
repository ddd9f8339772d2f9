//! SQS records: what is needed to answer for each of them alone. What is in a body is not read here.

use serde_json::Value;

/// The `eventSource` of SQS records (AWS Lambda Developer Guide, "Using Lambda with Amazon SQS").
const SOURCE: &str = "aws:sqs";

/// An SQS record, as far as it matters for the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What names the record in `batchItemFailures`. `None` where it is absent or empty: an empty
    /// `itemIdentifier` would make the whole batch fail.
    pub message_id: Option<String>,
    /// With it the visibility of the message can be changed.
    pub receipt_handle: Option<String>,
    /// How often the message was received, this time included; 1 where the record does not say.
    pub receive_count: u32,
    /// The queue that it came from.
    pub queue_arn: Option<String>,
}

/// A record with what it carries.
pub(super) struct Message {
    pub(super) record: Record,
    /// The body, empty where the record has none.
    pub(super) body: String,
    pub(super) round: u32,
    /// Why the body is not to be read.
    pub(super) problem: Option<String>,
}

/// The records of an SQS batch, or the value itself where it is none.
pub(super) fn records(mut payload: Value) -> Result<Vec<Value>, Value> {
    match payload.get_mut("Records") {
        Some(Value::Array(records)) if records.iter().any(is_of_sqs) => Ok(std::mem::take(records)),
        _ => Err(payload),
    }
}

fn is_of_sqs(record: &Value) -> bool {
    record.get("eventSource").and_then(Value::as_str) == Some(SOURCE)
}

impl Message {
    pub(super) fn read(mut record: Value) -> Self {
        let body = match record.get_mut("body").map(Value::take) {
            Some(Value::String(body)) => Some(body),
            _ => None,
        };
        let problem = if !is_of_sqs(&record) {
            Some("a record that is not of SQS".to_owned())
        } else if body.is_none() {
            Some("an SQS record without a body".to_owned())
        } else {
            None
        };
        Self {
            round: round(&record),
            record: Record {
                message_id: text(&record, "messageId"),
                receipt_handle: text(&record, "receiptHandle"),
                receive_count: receive_count(&record),
                queue_arn: text(&record, "eventSourceARN"),
            },
            body: body.unwrap_or_default(),
            problem,
        }
    }
}

fn text(record: &Value, key: &str) -> Option<String> {
    let text = record.get(key)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn receive_count(record: &Value) -> u32 {
    record
        .pointer("/attributes/ApproximateReceiveCount")
        .and_then(Value::as_str)
        .and_then(|count| count.parse().ok())
        .unwrap_or(1)
}

/// The attribute is written by this system alone, so one that cannot be read is a stranger's: it
/// gets no further round.
fn round(record: &Value) -> u32 {
    match record.pointer("/messageAttributes/round") {
        None => 0,
        Some(attribute) => attribute
            .get("stringValue")
            .and_then(Value::as_str)
            .and_then(|round| round.parse().ok())
            .unwrap_or(u32::MAX),
    }
}
