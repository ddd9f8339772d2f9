//! Settling the lease of an attempt whose outcome is unknown: the next invocation that comes to the tag reads
//! where it stands, and notes in the case of that attempt that it stood.

use ecr_promoter_core::{Registry, claim::CaseId, decision::Target, head::Lease};

use super::tag::stands_on;
use crate::{
    failure::Failure,
    function::Function,
    ledger::{
        cases::{self, Open, Standing},
        edit::{Prior, Step},
        heads,
        write::Write,
    },
};

/// Settles a dead lease, unless somebody did meanwhile.
pub(super) async fn bury(
    function: &Function,
    target: &Target,
    dead: &Lease,
) -> Result<(), Failure> {
    let registry = &function.registry;
    let mut change = heads::change(&function.ledger, registry, target, Prior::Unread).await?;
    loop {
        let head = change.head();
        if head.lease.as_ref() != Some(dead) {
            return Ok(());
        }
        let on = stands_on(function, target).await?;
        let now = function.now();
        let (body, stood) = head.bury(dead, on.as_ref(), now);
        let with = match &dead.case {
            Some(case) if stood => noted(function, registry, case, dead).await?,
            _ => Vec::new(),
        };
        let step = Step::Change {
            body,
            with,
            answer: (),
        };
        if change.write(step, now).await?.is_some() {
            return Ok(());
        }
    }
}

/// The note in a case that its tag stood: the invocation that takes its claim over finishes it as promoted.
async fn noted(
    function: &Function,
    registry: &Registry,
    case: &CaseId,
    dead: &Lease,
) -> Result<Vec<Write>, Failure> {
    let ids = std::slice::from_ref(case);
    let standing = cases::get(&function.ledger, registry, ids).await?.pop();
    let Some(standing) = standing.flatten().filter(|held| held.body.claim.is_some()) else {
        return Ok(Vec::new());
    };
    let mut item = standing.body.clone();
    item.stood = Some(dead.sequence);
    let now = function.now();
    // A case that was closed meanwhile is finished all the same.
    item.open
        .get_or_insert_with(|| Open::promoting(None, now, now));
    let write = Standing::write(registry, Some(&standing), &item, now)?;
    Ok(vec![write])
}
