//! A claim that died after its tag: what stands is recorded and told before anything is judged
//! anew, since a policy that changed meanwhile must not make a promotion disappear.

use ecr_promoter_core::{
    Push,
    head::{Head, State},
    promotion::Claim,
};

use super::tag::stands_on;
use crate::{
    case::{Case, Ended},
    copy::Moves,
    failure::Failure,
    finish,
    function::Function,
    ledger::{heads::HeadItem, judged::Judged, record::End},
};

/// Finishes a dead claim whose tag stands; `None` where there is nothing to finish.
pub(crate) async fn recover(
    function: &Function,
    case: &Case<'_>,
    judged: &Judged,
) -> Result<Option<Ended>, Failure> {
    let (push, invocation) = (case.push, case.invocation);
    let under_way = judged.state.outcome.is_none();
    let Some(claim) = judged.state.claim.as_ref().filter(|_| under_way) else {
        return Ok(None);
    };
    let Some(sequence) = stood(function, push, claim).await? else {
        return Ok(None);
    };
    let mut decision = judged.decision.clone();
    decision.target = Some(claim.target.clone());
    // What an invocation that died copied: nobody counted.
    let moves = Moves::default();
    let end = End::promoted(claim, moves, function.now(), sequence, false);
    decision.reason.clone_from(&end.reason);
    let standing = Some(judged.clone());
    let ended = finish::end(function, push, invocation, decision, standing, &end);
    ended.await.map(Some)
}

/// Whether a claim's own tag was written: the sequence of its head, which is settled.
async fn stood(function: &Function, push: &Push, claim: &Claim) -> Result<Option<u64>, Failure> {
    let ledger = &function.ledger;
    let item = ledger.head(&push.registry, &claim.target).await?;
    let own = |item: &HeadItem| item.head.claim == claim.id && item.head.digest == push.digest;
    let Some(item) = item.filter(own) else {
        return Ok(None);
    };
    let Head {
        state, sequence, ..
    } = item.head;
    let stands = match state {
        // It was seen to stand; where it stands now is a person's matter.
        State::Tagged => true,
        State::Raised | State::InDoubt => {
            stands_on(function, &claim.target).await?.as_ref() == Some(&push.digest)
        }
        State::Reserved | State::Refused => false,
    };
    if stands {
        let settled = ledger.settle(&push.registry, &claim.target, item, State::Tagged);
        settled.await?;
    }
    Ok(stands.then_some(sequence))
}
