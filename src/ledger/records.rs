//! What people read: the record of each outcome and its summary in the histories, written in one
//! transaction with the case.

use aws_sdk_dynamodb::types::AttributeValue;
use ecr_promoter_core::{
    Push, Time,
    decision::{CriterionVerdict, Decision, Judgement, Outcome},
};
use serde::Serialize;
use serde_json::json;

use super::{
    KEPT,
    cases::{CaseItem, Recorded},
    keys::{self, Key},
    record::{
        Announcement, Promotion, Record, ReferrersTold, Summary, Told, Unmet, cut, cut_bytes,
        within,
    },
    write::Write,
};
use crate::failure::Failure;

/// The longest reason that a case keeps of its last record, in characters.
const REASON_MAX: usize = 2_000;
/// The most bytes of JSON that a decision takes in its record, which has 64 KB at most.
const RECORD_DECISION_MAX: usize = 56 * 1024;
/// So many sets of criteria for which a case was held are remembered.
const HELD_MAX: usize = 16;
/// The longest name in a summary, and the longest reason, in bytes: all of it is at most 1 KB.
const SUMMARY_NAME_MAX: usize = 180;
/// See [`SUMMARY_NAME_MAX`].
const SUMMARY_REASON_MAX: usize = 200;

#[derive(Serialize)]
struct HistoryItem<'a> {
    summary: &'a Summary,
    expires_at: i64,
}

/// How a case ended this time.
#[derive(Debug, Clone)]
pub struct End<'a> {
    /// The push.
    pub push: &'a Push,
    /// The decision, with its outcome.
    pub decision: &'a Decision,
    /// What a promotion did.
    pub promotion: Option<Promotion>,
    /// The id by which the log lines are found.
    pub request_id: &'a str,
    /// The part of an `Image Promoted` that only the head knows: its sequence, and whether a newer push held
    /// the head already.
    pub stood: Option<(u64, bool)>,
    /// The present time.
    pub now: Time,
}

/// The case with its end, and the writes of the record, if the end says something new. The same
/// outcome for the same reason leaves no second record, and nothing to tell.
pub(crate) fn ended(
    mut case: CaseItem,
    outcome: Outcome,
    end: &End<'_>,
) -> Result<(CaseItem, Vec<Write>), Failure> {
    case.decision = end.decision.clone();
    case.decision.outcome = Some(outcome);
    let reason = cut(&end.decision.reason, REASON_MAX);
    let said = case
        .recorded
        .as_ref()
        .is_some_and(|last| last.outcome == outcome && last.reason == reason);
    if said && end.promotion.is_none() {
        return Ok((case, Vec::new()));
    }
    let count = case.recorded.as_ref().map_or(0, |last| last.count) + 1;
    let key = keys::case(&end.push.registry, &case.id);
    let id = keys::id_of(&[&key.pk, &key.sk, &count.to_string()]);
    case.untold = match told(end) {
        Some(told) => Some(Announcement {
            id: id.clone(),
            told,
        }),
        None => held(&mut case, &key, outcome),
    };
    case.recorded = Some(Recorded {
        id: id.clone(),
        outcome,
        reason,
        count,
    });
    let record = record(id, outcome, &case.decision, end);
    let writes = writes_of(end.push, &record)?;
    Ok((case, writes.into()))
}

/// What became of an image's referrers, into the last record of its case.
pub(crate) fn referrers(case: &CaseItem, told: &ReferrersTold) -> Result<Option<Write>, Failure> {
    let record = case.recorded.as_ref().map(|last| keys::record(&last.id));
    record
        .map(|key| Write::set(&key, "referrers", told))
        .transpose()
}

/// What is announced of an end.
fn told(end: &End<'_>) -> Option<Told> {
    if let Some((sequence, superseded)) = end.stood {
        return Some(Told::Promoted {
            promoted_at: end.now,
            sequence,
            superseded,
        });
    }
    end.decision.error.clone().map(Told::Failed)
}

/// A hold is announced once for each set of criteria; one that only tries, and one that cannot even name its
/// target, is not.
fn held(case: &mut CaseItem, key: &Key, outcome: Outcome) -> Option<Announcement> {
    let decision = &case.decision;
    if outcome != Outcome::Held || decision.dry_run || decision.target.is_none() {
        return None;
    }
    let unmet = |judgement: &&Judgement| {
        matches!(
            judgement.verdict,
            CriterionVerdict::Broken | CriterionVerdict::Unknown
        )
    };
    let unmet: Vec<&Judgement> = decision.criteria.iter().filter(unmet).collect();
    let named = unmet
        .iter()
        .map(|of| json!([of.attribute, of.operator, of.wanted]));
    let mut set: Vec<String> = named.map(|of| of.to_string()).collect();
    set.sort();
    let id = keys::id_of(&[&key.pk, &key.sk, "held", &json!(set).to_string()]);
    if case.held.contains(&id) {
        return None;
    }
    let criteria = unmet.iter().map(|judgement| Unmet {
        attribute: judgement.attribute.clone(),
        culprits: judgement.culprit_ids(),
    });
    let told = Told::Held(criteria.collect());
    case.held.push(id.clone());
    if case.held.len() > HELD_MAX {
        case.held.remove(0);
    }
    Some(Announcement { id, told })
}

fn record(id: String, outcome: Outcome, decision: &Decision, end: &End<'_>) -> Record {
    let push = end.push;
    Record {
        id,
        at: end.now,
        outcome,
        reason: decision.reason.clone(),
        registry: push.registry.to_string(),
        repository: push.repository.to_string(),
        tag: push.tag.to_string(),
        digest: push.digest.to_string(),
        number: push.number,
        order_time: push.order_time,
        target: decision.target.clone(),
        decision: within(decision, RECORD_DECISION_MAX),
        promotion: end.promotion.clone(),
        referrers: None,
        error: decision.error.clone(),
        request_id: end.request_id.to_owned(),
        expires_at: (end.now + KEPT).timestamp(),
    }
}

/// The record and its summary.
fn writes_of(push: &Push, record: &Record) -> Result<[Write; 2], Failure> {
    let policy = &record.decision.policy;
    let target = record.target.as_ref();
    let summary = Summary {
        id: record.id.clone(),
        at: record.at,
        outcome: record.outcome,
        reason: cut_bytes(&record.reason, SUMMARY_REASON_MAX),
        policy: cut_bytes(&policy.to_string(), SUMMARY_NAME_MAX),
        source: cut_bytes(
            &format!("{}:{}", push.repository, push.tag),
            SUMMARY_NAME_MAX,
        ),
        digest: push.digest.to_string(),
        target: target.map(|target| cut_bytes(&target.to_string(), SUMMARY_NAME_MAX)),
    };
    let item = HistoryItem {
        summary: &summary,
        expires_at: record.expires_at,
    };
    let mut history = Write::put(&keys::history(record.at, &record.id), &item, None)?;
    let target = target.map(|target| (&push.registry, &target.repository, &target.tag));
    let source = (&push.registry, &push.repository);
    for (attribute, value) in keys::history_indexes(record.at, &record.id, source, policy, target) {
        history = history.with(attribute, AttributeValue::S(value));
    }
    Ok([
        Write::put(&keys::record(&record.id), record, None)?,
        history,
    ])
}
