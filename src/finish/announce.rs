//! What is announced: `Image Promoted`, `Image Held`, `Promotion Failed` and `Policy Invalid`, by EventBridge.
//!
//! What is announced is kept with the outcome it announces, so that every repeat says the same. A
//! refused announcement is tried again; it never changes the outcome.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use ecr_promoter_core::{
    Push,
    decision::{Decision, Target},
    event::PolicyEdit,
    policy::{PolicyError, PolicyKey},
};
use serde_json::{Value, json};

use crate::{
    aws::Aws,
    failure::{Code, Failure, Remedy},
    function::Function,
    ledger::{
        keys::{id_of, moment},
        record::{Announcement, Told},
    },
};

/// The source of every event of ours.
pub(crate) const SOURCE: &str = "ecr-promoter";
/// The version of the detail's format.
pub(crate) const VERSION: u32 = 1;
/// So many mistakes of a policy are announced.
const ERRORS_MAX: usize = 20;

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
    let kind = detail_type(&announcement.told);
    put(aws, bus, kind, &detail, &target.to_string()).await
}

/// Announces the mistakes of a policy that somebody edited. Every repeat of the edit's record has the same id.
pub(crate) async fn invalid(
    function: &Function,
    edit: &PolicyEdit,
    errors: &[PolicyError],
) -> Result<(), Failure> {
    let PolicyKey { source, name } = &edit.policy;
    let registry = function.registry.to_string();
    let detail = json!({
        "version": VERSION,
        "id": id_of(&[&registry, source, name, &edit.sequence]),
        "registry": registry,
        "policy": edit.policy,
        "errors": errors.iter().take(ERRORS_MAX).collect::<Vec<_>>(),
    });
    let bus = &function.config.event_bus;
    let what = format!("the mistakes of policy {}", edit.policy);
    put(&function.aws, bus, "Policy Invalid", &detail, &what).await
}

async fn put(
    aws: &Aws,
    bus: &str,
    detail_type: &str,
    detail: &Value,
    what: &str,
) -> Result<(), Failure> {
    let entry = PutEventsRequestEntry::builder()
        .source(SOURCE)
        .detail_type(detail_type)
        .detail(detail.to_string())
        .event_bus_name(bus)
        .build();
    let tried = || format!("announce {what} on the bus {bus}");
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
        Told::Held(_) => "Image Held",
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
        Told::Held(criteria) => json!({ "criteria": criteria }),
    };
    if let (Value::Object(detail), Value::Object(more)) = (&mut detail, more) {
        detail.extend(more);
    }
    detail
}
