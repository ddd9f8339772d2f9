//! What is announced: `Image Promoted` and `Promotion Failed`, by EventBridge.
//!
//! What is announced is kept with the outcome it announces, so that every repeat says the same. A
//! refused announcement is tried again; it never changes the outcome.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use ecr_promoter_core::{
    Push,
    decision::{Decision, Target},
    policy::PolicyKey,
};
use serde_json::{Value, json};

use crate::{
    aws::Aws,
    failure::{Code, Failure, Remedy},
    ledger::{
        keys::moment,
        record::{Announcement, Told},
    },
};

/// The source of every event of ours.
pub(crate) const SOURCE: &str = "ecr-promoter";
/// The version of the detail's format.
pub(crate) const VERSION: u32 = 1;

/// Sends one announcement. EventBridge answers 200 to entries that it did not take, too.
pub(crate) async fn send(
    aws: &Aws,
    bus: &str,
    push: &Push,
    decision: &Decision,
    announcement: &Announcement,
) -> Result<(), Failure> {
    let Some(target) = &decision.target else {
        return Ok(());
    };
    let detail = detail(announcement, push, &decision.policy, target);
    let entry = PutEventsRequestEntry::builder()
        .source(SOURCE)
        .detail_type(detail_type(&announcement.told))
        .detail(detail.to_string())
        .event_bus_name(bus)
        .build();
    let tried = || format!("announce {target} on the bus {bus}");
    let answer = aws
        .events
        .put_events()
        .entries(entry)
        .send()
        .await
        .map_err(|error| Failure::own(tried(), &error))?;
    let refused = answer
        .entries()
        .iter()
        .find(|entry| entry.error_code().is_some());
    match refused {
        None => Ok(()),
        Some(entry) => Err(Failure::coded(
            Code::parse(entry.error_code().unwrap_or_default()),
            (Remedy::Wait, None),
            tried(),
            entry.error_message().unwrap_or_default(),
        )),
    }
}

/// The detail-type under which it is sent.
fn detail_type(told: &Told) -> &'static str {
    match told {
        Told::Promoted { .. } => "Image Promoted",
        Told::Failed(_) => "Promotion Failed",
    }
}

/// The event's detail, as `docs/events` describes it.
fn detail(announcement: &Announcement, push: &Push, policy: &PolicyKey, target: &Target) -> Value {
    let registry = push.registry.to_string();
    let mut detail = json!({
        "version": VERSION,
        "id": announcement.id,
        "policy": policy,
        "source": {
            "registry": registry,
            "repository": push.repository,
            "tag": push.tag,
            "digest": push.digest,
        },
        "target": {
            "registry": registry,
            "repository": target.repository,
            "tag": target.tag,
            "digest": push.digest,
        },
    });
    let more = match &announcement.told {
        Told::Promoted {
            promoted_at,
            sequence,
            superseded,
        } => json!({
            "promoted_at": moment(*promoted_at),
            "sequence": sequence,
            "superseded": superseded,
        }),
        Told::Failed(error) => json!({ "error": error }),
    };
    if let (Value::Object(detail), Value::Object(more)) = (&mut detail, more) {
        detail.extend(more);
    }
    detail
}
