//! What people read: the record of each outcome, its summary in the histories, and the item of
//! its (push, policy), all in one transaction.

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::TimeDelta;
use ecr_promoter_core::{
    Push, Time,
    decision::Decision,
    promotion::{self, Outcome},
};
use serde::Serialize;

use super::{
    Condition, Ledger, Write, Written,
    judged::{Judged, bounded, cut, cut_bytes, within},
    keys, read,
    record::{Announcement, End, Record, Summary},
};
use crate::failure::{Failure, Remedy};

/// How long records and their summaries are kept; they are the only items that expire.
pub const KEPT: TimeDelta = TimeDelta::days(400);
/// The longest reason of an item, in characters.
const REASON_MAX: usize = 2_000;
/// The most bytes of JSON that a decision takes in its record, of which 64 KB are promised.
const RECORD_DECISION_MAX: usize = 56 * 1024;
/// The longest name in a summary, and the longest reason, in bytes: all of it is at most 1 KB.
const SUMMARY_NAME_MAX: usize = 180;
/// See [`SUMMARY_NAME_MAX`].
const SUMMARY_REASON_MAX: usize = 200;

/// The state of a push that no policy was judged on yet.
const NOT_YET: promotion::Judged = promotion::Judged {
    outcome: None,
    claim: None,
    announced: false,
};

#[derive(Serialize)]
struct HistoryItem<'a> {
    summary: &'a Summary,
    expires_at: i64,
}

impl Ledger {
    /// Writes how a push ended under a policy. The same outcome for the same reason leaves no
    /// second record. `None` where somebody else wrote the item meanwhile: he had the last word.
    pub async fn record(
        &self,
        push: &Push,
        decision: &Decision,
        standing: Option<Judged>,
        end: &End,
        request_id: &str,
        now: Time,
    ) -> Result<Option<Judged>, Failure> {
        if let Some(judged) = standing.as_ref().filter(|judged| judged.told(end)) {
            return self.same_again(push, judged, decision, end).await;
        }
        let key = keys::judged(push, &decision.policy);
        let records = standing.as_ref().map_or(0, |judged| judged.records) + 1;
        let id = keys::id_of(&[&key.pk, &key.sk, &records.to_string()]);
        let revision = standing.as_ref().map(|judged| judged.revision);
        let state = standing.map_or(NOT_YET, |judged| judged.state);
        let next = Judged {
            revision: revision.unwrap_or(0) + 1,
            state: state.ended(end.outcome),
            reason: cut(&end.reason, REASON_MAX),
            decision: bounded(decision),
            records,
            recorded: Some(end.outcome),
            record: Some(id.clone()),
            announcement: end.told.clone().map(|told| Announcement {
                id: id.clone(),
                told,
            }),
        };
        let record = record(push, decision, end, id, request_id, now);
        let condition = Condition::unchanged_since(revision);
        let mut writes = vec![Write::new(&key, &next, Some(condition))?];
        writes.extend(writes_of(push, &record)?);
        match self.put_all(writes).await? {
            Written::Done => Ok(Some(next)),
            Written::Refused(item) => {
                let there: Option<Judged> = match item {
                    Some(item) => Some(read(&key, item)?),
                    None => self.get(&key).await?,
                };
                // The answer to our own write may have been lost.
                Ok(there.filter(|judged| judged.record.as_deref() == Some(record.id.as_str())))
            }
        }
    }

    /// The same outcome for the same reason: no second record, and nothing to tell. What is awaited,
    /// when it is looked at again, and that a claim has ended, is kept up to date in place.
    async fn same_again(
        &self,
        push: &Push,
        judged: &Judged,
        decision: &Decision,
        end: &End,
    ) -> Result<Option<Judged>, Failure> {
        let ended = judged.state.outcome == Some(end.outcome);
        let decision = bounded(decision);
        let waits = end.outcome == Outcome::Awaiting && judged.decision != decision;
        if ended && !waits {
            return Ok(Some(judged.clone()));
        }
        let mut next = judged.clone();
        if !ended {
            next.state = next.state.ended(end.outcome);
            next.state.announced = true;
        }
        next.decision = decision;
        self.replace(push, next.clone()).await?;
        next.revision += 1;
        Ok(Some(next))
    }
}

impl Judged {
    /// Whether the last record says this already.
    fn told(&self, end: &End) -> bool {
        self.recorded == Some(end.outcome)
            && self.reason == cut(&end.reason, REASON_MAX)
            && end.promotion.is_none()
    }
}

fn record(
    push: &Push,
    decision: &Decision,
    end: &End,
    id: String,
    request_id: &str,
    now: Time,
) -> Record {
    Record {
        id,
        at: now,
        outcome: end.outcome,
        reason: end.reason.clone(),
        registry: push.registry.to_string(),
        repository: push.repository.to_string(),
        tag: push.tag.to_string(),
        digest: push.digest.to_string(),
        number: push.number,
        order_time: push.order_time,
        target: decision.target.clone(),
        decision: within(decision, RECORD_DECISION_MAX),
        promotion: end.promotion.clone(),
        error: end.error.clone(),
        request_id: request_id.to_owned(),
        expires_at: (now + KEPT).timestamp(),
    }
}

/// The record and its summary.
fn writes_of(push: &Push, record: &Record) -> Result<[Write; 2], Failure> {
    let policy = &record.decision.policy;
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
        target: record
            .target
            .as_ref()
            .map(|target| cut_bytes(&target.to_string(), SUMMARY_NAME_MAX)),
    };
    let item = HistoryItem {
        summary: &summary,
        expires_at: record.expires_at,
    };
    let key = keys::history(record.at, &record.id);
    let mut history = Write::new(&key, &item, None)?;
    let target = record.target.as_ref();
    let target = target.map(|target| (&push.registry, &target.repository, &target.tag));
    let source = (&push.registry, &push.repository);
    for (attribute, value) in keys::history_indexes(record.at, &record.id, source, policy, target) {
        history = history.with(attribute, AttributeValue::S(value));
    }
    Ok([
        Write::new(&keys::record(&record.id), record, None)?,
        history,
    ])
}

/// The failure of a promotion whose end could not be written: somebody else ended it.
pub(crate) fn overtaken(key: &impl std::fmt::Display) -> Failure {
    Failure::new(
        Remedy::Wait,
        format!("finish the promotion of {key}"),
        "another invocation took the claim over",
    )
}
