//! Something was attached to an image: it follows the image where that was promoted, and the policies that read what is
//! attached judge the image's pushes again.

use std::collections::HashSet;

use ecr_promoter_core::{
    Digest, Repository,
    decision::{Outcome, Target},
    evidence::Lack,
};
use futures_util::FutureExt as _;

use super::{image, scope::Scope};
use crate::{
    failure::Failure,
    ledger::cases::{self, Standing},
    occasion::{Attachment, Hint, asks},
    outcome::Outcomes,
    policies::Loaded,
    promote,
    pushes::{self, BELIEVED_AFTER, subject::Subject},
};

/// What is looked at because of a referrer. ECR's list may not show it yet: what is awaited still is due within a minute.
pub(super) async fn look(scope: Scope<'_>, attachment: &Attachment) -> Result<Outcomes, Failure> {
    let (function, repository) = (scope.function, scope.repository);
    let Attachment {
        referrer,
        subject,
        told_at,
    } = attachment;
    let began = function.now();
    let found = pushes::subject::of(function, repository, referrer, subject.as_ref()).await?;
    let (digest, chain) = match found {
        Subject::Image { digest, chain } => (digest, chain),
        Subject::Gone if began - *told_at < BELIEVED_AFTER => {
            let mut outcomes = Outcomes::default();
            let why = format!("ECR does not show the referrer {repository}@{referrer} yet");
            outcomes.look_again(*told_at + BELIEVED_AFTER, &why);
            return Ok(outcomes);
        }
        Subject::Gone | Subject::None => {
            tracing::info!(%repository, %referrer, "acknowledged: not attached to anything");
            return Ok(Outcomes::default());
        }
    };
    let hints = pushes::known::around(function, repository, &digest).await?;
    // Those that are promoted by the judgement look for all that is attached themselves.
    let promoted = promoted(scope, &hints).await?;
    let mut outcomes = judged(scope, &hints).await?;
    let beside = subject.as_ref().unwrap_or(referrer);
    for (standing, stored) in promoted {
        let followed = follow(scope, standing, stored, (&chain, beside)).boxed();
        if let Err(failure) = followed.await {
            outcomes.fail(&stored.policy.key(), failure);
        }
    }
    Ok(outcomes)
}

/// The policies that read what is attached judge the pushes again.
async fn judged(scope: Scope<'_>, hints: &[Hint]) -> Result<Outcomes, Failure> {
    let asking = scope.policies.iter().copied();
    let asking = asking.filter(|stored| asks(&stored.policy, Lack::Components));
    let policies: Vec<&Loaded> = asking.collect();
    if policies.is_empty() {
        return Ok(Outcomes::default());
    }
    let scope = Scope {
        policies: &policies,
        ..scope
    };
    image::look_at_each(scope, hints).await
}

/// The promoted cases that the referrer may have to follow: of each image one for each target repository.
async fn promoted<'s>(
    scope: Scope<'s>,
    hints: &[Hint],
) -> Result<Vec<(Standing, &'s Loaded)>, Failure> {
    let mut promoted = Vec::new();
    let mut seen: HashSet<(Digest, Repository)> = HashSet::new();
    for of_one_image in hints.chunk_by(|one, next| one.digest == next.digest) {
        let Some(hint) = of_one_image.first() else {
            continue;
        };
        let image = scope.function.image(scope.repository, &hint.digest);
        for standing in cases::of_image(&scope.function.ledger, &image).await? {
            let id = &standing.body.id;
            let mut policies = scope.policies.iter();
            let stored = policies.find(|stored| stored.policy.key() == id.policy);
            let (Some(stored), Some(target)) = (stored, target(&standing)) else {
                continue;
            };
            let goes = stored.policy.target.referrers.any() && target.repository != id.repository;
            if goes && seen.insert((id.digest.clone(), target.repository.clone())) {
                promoted.push((standing, *stored));
            }
        }
    }
    Ok(promoted)
}

/// Where a case was promoted to, if it was.
fn target(standing: &Standing) -> Option<&Target> {
    let case = &standing.body;
    let promoted = case.decision.outcome == Some(Outcome::Promoted) && case.claim.is_none();
    case.decision.target.as_ref().filter(|_| promoted)
}

async fn follow(
    scope: Scope<'_>,
    standing: Standing,
    stored: &Loaded,
    what: (&[Digest], &Digest),
) -> Result<(), Failure> {
    let push = pushes::of_case(scope.function, &standing.body.id, &standing.body.run);
    let taken = &stored.policy.target.referrers;
    let (function, errand) = (scope.function, scope.errand);
    let late = promote::referrers::late(function, &push, standing, taken, what, errand);
    late.boxed().await
}
