//! Renewing a claim by progress: a blob that is done, bytes that moved. No timer renews it, so that a
//! function that hangs or was frozen loses it.

use std::pin::pin;

use ecr_promoter_core::claim::{Claim, LEASE, RENEWED_EVERY};

use super::job::Job;
use crate::{copy::Transfer, failure::Failure, finish, queue};

/// Does `work`, renewing the claim and its message's visibility while bytes move.
pub(super) async fn while_it_moves<T>(
    job: &mut Job<'_>,
    transfer: Transfer<'_>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut work = pin!(work);
    loop {
        let seam = &job.function.aws.seam;
        if let Some(done) = seam.within(RENEWED_EVERY, work.as_mut()).await {
            return done;
        }
        if transfer.route.progress.was_made() {
            renew(job).await?;
        }
    }
}

/// Renews the claim; one that is not ours any more is lost, and so is the work.
async fn renew(job: &mut Job<'_>) -> Result<(), Failure> {
    let function = job.function;
    let now = function.now();
    let claim = Claim {
        lease_until: now + LEASE,
        ..job.claim.clone()
    };
    let mut item = job.held.body.clone();
    if let Some(open) = &mut item.open {
        open.due = claim.lease_until;
    }
    item.claim = Some(claim.clone());
    job.held = finish::write(function, job.push, Some(&job.held), item, Vec::new()).await?;
    job.claim = claim;
    if let Some(receipt) = job.errand.receipt {
        let left = (job.errand.invocation.deadline - now)
            .to_std()
            .unwrap_or_default();
        let queue_url = &function.config.queue_url;
        queue::hold(&function.aws, queue_url, receipt, left).await;
    }
    Ok(())
}
