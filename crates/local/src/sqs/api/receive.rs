//! Messages on their way out: received, hidden, deleted.

use serde::Deserialize;
use serde_json::json;

use super::{
    Answer, BATCH_MAX, Handle, OfQueue, Queues, Refusal, record, seal_handle, seconds, which,
};
use crate::sqs::{HIDDEN_MS_MAX, Message, Unchanged};

/// The longest wait of a receive, in seconds.
const WAIT_SECONDS_MAX: i64 = 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Receive {
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

pub(super) async fn receive(queues: &Queues, request: Receive) -> Answer {
    let which = which(queues, request.queue_url.as_deref())?;
    let most = most(request.max_number_of_messages.unwrap_or(1))?;
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
            &seal_handle(which, handle),
            &system,
            &request.message_attribute_names,
        )
    };
    match received.as_slice() {
        [] => Ok(json!({})),
        received => Ok(json!({"Messages": received.iter().map(show).collect::<Vec<_>>()})),
    }
}

fn most(asked: i64) -> Result<usize, Refusal> {
    let most = usize::try_from(asked).ok();
    most.filter(|it| (1..=BATCH_MAX).contains(it))
        .ok_or_else(|| {
            let reason = "Must be between 1 and 10, if provided.";
            Refusal::invalid("MaxNumberOfMessages", asked, reason)
        })
}

pub(super) fn delete(queues: &Queues, request: &OfQueue) -> Answer {
    let which = request.which(queues)?;
    queues.delete(which, &request.handle(which)?);
    Ok(json!({}))
}

pub(super) fn change(queues: &Queues, request: &OfQueue) -> Answer {
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
