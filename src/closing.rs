//! What closes: the cases of an image that is gone. Nothing is judged here.

use ecr_promoter_core::{
    Digest, Push, Repository, Time, decision::Verdict, policy::Policy, promotion::Outcome,
};

use crate::{
    ecr::images,
    failure::{Failure, Remedy},
    finish,
    function::{Function, Invocation},
    ledger::{judged::Judged, record::End},
    outcome::Outcomes,
    pushes::{self, BELIEVED_AFTER},
};

/// An image was deleted: what was open of its pushes closes.
pub(crate) async fn deleted(
    function: &Function,
    policies: &[&Policy],
    repository: &Repository,
    (digest, told_at): (&Digest, Time),
    invocation: &Invocation,
) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::default();
    let hints = pushes::known::of_digest(function, repository, digest).await?;
    if hints.is_empty() {
        return Ok(outcomes);
    }
    let began = function.now();
    let only = std::slice::from_ref(digest);
    let holds = images::read(&function.aws, repository, only, &[]).await?;
    let name = images::name(repository, digest, None);
    let why = format!("the image {name} was deleted");
    if holds.has(digest) {
        // A tag alone may have gone; or ECR does not show yet what it told.
        let at = told_at + BELIEVED_AFTER;
        if began < at {
            outcomes.look_again(at, &why);
        }
        return Ok(outcomes);
    }
    for hint in &hints {
        if let Some(push) = pushes::of_a_gone_image(function, hint).await? {
            outcomes.add(close(function, policies, &push, &why, invocation).await);
        }
    }
    Ok(outcomes)
}

/// The image of a push is gone: what awaited evidence is skipped, and a promotion that was under way
/// has failed.
pub(crate) async fn close(
    function: &Function,
    policies: &[&Policy],
    push: &Push,
    why: &str,
    invocation: &Invocation,
) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::default();
    for policy in policies {
        let now = function.now();
        let Some(judged) = function.ledger.judged(push, &policy.key()).await? else {
            continue;
        };
        let Some(end) = end_of(push, &judged, why, now) else {
            continue;
        };
        let mut decision = judged.decision.clone();
        decision.verdict = Verdict::Skip;
        decision.reason.clone_from(&end.reason);
        decision.next_look_at = None;
        let standing = Some(judged);
        let ended = finish::end(function, push, invocation, decision, standing, &end).await;
        outcomes.take(push, policy, ended);
    }
    Ok(outcomes)
}

/// How an open case ends without its image; `None` where it is not open.
fn end_of(push: &Push, judged: &Judged, why: &str, now: Time) -> Option<End> {
    match (judged.state.outcome, &judged.state.claim) {
        (Some(Outcome::Awaiting), _) => Some(End::skipped(why.to_owned())),
        (None, Some(claim)) if now >= claim.lease_until => {
            let tried = format!("promote {} to {}", push.image(), claim.target);
            Some(End::failed(&Failure::new(Remedy::Never, tried, why)))
        }
        _ => None,
    }
}
