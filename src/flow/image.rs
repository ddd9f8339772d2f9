//! From an image to the end of its cases: it is read once for all its pushes and policies.

use ecr_promoter_core::{
    Push,
    decision::{CriterionVerdict, Decision, Judgement, Verdict},
    evidence::Lack,
    policy::Policy,
};

use crate::{
    case::{Case, Ended, Scope, settled},
    closing,
    failure::Failure,
    finish,
    function::Function,
    judge::judge,
    ledger::{judged::Judged, record::End},
    occasion::Hint,
    outcome::Outcomes,
    promote,
    pushes::{self, Resolved},
    reading::{self, Reading},
};

/// A policy that changes again and again while it promotes is left to the next delivery.
const POLICY_CHANGES_MAX: usize = 3;
/// So many cases of an image are read from the ledger at once.
const CASES_AT_ONCE: usize = 50;

/// An image: read once for all its pushes, which `hints` name.
pub(super) async fn image(scope: Scope<'_>, hints: &[Hint]) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::default();
    let Some(first) = hints.first() else {
        return Ok(outcomes);
    };
    let function = scope.function;
    let image = function.image(scope.repository, &first.digest);
    let mut reading = reading::read(function, image, hints, scope.policies).await?;
    let ways = pushes::ways(function, &reading, hints).await?;
    let mut found = Vec::new();
    for hint in hints {
        let resolved = pushes::resolve(function, hint, &reading, ways.as_ref()).await;
        found.extend(push(scope, resolved, &mut outcomes).await);
    }
    let cases = found.iter().flat_map(|push| {
        let policies = scope.policies.iter();
        policies.map(move |policy| (push, *policy))
    });
    let cases: Vec<(&Push, &Policy)> = cases.collect();
    for some in cases.chunks(CASES_AT_ONCE) {
        let standing = function.ledger.judged_of(some).await?;
        for ((push, policy), standing) in some.iter().zip(standing) {
            let ended = case(scope, push, policy, &mut reading, standing).await;
            outcomes.take(push, policy, ended);
        }
    }
    Ok(outcomes)
}

/// The push of a hint, where there is one to be judged.
async fn push(
    scope: Scope<'_>,
    resolved: Result<Resolved, Failure>,
    outcomes: &mut Outcomes,
) -> Option<Push> {
    match resolved {
        Ok(Resolved::Push(push)) => return Some(push),
        Ok(Resolved::Again(again)) => outcomes.look_again(again.at, &again.why),
        Ok(Resolved::Gone { why, push }) => {
            tracing::info!(%why, "acknowledged");
            if let Some(push) = push {
                let (function, policies) = (scope.function, scope.policies);
                let closed = closing::close(function, policies, &push, &why, scope.invocation);
                outcomes.add(closed.await);
            }
        }
        Err(failure) => {
            for policy in scope.policies {
                outcomes.fail(policy, failure.clone());
            }
        }
    }
    None
}

/// A case: one policy on one push, judged anew where the policy changed on the way. `standing` is
/// what the ledger has of it.
async fn case(
    scope: Scope<'_>,
    push: &Push,
    policy: &Policy,
    reading: &mut Reading,
    standing: Option<Judged>,
) -> Result<Ended, Failure> {
    let mut case = Case {
        push,
        policy,
        reading,
        asked: scope.asked,
        invocation: scope.invocation,
    };
    let mut ended = once(scope.function, &mut case, standing).await?;
    for _ in 0..POLICY_CHANGES_MAX {
        let Ended::PolicyChanged(policy) = ended else {
            return Ok(ended);
        };
        let standing = scope.function.ledger.judged(push, &policy.key()).await?;
        let mut changed = Case {
            push,
            policy: &policy,
            reading: &mut *case.reading,
            ..case
        };
        ended = once(scope.function, &mut changed, standing).await?;
    }
    Err(case.undecided("the policy keeps changing"))
}

async fn once(
    function: &Function,
    case: &mut Case<'_>,
    standing: Option<Judged>,
) -> Result<Ended, Failure> {
    let standing = told(function, case, standing).await?;
    let now = function.now();
    if let Some(judged) = &standing {
        if let Some(ended) = settled(judged, case.asked, now) {
            return Ok(ended);
        }
        if let Some(ended) = promote::recover(function, case, judged).await? {
            return Ok(ended);
        }
    }
    let decision = judge(function, case, now).await?;
    let promotes = decision.verdict == Verdict::Promote && !decision.dry_run;
    if promotes && case.reading.tree.is_some() {
        // Boxed: by far the largest part of the flow's future.
        let ended = Box::pin(promote::promote(function, case, decision, standing)).await?;
        case.reading.tags.extend(ended.tag_within(case.push));
        return Ok(ended);
    }
    let end = match refused_look(&decision, case) {
        Some(failure) => End::failed(failure),
        None => End::decided(&decision),
    };
    finish::end(
        function,
        case.push,
        case.invocation,
        decision,
        standing,
        &end,
    )
    .await
}

/// What others were not told yet of the case is told first.
async fn told(
    function: &Function,
    case: &Case<'_>,
    standing: Option<Judged>,
) -> Result<Option<Judged>, Failure> {
    match standing {
        Some(judged) if judged.untold().is_some() => {
            finish::announce(function, case.push, judged).await?;
            function.ledger.judged(case.push, &case.policy.key()).await
        }
        standing => Ok(standing),
    }
}

/// The refusal that a hold comes of, where it comes of nothing that was seen.
fn refused_look<'c>(decision: &Decision, case: &'c Case<'_>) -> Option<&'c Failure> {
    let broken = |judgement: &Judgement| judgement.verdict == CriterionVerdict::Broken;
    if decision.verdict != Verdict::Hold || decision.criteria.iter().any(broken) {
        return None;
    }
    let criteria = case.policy.criteria.iter();
    let lacks = criteria.filter_map(|criterion| criterion.attribute.lack());
    let mut lacks = std::iter::once(Lack::Contents).chain(lacks);
    lacks.find_map(|lack| case.reading.failures.get(&lack))
}
