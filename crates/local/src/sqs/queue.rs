//! One queue as a state machine: messages, when they can be seen, and who holds them.
//!
//! Pure: times are arguments, in milliseconds since 1970. Follows the SQS developer guide, "Amazon SQS visibility
//! timeout" and "Amazon SQS delay queues".

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest time from a receipt for which a message can be hidden: 12 hours.
pub(crate) const HIDDEN_MS_MAX: i64 = 43_200_000;

/// A message. What concerns its present receipt is not kept across a restart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) body: String,
    /// `MessageAttributes`, as the sender wrote them.
    #[serde(default)]
    pub(crate) attributes: Map<String, Value>,
    /// The system attribute `AWSTraceHeader`.
    #[serde(default)]
    pub(crate) trace: Option<String>,
    pub(crate) sent: i64,
    #[serde(default)]
    pub(crate) first_received: Option<i64>,
    #[serde(default)]
    pub(crate) receive_count: u32,
    pub(crate) visible_at: i64,
    #[serde(skip)]
    receipt: Option<Receipt>,
}

#[derive(Debug, Clone, Copy)]
struct Receipt {
    nonce: u64,
    at: i64,
}

impl Message {
    pub(crate) fn new(id: String, body: String, now: i64, delay_ms: i64) -> Self {
        Self {
            id,
            body,
            attributes: Map::new(),
            trace: None,
            sent: now,
            first_received: None,
            receive_count: 0,
            visible_at: now.saturating_add(delay_ms),
            receipt: None,
        }
    }
}

/// What a receipt handle names: a place in the queue, and the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handle {
    pub(crate) place: u64,
    pub(crate) nonce: u64,
    pub(crate) id: String,
}

/// How many messages are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct QueueCounts {
    /// Can be received now.
    pub visible: usize,
    /// Received, and neither deleted nor visible again.
    pub in_flight: usize,
    /// Never received yet, and hidden by their delay.
    pub delayed: usize,
    /// In the dead-letter queue.
    pub dead: usize,
}

/// Why a visibility cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unchanged {
    /// Deleted, or received again by somebody else.
    Gone,
    /// Visible again.
    NotInFlight,
    /// More than 12 hours after the receipt.
    TooLong,
}

/// A queue.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    messages: BTreeMap<u64, Message>,
    /// By the time from which a message can be seen, then by arrival.
    order: BTreeSet<(i64, u64)>,
    next_place: u64,
    /// How many times any message was received, at most.
    receives: u32,
}

impl Queue {
    pub(crate) fn push(&mut self, message: Message) {
        self.receives = self.receives.max(message.receive_count);
        let place = self.next_place;
        self.next_place += 1;
        self.order.insert((message.visible_at, place));
        self.messages.insert(place, message);
    }

    /// Hands out messages that can be seen, and hides them.
    pub(crate) fn receive(
        &mut self,
        now: i64,
        most: usize,
        hidden_ms: i64,
    ) -> Vec<(Handle, Message)> {
        let visible = self.order.range(..=(now, u64::MAX)).take(most);
        let places: Vec<u64> = visible.map(|(_, place)| *place).collect();
        let mut received = Vec::new();
        for place in places {
            let Some(message) = self.messages.get_mut(&place) else {
                continue;
            };
            let nonce = crate::ids::number();
            message.receipt = Some(Receipt { nonce, at: now });
            message.receive_count = message.receive_count.saturating_add(1);
            self.receives = self.receives.max(message.receive_count);
            message.first_received.get_or_insert(now);
            let id = message.id.clone();
            self.move_to(place, now.saturating_add(hidden_ms));
            if let Some(message) = self.messages.get(&place) {
                received.push((Handle { place, nonce, id }, message.clone()));
            }
        }
        received
    }

    /// Deletes a message by its last receipt. An older receipt deletes nothing, as SQS says it may not.
    pub(crate) fn delete(&mut self, handle: &Handle) -> Option<Message> {
        self.held(handle)?;
        self.remove(handle.place)
    }

    /// Hides a message that is in flight for this long from now.
    pub(crate) fn hide(
        &mut self,
        handle: &Handle,
        now: i64,
        hidden_ms: i64,
    ) -> Result<(), Unchanged> {
        let (receipt, visible_at) = self.held(handle).ok_or(Unchanged::Gone)?;
        if visible_at <= now {
            return Err(Unchanged::NotInFlight);
        }
        let until = now.saturating_add(hidden_ms);
        if until > receipt.at.saturating_add(HIDDEN_MS_MAX) {
            return Err(Unchanged::TooLong);
        }
        self.move_to(handle.place, until);
        Ok(())
    }

    /// Takes out what can be seen and was received this many times already.
    pub(crate) fn take_worn(&mut self, now: i64, receives_max: u32) -> Vec<Message> {
        // Asked before each request: a queue of thousands is not looked through for nothing.
        if self.receives < receives_max {
            return Vec::new();
        }
        let visible = self.order.range(..=(now, u64::MAX));
        let received = |place| self.messages.get(place).map_or(0, |it| it.receive_count);
        let worn = visible.filter(|(_, place)| received(place) >= receives_max);
        let places: Vec<u64> = worn.map(|(_, place)| *place).collect();
        let taken = places.into_iter().filter_map(|place| self.remove(place));
        taken.collect()
    }

    /// Empties the queue.
    pub(crate) fn take_all(&mut self) -> Vec<Message> {
        self.order.clear();
        std::mem::take(&mut self.messages).into_values().collect()
    }

    /// All messages, oldest first.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(crate) fn counts(&self, now: i64) -> QueueCounts {
        let mut counts = QueueCounts::default();
        for message in self.messages.values() {
            match (message.visible_at <= now, message.receive_count) {
                (true, _) => counts.visible += 1,
                (false, 0) => counts.delayed += 1,
                (false, _) => counts.in_flight += 1,
            }
        }
        counts
    }

    /// The earliest moment at which a message can be seen, past or future.
    pub(crate) fn next_visible(&self) -> Option<i64> {
        self.order.first().map(|(at, _)| *at)
    }

    fn held(&self, handle: &Handle) -> Option<(Receipt, i64)> {
        let message = self.messages.get(&handle.place)?;
        let receipt = message.receipt.filter(|it| it.nonce == handle.nonce)?;
        (message.id == handle.id).then_some((receipt, message.visible_at))
    }

    fn move_to(&mut self, place: u64, visible_at: i64) {
        if let Some(message) = self.messages.get_mut(&place) {
            self.order.remove(&(message.visible_at, place));
            message.visible_at = visible_at;
            self.order.insert((visible_at, place));
        }
    }

    fn remove(&mut self, place: u64) -> Option<Message> {
        let message = self.messages.remove(&place)?;
        self.order.remove(&(message.visible_at, place));
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(delays: &[i64]) -> Queue {
        let mut queue = Queue::default();
        for (at, delay) in delays.iter().enumerate() {
            queue.push(Message::new(
                format!("m{at}"),
                format!("body {at}"),
                0,
                *delay,
            ));
        }
        queue
    }

    fn counts(queue: &Queue, now: i64) -> (usize, usize, usize) {
        let counts = queue.counts(now);
        (counts.visible, counts.in_flight, counts.delayed)
    }

    #[test]
    fn a_message_goes_from_delayed_to_visible_to_in_flight_and_back() {
        let mut queue = queue(&[0, 500]);
        assert_eq!(counts(&queue, 0), (1, 0, 1));
        let received = queue.receive(0, 10, 1_000);
        assert_eq!(received.len(), 1);
        assert_eq!(counts(&queue, 500), (1, 1, 0));
        assert_eq!(counts(&queue, 1_000), (2, 0, 0));
        let again = queue.receive(1_000, 1, 1_000).remove(0);
        assert_eq!((again.1.id.as_str(), again.1.receive_count), ("m1", 1));
    }

    #[test]
    fn an_old_receipt_neither_deletes_nor_hides() {
        let mut queue = queue(&[0]);
        let old = queue.receive(0, 1, 10).remove(0).0;
        assert_eq!(queue.hide(&old, 10, 5), Err(Unchanged::NotInFlight));
        let new = queue.receive(10, 1, 10).remove(0).0;
        assert_eq!(queue.hide(&old, 11, 5), Err(Unchanged::Gone));
        assert!(queue.delete(&old).is_none());
        assert!(queue.delete(&new).is_some());
        assert_eq!(queue.len(), 0);
        assert_eq!(queue.hide(&new, 11, 5), Err(Unchanged::Gone));
    }

    #[test]
    fn hiding_counts_from_the_call_and_ends_twelve_hours_after_the_receipt() {
        let mut queue = queue(&[0]);
        let handle = queue.receive(0, 1, HIDDEN_MS_MAX).remove(0).0;
        assert_eq!(
            queue.hide(&handle, 1, HIDDEN_MS_MAX),
            Err(Unchanged::TooLong)
        );
        assert_eq!(queue.hide(&handle, 1, HIDDEN_MS_MAX - 1), Ok(()));
        assert_eq!(queue.hide(&handle, 2, 0), Ok(()));
        assert_eq!(counts(&queue, 2), (1, 0, 0));
    }

    #[test]
    fn what_was_received_too_often_is_taken_out_once_it_can_be_seen() {
        let mut queue = queue(&[0]);
        queue.receive(0, 1, 10);
        queue.receive(10, 1, 10);
        assert!(queue.take_worn(15, 2).is_empty());
        assert!(queue.take_worn(20, 3).is_empty());
        assert_eq!(queue.take_worn(20, 2).len(), 1);
        assert_eq!(queue.next_visible(), None);
    }
}
