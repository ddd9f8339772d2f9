//! The cases of an image's pushes: what stands of each, the judgement, and the promotion or the record.

use ecr_promoter_core::{
    Push, Time,
    decide::concerns,
    decision::{CriterionVerdict, Decision, Judgement, Outcome, Verdict},
    evidence::Lack,
};
use futures_util::FutureExt as _;

use super::scope::Scope;
use crate::{
    case::{Case, settled},
    ending::{Ended, Ending, Terms},
    failure::{Failure, Remedy},
    finish,
    function::Function,
    judge::judge,
    ledger::{
        cases::{self, Standing},
        runs::Unwritten,
    },
    outcome::Outcomes,
    policies::{self, Loaded, PolicyNow},
    promote::{self, Recovered},
    reading::Reading,
};

/// A case that others keep changing is left to the next look.
const OVERTAKEN_MAX: usize = 3;
/// How many cases of an image are read from the ledger at once.
const CASES_AT_ONCE: usize = 50;

/// The cases of an image's pushes: those that the ledger may know are read at once. What is `unwritten`
/// of a push goes with its first claim; where it is not empty afterwards the push has to be placed, and nothing
/// became of it yet.
pub(super) async fn look(
    scope: Scope<'_>,
    found: &[(Push, bool)],
    unwritten: &mut Unwritten,
    reading: &mut Reading,
    outcomes: &mut Outcomes,
) -> Result<(), Failure> {
    let pairs = found.iter().flat_map(|(push, new)| {
        let meant = scope.policies_meaning(&push.tag);
        meant.map(move |stored| (push, *new, stored))
    });
    let pairs: Vec<(&Push, bool, &Loaded)> = pairs.collect();
    for some in pairs.chunks(CASES_AT_ONCE) {
        let known = some.iter().filter(|(_, new, _)| !new);
        let ids = known.map(|(push, _, stored)| cases::id_of(push, &stored.policy.key()));
        let ids: Vec<_> = ids.collect();
        let ledger = &scope.function.ledger;
        let mut standing = if ids.is_empty() {
            Vec::new()
        } else {
            cases::get(ledger, &scope.function.registry, &ids).await?
        }
        .into_iter();
        for (push, new, stored) in some {
            let standing = if *new {
                None
            } else {
                standing.next().flatten()
            };
            let of_case = case(scope, push, stored, reading, standing, unwritten);
            let ended = of_case.boxed().await;
            if !unwritten.is_empty() {
                return Ok(());
            }
            outcomes.take(push, &stored.policy.key(), ended);
        }
    }
    Ok(())
}

/// A case: one policy on one push, judged again if the policy changed on the way. `standing` is
/// what the ledger has of it.
async fn case(
    scope: Scope<'_>,
    push: &Push,
    stored: &Loaded,
    reading: &mut Reading,
    standing: Option<Standing>,
    unwritten: &mut Unwritten,
) -> Result<Ended, Failure> {
    let function = scope.function;
    let key = stored.policy.key();
    let mut stored = stored.clone();
    let mut standing = standing;
    for _ in 0..OVERTAKEN_MAX {
        let mut case = Case {
            push,
            stored: &stored,
            reading: &mut *reading,
            asked: scope.asked,
            errand: scope.errand,
        };
        let ended = once(function, &mut case, standing, unwritten)
            .boxed()
            .await?;
        if !matches!(ended, Ended::Overtaken) {
            return Ok(ended);
        }
        let (now, stands) = judged_anew(scope, push, &stored).await?;
        standing = stands;
        match now {
            PolicyNow::Good(now) => stored = *now,
            PolicyNow::Bad | PolicyNow::Gone => {
                return policy_gone(scope, push, &stored, standing).await;
            }
        }
    }
    let tried = format!("judge {} under {key}", push.image());
    let said = "its policy, or what is known of it, keeps changing";
    Err(Failure::new(Remedy::Wait, tried, said))
}

/// What a changed policy says now, and what the ledger has of its case.
async fn judged_anew(
    scope: Scope<'_>,
    push: &Push,
    stored: &Loaded,
) -> Result<(PolicyNow, Option<Standing>), Failure> {
    let function = scope.function;
    let key = stored.policy.key();
    let ids = [cases::id_of(push, &key)];
    let mut standing = cases::get(&function.ledger, &push.registry, &ids).await?;
    let now = policies::again(&function.policies, &key).await?;
    Ok((now, standing.pop().flatten()))
}

/// The policy was deleted, or became invalid, before the tag was written.
async fn policy_gone(
    scope: Scope<'_>,
    push: &Push,
    stored: &Loaded,
    standing: Option<Standing>,
) -> Result<Ended, Failure> {
    let key = stored.policy.key();
    let Some(standing) = standing else {
        return Err(cases::overtaken(&cases::id_of(push, &key)));
    };
    let why = "the policy was deleted or became invalid before the tag was written";
    let ending = Ending::skipped(standing.body.decision.clone(), why);
    let invocation = scope.errand.invocation;
    finish::end(scope.function, push, invocation, Some(standing), ending).await
}

async fn once(
    function: &Function,
    case: &mut Case<'_>,
    standing: Option<Standing>,
    unwritten: &mut Unwritten,
) -> Result<Ended, Failure> {
    let (push, now) = (case.push, function.now());
    let standing = match stands(function, case, standing).await? {
        Ok(standing) => standing,
        Err(ended) => return Ok(ended),
    };
    let decision = judge(function, case, now).await?;
    let terms = Terms::of(case.policy(), &case.reading.evidence, now);
    if standing.is_none() && !concerns(case.policy(), &push.tag) {
        // It is not a case of the policy: only a direct invocation answers it.
        return Ok(Ended::decided(Ending::of(decision, None, terms, now)));
    }
    let promotes = decision.verdict == Verdict::Promote && !decision.dry_run;
    if promotes && case.reading.tree.is_some() {
        let act = promote::promote(function, case, decision, standing, unwritten);
        let ended = act.boxed().await?;
        case.reading.tags.extend(ended.tag_within(push));
        return Ok(ended);
    }
    if !unwritten.is_empty() {
        return Err(case.unplaced());
    }
    recorded(function, case, standing, decision, (terms, now)).await
}

/// Writes down what is not promoted. A hold counts only under the policy as it is: nothing but its edit has it looked at
/// again, and that may have come before there was anything to find.
async fn recorded(
    function: &Function,
    case: &Case<'_>,
    standing: Option<Standing>,
    decision: Decision,
    (terms, now): (Terms, Time),
) -> Result<Ended, Failure> {
    let (push, before) = (case.push, standing.as_ref());
    if let Some(until) = promote::landing(function, push, before.map(|it| &it.body)).await? {
        let why = "a write to its tag may still arrive";
        return Ok(Ended::later(decision, why, until));
    }
    let ending = match refused_look(&decision, case) {
        Some(failure) => Ending::failed(decision, failure, before, now),
        None => Ending::of(decision, before, terms, now),
    };
    let is_held = ending.outcome == Outcome::Held;
    let unchanged = is_held.then(|| case.stored.unchanged(&function.policies.table));
    let conditions = unchanged.into_iter().collect();
    let invocation = case.errand.invocation;
    let ended = finish::end_if(function, push, invocation, standing, ending, conditions);
    Ok(ended.boxed().await?.unwrap_or(Ended::Overtaken))
}

/// What stands of a case is answered, settled or finished first; `Err` is how it ended by that.
async fn stands(
    function: &Function,
    case: &Case<'_>,
    standing: Option<Standing>,
) -> Result<Result<Option<Standing>, Ended>, Failure> {
    let (push, invocation) = (case.push, case.errand.invocation);
    let Some(standing) = standing else {
        return Ok(Ok(None));
    };
    let standing = finish::tell(function, push, standing).await;
    if let Some(ended) = settled(&standing.body, case.asked, function.now()) {
        return Ok(Err(ended));
    }
    Ok(
        match promote::recover(function, push, standing, invocation)
            .boxed()
            .await?
        {
            Recovered::Promoted(ended) => Err(ended),
            Recovered::Open(standing) => Ok(Some(standing)),
        },
    )
}

/// The refusal that a hold comes of, where it comes of nothing that was seen.
fn refused_look<'c>(decision: &Decision, case: &'c Case<'_>) -> Option<&'c Failure> {
    let broken = |judgement: &Judgement| judgement.verdict == CriterionVerdict::Broken;
    if decision.verdict != Verdict::Hold || decision.criteria.iter().any(broken) {
        return None;
    }
    let criteria = case.policy().criteria.iter();
    let lacks = criteria.filter_map(|criterion| criterion.attribute.lack());
    let mut lacks = std::iter::once(Lack::Contents).chain(lacks);
    lacks.find_map(|lack| case.reading.failures.get(&lack))
}
