//! What policies make of a push now: the function's own decision, and what would become of it.

use ecr_promoter_core::{
    Push, Time,
    decide::{concerns, judgements},
    decision::{Decision, Verdict},
    nearest::nearest,
};
use futures_util::FutureExt as _;

use super::{
    last::{self, Last},
    scene::Scene,
    target::{self, TargetNow},
};
use crate::{
    case::{Case, settled},
    ending::Ended,
    failure::Failure,
    function::{Errand, Invocation},
    judge::judge,
    ledger::cases::{self, Open, Standing, Waits},
    occasion::Asked,
    policies::Loaded,
    reading::Reading,
};

/// What one policy makes of a push.
#[derive(Debug)]
pub struct ExplainedCase {
    /// How far it came.
    pub state: CaseState,
    /// The last decision that is written down.
    pub last: Option<Last>,
    /// What would be decided now, with every criterion and the nearest pass.
    pub now: Decision,
    /// Where the target tag stands now, where the policy names one.
    pub target: TargetNow,
}

/// How far a case came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseState {
    /// The tag does not meet the policy's criteria on tags: no case of it.
    NoCase,
    /// The function has not judged it.
    New,
    /// The function judged it, and looks again.
    Open,
    /// The function judged it, and does not look again by itself.
    Ended,
}

/// What each policy of the repository makes of a push.
pub(super) async fn cases(
    scene: &Scene<'_>,
    push: &Push,
    is_known: bool,
    reading: &mut Reading,
) -> Result<Vec<ExplainedCase>, Failure> {
    let ids = scene.policies.iter();
    let ids = ids.map(|stored| cases::id_of(push, &stored.policy.key()));
    let ids: Vec<_> = ids.collect();
    let ledger = &scene.function.ledger;
    let standing = if is_known && !ids.is_empty() {
        cases::get(ledger, &push.registry, &ids).await?
    } else {
        vec![None; ids.len()]
    };
    let lasts = last::of(ledger, &standing).await?;
    let mut all = Vec::new();
    for ((stored, standing), last) in scene.policies.iter().zip(standing).zip(lasts) {
        let state = state(stored, push, standing.as_ref(), scene.now);
        let (now, target) = now(scene, stored, push, reading, standing).boxed().await?;
        all.push(ExplainedCase {
            state,
            last,
            now,
            target,
        });
    }
    Ok(all)
}

/// What would be decided now, and where the target tag stands.
async fn now(
    scene: &Scene<'_>,
    stored: &Loaded,
    push: &Push,
    reading: &mut Reading,
    standing: Option<Standing>,
) -> Result<(Decision, TargetNow), Failure> {
    let function = scene.function;
    if let Some(decision) = standing.and_then(|standing| finished(scene, &standing)) {
        let target = target::of(function, push, decision.target.as_ref()).await;
        return Ok((decision, target));
    }
    let mut decision = decided(scene, stored, push, reading).await?;
    let target = target::of(function, push, decision.target.as_ref()).await;
    if decision.verdict == Verdict::Promote && !decision.dry_run {
        target.keep_from(&mut decision, push, scene.now);
    }
    let (policy, evidence) = (&stored.policy, &reading.evidence);
    if !decision.criteria.is_empty() {
        decision.criteria = judgements(push, policy, evidence, scene.now);
    }
    if matches!(decision.verdict, Verdict::Hold | Verdict::Await) {
        let pass = nearest(push, policy, &function.config.paths, evidence, scene.now);
        decision.nearest_pass = Some(Box::new(pass));
    }
    Ok((decision, target))
}

/// What needs no judgement: it was promoted, it failed, or another invocation is at it.
fn finished(scene: &Scene<'_>, standing: &Standing) -> Option<Decision> {
    let body = &standing.body;
    match settled(body, Asked::ByEvent, scene.now)? {
        Ended::Decided(decision) => Some(*decision),
        Ended::Overtaken => None,
    }
}

/// The function's own decision.
async fn decided(
    scene: &Scene<'_>,
    stored: &Loaded,
    push: &Push,
    reading: &mut Reading,
) -> Result<Decision, Failure> {
    let invocation = Invocation {
        request_id: String::new(),
        deadline: scene.now,
    };
    let mut case = Case {
        push,
        stored,
        reading,
        asked: Asked::ByEvent,
        errand: Errand {
            invocation: &invocation,
            began: scene.now,
            receipt: None,
        },
    };
    judge(scene.function, &mut case, scene.now).await
}

/// Whether the next look may end otherwise than the last: what is held for now gets only more reasons when
/// its exceptions end.
fn may_change(open: &Open, now: Time) -> bool {
    open.waits != Waits::Exceptions || open.due <= now
}

fn state(stored: &Loaded, push: &Push, standing: Option<&Standing>, now: Time) -> CaseState {
    let is_open = |standing: &Standing| {
        let open = standing.body.open.as_ref();
        open.is_some_and(|open| may_change(open, now))
    };
    match standing {
        Some(standing) if is_open(standing) => CaseState::Open,
        Some(_) => CaseState::Ended,
        None if concerns(&stored.policy, &push.tag) => CaseState::New,
        None => CaseState::NoCase,
    }
}
