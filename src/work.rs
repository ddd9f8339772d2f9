//! Open work: every minute what is due is sent to the queue, and then moved on.
//!
//! Sent first and moved on after, so that a crash between the two sends it twice and never loses it.
//! Handlers trust the item, not the message.

use ecr_promoter_core::event::Work;
use futures_util::{StreamExt as _, stream};

use crate::{
    failure::Failure,
    function::Function,
    ledger::{
        keys::DUE_SHARDS,
        open::{Due, due_now, move_on},
    },
    queue,
};

/// `SendMessageBatch` takes at most this many (Amazon SQS API reference).
const BATCH: usize = 10;
/// How many items are moved on at once.
const MOVED_AT_ONCE: usize = 10;

/// Sends what is due now to the queue. One partition that fails does not hold up the others.
pub(crate) async fn send_due(function: &Function) -> Result<(), Failure> {
    let mut failed = None;
    for shard in 0..DUE_SHARDS {
        if let Err(failure) = send_shard(function, shard).await {
            tracing::error!(%failure, "open work could not be sent; trying again in a minute");
            failed = Some(failure);
        }
    }
    failed.map_or(Ok(()), Err)
}

async fn send_shard(function: &Function, shard: u8) -> Result<(), Failure> {
    let now = function.now();
    let due = due_now(&function.ledger, shard, now).await?;
    for some in due.chunks(BATCH) {
        let bodies = some.iter().filter_map(|due| due.work.as_ref());
        let bodies: Vec<String> = bodies.map(Work::message).collect();
        if !bodies.is_empty() {
            queue::send_all(&function.aws, &function.config.queue_url, bodies).await?;
        }
        let moved = some.iter().map(|due| moved(function, due));
        let moved: Vec<_> = moved.collect();
        let mut moved = stream::iter(moved).buffer_unordered(MOVED_AT_ONCE);
        while let Some(done) = moved.next().await {
            done?;
        }
    }
    if !due.is_empty() {
        tracing::info!(shard, count = due.len(), "sent open work to the queue");
    }
    Ok(())
}

async fn moved(function: &Function, due: &Due) -> Result<(), Failure> {
    move_on(&function.ledger, due, function.now()).await
}
