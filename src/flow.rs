//! The spine: one event to its outcome, top to bottom.
//!
//! event → trigger → policies → push → decision → promotion → record. The rooms it calls never
//! call each other.

mod outcome;

pub(crate) use outcome::Ended;

use std::fmt;

use ecr_promoter_core::{
    Digest, Push, Registry, Repository, Tag, Time,
    decision::Verdict,
    event::{Event, Request, Select, Trigger, TriggerKind},
    policy::Policy,
    promotion,
};

use crate::{
    aws::Aws,
    config::Config,
    copy::RegistryHttp,
    failure::{Failure, Remedy},
    handler::{Invocation, Reply},
    judge::Reading,
    ledger::{Ledger, records::End},
    policies::{self, Policies},
    promote::Job,
    pushes::{Found, Hint},
};
use outcome::{Outcomes, settled};

/// A policy that changes again and again while it promotes is left to the next delivery.
const POLICY_CHANGES_MAX: usize = 3;

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
        invocation: &Invocation,
    ) -> Result<Reply, Failure> {
        match event {
            _ if !self.concerns(event) => Ok(Reply::Done(Vec::new())),
            Event::Trigger(trigger) => self.trigger(trigger, invocation).await,
            Event::Request(request) => self.request(request, invocation).await,
            Event::Invalid { .. } | Event::Other { .. } => Ok(Reply::Done(Vec::new())),
        }
    }

    async fn trigger(&self, trigger: &Trigger, invocation: &Invocation) -> Result<Reply, Failure> {
        let repository = &trigger.repository;
        match &trigger.kind {
            TriggerKind::Push { tag, digest, .. } => {
                let hint = Hint {
                    repository: repository.clone(),
                    tag: tag.clone(),
                    digest: digest.clone(),
                    told_at: Some(trigger.time),
                    pushed_at: trigger.time,
                    known: None,
                };
                self.push(&hint, Asked::ByEvent, invocation).await
            }
            TriggerKind::Restored { digest } | TriggerKind::Deleted { digest, .. } => {
                let hints = self.known(repository, digest).await?;
                self.pushes(&hints, Asked::ByEvent, invocation).await
            }
            TriggerKind::Referrer { .. } | TriggerKind::Scan { .. } => {
                tracing::info!(%repository, kind = ?trigger.kind, "acknowledged: findings and referrers are not read yet");
                Ok(Reply::Done(Vec::new()))
            }
            TriggerKind::Child { .. } => Ok(Reply::Done(Vec::new())),
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
        self.pushes(&hints, Asked::ByHand, invocation).await
    }

    /// Several pushes: one that fails does not keep the others from their turn.
    async fn pushes(
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

    /// The image of a push is gone: what was open of it closes.
    async fn close(
        &self,
        push: Option<&Push>,
        why: &str,
        policies: &[Policy],
        invocation: &Invocation,
    ) -> Result<Reply, Failure> {
        let mut outcomes = Outcomes::default();
        let Some(push) = push else {
            return outcomes.reply();
        };
        for policy in policies {
            let standing = self.ledger.judged(push, &policy.key()).await?;
            let Some(judged) = standing
                .filter(|judged| judged.state.outcome == Some(promotion::Outcome::Awaiting))
            else {
                continue;
            };
            let mut decision = judged.decision.clone();
            decision.verdict = Verdict::Skip;
            why.clone_into(&mut decision.reason);
            decision.next_look_at = None;
            let end = End::skipped(why.to_owned());
            let request_id = &invocation.request_id;
            let now = self.now();
            self.ledger
                .record(push, &decision, Some(judged), &end, request_id, now)
                .await?;
            outcomes.take(push, policy, Ok(Ended::Decided(decision)));
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
        let standing = self.ledger.judged(push, &policy.key()).await?;
        let now = self.now();
        if let Some(judged) = &standing
            && let Some(ended) = settled(judged, asked, now)
        {
            self.announce(push, judged.clone()).await?;
            return Ok(ended);
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
            return self.promote(&job, decision, standing).await;
        }
        let end = End::decided(&decision);
        let request_id = &invocation.request_id;
        self.ledger
            .record(push, &decision, standing, &end, request_id, now)
            .await?;
        Ok(Ended::Decided(decision))
    }
}

/// How an image is named to people.
pub(crate) fn of(repository: &Repository, digest: &Digest, tag: Option<&Tag>) -> String {
    match tag {
        Some(tag) => format!("{repository}:{tag} ({digest})"),
        None => format!("{repository}@{digest}"),
    }
}
