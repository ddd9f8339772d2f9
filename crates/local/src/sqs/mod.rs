//! SQS: a queue and its dead-letter queue, kept across restarts if there is a folder for it.
//!
//! Holds the lock and the file; the rules of a queue are in `queue`, the protocol in `api`. Knows nothing of what
//! messages say.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};

pub(crate) mod api;
mod queue;
mod state;

pub use queue::QueueCounts;
pub(crate) use queue::{HIDDEN_MS_MAX, Handle, Message, Unchanged};

use crate::{clock::Clock, ids, lines::Lines, wait};
use state::State;

/// The queue's name.
pub const QUEUE: &str = "promoter";
/// The dead-letter queue's name.
pub const DEAD_LETTER_QUEUE: &str = "promoter-dead";
/// Which of the two queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Source,
    Dead,
}

impl Which {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Source => QUEUE,
            Self::Dead => DEAD_LETTER_QUEUE,
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Source, Self::Dead]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// How the queues are set up.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) visibility: Duration,
    pub(crate) max_receive_count: u32,
    pub(crate) clock: Clock,
}

/// Both queues.
#[derive(Debug)]
pub(crate) struct Queues {
    pub(crate) rules: Rules,
    state: Mutex<State>,
    changed: tokio::sync::watch::Sender<()>,
}

impl Queues {
    /// Opens the queues of a file, or empty ones in memory. What was in flight is visible again.
    pub(crate) fn open(file: Option<&Path>, rules: Rules) -> std::io::Result<Self> {
        let mut state = State::default();
        if let Some(path) = file {
            let (lines, file) = Lines::open(path)?;
            state.file = Some(file);
            state.replay(&lines, rules.clock.now().timestamp_millis());
        }
        Ok(Self {
            rules,
            state: Mutex::new(state),
            changed: tokio::sync::watch::Sender::new(()),
        })
    }

    pub(crate) fn arn(&self, which: Which) -> String {
        let Rules {
            account, region, ..
        } = &self.rules;
        format!("arn:aws:sqs:{region}:{account}:{}", which.name())
    }

    pub(crate) fn url(&self, base: &str, which: Which) -> String {
        let base = base.trim_end_matches('/');
        format!("{base}/{}/{}", self.rules.account, which.name())
    }

    /// Puts a message into a queue and tells its id.
    pub(crate) fn send(
        &self,
        which: Which,
        body: String,
        delay: Duration,
        fill: impl FnOnce(&mut Message),
    ) -> String {
        let mut message = Message::new(ids::uuid(), body, self.now(), millis(delay));
        fill(&mut message);
        let id = message.id.clone();
        self.locked().put(which, message);
        self.changed.send_replace(());
        id
    }

    pub(crate) fn receive(
        &self,
        which: Which,
        most: usize,
        hidden: Duration,
    ) -> Vec<(Handle, Message)> {
        let now = self.now();
        let mut state = self.locked();
        let received = state.queue(which).receive(now, most, millis(hidden));
        for (_, message) in &received {
            state.write(which, message);
        }
        drop(state);
        if !received.is_empty() {
            self.changed.send_replace(());
        }
        received
    }

    pub(crate) fn delete(&self, which: Which, handle: &Handle) {
        let mut state = self.locked();
        if let Some(message) = state.queue(which).delete(handle) {
            state.write_gone(which, &message.id);
        }
        drop(state);
        self.changed.send_replace(());
    }

    pub(crate) fn hide(
        &self,
        which: Which,
        handle: &Handle,
        hidden: Duration,
    ) -> Result<(), Unchanged> {
        let now = self.now();
        let answer = self.locked().queue(which).hide(handle, now, millis(hidden));
        self.changed.send_replace(());
        answer
    }

    pub(crate) fn purge(&self, which: Which) {
        let mut state = self.locked();
        for message in state.queue(which).take_all() {
            state.write_gone(which, &message.id);
        }
        drop(state);
        self.changed.send_replace(());
    }

    /// Moves everything from the dead-letter queue back; tells how many messages.
    pub(crate) fn redrive(&self) -> usize {
        let now = self.now();
        let mut state = self.locked();
        let mut moved = state.dead.take_all();
        let count = moved.len();
        for message in &mut moved {
            message.receive_count = 0;
            message.visible_at = now;
        }
        state.pass_on(Which::Dead, Which::Source, moved);
        drop(state);
        self.changed.send_replace(());
        count
    }

    pub(crate) fn counts(&self) -> QueueCounts {
        let now = self.now();
        let state = self.locked();
        let dead = state.dead.len();
        QueueCounts {
            dead,
            ..state.source.counts(now)
        }
    }

    pub(crate) fn counts_of(&self, which: Which) -> QueueCounts {
        let now = self.now();
        self.locked().queue(which).counts(now)
    }

    pub(crate) fn dead_letters(&self) -> Vec<String> {
        let state = self.locked();
        state.dead.messages().map(|it| it.body.clone()).collect()
    }

    /// Resolves when a message of the queue can be seen.
    pub(crate) async fn visible(&self, which: Which) {
        let mut changed = self.changed.subscribe();
        loop {
            changed.borrow_and_update();
            let next = self.locked().queue(which).next_visible();
            let next = next.and_then(DateTime::<Utc>::from_timestamp_millis);
            if next.is_some_and(|it| it <= self.rules.clock.now()) {
                return;
            }
            let in_time = async {
                match next {
                    Some(moment) => wait::until(&self.rules.clock, moment).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = changed.changed() => {}
                () = in_time => {}
            }
        }
    }

    /// Resolves when nothing is visible or in flight; what is delayed does not count.
    pub(crate) async fn idle(&self) {
        let mut changed = self.changed.subscribe();
        loop {
            changed.borrow_and_update();
            let counts = self.counts();
            if counts.visible == 0 && counts.in_flight == 0 {
                return;
            }
            // The sender lives as long as `self`.
            let _ = changed.changed().await;
        }
    }

    fn now(&self) -> i64 {
        self.rules.clock.now().timestamp_millis()
    }

    /// The state, after what was received too often has gone to the dead-letter queue: SQS does that when it
    /// would hand the message out once more.
    fn locked(&self) -> MutexGuard<'_, State> {
        let now = self.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut worn = state.source.take_worn(now, self.rules.max_receive_count);
        if !worn.is_empty() {
            self.changed.send_replace(());
        }
        for message in &mut worn {
            message.visible_at = now;
        }
        state.pass_on(Which::Source, Which::Dead, worn);
        state
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
