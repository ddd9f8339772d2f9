//! The function's own queue: what is to be looked at later goes there as a fresh message.
//!
//! A delivery that comes back is the original event and a count of its rounds; the old message is
//! acknowledged. So a wait costs no receive of the dead-letter count, and ends after
//! [`ROUNDS_MAX`] rounds however long the cause lasts.

use std::time::Duration;

use aws_sdk_sqs::types::MessageAttributeValue;

use crate::{aws::Aws, failure::Failure};

/// The longest delay of a message (Amazon SQS developer guide, "delay queues").
pub const DELAY_MAX: Duration = Duration::from_mins(15);
/// A delivery comes back so often at most: a day's worth of the longest delays.
pub const ROUNDS_MAX: u32 = 96;
/// The message attribute that counts the rounds.
pub const ROUND: &str = "round";

/// Sends `body` to the queue once more, to be delivered after `delay` ([`DELAY_MAX`] at most).
pub async fn send_again(
    aws: &Aws,
    queue_url: &str,
    body: &str,
    round: u32,
    delay: Duration,
) -> Result<(), Failure> {
    let delay = delay.min(DELAY_MAX);
    // A part of a second counts as a whole one: what comes back too early comes back twice.
    let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    let tried = || format!("send a delivery to {queue_url} again");
    let count = MessageAttributeValue::builder()
        .data_type("Number")
        .string_value(round.to_string())
        .build()
        .map_err(|error| Failure::new(crate::failure::Remedy::Wait, tried(), error.to_string()))?;
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
