//! The spine: one event to its outcome, top to bottom.
//!
//! event → trigger → policies → push → decision → promotion → record. The rooms it calls never
//! call each other.

use std::fmt;

use ecr_promoter_core::{
    Digest, Push, Registry, Repository, Tag, Time,
    decision::{Decision, Verdict},
    event::{Event, Request, Select, Trigger, TriggerKind},
    policy::Policy,
    promotion::Outcome,
};

use crate::{
    aws::Aws,
    config::Config,
    copy::RegistryHttp,
    failure::{Failure, Remedy},
    handler::{Invocation, Reply},
    judge::Reading,
    ledger::{Ledger, judged::Judged, records::End},
    policies::{self, Policies},
    pushes::{Found, Hint},
};

/// The function of one registry: one account in one Region.
#[derive(Clone)]
pub struct Function {
    pub(crate) config: Config,
    pub(crate) aws: Aws,
    pub(crate) ledger: Ledger,
    pub(crate) registry: Registry,
    pub(crate) http: RegistryHttp,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function of {}", self.registry)
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// An event.
    ByEvent,
    /// A person: what failed for good is tried again.
    ByHand,
}

impl Function {
    /// The function that promotes within `registry`.
    #[must_use]
    pub fn new(config: Config, aws: Aws, registry: Registry) -> Self {
        let ledger = Ledger::new(aws.dynamodb.clone(), config.promotions_table.clone());
        let http = RegistryHttp::new(aws.clone(), registry.clone());
        Self {
            config,
            aws,
            ledger,
            registry,
            http,
        }
    }

    pub(crate) fn now(&self) -> Time {
        self.aws.seam.now()
    }

    /// One event to its outcome.
    pub(crate) async fn run(
        &self,
        event: &Event,
        invocation: &Invocation,
    ) -> Result<Reply, Failure> {
        match event {
            Event::Trigger(trigger) if trigger.registry != self.registry => {
                tracing::info!(registry = %trigger.registry, "an event of another registry is acknowledged");
                Ok(Reply::Done(Vec::new()))
            }
            Event::Trigger(trigger) => self.trigger(trigger, invocation).await,
            Event::Request(request) => self.request(request, invocation).await,
            Event::Invalid { message: what } | Event::Other { what } => {
                tracing::info!(%what, "acknowledged");
                Ok(Reply::Done(Vec::new()))
            }
        }
    }

    async fn trigger(&self, trigger: &Trigger, invocation: &Invocation) -> Result<Reply, Failure> {
        match &trigger.kind {
            TriggerKind::Push { tag, digest, .. } => {
                let hint = Hint {
                    repository: trigger.repository.clone(),
                    tag: tag.clone(),
                    digest: digest.clone(),
                    told_at: Some(trigger.time),
                    pushed_at: trigger.time,
                };
                self.push(&hint, Asked::ByEvent, invocation).await
            }
            TriggerKind::Child { .. } => Ok(Reply::Done(Vec::new())),
            TriggerKind::Referrer { .. }
            | TriggerKind::Scan { .. }
            | TriggerKind::Restored { .. }
            | TriggerKind::Deleted { .. } => {
                tracing::info!(repository = %trigger.repository, kind = ?trigger.kind, "acknowledged");
                Ok(Reply::Done(Vec::new()))
            }
        }
    }

    /// A person asks: what stands in ECR now is judged, and no time of theirs is believed.
    async fn request(&self, request: &Request, invocation: &Invocation) -> Result<Reply, Failure> {
        let hints = self.hints(request).await?;
        if hints.is_empty() {
            let what = match &request.select {
                Select::Tag(tag) => format!("{}:{tag}", request.repository),
                Select::Digest(digest) => format!("{}@{digest}", request.repository),
            };
            return Err(Failure::new(
                Remedy::Never,
                format!("judge {what}"),
                "no tag of that repository stands on such an image",
            ));
        }
        let mut all = Vec::new();
        let mut wait: Option<(Time, String)> = None;
        for hint in hints {
            match self.push(&hint, Asked::ByHand, invocation).await? {
                Reply::Done(decisions) => all.extend(decisions),
                Reply::ComesBack { at, why, decisions } => {
                    all.extend(decisions);
                    wait = Some((at, why));
                }
            }
        }
        Ok(match wait {
            Some((at, why)) => Reply::ComesBack {
                at,
                why,
                decisions: all,
            },
            None => Reply::Done(all),
        })
    }

    /// A push, from the policies that may apply to the records of what became of it.
    async fn push(
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
            Found::Gone { why } => {
                tracing::info!(%why, "acknowledged");
                return Ok(Reply::Done(Vec::new()));
            }
        };
        let mut outcome = Outcomes::default();
        for policy in &policies {
            let ended = self
                .policy(&push, policy, &mut reading, asked, invocation)
                .await;
            outcome.take(&push, policy, ended);
        }
        outcome.reply()
    }

    /// One policy on one push.
    async fn policy(
        &self,
        push: &Push,
        policy: &Policy,
        reading: &mut Reading,
        asked: Asked,
        invocation: &Invocation,
    ) -> Result<Ended, Failure> {
        let standing = self.ledger.judged(push, &policy.key()).await?;
        let now = self.now();
        if let Some(ended) = standing
            .as_ref()
            .and_then(|judged| settled(judged, asked, now))
        {
            return Ok(ended);
        }
        let decision = self.judge(push, policy, reading, now).await?;
        if decision.verdict == Verdict::Promote && !decision.dry_run {
            self.promote(push, decision, standing, reading, asked, invocation)
                .await
        } else {
            let end = End::decided(&decision);
            let request_id = &invocation.request_id;
            self.ledger
                .record(push, &decision, standing, &end, request_id, now)
                .await?;
            Ok(Ended::Decided(decision))
        }
    }
}

/// What became of one policy on one push.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Decided, and promoted where the decision says so.
    Decided(Decision),
    /// Another invocation promotes it; its lease ends then.
    Alive(Decision, Time),
}

/// What needs no judgement: what was promoted is not promoted again, whatever became of the policy;
/// what failed for good is tried again by hand alone; what another invocation is at is its.
fn settled(judged: &Judged, asked: Asked, now: Time) -> Option<Ended> {
    let state = &judged.state;
    let mut decision = judged.decision.clone();
    decision.verdict = Verdict::Skip;
    decision.reason = match (state.outcome, asked) {
        (Some(Outcome::Promoted), _) => format!("already {}", judged.reason),
        (Some(Outcome::Failed), Asked::ByEvent) => {
            format!(
                "failed before, to be tried again by hand: {}",
                judged.reason
            )
        }
        _ => {
            let claim = state.claim.as_ref()?;
            let alive = state.outcome != Some(Outcome::Failed) && now < claim.lease_until;
            return alive.then(|| Ended::alive(decision, claim.lease_until));
        }
    };
    Some(Ended::Decided(decision))
}

impl Ended {
    /// Another invocation is at it until then.
    pub(crate) fn alive(mut decision: Decision, until: Time) -> Self {
        decision.verdict = Verdict::Await;
        "another invocation is promoting it".clone_into(&mut decision.reason);
        decision.next_look_at = Some(until);
        Self::Alive(decision, until)
    }
}

/// Gathers what became of each policy: one that fails does not keep the others from their turn.
#[derive(Default)]
struct Outcomes {
    decisions: Vec<Decision>,
    wait: Option<(Time, String)>,
    failure: Option<Failure>,
}

impl Outcomes {
    fn take(&mut self, push: &Push, policy: &Policy, ended: Result<Ended, Failure>) {
        match ended {
            Ok(Ended::Decided(decision)) => {
                log(push, &decision);
                self.decisions.push(decision);
            }
            Ok(Ended::Alive(decision, until)) => {
                log(push, &decision);
                self.wait = Some((until, decision.reason.clone()));
                self.decisions.push(decision);
            }
            Err(failure) => {
                tracing::warn!(repository = %push.repository, digest = %push.digest, policy = %policy.key(), %failure, "a policy waits");
                self.failure = Some(failure);
            }
        }
    }

    fn reply(self) -> Result<Reply, Failure> {
        match (self.failure, self.wait) {
            (Some(failure), _) => Err(failure),
            (None, Some((at, why))) => Ok(Reply::ComesBack {
                at,
                why,
                decisions: self.decisions,
            }),
            (None, None) => Ok(Reply::Done(self.decisions)),
        }
    }
}

fn log(push: &Push, decision: &Decision) {
    let target = decision.target.as_ref().map(ToString::to_string);
    tracing::info!(
        repository = %push.repository,
        tag = %push.tag,
        digest = %push.digest,
        policy = %decision.policy,
        decision = ?decision.verdict,
        reason = %decision.reason,
        target = target.as_deref(),
        dry_run = decision.dry_run,
        "decided"
    );
}

/// A request by digest names a digest in its repository.
pub(crate) fn of(repository: &Repository, digest: &Digest, tag: Option<&Tag>) -> String {
    match tag {
        Some(tag) => format!("{repository}:{tag} ({digest})"),
        None => format!("{repository}@{digest}"),
    }
}
