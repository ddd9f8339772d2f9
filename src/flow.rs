//! The spine: one event to its outcome, top to bottom.
//!
//! event → trigger → policies → push → decision → promotion → record. The rooms it calls never
//! call each other.

mod triggers;

use ecr_promoter_core::{
    Push,
    decision::{CriterionVerdict, Decision, Judgement, Verdict},
    event::{Event, Trigger, TriggerKind},
    evidence::Lack,
    policy::Policy,
};

use crate::{
    failure::{Failure, Remedy},
    function::{Asked, Function, Invocation},
    ledger::record::End,
    outcome::{Ended, Outcomes, Reply, settled},
    policies::{self, Policies},
    promote::Job,
    pushes::{Found, Hint},
    reading::Reading,
};

/// A policy that changes again and again while it promotes is left to the next delivery.
const POLICY_CHANGES_MAX: usize = 3;

impl Function {
    /// Whether a delivery leads to any work here: what does not is named in the log and costs no
    /// call.
    pub(crate) fn concerns(&self, event: &Event) -> bool {
        match event {
            Event::Trigger(Trigger {
                kind: TriggerKind::Child { .. },
                ..
            }) => false,
            Event::Trigger(trigger) if trigger.registry != self.registry => {
                tracing::info!(registry = %trigger.registry, "an event of another registry is acknowledged");
                false
            }
            Event::Invalid { message: what } | Event::Other { what } => {
                tracing::info!(%what, "acknowledged");
                false
            }
            Event::Trigger(_) | Event::Request(_) => true,
        }
    }

    /// One event to its outcome.
    pub(crate) async fn run(
        &self,
        event: &Event,
        round: u32,
        invocation: &Invocation,
    ) -> Result<Reply, Failure> {
        match event {
            _ if !self.concerns(event) => Ok(Reply::Done(Vec::new())),
            Event::Trigger(trigger) => self.trigger(trigger, round, invocation).await,
            Event::Request(request) => self.request(request, invocation).await,
            Event::Invalid { .. } | Event::Other { .. } => Ok(Reply::Done(Vec::new())),
        }
    }

    /// Several pushes: one that fails does not keep the others from their turn.
    pub(super) async fn pushes(
        &self,
        hints: &[Hint],
        asked: Asked,
        invocation: &Invocation,
    ) -> Result<Reply, Failure> {
        let mut outcomes = Outcomes::default();
        for hint in hints {
            outcomes.add(self.push(hint, asked, invocation).await);
        }
        outcomes.reply()
    }

    /// A push, from the policies that may apply to the records of what became of it.
    pub(super) async fn push(
        &self,
        hint: &Hint,
        asked: Asked,
        invocation: &Invocation,
    ) -> Result<Reply, Failure> {
        let table = &self.config.policies_table;
        let Policies { good: policies, .. } =
            policies::load(&self.aws, table, &hint.repository).await?;
        if !policies.iter().any(|policy| policy.enabled) {
            tracing::debug!(repository = %hint.repository, "no policy applies");
            return Ok(Reply::Done(Vec::new()));
        }
        let (push, mut reading) = match self.find(hint, &policies).await? {
            Found::Push(found) => *found,
            Found::ComesBack { at, why } => {
                return Ok(Reply::ComesBack {
                    at,
                    why,
                    decisions: Vec::new(),
                });
            }
            Found::Gone { why, push } => {
                tracing::info!(%why, "acknowledged");
                return self
                    .close(push.as_deref(), &why, &policies, invocation)
                    .await;
            }
        };
        let mut outcomes = Outcomes::default();
        for policy in &policies {
            let ended = self
                .policy(&push, policy, &mut reading, asked, invocation)
                .await;
            outcomes.take(&push, policy, ended);
        }
        outcomes.reply()
    }

    /// One policy on one push, judged anew where the policy changed on the way.
    async fn policy(
        &self,
        push: &Push,
        policy: &Policy,
        reading: &mut Reading,
        asked: Asked,
        invocation: &Invocation,
    ) -> Result<Ended, Failure> {
        let mut ended = self.once(push, policy, reading, asked, invocation).await?;
        for _ in 0..POLICY_CHANGES_MAX {
            ended = match ended {
                Ended::PolicyChanged(policy) => {
                    self.once(push, &policy, reading, asked, invocation).await?
                }
                other => return Ok(other),
            };
        }
        Err(Failure::new(
            Remedy::Wait,
            format!("judge {} under {}", push.image(), policy.key()),
            "the policy keeps changing",
        ))
    }

    async fn once(
        &self,
        push: &Push,
        policy: &Policy,
        reading: &mut Reading,
        asked: Asked,
        invocation: &Invocation,
    ) -> Result<Ended, Failure> {
        let mut standing = self.ledger.judged(push, &policy.key()).await?;
        if let Some(judged) = standing.as_ref().filter(|judged| judged.untold().is_some()) {
            self.announce(push, judged.clone()).await?;
            standing = self.ledger.judged(push, &policy.key()).await?;
        }
        let now = self.now();
        if let Some(judged) = &standing {
            if let Some(ended) = settled(judged, asked, now) {
                return Ok(ended);
            }
            if let Some(ended) = self.recover(push, judged, invocation).await? {
                return Ok(ended);
            }
        }
        let decision = self.judge(push, policy, reading, now).await?;
        if decision.verdict == Verdict::Promote
            && !decision.dry_run
            && let Some(tree) = &reading.tree
        {
            let job = Job {
                push,
                policy,
                tree,
                reading,
                asked,
                invocation,
            };
            // Boxed: by far the largest part of the flow's future.
            let ended = Box::pin(self.promote(&job, decision, standing)).await?;
            reading.tags.extend(ended.tag_within(push));
            return Ok(ended);
        }
        let end = match refused_look(&decision, policy, reading) {
            Some(failure) => End::failed(failure),
            None => End::decided(&decision),
        };
        self.end(push, decision, standing, &end, invocation).await
    }
}

/// The refusal that a hold comes of, where it comes of nothing that was seen.
fn refused_look<'r>(
    decision: &Decision,
    policy: &Policy,
    reading: &'r Reading,
) -> Option<&'r Failure> {
    let broken = |judgement: &Judgement| judgement.verdict == CriterionVerdict::Broken;
    if decision.verdict != Verdict::Hold || decision.criteria.iter().any(broken) {
        return None;
    }
    let lacks = policy
        .criteria
        .iter()
        .filter_map(|criterion| criterion.attribute.lack());
    let mut lacks = std::iter::once(Lack::Contents).chain(lacks);
    lacks.find_map(|lack| reading.failures.get(&lack))
}
