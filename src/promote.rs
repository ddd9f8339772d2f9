//! The act: claim, copy, tag, finish.
//!
//! The order is what makes a crash harmless. The claim fixes the rendered tag and its time before
//! anything is written; blobs and children come before the root; the policy is read again; the head
//! says whose turn it is at the target; the way is written before the tag that it explains; the tag
//! is the last write to the registry; the record follows, and then others are told. Whoever takes a
//! dead claim over repeats these steps and finds done what is done.

mod claim;
mod recover;
mod tag;

use ecr_promoter_core::{
    Digest, Push, Time,
    decision::{Decision, Target, Verdict},
    head::State,
    manifest::Tree,
    policy::Policy,
    promotion::Claim,
    runs::Order,
};

use crate::{
    copy::{Copied, Copy, lost_something},
    failure::{Failure, Remedy},
    function::{Asked, Function, Invocation},
    images,
    ledger::{
        heads::older,
        judged::{Claimed, Judged},
        record::End,
    },
    outcome::Ended,
    policies,
    reading::Reading,
};
use tag::Tagged;

/// A promotion stops so long before its invocation ends, to give its claim back.
const STOP_BEFORE_DEADLINE: chrono::TimeDelta = chrono::TimeDelta::seconds(3);

/// One promotion: the push, the policy, the image and where it goes.
pub(crate) struct Job<'a> {
    pub push: &'a Push,
    pub policy: &'a Policy,
    pub tree: &'a Tree,
    pub reading: &'a Reading,
    pub asked: Asked,
    pub invocation: &'a Invocation,
}

/// How far a promotion came.
enum Performed {
    /// The tag stands, or stood.
    Promoted {
        copied: Copied,
        sequence: u64,
        superseded: bool,
    },
    /// A newer push holds the target tag.
    Older(String),
    /// Another invocation is writing the target tag.
    Busy { until: Time },
    /// The policy is not what it was when it judged.
    Changed(Box<Policy>),
    /// The policy is gone, or is none any more.
    Gone,
}

impl Tagged {
    fn with(self, copied: Copied) -> Performed {
        match self {
            Self::Stands {
                sequence,
                superseded,
            } => Performed::Promoted {
                copied,
                sequence,
                superseded,
            },
            Self::Older(reason) => Performed::Older(reason),
            Self::Busy { until } => Performed::Busy { until },
        }
    }
}

/// Where the target tag stood before.
enum Standing {
    /// On the image itself: nothing to write.
    OnIt,
    /// Elsewhere or nowhere, and the target repository holds the image.
    Held,
    /// The target repository lacks the image.
    Absent,
}

impl Function {
    /// Performs the promotion that `decision` asks for, unless another invocation does.
    pub(crate) async fn promote(
        &self,
        job: &Job<'_>,
        decision: Decision,
        standing: Option<Judged>,
    ) -> Result<Ended, Failure> {
        let (judged, claim) = match self.claim(job, &decision, standing.clone()).await? {
            Claimed::Mine(judged, claim) => (judged, claim),
            Claimed::Alive { until } => return Ok(Ended::alive(decision, until)),
            Claimed::Done(judged) => return Ok(Ended::Decided(judged.decision)),
            Claimed::NameTaken => {
                let tried = format!("render a tag for {}", job.push.image());
                let failure = Failure::new(
                    Remedy::Never,
                    tried,
                    "every tag of this minute is taken by another digest",
                );
                let end = End::failed(&failure);
                return self
                    .end(job.push, decision, standing, &end, job.invocation)
                    .await;
            }
        };
        let mut decision = decision;
        decision.target = Some(claim.target.clone());
        let performed = self
            .in_time(
                job.invocation,
                STOP_BEFORE_DEADLINE,
                self.perform(job, &claim),
            )
            .await;
        self.finish(job, decision, judged, &claim, performed).await
    }

    /// The claim is ours: the image to its target.
    async fn perform(&self, job: &Job<'_>, claim: &Claim) -> Result<Performed, Failure> {
        let (push, target) = (job.push, &claim.target);
        if !self
            .config
            .paths
            .allows(&push.repository, &target.repository)
        {
            let tried = format!("promote {} to {target}", push.repository);
            return Err(Failure::new(
                Remedy::Never,
                tried,
                "the pair is outside the paths",
            ));
        }
        if let Some(reason) = self.outrun(push, target).await? {
            return Ok(Performed::Older(reason));
        }
        let copy = Copy {
            aws: &self.aws,
            http: &self.http,
            tree: job.tree,
            source: &push.repository,
            target: &target.repository,
        };
        let standing = self.standing(push, target, job.reading).await?;
        let copied = match standing {
            Standing::OnIt | Standing::Held => Copy::nothing(),
            Standing::Absent => copy.below_root().await?,
        };
        if let Some(changed) = self.policy_changed(job).await? {
            return Ok(changed);
        }
        let stands = matches!(standing, Standing::OnIt);
        match self.tag(job, claim, copy, &copied, stands).await {
            // A cleaner took a layer or a child between its copy and the tag: once more, then the
            // next delivery.
            Err(failure) if lost_something(&failure) => {
                let copied = copy.below_root().await?;
                let tagged = self.tag(job, claim, copy, &copied, false).await?;
                Ok(tagged.with(copied))
            }
            tagged => Ok(tagged?.with(copied)),
        }
    }

    /// What the policy says by now, as of a last read before the tag; `None` where it says the same.
    async fn policy_changed(&self, job: &Job<'_>) -> Result<Option<Performed>, Failure> {
        let table = &self.config.policies_table;
        Ok(
            match policies::again(&self.aws, table, &job.policy.key()).await? {
                None => Some(Performed::Gone),
                Some(policy) if policy.fingerprint() != job.policy.fingerprint() => {
                    Some(Performed::Changed(Box::new(policy)))
                }
                Some(_) => None,
            },
        )
    }

    /// Whether a newer push holds the head already: then nothing need be copied. A write of this
    /// push's that a crash left behind may have landed after the newer one's, and is put right.
    async fn outrun(&self, push: &Push, target: &Target) -> Result<Option<String>, Failure> {
        let Some(item) = self.ledger.head(&push.registry, target).await? else {
            return Ok(None);
        };
        let head = item.head;
        if head.state == State::Reserved || head.order <= order(push) {
            return Ok(None);
        }
        let reason = older(target, &head.order, &head.digest);
        self.put_right(push, target, head, &push.digest).await?;
        Ok(Some(reason))
    }

    /// The target is asked first, so that what is there is not touched. Within one repository the
    /// read of the source may have shown it already.
    async fn standing(
        &self,
        push: &Push,
        target: &Target,
        reading: &Reading,
    ) -> Result<Standing, Failure> {
        let within = target.repository == push.repository;
        let holds;
        let tags = if within && reading.asked.contains(&target.tag) {
            &reading.tags
        } else {
            let digest = std::slice::from_ref(&push.digest);
            let tag = std::slice::from_ref(&target.tag);
            holds = images::read(&self.aws, &target.repository, digest, tag).await?;
            if !within && !holds.manifests.contains_key(&push.digest) {
                return Ok(Standing::Absent);
            }
            &holds.tags
        };
        let on: Option<&Digest> = tags.get(&target.tag);
        Ok(if on == Some(&push.digest) {
            Standing::OnIt
        } else {
            Standing::Held
        })
    }

    /// Records what became of a claim of ours, and tells others.
    async fn finish(
        &self,
        job: &Job<'_>,
        mut decision: Decision,
        judged: Judged,
        claim: &Claim,
        performed: Result<Performed, Failure>,
    ) -> Result<Ended, Failure> {
        let now = self.now();
        let end = match performed {
            Ok(Performed::Promoted {
                copied,
                sequence,
                superseded,
            }) => End::promoted(claim, &copied, now, sequence, superseded),
            Ok(Performed::Older(reason)) => {
                decision.verdict = Verdict::Skip;
                End::skipped(reason)
            }
            Ok(Performed::Busy { until }) => {
                self.ledger.release(job.push, judged).await;
                return Ok(Ended::alive(decision, until));
            }
            Ok(Performed::Changed(policy)) => {
                self.ledger.give_up(job.push, judged).await?;
                return Ok(Ended::PolicyChanged(policy));
            }
            Ok(Performed::Gone) => {
                decision.verdict = Verdict::Skip;
                End::skipped(
                    "the policy was deleted, or became invalid, before the tag was written"
                        .to_owned(),
                )
            }
            Err(failure) if failure.remedy == Remedy::Wait => {
                self.ledger.release(job.push, judged).await;
                return Err(failure);
            }
            Err(failure) => {
                tracing::error!(%failure, policy = %decision.policy, "a promotion failed");
                End::failed(&failure)
            }
        };
        decision.reason.clone_from(&end.reason);
        self.end(job.push, decision, Some(judged), &end, job.invocation)
            .await
    }
}

/// Where a push stands among all pushes.
pub(crate) fn order(push: &Push) -> Order {
    Order {
        order_time: push.order_time,
        repository: push.repository.clone(),
        tag: push.tag.clone(),
        number: push.number,
    }
}
