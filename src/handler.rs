//! An invocation's payload in, its answer out. Failures and panics end here: each costs its own
//! record and no other.
//!
//! This is the only place that knows how Lambda wants to be answered: `batchItemFailures` for a
//! batch of SQS, an error for a direct invocation that Lambda itself should try again, decisions
//! for a request.

use std::{panic::AssertUnwindSafe, time::Duration};

use chrono::TimeDelta;
use ecr_promoter_core::event::{self, Delivery, Event, PolicyCases};
use futures_util::{FutureExt as _, TryFutureExt as _, future::BoxFuture};
use serde_json::{Value, json};
use tracing::Instrument as _;

use crate::{
    answer, edited,
    failure::{Failure, Remedy},
    flow,
    function::{Errand, Function, Invocation, in_time},
    log, message, occasion,
    outcome::{Again, Outcomes},
    queue, walk, work,
};

/// A delivery is abandoned this long before its invocation ends.
const STOP_BEFORE_DEADLINE: TimeDelta = TimeDelta::seconds(1);

/// Handles one invocation.
pub(crate) async fn handle(
    function: &Function,
    payload: &[u8],
    invocation: &Invocation,
) -> Result<Value, Failure> {
    let deliveries = event::read(payload);
    let errand = Errand {
        invocation,
        began: function.now(),
        receipt: None,
    };
    if let [delivery] = deliveries.as_slice()
        && delivery.record.is_none()
    {
        let span = tracing::info_span!("invocation", request_id = %invocation.request_id);
        return direct(function, delivery, errand).instrument(span).await;
    }
    let mut failed = Vec::new();
    for delivery in &deliveries {
        let span = tracing::info_span!("delivery", request_id = %invocation.request_id);
        failed.extend(record(function, delivery, errand).instrument(span).await);
    }
    Ok(json!({ "batchItemFailures": failed }))
}

async fn direct(
    function: &Function,
    delivery: &Delivery,
    errand: Errand<'_>,
) -> Result<Value, Failure> {
    if let Event::Invalid { message } = &delivery.event {
        let tried = "understand the request";
        return Err(Failure::new(Remedy::Never, tried, message.as_str()));
    }
    if delivery.event == Event::Schedule {
        let sent = work::send_due(function).await;
        walk::go_on(function, errand.invocation).await?;
        return sent.map(|()| json!({}));
    }
    if !matches!(delivery.event, Event::Request(_)) {
        return settle(function, delivery, errand)
            .await
            .map(|outcomes| answer::of(&outcomes));
    }
    // The answer says what is so now; nothing comes back by itself.
    let mut outcomes = guarded(function, delivery, errand).await?;
    match outcomes.failure.take() {
        Some(failure) if outcomes.decisions.is_empty() => Err(failure),
        _ => Ok(answer::of(&outcomes)),
    }
}

/// One record of a batch: the entry that names it where it failed.
async fn record(function: &Function, delivery: &Delivery, errand: Errand<'_>) -> Option<Value> {
    match settle(function, delivery, errand).await {
        Ok(_) => None,
        Err(failure) => fail(function, delivery, &failure).await,
    }
}

/// Handles one delivery to its end; whatever has to come back is on the queue afterwards.
async fn settle(
    function: &Function,
    delivery: &Delivery,
    errand: Errand<'_>,
) -> Result<Outcomes, Failure> {
    let ended = guarded(function, delivery, errand).await;
    let ended = ended.and_then(|mut outcomes| match outcomes.failure.take() {
        Some(failure) => Err(failure),
        None => Ok(outcomes),
    });
    let outcomes = match ended {
        Ok(outcomes) => outcomes,
        Err(failure) if failure.remedy() == Remedy::Wait => return Err(failure),
        // Retrying does not help what cannot get better by itself.
        Err(failure) => {
            tracing::error!(%failure, "acknowledged: somebody has to fix it by hand");
            return Ok(Outcomes::default());
        }
    };
    if let Some(again) = &outcomes.again {
        come_back(function, delivery, again).await?;
    }
    Ok(outcomes)
}

/// Sends a delivery to the queue once more, as a fresh message.
async fn come_back(function: &Function, delivery: &Delivery, again: &Again) -> Result<(), Failure> {
    let Again { at, why } = again;
    let round = delivery.round.saturating_add(1);
    if round > queue::ROUNDS_MAX {
        // Into the dead-letter queue, where somebody sees it.
        let tried = format!("wait any longer, after {} rounds", delivery.round);
        return Err(Failure::new(Remedy::Wait, tried, why.as_str()));
    }
    let delay = (*at - function.now()).to_std().unwrap_or(Duration::ZERO);
    tracing::info!(%why, round, delay_seconds = delay.as_secs(), "will be delivered again");
    let queue_url = &function.config.queue_url;
    queue::send_again(&function.aws, queue_url, &delivery.body, round, delay).await
}

/// Has a delivery handled; a panic is a failure of this record alone.
async fn guarded(
    function: &Function,
    delivery: &Delivery,
    errand: Errand<'_>,
) -> Result<Outcomes, Failure> {
    let run = run(function, delivery, errand);
    let run = in_time(function, errand.invocation, STOP_BEFORE_DEADLINE, run);
    match AssertUnwindSafe(run).catch_unwind().await {
        Ok(outcomes) => outcomes,
        Err(panic) => {
            let words = log::words(panic.as_ref());
            let said = format!("a bug in ecr-promoter: {words}");
            Err(Failure::new(Remedy::Wait, "handle a delivery", said))
        }
    }
}

/// What a delivery leads to. Boxed: the flow's future is large and deep, and is moved only here.
fn run<'a>(
    function: &'a Function,
    delivery: &'a Delivery,
    errand: Errand<'a>,
) -> BoxFuture<'a, Result<Outcomes, Failure>> {
    let record = delivery.record.as_ref();
    let errand = Errand {
        receipt: record.and_then(|record| record.receipt_handle.as_deref()),
        ..errand
    };
    match &delivery.event {
        Event::Edit(edit) => edited::saved(function, edit)
            .map_ok(|()| Outcomes::default())
            .boxed(),
        Event::Cases(PolicyCases { policy, after }) => {
            let woken = edited::woken(function, policy, after.as_deref());
            message::hidden_while_it_goes_on(function, errand, woken)
                .map_ok(|()| Outcomes::default())
                .boxed()
        }
        event => match occasion::of(event, &function.registry) {
            Some(occasion) => async move { flow::run(function, &occasion, errand).await }.boxed(),
            None => std::future::ready(Ok(Outcomes::default())).boxed(),
        },
    }
}

/// Names a failed record, so that the queue delivers it again. A record without an id cannot be named
/// (an empty `itemIdentifier` fails the whole batch: AWS Lambda developer guide, "Implementing
/// partial batch responses"), so it goes to the queue as a fresh message.
async fn fail(function: &Function, delivery: &Delivery, failure: &Failure) -> Option<Value> {
    tracing::error!(%failure, "a delivery failed and will be tried again");
    let (aws, queue_url) = (&function.aws, &function.config.queue_url);
    let record = delivery.record.as_ref();
    let receive_count = record.map_or(1, |record| record.receive_count);
    if let Some(id) = record.and_then(|record| record.message_id.as_deref()) {
        if let Some(receipt) = record.and_then(|record| record.receipt_handle.as_deref()) {
            queue::pause(aws, queue_url, receipt, receive_count).await;
        }
        return Some(json!({ "itemIdentifier": id }));
    }
    let round = delivery.round.saturating_add(1);
    let body = &delivery.body;
    if round > queue::ROUNDS_MAX {
        tracing::error!(%body, "a delivery without an id failed too many times; giving up");
        return None;
    }
    let again = queue::send_again(aws, queue_url, body, round, queue::DELAY_MAX);
    if let Err(failure) = again.await {
        tracing::error!(%failure, %body, "a delivery without an id is lost");
    }
    None
}
