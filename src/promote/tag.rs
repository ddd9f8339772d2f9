//! The one write of the tag, under the head's lease.

use std::time::Duration;

use chrono::TimeDelta;
use ecr_promoter_core::{
    Digest, Time,
    decision::Target,
    head::{Ending, Lease},
};

use super::job::Job;
use crate::{
    copy::{Copied, Transfer, put_root},
    ecr::{images, put::Tagging},
    failure::{Code, Failure},
    function::Function,
};

/// Nothing is sent in the lease's last seconds: the write takes up to ten.
pub(super) const NOT_IN_THE_LAST: TimeDelta = TimeDelta::seconds(10);
/// A write that ECR refused for its rate, or to a target that was just made and is not known yet, had no effect, and is
/// tried again for so long, well within the lease. After that its slot is left to others.
const THROTTLED_FOR: TimeDelta = TimeDelta::seconds(20);
/// The first pause after a refusal for the rate; it doubles.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest one.
const PAUSE_MAX: Duration = Duration::from_secs(4);

/// How a write ended, with the failure where it did not stand.
pub(super) struct Wrote {
    pub ending: Ending,
    pub failure: Option<Failure>,
}

/// Writes the tag once, and again only where ECR said that it did nothing.
pub(super) async fn write(
    job: &Job<'_>,
    transfer: Transfer<'_>,
    proof: &Copied,
    lease: &Lease,
) -> Wrote {
    let (function, target) = (job.function, job.target());
    let tagging = Tagging {
        tag: &target.tag,
        signed: Some(lease.began),
    };
    let mut pause = PAUSE;
    let began = function.now();
    loop {
        function.aws.turn_to_put().await;
        let sent = function.now();
        if sent >= lease.until - NOT_IN_THE_LAST {
            let said = "the time to write the tag ran out before the request was sent";
            return refused(Failure::not_sent(format!("tag {target}"), said));
        }
        let Err(failure) = put_root(transfer, proof, tagging).await else {
            return stood();
        };
        let passes = failure.is_throttling() || transfer.route.comes_yet(&failure);
        if passes && function.now() + pause < began + THROTTLED_FOR {
            function.aws.seam.sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        } else if *failure.code() == Code::ImageTagAlreadyExists {
            return immutable(job, failure).await;
        } else if failure.refused() {
            return refused(failure);
        } else {
            return unanswered(lease.lands_until(function.now()), failure);
        }
    }
}

fn stood() -> Wrote {
    Wrote {
        ending: Ending::Stood,
        failure: None,
    }
}

fn refused(failure: Failure) -> Wrote {
    Wrote {
        ending: Ending::Refused,
        failure: Some(failure),
    }
}

fn unanswered(until: Time, failure: Failure) -> Wrote {
    Wrote {
        ending: Ending::Unknown { until },
        failure: Some(failure),
    }
}

/// An immutable tag stands. On this very image it is ours, written before a crash (ECR has been seen
/// to answer either exception); on another it never moves.
async fn immutable(job: &Job<'_>, failure: Failure) -> Wrote {
    let said = match stands_on(job.function, job.target()).await {
        Ok(Some(on)) if on == job.push.digest => return stood(),
        Ok(Some(on)) => format!("the tag is immutable and points to {on}"),
        Ok(None) | Err(_) => "the tag is immutable".to_owned(),
    };
    let advice = "give the policy a target.tag that is new for each push";
    refused(failure.explained(said).advised(advice))
}

/// The digest that a target tag points to now.
pub(super) async fn stands_on(
    function: &Function,
    target: &Target,
) -> Result<Option<Digest>, Failure> {
    let tag = std::slice::from_ref(&target.tag);
    let holds = images::read_target(&function.aws, &target.repository, &[], tag).await?;
    Ok(holds.and_then(|mut holds| holds.tags.remove(&target.tag)))
}
