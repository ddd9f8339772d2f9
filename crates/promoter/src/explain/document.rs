//! The explanation of an image, as `docs/explain.schema.json` describes it.

use chrono::SubsecRound as _;
use ecr_promoter::{
    Explanation,
    explain::{Came, CaseState, ExplainedCase, ExplainedPush, Last, TagOrigin, TargetNow},
    ledger::{cases::Waits, record::Record},
};
use ecr_promoter_core::{Time, decision::Decision, policy::PolicyKey, provenance::Chain};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    near::Near,
    status::{self, Status},
};

/// The version of the document's shape.
const VERSION: u32 = 1;

/// The explanation of an image.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    version: u32,
    pub(crate) image: Value,
    pub(crate) looked_at: Time,
    /// How it stands over all policies.
    pub(crate) status: Status,
    pub(crate) pushes: Vec<PushTold>,
    pub(crate) pushes_left_out: usize,
    pub(crate) invalid: Vec<Value>,
    pub(crate) near: Near,
    /// The paths that were taken for the administrator's; null where none were given.
    pub(crate) paths: Option<String>,
    /// What may not be looked at.
    failures: Vec<String>,
}

/// One push.
#[derive(Debug, Serialize)]
pub(crate) struct PushTold {
    pub(crate) tag: String,
    /// Null where the function has not seen it.
    pub(crate) number: Option<u64>,
    pub(crate) order_time: Time,
    /// Whether the tag stands on the image.
    pub(crate) current: bool,
    pub(crate) chain: Chain,
    pub(crate) origin: OriginTold,
    pub(crate) policies: Vec<CaseTold>,
}

/// Where a tag came from.
#[derive(Debug, Serialize)]
pub(crate) struct OriginTold {
    /// `pushed`, `promoted` or `moved`.
    pub(crate) came: &'static str,
    /// What was promoted there last, where somebody moved it.
    pub(crate) moved_from: Option<String>,
    pub(crate) promotions: Vec<Value>,
}

/// What one policy makes of it.
#[derive(Debug, Serialize)]
pub(crate) struct CaseTold {
    pub(crate) policy: PolicyKey,
    /// How far it came.
    state: &'static str,
    pub(crate) status: Status,
    /// The status in a word for people.
    pub(crate) word: &'static str,
    pub(crate) last: Option<LastTold>,
    pub(crate) now: Decision,
    pub(crate) target_now: Value,
    /// What to do next, in words.
    pub(crate) next: String,
}

/// The last decision that is written down.
#[derive(Debug, Serialize)]
pub(crate) struct LastTold {
    pub(crate) decision: Decision,
    pub(crate) at: Option<Time>,
    record: Option<String>,
    request_id: Option<String>,
    pub(crate) waits_for: Option<Waits>,
    since: Option<Time>,
    pub(crate) due: Option<Time>,
}

impl CaseTold {
    /// Whether the function has not judged it, and will.
    pub(crate) fn is_new(&self) -> bool {
        self.state == "new" && self.status == Status::Waiting
    }
}

impl Document {
    /// What may not be looked at, in words.
    pub(crate) fn failures(&self) -> &[String] {
        &self.failures
    }

    pub(crate) fn of(explanation: &Explanation, near: &Near, paths: Option<&str>) -> Self {
        let image = &explanation.image;
        let now = explanation.now.trunc_subsecs(0);
        Self {
            version: VERSION,
            image: json!({
                "registry": image.registry.to_string(), "repository": image.repository,
                "digest": image.digest, "there": explanation.there,
            }),
            looked_at: now,
            status: Status::of_all(&explanation.pushes),
            pushes: explanation
                .pushes
                .iter()
                .map(|push| of_push(push, now))
                .collect(),
            pushes_left_out: explanation.pushes_left_out,
            invalid: explanation
                .invalid
                .iter()
                .map(|(policy, errors)| json!({"policy": policy, "errors": errors}))
                .collect(),
            near: Near {
                policies: near.policies.clone(),
                unknown: near.unknown.clone(),
            },
            paths: paths.map(str::to_owned),
            failures: explanation
                .failures
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }

    /// What is news where an image is followed: not how old it grew.
    pub(crate) fn news(&self) -> Value {
        let mut value = json!(self);
        if let Value::Object(members) = &mut value {
            members.remove("looked_at");
        }
        without_words_of_time(&mut value);
        value
    }
}

/// `next` tells how long it takes still.
fn without_words_of_time(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("next");
            members.values_mut().for_each(without_words_of_time);
        }
        Value::Array(list) => list.iter_mut().for_each(without_words_of_time),
        _ => {}
    }
}

fn of_push(explained: &ExplainedPush, now: Time) -> PushTold {
    let push = &explained.push;
    let policies = explained.policies.iter();
    PushTold {
        tag: push.tag.to_string(),
        number: Some(push.number).filter(|number| *number > 0),
        order_time: push.order_time,
        current: push.current,
        chain: push.chain.clone(),
        origin: of_origin(&explained.origin),
        policies: policies
            .map(|case| CaseTold {
                policy: case.now.policy.clone(),
                state: state(case),
                status: Status::of(case),
                word: status::word(case),
                last: case.last.as_ref().map(of_last),
                now: case.now.clone(),
                target_now: of_target(&case.target),
                next: status::next(case, push, now),
            })
            .collect(),
    }
}

fn state(case: &ExplainedCase) -> &'static str {
    match case.state {
        CaseState::NoCase => "no_case",
        CaseState::New => "new",
        CaseState::Open => "open",
        CaseState::Ended => "ended",
    }
}

fn of_last(last: &Last) -> LastTold {
    LastTold {
        decision: last.decision.clone(),
        at: last.at,
        record: last.record.clone(),
        request_id: last.request_id.clone(),
        waits_for: last.open.as_ref().map(|open| open.waits),
        since: last.open.as_ref().map(|open| open.since),
        due: last.open.as_ref().map(|open| open.due),
    }
}

fn of_target(target: &TargetNow) -> Value {
    match target {
        TargetNow::None => Value::Null,
        TargetNow::Unseen(failure) => {
            json!({"there": null, "on": null, "unseen": failure.to_string()})
        }
        TargetNow::NoRepository { .. } => json!({"there": false, "on": null, "unseen": null}),
        TargetNow::Seen { on, .. } => json!({"there": true, "on": on, "unseen": null}),
    }
}

fn of_origin(origin: &TagOrigin) -> OriginTold {
    let (came, moved_from) = match &origin.came {
        Came::Pushed => ("pushed", None),
        Came::Promoted => ("promoted", None),
        Came::Moved { from, .. } => ("moved", Some(from.to_string())),
    };
    OriginTold {
        came,
        moved_from,
        promotions: origin.promotions.iter().map(of_promotion).collect(),
    }
}

/// A promotion as its record tells it, with the policy as it was.
fn of_promotion(record: &Record) -> Value {
    json!({
        "at": record.at,
        "record": record.id,
        "policy": record.decision.policy,
        "source": {"repository": record.repository, "tag": record.tag, "digest": record.digest},
        "target": record.target,
        "criteria": record.decision.criteria,
    })
}
