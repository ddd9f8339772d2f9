//! Both queues and the file in which each change of them is a line.

use serde_json::{Value, json};

use super::{Message, Which, queue::Queue};
use crate::lines::Lines;

/// The file is written anew when it has this many lines and most of them are history.
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
        self.write(which, &message);
        self.queue(which).push(message);
    }

    pub(super) fn write(&mut self, which: Which, message: &Message) {
        self.append(|| json!({"queue": which.name(), "put": message}));
    }

    pub(super) fn write_gone(&mut self, which: Which, id: &str) {
        self.append(|| json!({"queue": which.name(), "gone": id}));
    }

    fn append(&mut self, line: impl FnOnce() -> Value) {
        let Some(file) = &mut self.file else { return };
        file.append(&line());
        let kept = self.source.len() + self.dead.len();
        if file.count > LINES_BEFORE_REWRITE && file.count / 4 > kept {
            self.rewrite();
        }
    }

    fn rewrite(&mut self) {
        let all = [(Which::Source, &self.source), (Which::Dead, &self.dead)];
        let line = |which: Which, message: &Message| json!({"queue": which.name(), "put": message});
        let lines: Vec<Value> = all
            .into_iter()
            .flat_map(|(which, queue)| queue.messages().map(move |it| line(which, it)))
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
                let place = places.remove(&(which.name(), id.to_owned()));
                if let Some(slot) = place.and_then(|it: usize| messages.get_mut(it)) {
                    *slot = None;
                }
            } else if let Some(put) = line.get("put")
                && let Ok(message) = serde_json::from_value::<Message>(put.clone())
            {
                let key = (which.name(), message.id.clone());
                let place = *places.entry(key).or_insert(messages.len());
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
