//! The stream of a table, and Lambda's event source mapping from it to the function (Lambda developer guide,
//! "Using AWS Lambda with Amazon DynamoDB"): in order, one batch at a time, a failed one again until its retries
//! are used up, and then to the failure destination, the dead-letter queue.
//!
//! A table with a stream becomes slower with each write, for the engine keeps every record: only a small table
//! should have one.

use std::{path::PathBuf, sync::OnceLock, time::Duration};

use chrono::SecondsFormat;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{
    clock::Clock,
    dynamodb::Tables,
    function::Function,
    ids,
    pattern::Pattern,
    poller::failures,
    sqs::{Queues, Which},
};

/// How often a shard is asked for records: four times a second, as Lambda does.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long a failed batch rests.
const PAUSE: Duration = Duration::from_secs(1);

/// Which table's stream invokes the function, and how.
#[derive(Debug, Clone)]
pub struct StreamMapping {
    /// The table. Without a stream of its own it invokes nothing.
    pub table: String,
    /// The pattern that a record has to match; without one all pass.
    pub filter: Option<Value>,
    /// How many records come in one batch.
    pub batch_size: usize,
    /// How many times a failed batch is tried again.
    pub retries_max: u32,
}

/// The mapping, once there is one.
#[derive(Default)]
pub(crate) struct Stream {
    mapping: OnceLock<(StreamMapping, Option<Pattern>)>,
    /// Held while a batch is handled, so that order is kept.
    position: Mutex<Position>,
    /// Where the last handled record's number is kept across restarts.
    file: Option<PathBuf>,
}

/// Where the mapping stands.
#[derive(Default)]
struct Position {
    iterator: Option<String>,
    attempts: u32,
}

/// What a function is invoked with.
pub(crate) struct Around<'a> {
    pub(crate) tables: &'a Tables,
    pub(crate) function: &'a Function,
    pub(crate) queues: &'a Queues,
    pub(crate) clock: &'a Clock,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    records: Vec<Value>,
    next_shard_iterator: Option<String>,
}

impl Stream {
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        Self {
            file,
            ..Self::default()
        }
    }

    /// The first mapping is believed.
    pub(crate) fn set(&self, mapping: StreamMapping, filter: Option<Pattern>) {
        let _ = self.mapping.set((mapping, filter));
    }

    /// Whether records wait, or are being handled.
    pub(crate) fn is_busy(&self, tables: &Tables) -> bool {
        let Ok(mut position) = self.position.try_lock() else {
            return true;
        };
        let page = self.page(&mut position, tables);
        page.is_some_and(|page| !page.records.is_empty())
    }

    /// Handles one batch; false if there is none, or if it failed and is to rest.
    pub(crate) async fn step(&self, around: &Around<'_>) -> bool {
        let mut position = self.position.lock().await;
        let Some(page) = self.page(&mut position, around.tables) else {
            return false;
        };
        let Some((mapping, filter)) = self.mapping.get().filter(|_| !page.records.is_empty())
        else {
            return false;
        };
        let passes = |record: &&Value| filter.as_ref().is_none_or(|it| it.matches(record));
        let batch: Vec<&Value> = page.records.iter().filter(passes).collect();
        match invoke(around, mapping, &batch).await {
            Ok(()) => {}
            Err(error) if position.attempts < mapping.retries_max => {
                tracing::warn!(records = batch.len(), %error, "a batch of the stream failed");
                position.attempts += 1;
                return false;
            }
            Err(error) => {
                tracing::warn!(records = batch.len(), %error, "a batch of the stream is given up");
                give_up(around, mapping, &batch, position.attempts + 1);
            }
        }
        position.attempts = 0;
        position.iterator = page.next_shard_iterator;
        self.keep(page.records.last());
        true
    }

    /// Handles what comes forever.
    pub(crate) async fn run(&self, around: &Around<'_>) {
        around.function.set_by_then().await;
        loop {
            if !self.step(around).await {
                let failed = self.position.lock().await.attempts > 0;
                tokio::time::sleep(if failed { PAUSE } else { LOOK_EVERY }).await;
            }
        }
    }

    /// The records that come next.
    fn page(&self, position: &mut Position, tables: &Tables) -> Option<Page> {
        let (mapping, _) = self.mapping.get()?;
        if position.iterator.is_none() {
            position.iterator = self.first(mapping, tables);
        }
        let ask =
            json!({"ShardIterator": position.iterator.as_ref()?, "Limit": mapping.batch_size});
        let mut page: Page = tables.ask("GetRecords", &ask)?;
        let (_, arn) = tables.stream_of(&mapping.table)?;
        for record in &mut page.records {
            if let Value::Object(members) = record {
                members.insert("eventSourceARN".to_owned(), json!(arn));
                members.insert("awsRegion".to_owned(), json!(tables.region()));
            }
        }
        Some(page)
    }

    /// After the record that was handled last; without one, with the first that there is.
    fn first(&self, mapping: &StreamMapping, tables: &Tables) -> Option<String> {
        let (arn, _) = tables.stream_of(&mapping.table)?;
        let described: Value = tables.ask("DescribeStream", &json!({"StreamArn": arn}))?;
        let shard = described.pointer("/StreamDescription/Shards/0/ShardId")?;
        let kept = self
            .file
            .as_ref()
            .and_then(|file| std::fs::read_to_string(file).ok());
        let ask = match kept {
            None => {
                json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"})
            }
            Some(number) => json!({
                "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "SequenceNumber": number,
            }),
        };
        let answer: Value = tables.ask("GetShardIterator", &ask)?;
        answer.get("ShardIterator")?.as_str().map(str::to_owned)
    }

    /// Keeps the number of the record that was handled last. Where that fails, it is handled again after a restart.
    fn keep(&self, last: Option<&Value>) {
        let Some((file, number)) = self.file.as_ref().zip(last.and_then(number)) else {
            return;
        };
        if let Err(error) = std::fs::write(file, number) {
            tracing::warn!(%error, "the place in the stream could not be kept");
        }
    }
}

/// Invokes the function with a batch. What it reports as failed, and what comes after, is handled again.
async fn invoke(
    around: &Around<'_>,
    mapping: &StreamMapping,
    batch: &[&Value],
) -> Result<(), String> {
    if batch.is_empty() {
        return Ok(());
    }
    let payload = json!({"Records": batch}).to_string().into_bytes();
    let answer = around.function.invoke(payload).await;
    let answer = answer.map_err(|stopped| stopped.message)?;
    let sent = batch.iter().filter_map(|record| number(record)).collect();
    let failed = failures(&answer, &sent)?;
    if failed.is_empty() {
        Ok(())
    } else {
        let (failed, table) = (failed.len(), &mapping.table);
        Err(format!("{failed} records of {table} failed"))
    }
}

/// Tells the failure destination which records were given up.
fn give_up(around: &Around<'_>, mapping: &StreamMapping, batch: &[&Value], invokes: u32) {
    let ends = batch.first().zip(batch.last());
    let Some((first, last)) = ends else { return };
    let timestamp = around
        .clock
        .now()
        .to_rfc3339_opts(SecondsFormat::Millis, true);
    let body = json!({
        "version": "1.0", "timestamp": timestamp,
        "requestContext": {
            "requestId": ids::uuid(), "condition": "RetryAttemptsExhausted", "approximateInvokeCount": invokes,
        },
        "DDBStreamBatchInfo": {
            "startSequenceNumber": number(first), "endSequenceNumber": number(last), "batchSize": batch.len(),
            "streamArn": around.tables.stream_of(&mapping.table).map(|(_, arn)| arn),
        },
    });
    around
        .queues
        .send(Which::Dead, body.to_string(), Duration::ZERO, |_| {});
}

fn number(record: &Value) -> Option<&str> {
    record.pointer("/dynamodb/SequenceNumber")?.as_str()
}
