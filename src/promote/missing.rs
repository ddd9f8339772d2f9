//! A target repository that is missing, made where the administrator allows it. Elsewhere the first write decides.

use super::job::{Job, Seen};
use crate::{ecr::repositories, failure::Failure};

/// Makes the target repository of a promotion, if it is missing; whether it was. What it lacks of the source's settings stands
/// in the claim, for the record.
pub(super) async fn make(job: &mut Job<'_>, seen: &Seen) -> Result<bool, Failure> {
    if !seen.no_repository || !job.function.config.create_targets {
        return Ok(false);
    }
    let (source, target) = (&job.push.repository, &job.target().repository);
    let policy = job.decision.policy.to_string();
    let made = repositories::make(&job.function.aws, source, target, &policy).await?;
    if let Some(made) = made {
        tracing::info!(%target, %policy, %made, "made a target repository");
        job.claim.made = Some(made);
    }
    Ok(true)
}
