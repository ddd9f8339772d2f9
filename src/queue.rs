//! The function's own queue: when a message becomes visible again, and what is sent there as a fresh one.
//!
//! Lambda leaves a failed message invisible for the queue's whole visibility time-out, an hour and
//! a half. So the first act for a message that concerns a policy is to have it back in two minutes,
//! which progress renews, and the last act for one that failed is to have it back after a pause that
//! doubles. If one of these calls fails, that costs time and never the message.
//!
//! Open work waits in the ledger and not here. What comes back as a delayed message is the second look
//! at an event that ECR contradicts: the original event and a count of its rounds.

use std::time::Duration;

use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use ecr_promoter_core::claim::LEASE;

use crate::{
    aws::Aws,
    failure::{Failure, Remedy},
};

/// The longest delay of a message (Amazon SQS developer guide, "delay queues").
pub(crate) const DELAY_MAX: Duration = Duration::from_mins(15);
/// A delivery comes back this many times at most. A second look needs one round, and another one where ECR's
/// clock is ahead of ours; a record without an id, which no queue delivers, is tried for an hour.
pub(crate) const ROUNDS_MAX: u32 = 4;
/// The message attribute that counts the rounds.
pub(crate) const ROUND: &str = "round";

/// Sends `body` to the queue once more, to be delivered after `delay` ([`DELAY_MAX`] at most).
pub(crate) async fn send_again(
    aws: &Aws,
    queue_url: &str,
    body: &str,
    round: u32,
    delay: Duration,
) -> Result<(), Failure> {
    let delay = delay.min(DELAY_MAX);
    // A fraction of a second counts as a whole one: what comes back too early comes back twice.
    let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    let tried = || format!("send a delivery to {queue_url} again");
    let count = MessageAttributeValue::builder()
        .data_type("Number")
        .string_value(round.to_string())
        .build()
        .map_err(|error| Failure::new(Remedy::Wait, tried(), error.to_string()))?;
    aws.sqs
        .send_message()
        .queue_url(queue_url)
        .message_body(body)
        .delay_seconds(i32::try_from(seconds).unwrap_or(i32::MAX))
        .message_attributes(ROUND, count)
        .send()
        .await
        .map_err(|error| Failure::own(tried(), &error))?;
    Ok(())
}

/// Sends fresh messages, ten at most. SQS answers 200 to a batch although it took only some of it.
pub(crate) async fn send_all(
    aws: &Aws,
    queue_url: &str,
    bodies: Vec<String>,
) -> Result<(), Failure> {
    let tried = || format!("send {} messages to {queue_url}", bodies.len());
    let mut entries = Vec::with_capacity(bodies.len());
    for (place, body) in bodies.iter().enumerate() {
        let entry = SendMessageBatchRequestEntry::builder()
            .id(place.to_string())
            .message_body(body)
            .build()
            .map_err(|error| Failure::new(Remedy::Wait, tried(), error.to_string()))?;
        entries.push(entry);
    }
    let answer = aws
        .sqs
        .send_message_batch()
        .queue_url(queue_url)
        .set_entries(Some(entries))
        .send()
        .await
        .map_err(|error| Failure::own(tried(), &error))?;
    match answer.failed().first() {
        None => Ok(()),
        Some(refused) => {
            let said = refused.message().unwrap_or_else(|| refused.code());
            Err(Failure::new(Remedy::Wait, tried(), said))
        }
    }
}

/// What is added to an invocation's remaining time, so that its message comes back if it is killed:
/// a tenth of it, within these bounds.
const MARGIN: std::ops::RangeInclusive<u64> = 2..=60;
/// The pause after the first failure of a message.
const FIRST_PAUSE_SECONDS: u64 = 15;
/// The longest pause. With the queue's twenty receives (`template.yaml`) the pauses span about three
/// hours, then the message is a dead letter.
const PAUSE_SECONDS_MAX: u64 = 15 * 60;

/// Has a message back as soon as a claim may be taken over, or soon after the invocation's time is up.
pub(crate) async fn hold(aws: &Aws, queue_url: &str, receipt_handle: &str, left: Duration) {
    let margin = (left.as_secs() / 10).clamp(*MARGIN.start(), *MARGIN.end());
    let lease = LEASE.num_seconds().unsigned_abs();
    let seconds = (left.as_secs() + margin).min(lease);
    set_visibility(aws, queue_url, receipt_handle, seconds).await;
}

/// Has a failed message back after a pause that doubles with each receive, jittered over its upper
/// half, so that what failed together does not come back together.
pub(crate) async fn pause(aws: &Aws, queue_url: &str, receipt_handle: &str, receive_count: u32) {
    let seconds = pause_seconds(receive_count, (aws.seam.random)());
    set_visibility(aws, queue_url, receipt_handle, seconds).await;
}

fn pause_seconds(receive_count: u32, random: u64) -> u64 {
    let doublings = receive_count.saturating_sub(1).min(16);
    let pause = (FIRST_PAUSE_SECONDS << doublings).min(PAUSE_SECONDS_MAX);
    pause - random % (pause / 2 + 1)
}

async fn set_visibility(aws: &Aws, queue_url: &str, receipt_handle: &str, seconds: u64) {
    let set = aws
        .sqs
        .change_message_visibility()
        .queue_url(queue_url)
        .receipt_handle(receipt_handle)
        .visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX))
        .send()
        .await;
    if let Err(error) = set {
        let failure = Failure::own("change a message's visibility", &error);
        tracing::warn!(%failure, "the message comes back when the queue's own time-out ends");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_pause_doubles_to_a_quarter_of_an_hour_and_is_jittered_over_its_upper_half() {
        for (receive_count, longest) in [
            (0, 15),
            (1, 15),
            (2, 30),
            (3, 60),
            (4, 120),
            (5, 240),
            (6, 480),
            (7, 900),
            (8, 900),
            (20, 900),
            (u32::MAX, 900),
        ] {
            let pauses: BTreeSet<u64> = (0..=longest)
                .map(|random| pause_seconds(receive_count, random))
                .collect();
            let shortest = longest - longest / 2;
            let every: BTreeSet<u64> = (shortest..=longest).collect();
            assert_eq!(pauses, every, "{receive_count} receives");
            let largest = pause_seconds(receive_count, u64::MAX);
            assert!(every.contains(&largest), "{receive_count} receives");
        }
    }
}
