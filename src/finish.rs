//! The end of a case: its record, and then what others are told of it.

mod announce;

use ecr_promoter_core::{
    Push,
    decision::{Decision, DecisionError},
};

use crate::{
    case::Ended,
    failure::Failure,
    function::{Function, Invocation},
    ledger::{judged::Judged, record::End, records::overtaken},
};

/// Records how a case ended, and tells others.
pub(crate) async fn end(
    function: &Function,
    push: &Push,
    invocation: &Invocation,
    mut decision: Decision,
    standing: Option<Judged>,
    end: &End,
) -> Result<Ended, Failure> {
    decision.outcome = Some(end.outcome);
    decision.error = end.error.as_ref().map(|error| DecisionError {
        code: error.code.clone(),
        message: error.message.clone(),
    });
    let request_id = &invocation.request_id;
    let now = function.now();
    let written = function
        .ledger
        .record(push, &decision, standing, end, request_id, now)
        .await?;
    let judged = written.ok_or_else(|| overtaken(&push.image()))?;
    announce(function, push, judged).await?;
    Ok(Ended::Decided(decision))
}

/// Tells others what was not told yet. A refusal leaves the outcome as it is, and the delivery comes
/// back to tell it.
pub(crate) async fn announce(
    function: &Function,
    push: &Push,
    judged: Judged,
) -> Result<(), Failure> {
    let Some(announcement) = judged.untold() else {
        return Ok(());
    };
    let bus = &function.config.event_bus;
    announce::send(&function.aws, bus, push, &judged.decision, announcement).await?;
    function.ledger.told(push, judged).await;
    Ok(())
}
