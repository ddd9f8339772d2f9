//! What closes: the open cases of an image that is gone, and of policies that are gone. Nothing is judged
//! here; a promotion whose tag stood is finished first.

use ecr_promoter_core::{
    Image, Time,
    decision::{Decision, Outcome},
};

use futures_util::FutureExt as _;

use crate::{
    ecr::images,
    ending::{Ended, Ending},
    failure::{Failure, Remedy},
    finish,
    function::{Function, Invocation},
    ledger::cases::{self, Standing},
    outcome::Outcomes,
    promote::{self, Recovered},
    pushes::{self, BELIEVED_AFTER},
};

/// An image was deleted, as ECR told then: what is `open` of its pushes closes.
pub(crate) async fn deleted(
    function: &Function,
    (image, told_at): (&Image, Time),
    open: Vec<Standing>,
    invocation: &Invocation,
) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::default();
    let began = function.now();
    let (repository, only) = (&image.repository, std::slice::from_ref(&image.digest));
    let holds = images::read(&function.aws, repository, only, &[]).await?;
    let name = images::name(repository, &image.digest, None);
    let why = format!("the image {name} was deleted");
    if holds.has(&image.digest) {
        // A tag alone may have gone; or ECR does not yet show what it announced.
        let at = told_at + BELIEVED_AFTER;
        if began < at {
            outcomes.look_again(at, &why);
        }
        return Ok(outcomes);
    }
    for standing in open {
        close(function, standing, &why, invocation, &mut outcomes)
            .boxed()
            .await;
    }
    Ok(outcomes)
}

/// An image is gone: its open cases close.
pub(crate) async fn gone(
    function: &Function,
    image: &Image,
    why: &str,
    invocation: &Invocation,
) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::default();
    for standing in open_cases(function, image).await? {
        close(function, standing, why, invocation, &mut outcomes)
            .boxed()
            .await;
    }
    Ok(outcomes)
}

/// The open cases of an image.
pub(crate) async fn open_cases(
    function: &Function,
    image: &Image,
) -> Result<Vec<Standing>, Failure> {
    let mut cases = cases::of_image(&function.ledger, image).await?;
    cases.retain(|standing| standing.body.open.is_some());
    Ok(cases)
}

/// Closes an open case. One whose tag stood is promoted; one whose write may still arrive, or
/// that another invocation is working on, stays open.
pub(crate) async fn close(
    function: &Function,
    standing: Standing,
    why: &str,
    invocation: &Invocation,
    outcomes: &mut Outcomes,
) {
    let (id, run) = (standing.body.id.clone(), standing.body.run.clone());
    let push = pushes::of_case(function, &id, &run);
    let ended = closed(function, standing, why, invocation).boxed().await;
    match ended {
        Ok(None) => {}
        Ok(Some(ended)) => outcomes.take(&push, &id.policy, Ok(ended)),
        Err(failure) => outcomes.take(&push, &id.policy, Err(failure)),
    }
}

async fn closed(
    function: &Function,
    standing: Standing,
    why: &str,
    invocation: &Invocation,
) -> Result<Option<Ended>, Failure> {
    let push = pushes::of_case(function, &standing.body.id, &standing.body.run);
    let standing = finish::tell(function, &push, standing).await;
    let standing = match promote::recover(function, &push, standing, invocation)
        .boxed()
        .await?
    {
        Recovered::Promoted(ended) => return Ok(Some(ended)),
        Recovered::Open(standing) => standing,
    };
    let now = function.now();
    let decision = standing.body.decision.clone();
    let claim = standing.body.claim.as_ref();
    if claim.is_some_and(|claim| now < claim.lease_until)
        || promote::landing(function, &push, Some(&standing.body))
            .await?
            .is_some()
    {
        return Ok(None);
    }
    let ending = match (claim, decision.outcome) {
        // It was being promoted.
        (Some(claim), None) => {
            let tried = format!("promote {} to {}", push.image(), claim.target);
            let failure = Failure::new(Remedy::Never, tried, why);
            Ending::failed(decision, &failure, None, now)
        }
        (_, Some(Outcome::Awaiting)) => Ending::skipped(decision, why),
        _ => closed_as_it_is(decision),
    };
    let ended = finish::end(function, &push, invocation, Some(standing), ending).await?;
    Ok(Some(ended))
}

/// What failed stays failed, and is not tried again.
fn closed_as_it_is(mut decision: Decision) -> Ending {
    decision.next_look_at = None;
    let outcome = decision.outcome.unwrap_or(Outcome::Skipped);
    Ending {
        decision,
        outcome,
        open: None,
    }
}
