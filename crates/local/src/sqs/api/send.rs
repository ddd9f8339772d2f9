//! Messages on their way in: what SQS refuses of them, and what it answers.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::json;

use super::{Answer, BATCH_MAX, MESSAGE_BYTES_MAX, Queues, Refusal, Which, record, seconds, which};

/// The most attributes of a message (SQS developer guide, "Amazon SQS message metadata").
const ATTRIBUTES_MAX: usize = 10;
/// The longest id of a batch's entry (SQS API reference, `SendMessageBatchRequestEntry`).
const ENTRY_ID_MAX: usize = 80;
/// The longest delay of a message, in seconds.
const DELAY_SECONDS_MAX: i64 = 900;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Send {
    queue_url: Option<String>,
    id: Option<String>,
    message_body: Option<String>,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: Map<String, Value>,
    #[serde(default)]
    message_system_attributes: Map<String, Value>,
}

impl Send {
    fn size(&self) -> usize {
        let attributes = self.message_attributes.iter();
        let attributes: usize = attributes
            .map(|(name, it)| name.len() + record::attribute_bytes(it))
            .sum();
        self.message_body.as_deref().map_or(0, str::len) + attributes
    }

    /// The body, where SQS would take it.
    fn body(&self) -> Result<String, Refusal> {
        let body = self.message_body.clone().filter(|it| !it.is_empty());
        let body = body.ok_or_else(|| Refusal::missing("MessageBody"))?;
        if self.size() > MESSAGE_BYTES_MAX {
            let message = format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {MESSAGE_BYTES_MAX} bytes."
            );
            let shape = "com.amazon.coral.service#InvalidParameterValueException";
            return Err(Refusal::new(shape, "InvalidParameterValue", message));
        }
        let allowed = |it: char| !matches!(it, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
        if !body.chars().all(allowed) {
            let message = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | \
                           #xE000 to #xFFFD | #x10000 to #x10FFFF";
            return Err(Refusal::new(
                "com.amazonaws.sqs#InvalidMessageContents",
                "InvalidMessageContents",
                message.to_owned(),
            ));
        }
        Ok(body)
    }
}

pub(super) fn send(queues: &Queues, request: &Send) -> Answer {
    let which = which(queues, request.queue_url.as_deref())?;
    send_to(queues, which, request)
}

fn send_to(queues: &Queues, which: Which, request: &Send) -> Answer {
    let body = request.body()?;
    let delay = seconds(
        "DelaySeconds",
        request.delay_seconds.unwrap_or(0),
        DELAY_SECONDS_MAX,
    )?;
    let trace = request.message_system_attributes.get("AWSTraceHeader");
    let trace = trace.and_then(|it| it.get("StringValue")?.as_str());
    let mut answer = json!({"MD5OfMessageBody": record::md5(&body)});
    let count = request.message_attributes.len();
    if count > ATTRIBUTES_MAX {
        let message = format!(
            "Number of message attributes [{count}] exceeds the allowed maximum [{ATTRIBUTES_MAX}]."
        );
        let shape = "com.amazon.coral.service#InvalidParameterValueException";
        return Err(Refusal::new(shape, "InvalidParameterValue", message));
    }
    if count > 0 {
        let sum = record::md5_of_attributes(&request.message_attributes);
        let sum = sum.ok_or_else(|| {
            let reason =
                "Each has a DataType of String, Number or Binary and a value of that type.";
            Refusal::invalid("MessageAttributes", "given", reason)
        })?;
        json::set(&mut answer, "MD5OfMessageAttributes", sum);
    }
    let id = queues.send(which, body, delay, |message| {
        message.attributes.clone_from(&request.message_attributes);
        message.trace = trace.map(str::to_owned);
    });
    json::set(&mut answer, "MessageId", id);
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendBatch {
    queue_url: Option<String>,
    #[serde(default)]
    entries: Vec<Send>,
}

pub(super) fn send_batch(queues: &Queues, request: SendBatch) -> Answer {
    let which = which(queues, request.queue_url.as_deref())?;
    check_batch(&request.entries)?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in request.entries {
        match send_to(queues, which, &entry) {
            Ok(mut sent) => {
                json::set(&mut sent, "Id", entry.id);
                successful.push(sent);
            }
            Err(it) => failed.push(json!({"Id": entry.id, "SenderFault": true, "Code": it.code, "Message": it.message})),
        }
    }
    Ok(json!({"Successful": successful, "Failed": failed}))
}

/// What SQS refuses of a batch as a whole.
fn check_batch(entries: &[Send]) -> Result<(), Refusal> {
    let refuse = |shape, code, message: &str| Err(Refusal::new(shape, code, message.to_owned()));
    if entries.is_empty() {
        let message = "There should be at least one SendMessageBatchRequestEntry in the request.";
        return refuse(
            "com.amazonaws.sqs#EmptyBatchRequest",
            "AWS.SimpleQueueService.EmptyBatchRequest",
            message,
        );
    }
    if entries.len() > BATCH_MAX {
        let message = "Maximum number of entries per request are 10.";
        return refuse(
            "com.amazonaws.sqs#TooManyEntriesInBatchRequest",
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            message,
        );
    }
    check_ids(entries)?;
    if entries.iter().map(Send::size).sum::<usize>() > MESSAGE_BYTES_MAX {
        let message = "Batch requests cannot be longer than 1048576 bytes.";
        return refuse(
            "com.amazonaws.sqs#BatchRequestTooLong",
            "AWS.SimpleQueueService.BatchRequestTooLong",
            message,
        );
    }
    Ok(())
}

/// Every entry has an id of its own.
fn check_ids(entries: &[Send]) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    for entry in entries {
        let id = entry.id.as_deref().ok_or_else(|| Refusal::missing("Id"))?;
        if !is_entry_id(id) {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                           It can be at most 80 letters long.";
            return Err(Refusal::new(
                "com.amazonaws.sqs#InvalidBatchEntryId",
                "AWS.SimpleQueueService.InvalidBatchEntryId",
                message.to_owned(),
            ));
        }
        if !seen.insert(id) {
            let message = "Two or more batch entries in the request have the same Id.";
            return Err(Refusal::new(
                "com.amazonaws.sqs#BatchEntryIdsNotDistinct",
                "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
                message.to_owned(),
            ));
        }
    }
    Ok(())
}

fn is_entry_id(id: &str) -> bool {
    (1..=ENTRY_ID_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
}
