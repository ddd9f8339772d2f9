//! Open work that is due: a case is continued, if its policy is still there to judge it.
//!
//! The item is trusted, not the message that named it.

use ecr_promoter_core::{Push, Time, claim::CaseId, due};

use futures_util::FutureExt as _;

use super::{image, scope::Scope};
use crate::{
    closing,
    failure::Failure,
    finish,
    function::{Errand, Function},
    ledger::cases::{self, Open, Standing, Waits},
    occasion::Asked,
    outcome::Outcomes,
    policies::{self, Loaded, PolicyNow},
    promote::{self, Recovered},
    pushes,
};

/// Looks at a case that is due.
pub(super) async fn look(
    function: &Function,
    id: &CaseId,
    errand: Errand<'_>,
) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::default();
    let ids = std::slice::from_ref(id);
    let standing = cases::get(&function.ledger, &function.registry, ids).await?;
    let Some(standing) = standing.into_iter().flatten().next() else {
        return Ok(outcomes);
    };
    match &standing.body.open {
        Some(open) if function.until_due(open.due).await => {}
        _ => return Ok(outcomes),
    }
    let push = pushes::of_case(function, id, &standing.body.run);
    let standing = finish::tell(function, &push, standing).await;
    let open = standing.body.open.as_ref();
    if open.is_none_or(|open| open.waits == Waits::Telling || open.due > function.now()) {
        return Ok(outcomes);
    }
    let invocation = errand.invocation;
    let standing = match promote::recover(function, &push, standing, invocation)
        .boxed()
        .await?
    {
        Recovered::Promoted(ended) => {
            outcomes.take(&push, &id.policy, Ok(ended));
            return Ok(outcomes);
        }
        Recovered::Open(standing) => standing,
    };
    by_policy(function, standing, errand).boxed().await
}

/// What the case's policy is now decides how it continues.
async fn by_policy(
    function: &Function,
    standing: Standing,
    errand: Errand<'_>,
) -> Result<Outcomes, Failure> {
    match policies::again(&function.policies, &standing.body.id.policy).await? {
        PolicyNow::Good(stored) if stored.policy.enabled && standing.referrers_follow() => {
            let push = pushes::of_case(function, &standing.body.id, &standing.body.run);
            let taken = &stored.policy.target.referrers;
            let again = promote::referrers::again(function, &push, standing, taken, errand);
            again.boxed().await.map(|()| Outcomes::default())
        }
        PolicyNow::Good(stored) if stored.policy.enabled => {
            judged(function, &standing, &stored, errand).boxed().await
        }
        PolicyNow::Good(_) | PolicyNow::Bad => {
            without(function, standing, due::WITH_USELESS_POLICY, errand)
                .boxed()
                .await
        }
        PolicyNow::Gone => {
            without(function, standing, due::WITHOUT_POLICY, errand)
                .boxed()
                .await
        }
    }
}

/// The case is due then, for the reason it is open.
async fn put_off(
    function: &Function,
    push: &Push,
    standing: Standing,
    due: Time,
) -> Result<(), Failure> {
    let mut item = standing.body.clone();
    if let Some(open) = &mut item.open {
        open.due = due;
    }
    let written = finish::write(function, push, Some(&standing), item, Vec::new());
    written.await.map(drop)
}

/// The case's own policy judges the push again.
async fn judged(
    function: &Function,
    standing: &Standing,
    stored: &Loaded,
    errand: Errand<'_>,
) -> Result<Outcomes, Failure> {
    let id = &standing.body.id;
    let scope = Scope {
        function,
        repository: &id.repository,
        policies: &[stored],
        asked: Asked::Due,
        errand,
    };
    image::look(scope, &[pushes::hint_of(id, &standing.body.run)])
        .boxed()
        .await
}

/// A case whose policy can no longer judge it is kept for a while, and then closed; not while a write of its claim may
/// still arrive.
async fn without(
    function: &Function,
    standing: Standing,
    kept: chrono::TimeDelta,
    errand: Errand<'_>,
) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::default();
    let push = pushes::of_case(function, &standing.body.id, &standing.body.run);
    if let Some(until) = promote::landing(function, &push, Some(&standing.body)).await? {
        put_off(function, &push, standing, until).await?;
        return Ok(outcomes);
    }
    let now = function.now();
    let Some(open) = standing.body.open.clone() else {
        return Ok(outcomes);
    };
    let since = open.without_policy.unwrap_or(now);
    if now - since >= kept {
        let why = "its policy was deleted, was disabled or became invalid";
        closing::close(function, standing, why, errand.invocation, &mut outcomes)
            .boxed()
            .await;
        return Ok(outcomes);
    }
    let mut item = standing.body.clone();
    item.open = Some(Open {
        due: since + kept,
        without_policy: Some(since),
        ..open
    });
    finish::write(function, &push, Some(&standing), item, Vec::new()).await?;
    Ok(outcomes)
}
