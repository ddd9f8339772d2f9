//! SQS's JSON protocol: the operations that a function, a poller and people use. Follows the Amazon SQS API reference.
//!
//! Checks what SQS checks and turns it into calls of the queues; holds no state.

use std::{collections::HashSet, time::Duration};

use axum::response::Response;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{HIDDEN_MS_MAX, Handle, Message, Queues, Unchanged, Which};
use crate::json::{self, AWS_JSON_1_0};

mod record;

pub(crate) use record::lambda_record;

/// The longest message, attributes included, in bytes (quota "Message size").
pub(crate) const MESSAGE_BYTES_MAX: usize = 1_048_576;
/// The longest delay of a message, in seconds.
const DELAY_SECONDS_MAX: i64 = 900;
/// The longest wait of a receive, in seconds.
const WAIT_SECONDS_MAX: i64 = 20;
/// The most messages of one receive or one batch.
const BATCH_MAX: usize = 10;

/// An error as SQS's JSON protocol has it: a shape, and the code that the query protocol had for it.
#[derive(Debug)]
struct Refusal {
    shape: &'static str,
    code: &'static str,
    message: String,
}

type Answer = Result<Value, Refusal>;

impl Refusal {
    fn invalid(name: &str, value: impl std::fmt::Display, reason: &str) -> Self {
        let message = format!("Value {value} for parameter {name} is invalid. Reason: {reason}");
        Self::new(
            "com.amazon.coral.service#InvalidParameterValueException",
            "InvalidParameterValue",
            message,
        )
    }

    fn missing(name: &str) -> Self {
        let message = format!("The request must contain the parameter {name}.");
        Self::new(
            "com.amazon.coral.service#MissingRequiredParameterException",
            "MissingParameter",
            message,
        )
    }

    fn handle() -> Self {
        let message = "The input receipt handle is invalid.".to_owned();
        Self::new(
            "com.amazonaws.sqs#ReceiptHandleIsInvalid",
            "ReceiptHandleIsInvalid",
            message,
        )
    }

    fn no_queue() -> Self {
        let message = "The specified queue does not exist.".to_owned();
        Self::new(
            "com.amazonaws.sqs#QueueDoesNotExist",
            "AWS.SimpleQueueService.NonExistentQueue",
            message,
        )
    }

    fn new(shape: &'static str, code: &'static str, message: String) -> Self {
        Self {
            shape,
            code,
            message,
        }
    }

    fn into_response(self) -> Response {
        let mut response = json::error(
            StatusCode::BAD_REQUEST,
            AWS_JSON_1_0,
            self.shape,
            &self.message,
        );
        if let Ok(value) = HeaderValue::from_str(&format!("{};Sender", self.code)) {
            response.headers_mut().insert("x-amzn-query-error", value);
        }
        response
    }
}

/// Answers one operation. `base` is the address under which the caller reaches the queues.
pub(crate) async fn call(queues: &Queues, base: &str, operation: &str, body: &[u8]) -> Response {
    let answer = match operation {
        "SendMessage" => read(body).and_then(|it| send(queues, &it)),
        "SendMessageBatch" => read(body).and_then(|it| send_batch(queues, it)),
        "ReceiveMessage" => match read(body) {
            Ok(request) => receive(queues, request).await,
            Err(refusal) => Err(refusal),
        },
        "DeleteMessage" => read(body).and_then(|it| delete(queues, &it)),
        "ChangeMessageVisibility" => read(body).and_then(|it| change(queues, &it)),
        "GetQueueUrl" => read(body).and_then(|it| queue_url(queues, base, &it)),
        "GetQueueAttributes" => read(body).and_then(|it| attributes(queues, &it)),
        "ListQueues" => Ok(json!({
            "QueueUrls": [queues.url(base, Which::Source), queues.url(base, Which::Dead)],
        })),
        "PurgeQueue" => read(body).and_then(|it: OfQueue| {
            queues.purge(it.which(queues)?);
            Ok(json!({}))
        }),
        "StartMessageMoveTask" => read(body).and_then(|it| start_move(queues, &it)),
        _ => Err(Refusal::new(
            "com.amazon.coral.service#UnknownOperationException",
            "InvalidAction",
            format!("The operation {operation} is not known here."),
        )),
    };
    match answer {
        Ok(value) => json::ok(AWS_JSON_1_0, &value),
        Err(refusal) => refusal.into_response(),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let shape = "com.amazon.coral.service#SerializationException";
        Refusal::new(shape, "MalformedInput", error.to_string())
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfQueue {
    queue_url: Option<String>,
    queue_name: Option<String>,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
    #[serde(default)]
    attribute_names: Vec<String>,
    source_arn: Option<String>,
}

impl OfQueue {
    fn which(&self, queues: &Queues) -> Result<Which, Refusal> {
        which(queues, self.queue_url.as_deref())
    }

    fn handle(&self, which: Which) -> Result<Handle, Refusal> {
        let text = self.receipt_handle.as_deref();
        open_handle(
            which,
            text.ok_or_else(|| Refusal::missing("ReceiptHandle"))?,
        )
    }
}

/// The queue that a URL names: by its path alone, since the host is whatever the caller reaches.
fn which(queues: &Queues, url: Option<&str>) -> Result<Which, Refusal> {
    let url = url.ok_or_else(|| Refusal::missing("QueueUrl"))?;
    let mut parts = url.rsplit('/');
    let which = parts.next().and_then(Which::named);
    let account = parts.next();
    which
        .filter(|_| account == Some(queues.rules.account.as_str()))
        .ok_or_else(Refusal::no_queue)
}

fn seal_handle(which: Which, handle: &Handle) -> String {
    let Handle { place, nonce, id } = handle;
    URL_SAFE_NO_PAD.encode(format!("{}/{place}/{nonce}/{id}", which.name()))
}

fn open_handle(which: Which, text: &str) -> Result<Handle, Refusal> {
    let open = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = text.splitn(4, '/');
        let named = parts.next()?;
        let place = parts.next()?.parse().ok()?;
        let nonce = parts.next()?.parse().ok()?;
        let id = parts.next()?.to_owned();
        (named == which.name()).then_some(Handle { place, nonce, id })
    };
    open().ok_or_else(Refusal::handle)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Send {
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
}

fn send(queues: &Queues, request: &Send) -> Answer {
    let which = which(queues, request.queue_url.as_deref())?;
    send_to(queues, which, request)
}

fn send_to(queues: &Queues, which: Which, request: &Send) -> Answer {
    let body = request.message_body.clone().filter(|it| !it.is_empty());
    let body = body.ok_or_else(|| Refusal::missing("MessageBody"))?;
    if request.size() > MESSAGE_BYTES_MAX {
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
    let delay = seconds(
        "DelaySeconds",
        request.delay_seconds.unwrap_or(0),
        DELAY_SECONDS_MAX,
    )?;
    let trace = request.message_system_attributes.get("AWSTraceHeader");
    let trace = trace.and_then(|it| it.get("StringValue")?.as_str());
    let mut answer = json!({"MD5OfMessageBody": record::md5(&body)});
    if !request.message_attributes.is_empty() {
        let sum = record::md5_of_attributes(&request.message_attributes);
        answer["MD5OfMessageAttributes"] = sum
            .ok_or_else(|| {
                let reason =
                    "Each has a DataType of String, Number or Binary and a value of that type.";
                Refusal::invalid("MessageAttributes", "given", reason)
            })?
            .into();
    }
    let id = queues.send(which, body, delay, |message| {
        message.attributes.clone_from(&request.message_attributes);
        message.trace = trace.map(str::to_owned);
    });
    answer["MessageId"] = id.into();
    Ok(answer)
}

/// A duration within SQS's bounds.
fn seconds(name: &str, value: i64, most: i64) -> Result<Duration, Refusal> {
    match u64::try_from(value) {
        Ok(seconds) if value <= most => Ok(Duration::from_secs(seconds)),
        _ => Err(Refusal::invalid(
            name,
            value,
            &format!("{name} must be >= 0 and <= {most}."),
        )),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendBatch {
    queue_url: Option<String>,
    #[serde(default)]
    entries: Vec<Send>,
}

fn send_batch(queues: &Queues, request: SendBatch) -> Answer {
    let which = which(queues, request.queue_url.as_deref())?;
    let mut seen = HashSet::new();
    let refuse = |shape, code, message: &str| Err(Refusal::new(shape, code, message.to_owned()));
    if request.entries.is_empty() {
        let message = "There should be at least one SendMessageBatchRequestEntry in the request.";
        return refuse(
            "com.amazonaws.sqs#EmptyBatchRequest",
            "AWS.SimpleQueueService.EmptyBatchRequest",
            message,
        );
    }
    if request.entries.len() > BATCH_MAX {
        let message = "Maximum number of entries per request are 10.";
        return refuse(
            "com.amazonaws.sqs#TooManyEntriesInBatchRequest",
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            message,
        );
    }
    if !request.entries.iter().all(|it| seen.insert(it.id.clone())) {
        let message = "Two or more batch entries in the request have the same Id.";
        return refuse(
            "com.amazonaws.sqs#BatchEntryIdsNotDistinct",
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            message,
        );
    }
    if request.entries.iter().map(Send::size).sum::<usize>() > MESSAGE_BYTES_MAX {
        let message = "Batch requests cannot be longer than 1048576 bytes.";
        return refuse(
            "com.amazonaws.sqs#BatchRequestTooLong",
            "AWS.SimpleQueueService.BatchRequestTooLong",
            message,
        );
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in request.entries {
        match send_to(queues, which, &entry) {
            Ok(mut sent) => {
                sent["Id"] = entry.id.into();
                successful.push(sent);
            }
            Err(it) => failed.push(json!({"Id": entry.id, "SenderFault": true, "Code": it.code, "Message": it.message})),
        }
    }
    Ok(json!({"Successful": successful, "Failed": failed}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Receive {
    queue_url: Option<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

async fn receive(queues: &Queues, request: Receive) -> Answer {
    let which = which(queues, request.queue_url.as_deref())?;
    let asked = request.max_number_of_messages.unwrap_or(1);
    let most = usize::try_from(asked)
        .ok()
        .filter(|it| (1..=BATCH_MAX).contains(it));
    let most = most.ok_or_else(|| {
        Refusal::invalid(
            "MaxNumberOfMessages",
            asked,
            "Must be between 1 and 10, if provided.",
        )
    })?;
    let hidden = match request.visibility_timeout {
        Some(value) => seconds("VisibilityTimeout", value, HIDDEN_MS_MAX / 1_000)?,
        None => queues.rules.visibility,
    };
    let wait = seconds(
        "WaitTimeSeconds",
        request.wait_time_seconds.unwrap_or(0),
        WAIT_SECONDS_MAX,
    )?;
    let mut received = queues.receive(which, most, hidden);
    if received.is_empty() && !wait.is_zero() {
        // Whether the wait ended with a message or without is seen by receiving.
        let _ = tokio::time::timeout(wait, queues.visible(which)).await;
        received = queues.receive(which, most, hidden);
    }
    let system = [
        request.attribute_names,
        request.message_system_attribute_names,
    ]
    .concat();
    let show = |(handle, message): &(Handle, Message)| {
        record::api_message(
            message,
            seal_handle(which, handle),
            &system,
            &request.message_attribute_names,
        )
    };
    match received.as_slice() {
        [] => Ok(json!({})),
        received => Ok(json!({"Messages": received.iter().map(show).collect::<Vec<_>>()})),
    }
}

fn delete(queues: &Queues, request: &OfQueue) -> Answer {
    let which = request.which(queues)?;
    queues.delete(which, &request.handle(which)?);
    Ok(json!({}))
}

fn change(queues: &Queues, request: &OfQueue) -> Answer {
    let which = request.which(queues)?;
    let handle = request.handle(which)?;
    let asked = request
        .visibility_timeout
        .ok_or_else(|| Refusal::missing("VisibilityTimeout"))?;
    let hidden = seconds("VisibilityTimeout", asked, HIDDEN_MS_MAX / 1_000)?;
    match queues.hide(which, &handle, hidden) {
        Ok(()) => Ok(json!({})),
        Err(Unchanged::NotInFlight) => Err(Refusal::new(
            "com.amazonaws.sqs#MessageNotInflight",
            "AWS.SimpleQueueService.MessageNotInflight",
            "The specified message isn't in flight.".to_owned(),
        )),
        Err(Unchanged::Gone) => {
            let reason =
                "Message does not exist or is not available for visibility timeout change.";
            Err(Refusal::invalid("ReceiptHandle", "given", reason))
        }
        Err(Unchanged::TooLong) => {
            let reason =
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].";
            Err(Refusal::invalid("VisibilityTimeout", asked, reason))
        }
    }
}

fn queue_url(queues: &Queues, base: &str, request: &OfQueue) -> Answer {
    let name = request
        .queue_name
        .as_deref()
        .ok_or_else(|| Refusal::missing("QueueName"))?;
    let which = Which::named(name).ok_or_else(Refusal::no_queue)?;
    Ok(json!({"QueueUrl": queues.url(base, which)}))
}

fn attributes(queues: &Queues, request: &OfQueue) -> Answer {
    let which = request.which(queues)?;
    let counts = queues.counts_of(which);
    let mut all = json!({
        "QueueArn": queues.arn(which),
        "ApproximateNumberOfMessages": counts.visible.to_string(),
        "ApproximateNumberOfMessagesNotVisible": counts.in_flight.to_string(),
        "ApproximateNumberOfMessagesDelayed": counts.delayed.to_string(),
        "VisibilityTimeout": queues.rules.visibility.as_secs().to_string(),
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
        "MaximumMessageSize": MESSAGE_BYTES_MAX.to_string(),
        "MessageRetentionPeriod": "1209600",
    });
    if which == Which::Source {
        let redrive = json!({
            "deadLetterTargetArn": queues.arn(Which::Dead), "maxReceiveCount": queues.rules.max_receive_count,
        });
        all["RedrivePolicy"] = redrive.to_string().into();
    }
    let names = &request.attribute_names;
    if let Value::Object(all) = &mut all
        && !names.iter().any(|it| it == "All")
    {
        if let Some(unknown) = names
            .iter()
            .find(|it| !all.contains_key(*it) && *it != "RedrivePolicy")
        {
            let message = format!("Unknown Attribute {unknown}.");
            return Err(Refusal::new(
                "com.amazonaws.sqs#InvalidAttributeName",
                "InvalidAttributeName",
                message,
            ));
        }
        all.retain(|name, _| names.contains(name));
    }
    Ok(json!({"Attributes": all}))
}

fn start_move(queues: &Queues, request: &OfQueue) -> Answer {
    if request.source_arn.as_deref() != Some(queues.arn(Which::Dead).as_str()) {
        let message =
            "The resource that you specified for the SourceArn parameter doesn't exist.".to_owned();
        return Err(Refusal::new(
            "com.amazonaws.sqs#ResourceNotFoundException",
            "ResourceNotFoundException",
            message,
        ));
    }
    let moved = queues.redrive();
    tracing::info!(moved, "moved dead letters back");
    Ok(json!({"TaskHandle": crate::ids::uuid()}))
}

#[cfg(test)]
mod tests;
