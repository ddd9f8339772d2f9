//! The real binary, driven as Lambda drives it: the Runtime API, batches of the queue, processes
//! that are killed. The world's clock stands still beside the machine's, which the binary reads;
//! nothing is waited for but conditions.

mod batches;
mod events;
mod killed;
mod logs;
mod memory;
mod mortal;
mod start;

use serde_json::Value;

/// Wraps an event as Lambda's poller wraps a message.
fn record(id: &str, body: &str) -> Value {
    serde_json::json!({
        "messageId": id,
        "receiptHandle": format!("handle of {id}"),
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:promoter",
        "awsRegion": "eu-west-1",
    })
}
