//! SQS's JSON protocol: the operations that a function, a poller and people use. Follows the Amazon SQS API reference.
//!
//! Checks what SQS checks and turns it into calls of the queues; holds no state.

use std::time::Duration;

use axum::response::Response;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Handle, Queues, Which};
use crate::json::{self, AWS_JSON_1_0};

mod receive;
mod record;
mod send;

pub(crate) use record::lambda_record;

/// The longest message, attributes included, in bytes (quota "Message size").
pub(crate) const MESSAGE_BYTES_MAX: usize = 1_048_576;
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
        "SendMessage" => read(body).and_then(|it| send::send(queues, &it)),
        "SendMessageBatch" => read(body).and_then(|it| send::send_batch(queues, it)),
        "ReceiveMessage" => match read(body) {
            Ok(request) => receive::receive(queues, request).await,
            Err(refusal) => Err(refusal),
        },
        "DeleteMessage" => read(body).and_then(|it| receive::delete(queues, &it)),
        "ChangeMessageVisibility" => read(body).and_then(|it| receive::change(queues, &it)),
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
            format!("The operation {operation} is not supported here."),
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
        json::set(&mut all, "RedrivePolicy", redrive.to_string());
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
