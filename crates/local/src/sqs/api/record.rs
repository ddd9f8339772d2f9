//! A message as others see it: in a receive's answer, in a Lambda record, and its checksums.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{Handle, Queues, Which, seal_handle};
use crate::{json, sqs::Message};

/// The MD5 sum of a text, in hexadecimal.
pub(super) fn md5(text: &str) -> String {
    format!("{:x}", md5::compute(text))
}

/// How much an attribute counts towards a message's size.
pub(super) fn attribute_bytes(attribute: &Value) -> usize {
    let Value::Object(fields) = attribute else {
        return 0;
    };
    fields
        .values()
        .filter_map(Value::as_str)
        .map(str::len)
        .sum()
}

/// The checksum of message attributes: SQS developer guide, "Calculating the MD5 message digest for message
/// attributes". Nothing where one of them is not well formed.
pub(super) fn md5_of_attributes(attributes: &Map<String, Value>) -> Option<String> {
    let mut names: Vec<_> = attributes.keys().collect();
    names.sort();
    let mut all = Vec::new();
    for name in names {
        let attribute = attributes.get(name)?;
        let kind = attribute.get("DataType")?.as_str()?;
        let (field, mark) = match kind.split('.').next()? {
            "String" | "Number" => ("StringValue", 1),
            "Binary" => ("BinaryValue", 2),
            _ => return None,
        };
        let value = attribute.get(field)?.as_str()?;
        add(&mut all, name.as_bytes());
        add(&mut all, kind.as_bytes());
        all.push(mark);
        if mark == 2 {
            add(&mut all, &STANDARD.decode(value).ok()?);
        } else {
            add(&mut all, value.as_bytes());
        }
    }
    Some(format!("{:x}", md5::compute(all)))
}

/// Adds bytes with their length before them.
fn add(all: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    all.extend_from_slice(&length.to_be_bytes());
    all.extend_from_slice(bytes);
}

/// Whether a receive asked for a name: by itself, `All`, `.*`, or a prefix that ends in `.*`.
fn asked(names: &[String], name: &str) -> bool {
    names.iter().any(|it| {
        it == name
            || it == "All"
            || it
                .strip_suffix(".*")
                .is_some_and(|prefix| prefix.is_empty() || name.starts_with(prefix))
    })
}

fn system_attributes(message: &Message, sender: &str) -> Map<String, Value> {
    let mut all = Map::new();
    let mut add = |name: &str, value: String| all.insert(name.to_owned(), value.into());
    add("ApproximateReceiveCount", message.receive_count.to_string());
    add("SentTimestamp", message.sent.to_string());
    add("SenderId", sender.to_owned());
    let first = message.first_received.unwrap_or(message.sent);
    add("ApproximateFirstReceiveTimestamp", first.to_string());
    if let Some(trace) = &message.trace {
        add("AWSTraceHeader", trace.clone());
    }
    all
}

/// The sender that messages name: an id of the right form.
const SENDER: &str = "AIDALOCAL00000000000";

/// A message in the answer of `ReceiveMessage`.
pub(super) fn api_message(
    message: &Message,
    handle: &str,
    system: &[String],
    names: &[String],
) -> Value {
    let mut shown = json!({
        "MessageId": message.id,
        "ReceiptHandle": handle,
        "Body": message.body,
        "MD5OfBody": md5(&message.body),
    });
    let mut attributes = system_attributes(message, SENDER);
    attributes.retain(|name, _| asked(system, name));
    if !attributes.is_empty() {
        json::set(&mut shown, "Attributes", attributes);
    }
    let mut own = message.attributes.clone();
    own.retain(|name, _| asked(names, name));
    if !own.is_empty() {
        json::set(
            &mut shown,
            "MD5OfMessageAttributes",
            md5_of_attributes(&own),
        );
        json::set(&mut shown, "MessageAttributes", own);
    }
    shown
}

/// A message as a record of Lambda's event: Lambda developer guide, "Using Lambda with Amazon SQS".
pub(crate) fn lambda_record(queues: &Queues, handle: &Handle, message: &Message) -> Value {
    let own = message.attributes.iter().map(|(name, attribute)| {
        let field = |name: &str| attribute.get(name).cloned().unwrap_or(Value::Null);
        let mut shown = json!({
            "stringListValues": [], "binaryListValues": [], "dataType": field("DataType"),
        });
        for (lower, upper) in [
            ("stringValue", "StringValue"),
            ("binaryValue", "BinaryValue"),
        ] {
            if attribute.get(upper).is_some() {
                json::set(&mut shown, lower, field(upper));
            }
        }
        (name.clone(), shown)
    });
    json!({
        "messageId": message.id,
        "receiptHandle": seal_handle(Which::Source, handle),
        "body": message.body,
        "attributes": system_attributes(message, SENDER),
        "messageAttributes": own.collect::<Map<_, _>>(),
        "md5OfBody": md5(&message.body),
        "eventSource": "aws:sqs",
        "eventSourceARN": queues.arn(Which::Source),
        "awsRegion": queues.rules.region,
    })
}
