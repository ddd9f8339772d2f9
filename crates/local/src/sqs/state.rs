//! Both queues and the file in which each change of them is a line.

use serde_json::{Value, json};

use super::{Message, Which, queue::Queue};
use crate::lines::Lines;

/// The file is rewritten when it has this many lines and most of them are history.
const LINES_BEFORE_REWRITE: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) source: Queue,
    pub(super) dead: Queue,
    pub(super) file: Option<Lines>,
}

impl State {
    pub(super) fn queue(&mut self, which: Which) -> &mut Queue {
        match which {
            Which::Source => &mut self.source,
            Which::Dead => &mut self.dead,
        }
    }

    pub(super) fn put(&mut self, which: Which, message: Message) {
        let line = self.file.is_some().then(|| put(which, &message));
        // Into the queue first: a line may have the file rewritten, with what the queues hold by then.
        self.queue(which).push(message);
        if let Some(line) = line {
            self.append(&line);
        }
    }

    /// Puts messages that were taken out of one queue into the other. On disk they arrive before they leave, so
    /// that a kill in between loses none.
    pub(super) fn pass_on(&mut self, from: Which, to: Which, messages: Vec<Message>) {
        let mut lines = Vec::new();
        if self.file.is_some() {
            lines.extend(messages.iter().map(|it| put(to, it)));
            lines.extend(messages.iter().map(|it| gone(from, &it.id)));
        }
        for message in messages {
            self.queue(to).push(message);
        }
        for line in &lines {
            self.append(line);
        }
    }

    pub(super) fn write(&mut self, which: Which, message: &Message) {
        if self.file.is_some() {
            self.append(&put(which, message));
        }
    }

    pub(super) fn write_gone(&mut self, which: Which, id: &str) {
        if self.file.is_some() {
            self.append(&gone(which, id));
        }
    }

    fn append(&mut self, line: &Value) {
        let Some(file) = &mut self.file else { return };
        file.append(line);
        let kept = self.source.len() + self.dead.len();
        if file.count > LINES_BEFORE_REWRITE && file.count / 4 > kept {
            self.rewrite();
        }
    }

    fn rewrite(&mut self) {
        let all = [(Which::Source, &self.source), (Which::Dead, &self.dead)];
        let lines: Vec<Value> = all
            .into_iter()
            .flat_map(|(which, queue)| queue.messages().map(move |it| put(which, it)))
            .collect();
        if let Some(file) = &mut self.file {
            file.replace(&lines);
        }
    }

    pub(super) fn replay(&mut self, lines: &[Value], now: i64) {
        let mut messages: Vec<Option<(Which, Message)>> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for line in lines {
            let which = line
                .get("queue")
                .and_then(Value::as_str)
                .and_then(Which::named);
            let Some(which) = which else { continue };
            if let Some(id) = line.get("gone").and_then(Value::as_str) {
                let place = places.get(id).copied();
                if let Some(slot) = place.and_then(|it: usize| messages.get_mut(it)) {
                    // It may have arrived in the other queue meanwhile.
                    slot.take_if(|(there, _)| *there == which);
                }
            } else if let Some(put) = line.get("put")
                && let Ok(message) = serde_json::from_value::<Message>(put.clone())
            {
                let place = *places.entry(message.id.clone()).or_insert(messages.len());
                match messages.get_mut(place) {
                    Some(slot) => *slot = Some((which, message)),
                    None => messages.push(Some((which, message))),
                }
            }
        }
        for (which, mut message) in messages.into_iter().flatten() {
            if message.receive_count > 0 {
                message.visible_at = now;
            }
            self.queue(which).push(message);
        }
        self.rewrite();
    }
}

fn put(which: Which, message: &Message) -> Value {
    json!({"queue": which.name(), "put": message})
}

fn gone(which: Which, id: &str) -> Value {
    json!({"queue": which.name(), "gone": id})
}
