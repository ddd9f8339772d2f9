//! The act: claim, copy, raise, tag, settle; then what is attached to the image.
//!
//! The order is what makes a crash harmless. The claim fixes the rendered tag and its time before
//! anything is written; blobs and children come before the root; the head's lease says whose turn it
//! is at the target, taken together with the check of the policy and with the provenance that the tag
//! will have; the tag is the last write to the registry; head, case and record are settled together.
//! An invocation that takes over a dead claim continues with its tag and finds what is already done.

mod bury;
mod children;
mod claim;
mod conclude;
mod job;
mod landing;
mod look;
mod missing;
mod perform;
mod raise;
mod recover;
pub(crate) mod referrers;
mod renew;
mod settle;
mod tag;

pub(crate) use landing::landing;
pub(crate) use look::look;
pub(crate) use recover::{Recovered, recover};

use ecr_promoter_core::decision::Decision;
use futures_util::FutureExt as _;

use crate::{
    case::Case,
    ending::Ended,
    failure::Failure,
    function::{Function, in_time},
    ledger::{cases::Standing, runs::Unwritten},
};
use claim::Claimed;
use conclude::conclude;
use job::{Job, Performed, STOP_BEFORE_DEADLINE};
use perform::perform;

/// Performs the promotion that `decision` asks for, unless another invocation does. What is `unwritten`
/// of the push is written with the claim.
pub(crate) async fn promote(
    function: &Function,
    case: &Case<'_>,
    mut decision: Decision,
    standing: Option<Standing>,
    unwritten: &mut Unwritten,
) -> Result<Ended, Failure> {
    let Some(tree) = &case.reading.tree else {
        return Err(case.undecided("its manifests were not read"));
    };
    let taken = claim::take_claim(function, case, &decision, standing, unwritten);
    let (held, claim) = match taken.await? {
        Claimed::Ours(held, claim) => (held, claim),
        Claimed::Ended(ended) => return Ok(ended),
    };
    decision.target = Some(claim.target.clone());
    let mut job = Job {
        function,
        push: case.push,
        tree,
        stored: case.stored,
        errand: case.errand,
        decision,
        claim,
        held,
    };
    let work = perform(&mut job, case).boxed();
    let performed = in_time(function, case.errand.invocation, STOP_BEFORE_DEADLINE, work).await;
    match performed {
        Ok(Performed::Ended(ended)) => {
            referrers::follow(job).boxed().await;
            Ok(ended)
        }
        performed => conclude(job, performed).boxed().await,
    }
}
