//! Until when it is open what became of a write: a case neither ends nor closes before that.

use ecr_promoter_core::{
    Push, Time,
    claim::{CaseId, Claim},
};

use super::job::Job;
use crate::{
    failure::Failure,
    function::Function,
    ledger::{cases::CaseItem, heads},
};

/// Until when a write of this claim may still arrive; `None` if all were answered.
pub(super) async fn in_doubt(job: &Job<'_>) -> Result<Option<Time>, Failure> {
    of_claim(job.function, job.push, &job.held.body.id, &job.claim).await
}

/// Until when a write of a case may still arrive, or may have arrived without anybody having looked; `None` if all were
/// answered, or it wrote nothing.
pub(crate) async fn landing(
    function: &Function,
    push: &Push,
    case: Option<&CaseItem>,
) -> Result<Option<Time>, Failure> {
    match case.and_then(|case| Some((&case.id, case.claim.as_ref()?))) {
        Some((id, claim)) => of_claim(function, push, id, claim).await,
        None => Ok(None),
    }
}

async fn of_claim(
    function: &Function,
    push: &Push,
    case: &CaseId,
    claim: &Claim,
) -> Result<Option<Time>, Failure> {
    if !claim.raised {
        return Ok(None);
    }
    let head = heads::get(&function.ledger, &push.registry, &claim.target).await?;
    let until = head.and_then(|head| head.body.open_until(case, &push.order(), &push.digest));
    Ok(until.filter(|until| *until > function.now()))
}
