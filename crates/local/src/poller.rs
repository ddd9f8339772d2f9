//! The poller between the queue and the function: Lambda's event source mapping for SQS with
//! `ReportBatchItemFailures` (Lambda developer guide, "Handling errors for an SQS event source in Lambda").
//!
//! Deletes what the function did not report as failed and leaves everything else to its visibility timeout.

use std::{collections::HashSet, sync::Arc};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    function::Function,
    sqs::{Handle, Message, Queues, Which, api::lambda_record},
};

/// A batch that was received and not yet answered.
pub(crate) type Batch = Vec<(Handle, Message)>;

/// Receives what can be seen now, at most `most` messages.
pub(crate) fn receive(queues: &Queues, most: usize) -> Batch {
    queues.receive(Which::Source, most, queues.rules.visibility)
}

/// Polls forever: at most `concurrency` batches of at most `batch_size` messages at once. What is under way ends
/// with the future.
pub(crate) async fn run(
    queues: Arc<Queues>,
    function: Arc<Function>,
    concurrency: usize,
    batch_size: usize,
) {
    function.set_by_then().await;
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = running.join_next() => {}
            () = queues.visible(Which::Source), if running.len() < concurrency.max(1) => {
                let batch = receive(&queues, batch_size);
                if !batch.is_empty() {
                    let (queues, function) = (queues.clone(), function.clone());
                    running.spawn(async move { handle(&queues, &function, batch).await });
                }
            }
        }
    }
}

/// Invokes the function with a batch and settles its messages by the answer.
pub(crate) async fn handle(queues: &Queues, function: &Function, batch: Batch) {
    let records = batch
        .iter()
        .map(|(handle, message)| lambda_record(queues, handle, message));
    let payload = json!({"Records": records.collect::<Vec<_>>()});
    let answer = function.invoke(payload.to_string().into_bytes()).await;
    let sent: HashSet<&str> = batch
        .iter()
        .map(|(_, message)| message.id.as_str())
        .collect();
    let failed = match answer {
        Ok(body) => failures(&body, &sent),
        Err(stopped) => Err(stopped.message),
    };
    match failed {
        Ok(failed) => {
            let done = batch
                .iter()
                .filter(|(_, message)| !failed.contains(&message.id));
            done.for_each(|(handle, _)| queues.delete(Which::Source, handle));
        }
        Err(error) => tracing::warn!(messages = batch.len(), %error, "the batch failed"),
    }
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "itemIdentifier")]
    identifier: String,
}

/// Which messages, or records of a stream, an answer reports as failed; the error says why the whole batch has.
pub(crate) fn failures(body: &[u8], sent: &HashSet<&str>) -> Result<HashSet<String>, String> {
    let answer: Value =
        serde_json::from_slice(body).map_err(|it| format!("the answer is not JSON: {it}"))?;
    let list = match answer {
        Value::Null => return Ok(HashSet::new()),
        Value::Object(mut fields) => fields.remove("batchItemFailures").unwrap_or_default(),
        _ => return Err("the answer is not an object".to_owned()),
    };
    if list.is_null() {
        return Ok(HashSet::new());
    }
    let items: Vec<Item> =
        serde_json::from_value(list).map_err(|it| format!("batchItemFailures: {it}"))?;
    let unknown = items
        .iter()
        .find(|it| !sent.contains(it.identifier.as_str()));
    match unknown {
        Some(item) => Err(format!(
            "batchItemFailures: unknown itemIdentifier \"{}\"",
            item.identifier
        )),
        None => Ok(items.into_iter().map(|it| it.identifier).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_fails_messages_or_the_whole_batch() {
        let sent = HashSet::from(["a", "b"]);
        let none = Some(vec![]);
        for (case, answer, expected) in [
            ("empty list", r#"{"batchItemFailures": []}"#, none.clone()),
            ("null list", r#"{"batchItemFailures": null}"#, none.clone()),
            ("empty object", "{}", none.clone()),
            ("null", "null", none.clone()),
            ("another key", r#"{"decisions": []}"#, none),
            (
                "one",
                r#"{"batchItemFailures": [{"itemIdentifier": "b"}]}"#,
                Some(vec!["b"]),
            ),
            ("no JSON", "", None),
            ("cut short", r#"{"batchItemFailures": ["#, None),
            ("a text", r#""done""#, None),
            ("a list of texts", r#"{"batchItemFailures": ["b"]}"#, None),
            (
                "null identifier",
                r#"{"batchItemFailures": [{"itemIdentifier": null}]}"#,
                None,
            ),
            (
                "empty identifier",
                r#"{"batchItemFailures": [{"itemIdentifier": ""}]}"#,
                None,
            ),
            (
                "unknown identifier",
                r#"{"batchItemFailures": [{"itemIdentifier": "c"}]}"#,
                None,
            ),
            (
                "wrong key",
                r#"{"batchItemFailures": [{"messageId": "b"}]}"#,
                None,
            ),
        ] {
            let expected = expected.map(|it| it.into_iter().map(str::to_owned).collect());
            assert_eq!(failures(answer.as_bytes(), &sent).ok(), expected, "{case}");
        }
    }
}
