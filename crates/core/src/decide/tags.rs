//! Criteria on the tag that was pushed.

use super::judge::Found;
use crate::{
    Push,
    decision::CriterionVerdict,
    evidence::Origin,
    policy::{ReleaseCondition, TextCondition},
};

pub(super) fn tag(text: &TextCondition, push: &Push) -> Found {
    let seen = push.tag.as_str();
    Found {
        verdict: CriterionVerdict::of(text.holds(seen)),
        seen: serde_json::json!(seen),
        note: None,
        words: format!("{seen:?}"),
        culprits: Vec::new(),
        origin: Origin::Registry.to_string(),
        at: Some(push.order_time),
    }
}

/// A tag that is not a version meets neither operator.
pub(super) fn release(releases: &ReleaseCondition, push: &Push) -> Found {
    let seen = push.tag.as_str();
    let holds = releases.holds(seen);
    let words = match holds {
        Some(_) => format!("{seen:?}"),
        None => format!("{seen:?}, which is not a semantic version"),
    };
    Found {
        verdict: CriterionVerdict::of(holds == Some(true)),
        seen: serde_json::json!(seen),
        note: None,
        words,
        culprits: Vec::new(),
        origin: Origin::Registry.to_string(),
        at: Some(push.order_time),
    }
}
