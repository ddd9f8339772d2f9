//! Taking the claim: the rendered tag and its time, fixed before anything is written.
//!
//! A template that tells seconds and neither the source's tag nor its digest would let two pushes
//! of one second collide: the tag's name is kept for the digest in the claim's own transaction, and
//! where another digest has it the time moves on by a second.

use chrono::TimeDelta;
use ecr_promoter_core::{
    Time,
    decision::{Decision, Target},
    head::{Head, may_reserve},
    promotion::{Attempt, Take, take},
    template::Context,
};

use super::{Job, order};
use crate::{
    failure::{Failure, Remedy},
    flow::{Asked, Function},
    ledger::{
        heads::{HeadItem, Reserve},
        judged::{Claimed, Judged},
    },
};

/// A claim outlives its invocation's deadline by so much, so that no clock makes two of them alive.
const LEASE_AFTER_DEADLINE: TimeDelta = TimeDelta::seconds(60);
/// The time of a tag that tells seconds moves on by so many at most.
const SECONDS_MAX: i64 = 60;

impl Function {
    /// Takes the claim of a push under a policy.
    pub(super) async fn claim(
        &self,
        job: &Job<'_>,
        decision: &Decision,
        standing: Option<Judged>,
    ) -> Result<Claimed, Failure> {
        let now = self.now();
        let Some(target) = &decision.target else {
            let tried = format!("promote {}", job.push.image());
            return Err(Failure::new(
                Remedy::Never,
                tried,
                "the decision names no target",
            ));
        };
        let id = format!(
            "{}-{:016x}",
            job.invocation.request_id,
            (self.aws.seam.random)()
        );
        let attempt = Attempt {
            id: &id,
            now,
            lease_until: job.invocation.deadline.max(now) + LEASE_AFTER_DEADLINE,
            target,
            rendered_at: now,
            by_hand: job.asked == Asked::ByHand,
        };
        let state = standing.as_ref().map(|judged| &judged.state);
        let new = matches!(take(state, &attempt), Take::Mine(_));
        if !(new && job.policy.target.tag.collides_within_a_second()) {
            return self
                .ledger
                .claim(job.push, decision, standing, &attempt, None)
                .await;
        }
        for second in 0..SECONDS_MAX {
            let at = now + TimeDelta::seconds(second);
            let target = rendered(job, target, at)?;
            let head = self.ledger.head(&job.push.registry, &target).await?;
            if !may_reserve(head.as_ref().map(|item| &item.head), &job.push.digest) {
                continue;
            }
            let attempt = Attempt {
                target: &target,
                rendered_at: at,
                ..attempt.clone()
            };
            let reserve = reserve(job, &target, head.as_ref(), &attempt);
            let claimed = self
                .ledger
                .claim(
                    job.push,
                    decision,
                    standing.clone(),
                    &attempt,
                    Some(reserve),
                )
                .await?;
            if !matches!(claimed, Claimed::NameTaken) {
                return Ok(claimed);
            }
        }
        Ok(Claimed::NameTaken)
    }
}

/// The target with its tag rendered for another time.
fn rendered(job: &Job<'_>, target: &Target, time: Time) -> Result<Target, Failure> {
    let context = Context {
        repository: &job.push.repository,
        tag: &job.push.tag,
        digest: &job.push.digest,
        rest: job.policy.source.rest(&job.push.repository),
        time,
    };
    let tag = job.policy.target.tag.render(&context).map_err(|error| {
        let tried = format!("render the tag of {}", job.policy.key());
        Failure::new(Remedy::Never, tried, error.to_string())
    })?;
    Ok(Target {
        repository: target.repository.clone(),
        tag,
    })
}

/// Keeps the tag's name, unless the same digest has it already.
fn reserve<'a>(
    job: &'a Job<'_>,
    target: &'a Target,
    standing: Option<&'a HeadItem>,
    attempt: &Attempt<'_>,
) -> Reserve<'a> {
    Reserve {
        registry: &job.push.registry,
        target,
        standing,
        head: Head::reserved(
            order(job.push),
            job.push.digest.clone(),
            attempt.id.to_owned(),
            attempt.lease_until,
        ),
    }
}
