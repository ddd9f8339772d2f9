//! Criteria on the push itself: its tag, and where it was promoted from.

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

/// Where it was promoted from. A push by a person or a build comes from nowhere: no positive operator is
/// met, and no negative one broken. A repository that the policy does not name stays unnamed: who reads
/// decisions on one repository need not know others.
pub(super) fn promoted_from(text: &TextCondition, push: &Push) -> Found {
    let sources = &push.chain.sources;
    let touched = sources
        .iter()
        .filter(|source| text.touches(source.as_str()));
    let named: Vec<_> = touched.map(|source| source.as_str().to_owned()).collect();
    let is_negative = text.operator().is_negative();
    let is_met = named.is_empty() == is_negative;
    let words = match named.as_slice() {
        [] if push.chain.depth == 0 => "a push that was not promoted".to_owned(),
        [] => "another repository".to_owned(),
        named => named.join(", "),
    };
    Found {
        verdict: CriterionVerdict::of(is_met),
        seen: serde_json::json!(words),
        note: None,
        words,
        culprits: if is_met { Vec::new() } else { named },
        origin: Origin::Registry.to_string(),
        at: Some(push.order_time),
    }
}
