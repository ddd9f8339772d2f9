//! An invocation's payload in, its answer out. Failures and panics end here: each costs its own
//! record and no other.
//!
//! This is the only place that knows how Lambda wants to be answered: `batchItemFailures` for a
//! batch of SQS, an error for a direct invocation that Lambda itself should try again, decisions
//! for a request.

use std::{panic::AssertUnwindSafe, time::Duration};

use chrono::TimeDelta;
use ecr_promoter_core::{
    decision::Decision,
    event::{self, Delivery, Event},
};
use futures_util::FutureExt as _;
use serde_json::{Value, json};
use tracing::Instrument as _;

use crate::{
    failure::{Failure, Remedy},
    function::{Function, Invocation},
    outcome::Reply,
    queue,
};

/// A delivery is given up so long before its invocation ends.
const STOP_BEFORE_DEADLINE: TimeDelta = TimeDelta::seconds(1);

impl Function {
    /// Handles one invocation. `Err` is what Lambda is to take for a failed invocation: only a
    /// direct one that may be tried again.
    pub async fn handle(&self, payload: &[u8], invocation: &Invocation) -> Result<Value, Failure> {
        let deliveries = event::read(payload);
        let from_queue = deliveries.iter().any(|delivery| delivery.record.is_some());
        if !from_queue && let [delivery] = deliveries.as_slice() {
            let span = tracing::info_span!("invocation", request_id = %invocation.request_id);
            return self.direct(delivery, invocation).instrument(span).await;
        }
        let mut failed = Vec::new();
        for delivery in &deliveries {
            let span = tracing::info_span!("delivery", request_id = %invocation.request_id);
            failed.extend(self.record(delivery, invocation).instrument(span).await);
        }
        Ok(json!({ "batchItemFailures": failed }))
    }

    /// One record of a batch: the entry that names it where it failed.
    async fn record(&self, delivery: &Delivery, invocation: &Invocation) -> Option<Value> {
        if !self.concerns(&delivery.event) {
            return None;
        }
        let receipt = delivery
            .record
            .as_ref()
            .and_then(|record| record.receipt_handle.as_deref());
        if let Some(receipt) = receipt {
            let left = (invocation.deadline - self.now())
                .to_std()
                .unwrap_or_default();
            queue::hold(&self.aws, &self.config.queue_url, receipt, left).await;
        }
        match self.settle(delivery, invocation).await {
            Ok(_) => None,
            Err(failure) => self.fail(delivery, &failure).await,
        }
    }

    async fn direct(&self, delivery: &Delivery, invocation: &Invocation) -> Result<Value, Failure> {
        match &delivery.event {
            Event::Request(_) => {
                // Whoever asks is told what is so now; nothing comes back by itself.
                let reply = self.guarded(delivery, invocation).await?;
                Ok(match reply {
                    Reply::Done(decisions) => json!({ "decisions": decisions }),
                    Reply::ComesBack { at, why, decisions } => {
                        json!({ "decisions": decisions, "waits_for": why, "next_look_at": at })
                    }
                })
            }
            Event::Invalid { message } => Err(Failure::new(
                Remedy::Never,
                "understand the request",
                message.as_str(),
            )),
            _ => {
                let decisions = self.settle(delivery, invocation).await?;
                Ok(json!({ "decisions": decisions }))
            }
        }
    }

    /// Handles one delivery to its end; what comes back is on the queue afterwards.
    async fn settle(
        &self,
        delivery: &Delivery,
        invocation: &Invocation,
    ) -> Result<Vec<Decision>, Failure> {
        let (at, why, decisions) = match self.guarded(delivery, invocation).await {
            Ok(Reply::Done(decisions)) => return Ok(decisions),
            Ok(Reply::ComesBack { at, why, decisions }) => (at, why, decisions),
            Err(failure) if failure.remedy == Remedy::Wait => return Err(failure),
            // Nobody is served by trying again what cannot get better by itself.
            Err(failure) => {
                tracing::error!(%failure, "acknowledged: it is to be mended by hand");
                return Ok(Vec::new());
            }
        };
        let round = delivery.round.saturating_add(1);
        if round > queue::ROUNDS_MAX {
            // Into the dead-letter queue, where somebody sees it.
            let tried = format!("wait any longer, after {} rounds", delivery.round);
            return Err(Failure::new(Remedy::Wait, tried, why));
        }
        let delay = (at - self.now()).to_std().unwrap_or(Duration::ZERO);
        tracing::info!(%why, round, delay_seconds = delay.as_secs(), "comes back");
        let queue_url = &self.config.queue_url;
        queue::send_again(&self.aws, queue_url, &delivery.body, round, delay).await?;
        Ok(decisions)
    }

    /// Runs a delivery through the flow; a panic is a failure of this record alone.
    async fn guarded(
        &self,
        delivery: &Delivery,
        invocation: &Invocation,
    ) -> Result<Reply, Failure> {
        // Boxed: the flow's future is large and deep, and is moved about only here.
        let run = Box::pin(self.run(&delivery.event, delivery.round, invocation));
        let run = self.in_time(invocation, STOP_BEFORE_DEADLINE, run);
        match AssertUnwindSafe(run).catch_unwind().await {
            Ok(reply) => reply,
            Err(panic) => {
                let words = panic
                    .downcast_ref::<&str>()
                    .map(ToString::to_string)
                    .or_else(|| panic.downcast_ref::<String>().cloned())
                    .unwrap_or_default();
                Err(Failure::new(
                    Remedy::Wait,
                    "handle a delivery",
                    format!("a defect of ecr-promoter: {words}"),
                ))
            }
        }
    }

    /// Names a failed record, so that the queue delivers it again. A record without an id cannot
    /// be named (an empty `itemIdentifier` fails the whole batch: AWS Lambda developer guide,
    /// "Implementing partial batch responses"), so it goes to the queue as a fresh message.
    async fn fail(&self, delivery: &Delivery, failure: &Failure) -> Option<Value> {
        tracing::error!(%failure, "a delivery failed and will be tried again");
        let queue_url = &self.config.queue_url;
        let record = delivery.record.as_ref();
        if let Some(id) = record.and_then(|record| record.message_id.as_deref()) {
            if let Some(receipt) = record.and_then(|record| record.receipt_handle.as_deref()) {
                let receive_count = record.map_or(1, |record| record.receive_count);
                queue::pause(&self.aws, queue_url, receipt, receive_count).await;
            }
            return Some(json!({ "itemIdentifier": id }));
        }
        let round = delivery.round.saturating_add(1);
        if round > queue::ROUNDS_MAX {
            tracing::error!(body = %delivery.body, "a delivery without an id failed too often and is given up");
            return None;
        }
        let again = queue::send_again(
            &self.aws,
            queue_url,
            &delivery.body,
            round,
            queue::DELAY_MAX,
        );
        if let Err(failure) = again.await {
            tracing::error!(%failure, body = %delivery.body, "a delivery without an id is lost");
        }
        None
    }
}
