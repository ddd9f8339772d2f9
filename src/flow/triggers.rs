//! What leads to pushes: each kind of trigger, and a person's request.

use chrono::TimeDelta;
use ecr_promoter_core::{
    Digest, Push, Repository,
    decision::Verdict,
    event::{Request, Select, Trigger, TriggerKind},
    policy::Policy,
    promotion,
};

use crate::{
    failure::{Failure, Remedy},
    function::{Asked, Function, Invocation},
    images,
    ledger::record::End,
    outcome::{Outcomes, Reply},
    policies::{self, Policies},
    pushes::{BELIEVED_AFTER, Hint, Subject},
};

/// After so long the image of a referrer that arrived is judged once more.
const ATTACHED_AGAIN: TimeDelta = TimeDelta::seconds(30);

impl Function {
    /// What happened to an image, to the pushes that it concerns.
    pub(super) async fn trigger(
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
            TriggerKind::Restored { digest } => {
                let hints = self.known_around(repository, digest).await?;
                self.pushes(&hints, Asked::ByEvent, invocation).await
            }
            TriggerKind::Deleted { digest, .. } => self.deleted(trigger, digest, invocation).await,
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
    pub(super) async fn request(
        &self,
        request: &Request,
        invocation: &Invocation,
    ) -> Result<Reply, Failure> {
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

    /// An image was deleted: what was open of its pushes closes. Nothing is judged.
    async fn deleted(
        &self,
        trigger: &Trigger,
        digest: &Digest,
        invocation: &Invocation,
    ) -> Result<Reply, Failure> {
        let repository = &trigger.repository;
        let hints = self.known(repository, digest).await?;
        if hints.is_empty() {
            return Ok(Reply::Done(Vec::new()));
        }
        let began = self.now();
        let holds = images::read(&self.aws, repository, std::slice::from_ref(digest), &[]).await?;
        let why = format!(
            "the image {} was deleted",
            images::name(repository, digest, None)
        );
        if holds.has(digest) {
            // A tag alone may have gone; or ECR does not show yet what it told.
            let at = trigger.time + BELIEVED_AFTER;
            return Ok(if began < at {
                Reply::ComesBack {
                    at,
                    why,
                    decisions: Vec::new(),
                }
            } else {
                Reply::Done(Vec::new())
            });
        }
        let table = &self.config.policies_table;
        let Policies { good: policies, .. } = policies::load(&self.aws, table, repository).await?;
        let mut outcomes = Outcomes::default();
        for hint in &hints {
            if let Some(push) = self.push_of_a_gone_image(hint).await? {
                outcomes.add(self.close(Some(&push), &why, &policies, invocation).await);
            }
        }
        outcomes.reply()
    }

    /// The image of a push is gone: what awaited evidence is skipped, and a promotion that was under
    /// way has failed.
    pub(super) async fn close(
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
            let now = self.now();
            let Some(judged) = self.ledger.judged(push, &policy.key()).await? else {
                continue;
            };
            let end = match (judged.state.outcome, &judged.state.claim) {
                (Some(promotion::Outcome::Awaiting), _) => End::skipped(why.to_owned()),
                (None, Some(claim)) if now >= claim.lease_until => {
                    let tried = format!("promote {} to {}", push.image(), claim.target);
                    End::failed(&Failure::new(Remedy::Never, tried, why))
                }
                _ => continue,
            };
            let mut decision = judged.decision.clone();
            decision.verdict = Verdict::Skip;
            decision.reason.clone_from(&end.reason);
            decision.next_look_at = None;
            let ended = self
                .end(push, decision, Some(judged), &end, invocation)
                .await;
            outcomes.take(push, policy, ended);
        }
        outcomes.reply()
    }
}
