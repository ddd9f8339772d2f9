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

/// What is looked at because of a referrer. ECR may not show it yet: then it is looked for once more, a minute after its
/// event.
pub(super) async fn look(scope: Scope<'_>, attachment: &Attachment) -> Result<Outcomes, Failure> {
    let (function, repository) = (scope.function, scope.repository);
    let Attachment {
        referrer,
        subject,
        told_at,
        ..
    } = attachment;
    let began = function.now();
    let found = pushes::subject::of(function, repository, referrer, subject.as_ref()).await?;
    let (mut outcomes, shown) = match found {
        Subject::Image { digest, chain } => around(scope, attachment, (&digest, &chain)).await?,
        Subject::Gone => (Outcomes::default(), false),
        Subject::None => {
            tracing::info!(%repository, %referrer, "acknowledged: not attached to anything");
            return Ok(Outcomes::default());
        }
    };
    if !shown && began - *told_at < BELIEVED_AFTER {
        let why = format!("ECR does not show the referrer {repository}@{referrer} yet");
        outcomes.look_again(*told_at + BELIEVED_AFTER, &why);
    } else if !shown {
        tracing::info!(%repository, %referrer, "acknowledged: ECR does not show it");
    }
    Ok(outcomes)
}

/// The image to which a chain of referrers leads, and the indexes that hold it; whether ECR shows what was told.
async fn around(
    scope: Scope<'_>,
    attachment: &Attachment,
    (digest, chain): (&Digest, &[Digest]),
) -> Result<(Outcomes, bool), Failure> {
    let (function, repository) = (scope.function, scope.repository);
    let hints = pushes::known::around(function, repository, digest).await?;
    // Those that are promoted by the judgement look for all that is attached themselves.
    let promotions = promotions(scope, &hints).await?;
    let mut outcomes = judged(scope, &hints).await?;
    let mut shown = true;
    if promotions.in_progress {
        // It looks for what is attached at its end, by ECR's lists.
        let subject = chain.iter().rev().nth(1).unwrap_or(digest);
        shown = promote::referrers::is_listed(function, repository, attachment, subject).await?;
    }
    for (standing, stored) in promotions.done {
        let followed = follow(scope, standing, stored, (attachment, chain)).boxed();
        match followed.await {
            Ok(as_told) => shown &= as_told,
            Err(failure) => outcomes.fail(&stored.policy.key(), failure),
        }
    }
    Ok((outcomes, shown))
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

/// The promotions whose images a referrer may have to follow.
#[derive(Default)]
struct Promotions<'s> {
    /// Those that are done: of each image one for each target repository.
    done: Vec<(Standing, &'s Loaded)>,
    /// Whether there are others.
    in_progress: bool,
}

async fn promotions<'s>(scope: Scope<'s>, hints: &[Hint]) -> Result<Promotions<'s>, Failure> {
    let mut promotions = Promotions::default();
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
            let Some(stored) = stored.filter(|it| it.policy.target.referrers.any()) else {
                continue;
            };
            promotions.in_progress |= standing.body.claim.is_some();
            let Some(target) = target(&standing) else {
                continue;
            };
            let goes = target.repository != id.repository;
            if goes && seen.insert((id.digest.clone(), target.repository.clone())) {
                promotions.done.push((standing, stored));
            }
        }
    }
    Ok(promotions)
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
    what: (&Attachment, &[Digest]),
) -> Result<bool, Failure> {
    let push = pushes::of_case(scope.function, &standing.body.id, &standing.body.run);
    let taken = &stored.policy.target.referrers;
    let (function, errand) = (scope.function, scope.errand);
    let late = promote::referrers::late(function, &push, standing, taken, what, errand);
    late.boxed().await
}
