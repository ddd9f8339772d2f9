//! The spine: one occasion to its outcome, top to bottom, nested by what is shared.
//!
//! repository (policies, loaded once) → image (read once) → push → case. The rooms it calls never
//! call each other.

use ecr_promoter_core::{
    Push, Repository,
    decision::{CriterionVerdict, Decision, Judgement, Verdict},
    event::{Delivery, Select},
    evidence::Lack,
    policy::Policy,
};

use crate::{
    case::{Case, Ended, settled},
    closing,
    failure::{Failure, Remedy},
    finish,
    function::{Function, Invocation},
    judge::judge,
    ledger::{judged::Judged, record::End},
    occasion::{Asked, Attachment, Hint, Matter, Occasion},
    outcome::Outcomes,
    policies, promote,
    pushes::{self, BELIEVED_AFTER, Resolved, subject::Subject},
    queue,
    reading::{self, Reading},
};

/// A policy that changes again and again while it promotes is left to the next delivery.
const POLICY_CHANGES_MAX: usize = 3;
/// So many cases of an image are read from the ledger at once.
const CASES_AT_ONCE: usize = 50;
/// After so long the image of a referrer that arrived is judged once more.
const ATTACHED_AGAIN: chrono::TimeDelta = chrono::TimeDelta::seconds(30);

/// Everything below one occasion: who asks, which policies, in which invocation.
#[derive(Clone, Copy)]
struct Scope<'a> {
    function: &'a Function,
    repository: &'a Repository,
    policies: &'a [&'a Policy],
    asked: Asked,
    invocation: &'a Invocation,
}

/// A repository: its policies are loaded once, and where none is concerned the walk ends here. From
/// then on the delivery's message comes back soon if this invocation is killed.
pub(crate) async fn run(
    function: &Function,
    occasion: &Occasion,
    delivery: &Delivery,
    invocation: &Invocation,
) -> Result<Outcomes, Failure> {
    let repository = &occasion.repository;
    let table = &function.config.policies_table;
    let policies = policies::load(&function.aws, table, repository).await?;
    let concerned = occasion.concerned(&policies.good);
    // A person is told of a mistake in the request, whatever the policies.
    if concerned.is_empty() && occasion.asked() == Asked::ByEvent {
        tracing::debug!(%repository, "no policy is concerned");
        return Ok(Outcomes::default());
    }
    hold_message(function, delivery, invocation).await;
    let scope = Scope {
        function,
        repository,
        policies: &concerned,
        asked: occasion.asked(),
        invocation,
    };
    match &occasion.matter {
        Matter::Pushed(pushed) => image(scope, &[pushed.hint(repository)]).await,
        Matter::Scanned { digest } | Matter::Restored { digest } => {
            let hints = pushes::known::around(function, repository, digest).await?;
            images(scope, &hints).await
        }
        Matter::Deleted { digest, told_at } => {
            let what = (digest, *told_at);
            closing::deleted(function, &concerned, repository, what, invocation).await
        }
        Matter::Attached(attachment) => attached(scope, attachment, delivery.round).await,
        Matter::Asked(select) => asked(scope, select).await,
    }
}

async fn hold_message(function: &Function, delivery: &Delivery, invocation: &Invocation) {
    let record = delivery.record.as_ref();
    if let Some(receipt) = record.and_then(|record| record.receipt_handle.as_deref()) {
        let left = invocation.deadline - function.now();
        let left = left.to_std().unwrap_or_default();
        queue::hold(&function.aws, &function.config.queue_url, receipt, left).await;
    }
}

/// Something was attached to an image: its pushes are judged again, now and once more a little later,
/// since ECR's list of referrers may not show it yet.
async fn attached(
    scope: Scope<'_>,
    attachment: &Attachment,
    round: u32,
) -> Result<Outcomes, Failure> {
    let (function, repository) = (scope.function, scope.repository);
    let Attachment {
        referrer,
        subject,
        told_at,
    } = attachment;
    let began = function.now();
    let mut outcomes = Outcomes::default();
    let digest = match pushes::subject::of(function, repository, referrer, subject.as_ref()).await?
    {
        Subject::Image(digest) => digest,
        Subject::Gone if began - *told_at < BELIEVED_AFTER => {
            let why = format!("ECR does not show the referrer {repository}@{referrer} yet");
            outcomes.look_again(*told_at + BELIEVED_AFTER, &why);
            return Ok(outcomes);
        }
        Subject::Gone | Subject::None => {
            tracing::info!(%repository, %referrer, "acknowledged: attached to nothing");
            return Ok(outcomes);
        }
    };
    let hints = pushes::known::around(function, repository, &digest).await?;
    outcomes = images(scope, &hints).await?;
    if round == 0 && !hints.is_empty() {
        let why = format!("what was attached to {repository}@{digest} is looked at once more");
        outcomes.again = None;
        outcomes.look_again(began + ATTACHED_AGAIN, &why);
    }
    Ok(outcomes)
}

/// A person asks: what stands in ECR now is judged.
async fn asked(scope: Scope<'_>, select: &Select) -> Result<Outcomes, Failure> {
    let repository = scope.repository;
    let hints = pushes::asked::hints(scope.function, repository, select).await?;
    if hints.is_empty() {
        let what = match select {
            Select::Tag(tag) => format!("{repository}:{tag}"),
            Select::Digest(digest) => format!("{repository}@{digest}"),
        };
        let said = "no tag of that repository stands on such an image";
        return Err(Failure::new(Remedy::Never, format!("judge {what}"), said));
    }
    if scope.policies.is_empty() {
        return Ok(Outcomes::default());
    }
    images(scope, &hints).await
}

/// Several pushes, an image after the other: one that fails does not keep the others from their turn.
async fn images(scope: Scope<'_>, hints: &[Hint]) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::default();
    for of_one_image in hints.chunk_by(|one, next| one.digest == next.digest) {
        outcomes.add(image(scope, of_one_image).await);
    }
    Ok(outcomes)
}

/// An image: read once for all its pushes, which `hints` name.
async fn image(scope: Scope<'_>, hints: &[Hint]) -> Result<Outcomes, Failure> {
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
        match pushes::resolve(function, hint, &reading, ways.as_ref()).await {
            Ok(Resolved::Push(push)) => found.push(push),
            Ok(Resolved::Again(again)) => outcomes.look_again(again.at, &again.why),
            Ok(Resolved::Gone { why, push }) => {
                tracing::info!(%why, "acknowledged");
                if let Some(push) = push {
                    let (policies, invocation) = (scope.policies, scope.invocation);
                    let closed = closing::close(function, policies, &push, &why, invocation);
                    outcomes.add(closed.await);
                }
            }
            Err(failure) => outcomes.add(Err(failure)),
        }
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
