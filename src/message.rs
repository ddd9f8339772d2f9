//! The message of what is worked on: it stays hidden while that makes progress, and comes back two minutes after whatever
//! ended that.
//!
//! As for a claim, no timer renews it: a function that hangs or was frozen beats none.

use std::{convert::Infallible, pin::pin};

use ecr_promoter_core::claim::RENEWED_EVERY;
use futures_util::future::{Either, select};

use crate::{
    function::{Errand, Function},
    queue,
};

/// Does `work`, and keeps its message hidden as long as requests are answered.
pub(crate) async fn hidden_while_it_goes_on<T>(
    function: &Function,
    errand: Errand<'_>,
    work: impl Future<Output = T>,
) -> T {
    let Some(receipt) = errand.receipt else {
        return work.await;
    };
    // Beside the first reads: the message does not wait for them, nor they for it.
    let renewing = async {
        let mut goes_on = true;
        loop {
            if goes_on {
                hold(function, errand, receipt).await;
                // That this was answered is not the work's progress.
                let _ = function.aws.seam.was_answered();
            }
            function.aws.seam.sleep(RENEWED_EVERY).await;
            goes_on = function.aws.seam.was_answered();
        }
    };
    let renewing: &mut (dyn Future<Output = Infallible> + Send + Unpin) = &mut pin!(renewing);
    match select(renewing, pin!(work)).await {
        Either::Left((never, _)) => match never {},
        Either::Right((done, _)) => done,
    }
}

async fn hold(function: &Function, errand: Errand<'_>, receipt: &str) {
    let left = errand.invocation.deadline - function.now();
    let left = left.to_std().unwrap_or_default();
    queue::hold(&function.aws, &function.config.queue_url, receipt, left).await;
}
