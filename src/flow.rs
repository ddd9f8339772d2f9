//! The spine: one event to its outcome, top to bottom.
//!
//! event → trigger → policies → push → decision → promotion → record. The rooms it calls never
//! call each other.

mod outcome;

pub(crate) use outcome::Ended;

use std::fmt;

use chrono::TimeDelta;
use ecr_promoter_core::{
    Digest, Push, Registry, Repository, Tag, Time,
    decision::{CriterionVerdict, Decision, Judgement, Verdict},
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
    pushes::{BELIEVED_AFTER, Found, Hint, Subject},
};
use outcome::{Outcomes, settled};

/// A policy that changes again and again while it promotes is left to the next delivery.
const POLICY_CHANGES_MAX: usize = 3;

/// After so long the image of a referrer that arrived is judged once more.
const ATTACHED_AGAIN: TimeDelta = TimeDelta::seconds(30);

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

    async fn trigger(
        &self,
        trigger: &Trigger,
        round: u32,
        invocation: &Invocation,
    ) -> Result<Reply, Failure> {
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
            TriggerKind::Scan { digest, .. } => {
                if !self.any_policy(repository).await? {
                    return Ok(Reply::Done(Vec::new()));
                }
                let hints = self.concerned(repository, digest).await?;
                self.pushes(&hints, Asked::ByEvent, invocation).await
            }
            TriggerKind::Referrer {
                digest, subject, ..
            } => {
                self.referrer(trigger, digest, subject.as_ref(), round, invocation)
                    .await
            }
            TriggerKind::Child { .. } => Ok(Reply::Done(Vec::new())),
        }
    }

    /// Something was attached to an image: its pushes are judged again, now and once more a little
    /// later, since ECR's list of referrers may not show it yet.
    async fn referrer(
        &self,
        trigger: &Trigger,
        digest: &Digest,
        told: Option<&Digest>,
        round: u32,
        invocation: &Invocation,
    ) -> Result<Reply, Failure> {
        let repository = &trigger.repository;
        if !self.any_policy(repository).await? {
            return Ok(Reply::Done(Vec::new()));
        }
        let began = self.now();
        let image = match self.subject(repository, digest, told).await? {
            Subject::Image(image) => image,
            Subject::Gone if began - trigger.time < BELIEVED_AFTER => {
                return Ok(Reply::ComesBack {
                    at: trigger.time + BELIEVED_AFTER,
                    why: format!("ECR does not show the referrer {repository}@{digest} yet"),
                    decisions: Vec::new(),
                });
            }
            Subject::Gone | Subject::None => {
                tracing::info!(%repository, %digest, "acknowledged: attached to nothing");
                return Ok(Reply::Done(Vec::new()));
            }
        };
        let hints = self.concerned(repository, &image).await?;
        let reply = self.pushes(&hints, Asked::ByEvent, invocation).await?;
        if round > 0 || hints.is_empty() {
            return Ok(reply);
        }
        let (Reply::Done(decisions) | Reply::ComesBack { decisions, .. }) = reply;
        Ok(Reply::ComesBack {
            at: began + ATTACHED_AGAIN,
            why: format!("what was attached to {repository}@{image} is looked at once more"),
            decisions,
        })
    }

    /// Whether any policy may apply: where none does, nothing is looked up.
    async fn any_policy(&self, repository: &Repository) -> Result<bool, Failure> {
        let table = &self.config.policies_table;
        let policies = policies::load(&self.aws, table, repository).await?;
        Ok(policies.good.iter().any(|policy| policy.enabled))
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
        let end = match &reading.failure {
            Some(failure) if could_not_look(&decision) => End::failed(failure),
            _ => End::decided(&decision),
        };
        let request_id = &invocation.request_id;
        let written = self
            .ledger
            .record(push, &decision, standing, &end, request_id, now)
            .await?;
        if let Some(judged) = written {
            self.announce(push, judged).await?;
        }
        Ok(Ended::Decided(decision))
    }
}

/// Whether a hold comes of evidence that could not be looked at, and of nothing that was seen.
fn could_not_look(decision: &Decision) -> bool {
    let broken = |judgement: &Judgement| judgement.verdict == CriterionVerdict::Broken;
    decision.verdict == Verdict::Hold && !decision.criteria.iter().any(broken)
}

/// How an image is named to people.
pub(crate) fn of(repository: &Repository, digest: &Digest, tag: Option<&Tag>) -> String {
    match tag {
        Some(tag) => format!("{repository}:{tag} ({digest})"),
        None => format!("{repository}@{digest}"),
    }
}
