//! The open and held cases of a policy that was edited are due now: the schedule sends them within a
//! minute.

use ecr_promoter_core::{
    Digest, Repository, Tag, claim::CaseId, decision::Outcome, event::PolicyCases,
    policy::PolicyKey,
};
use futures_util::{StreamExt as _, stream};

use crate::{
    failure::Failure,
    function::Function,
    ledger::{
        cases::{self, Open, Standing, Waits},
        history::{self, Of, Wanted},
        record::Record,
    },
    queue,
};

/// So many records of a policy are looked at in one go.
const RECORDS_AT_ONCE: usize = 100;
/// So many cases are written at once.
const CASES_AT_ONCE: usize = 10;

/// Makes the cases of some records due, the newest first; where the next ones begin.
pub(super) async fn some(
    function: &Function,
    policy: &PolicyKey,
    after: Option<&str>,
) -> Result<Option<String>, Failure> {
    let wanted = Wanted {
        of: Of::Policy(policy.clone()),
        since: None,
        after,
        limit: RECORDS_AT_ONCE,
        outcomes: &[Outcome::Held, Outcome::Awaiting, Outcome::Failed],
        repository: None,
        policy: None,
        now: function.now(),
    };
    let (ledger, registry) = (&function.ledger, &function.registry);
    let page = history::page(ledger, registry, &wanted).await?;
    let ids: Vec<String> = page
        .summaries
        .into_iter()
        .map(|summary| summary.id)
        .collect();
    let mut named: Vec<CaseId> = Vec::new();
    for record in history::records(ledger, &ids).await? {
        if let Some(id) = case_of(&record).filter(|id| !named.contains(id)) {
            named.push(id);
        }
    }
    if !named.is_empty() {
        make_due(function, &named).await?;
    }
    Ok(page.next)
}

async fn make_due(function: &Function, named: &[CaseId]) -> Result<(), Failure> {
    let standing = cases::get(&function.ledger, &function.registry, named).await?;
    let standing = standing.into_iter().flatten();
    let writes: Vec<_> = standing.map(|standing| due(function, standing)).collect();
    let mut writes = stream::iter(writes).buffer_unordered(CASES_AT_ONCE);
    while let Some(written) = writes.next().await {
        written?;
    }
    Ok(())
}

/// Has the queue go on with the others.
pub(super) async fn send(function: &Function, more: &PolicyCases) -> Result<(), Failure> {
    let queue_url = &function.config.queue_url;
    queue::send_all(&function.aws, queue_url, vec![more.message()]).await
}

/// The case of a record.
fn case_of(record: &Record) -> Option<CaseId> {
    Some(CaseId {
        repository: Repository::parse(&record.repository).ok()?,
        tag: Tag::parse(&record.tag).ok()?,
        digest: Digest::parse(&record.digest).ok()?,
        number: record.number,
        policy: record.decision.policy.clone(),
    })
}

/// Whether an edit of the policy may change what is waited for.
fn is_about_the_policy(waits: Waits) -> bool {
    match waits {
        Waits::Evidence | Waits::Mending | Waits::Exceptions => true,
        Waits::Promotion | Waits::Telling | Waits::Referrers => false,
    }
}

/// A case that waits, or that is held, is due now. One that others write meanwhile is looked at anyway.
async fn due(function: &Function, standing: Standing) -> Result<(), Failure> {
    let now = function.now();
    let body = &standing.body;
    let open = match (&body.open, body.decision.outcome) {
        (Some(open), _) if is_about_the_policy(open.waits) => Open {
            due: now.min(open.due),
            ..open.clone()
        },
        (None, Some(Outcome::Held)) => Open::new(Waits::Evidence, now, now),
        _ => return Ok(()),
    };
    let mut item = body.clone();
    item.open = Some(open);
    let (ledger, registry) = (&function.ledger, &function.registry);
    let written = cases::put(ledger, registry, Some(&standing), item, Vec::new(), now);
    written.await.map(drop)
}
