//! EventBridge: one bus that records what is raised and passes it through a rule's pattern into the queue.
//!
//! Knows no event's meaning. Nothing is retried or lost here: losing and repeating is for tests to do.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    clock::Clock,
    ids,
    json::{self, AWS_JSON_1_1},
    lines::Lines,
    pattern::Pattern,
    sqs::{Queues, Which, api::MESSAGE_BYTES_MAX},
};
use entry::{Entry, iso};

mod entry;

/// How many events the journal keeps; the oldest go first.
pub const EVENTS_MAX: usize = 10_000;
/// How many bytes of JSON they have together at most; the last event is kept whatever its size.
const EVENTS_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The most entries of one `PutEvents` (EventBridge API reference).
const ENTRIES_MAX: usize = 10;
/// The size that all entries of one `PutEvents` stay below, in bytes (EventBridge user guide, "Calculating event
/// entry size", before it was raised: what every consumer takes).
const ENTRIES_BYTES_MAX: usize = 262_144;
/// Sources that pass if no pattern is given.
const SOURCES: [&str; 2] = ["aws.ecr", "aws.inspector2"];

/// The bus, its journal, and its one rule.
pub(crate) struct Bus {
    account: String,
    region: String,
    clock: Clock,
    pattern: Option<Pattern>,
    queues: Arc<Queues>,
    journal: Mutex<Journal>,
}

#[derive(Default)]
struct Journal {
    /// Each with its size as JSON.
    events: VecDeque<(Value, usize)>,
    bytes: usize,
    file: Option<Lines>,
}

impl Bus {
    pub(crate) fn open(
        file: Option<&Path>,
        pattern: Option<Pattern>,
        queues: Arc<Queues>,
    ) -> std::io::Result<Self> {
        let mut journal = Journal::default();
        if let Some(path) = file {
            let (lines, file) = Lines::open(path)?;
            for event in lines {
                let size = event.to_string().len();
                journal.push(event, size);
            }
            journal.file = Some(file);
            journal.trim_file();
        }
        Ok(Self {
            account: queues.rules.account.clone(),
            region: queues.rules.region.clone(),
            clock: queues.rules.clock.clone(),
            pattern,
            queues,
            journal: Mutex::new(journal),
        })
    }

    /// Raises an event as AWS would: fills in what its envelope lacks, records it, and passes it on.
    pub(crate) fn raise(&self, event: Value) {
        let event = self.complete(event);
        let passes = match &self.pattern {
            Some(pattern) => pattern.matches(&event),
            None => event
                .get("source")
                .and_then(Value::as_str)
                .is_some_and(|it| SOURCES.contains(&it)),
        };
        let body = event.to_string();
        let size = body.len();
        // Into the queue first: what is recorded has reached it, whenever the process is killed.
        if passes && size <= MESSAGE_BYTES_MAX {
            self.queues
                .send(Which::Source, body, Duration::ZERO, |_| {});
        }
        self.record(event, size);
    }

    /// Raises those of these events that are not recorded: a killed process kept them and went no further. One that
    /// reached the queue alone reaches it again; events come at least once at AWS, too.
    pub(crate) fn raise_again(&self, events: Vec<Value>) {
        let recorded = self.events();
        let lacking = |event: &Value| recorded.iter().all(|it| it.get("id") != event.get("id"));
        for event in events.into_iter().filter(lacking) {
            self.raise(event);
        }
    }

    /// What was raised, oldest first.
    pub(crate) fn events(&self) -> Vec<Value> {
        let journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.events.iter().map(|(it, _)| it.clone()).collect()
    }

    /// Answers an operation of EventBridge's API.
    pub(crate) fn call(&self, operation: &str, body: &[u8]) -> Response {
        if operation != "PutEvents" {
            let message = format!("The operation {operation} is not supported here.");
            return refuse("UnknownOperationException", &message);
        }
        match serde_json::from_slice::<PutEvents>(body) {
            Err(error) => refuse("SerializationException", &error.to_string()),
            Ok(request) => self.put_events(&request.entries),
        }
    }

    fn put_events(&self, entries: &[Entry]) -> Response {
        if !(1..=ENTRIES_MAX).contains(&entries.len()) {
            let count = entries.len();
            let message = format!(
                "{count} entries at 'entries' failed to satisfy constraint: between 1 and {ENTRIES_MAX}"
            );
            return refuse("ValidationException", &message);
        }
        if entries.iter().map(Entry::size).sum::<usize>() >= ENTRIES_BYTES_MAX {
            let message = "Total size of the entries in the request is over the limit.";
            return refuse("ValidationException", message);
        }
        let mut failed = 0;
        let mut results = Vec::new();
        for entry in entries {
            results.push(match entry.event(self.clock.now()) {
                Ok(mut event) => {
                    let id = ids::uuid();
                    json::set(&mut event, "id", id.clone());
                    // Rules belong to the default bus; what goes to another is only seen to have been sent.
                    if entry.is_for_the_default_bus() {
                        self.raise(event);
                    } else {
                        let event = self.complete(event);
                        let size = event.to_string().len();
                        self.record(event, size);
                    }
                    json!({"EventId": id})
                }
                Err((code, message)) => {
                    failed += 1;
                    json!({"ErrorCode": code, "ErrorMessage": message})
                }
            });
        }
        json::ok(
            AWS_JSON_1_1,
            &json!({"FailedEntryCount": failed, "Entries": results}),
        )
    }

    fn complete(&self, mut event: Value) -> Value {
        let Value::Object(fields) = &mut event else {
            return event;
        };
        let mut fill = |name: &str, value: Value| {
            fields.entry(name).or_insert(value);
        };
        fill("version", "0".into());
        fill("id", ids::uuid().into());
        fill("account", self.account.clone().into());
        fill("region", self.region.clone().into());
        fill("time", iso(self.clock.now()).into());
        fill("resources", json!([]));
        event
    }

    fn record(&self, event: Value, size: usize) {
        tracing::info!(%event, "raised");
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &mut journal.file {
            file.append(&event);
        }
        journal.push(event, size);
        journal.trim_file();
    }
}

impl Journal {
    fn push(&mut self, event: Value, size: usize) {
        self.bytes += size;
        self.events.push_back((event, size));
        while self.events.len() > EVENTS_MAX
            || (self.bytes > EVENTS_BYTES_MAX && self.events.len() > 1)
        {
            let oldest = self.events.pop_front();
            self.bytes -= oldest.map_or(0, |(_, size)| size);
        }
    }

    fn trim_file(&mut self) {
        if let Some(file) = &mut self.file
            && file.count > 2 * EVENTS_MAX
        {
            let events: Vec<&Value> = self.events.iter().map(|(it, _)| it).collect();
            file.replace(&events);
        }
    }
}

fn refuse(code: &str, message: &str) -> Response {
    json::error(StatusCode::BAD_REQUEST, AWS_JSON_1_1, code, message)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents {
    #[serde(default)]
    entries: Vec<Entry>,
}

#[cfg(test)]
mod tests;
