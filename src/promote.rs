//! The act: claim, copy, tag, finish.
//!
//! The order is what makes a crash harmless. The claim fixes the rendered tag and its time before
//! anything is written; blobs and children come before the root; the way is written before the tag
//! that it explains; the tag is the last write to the registry; the record follows. Whoever takes a
//! dead claim over repeats these steps and finds done what is done.

use ecr_promoter_core::{
    Digest, Image, Push,
    decision::{Decision, Target},
    manifest::Tree,
    promotion::{Attempt, Claim},
    push::Step,
};

use crate::{
    copy::{Copied, Copy, lost_something},
    failure::{Failure, Remedy},
    flow::{Asked, Ended, Function},
    handler::Invocation,
    images,
    judge::Reading,
    ledger::{
        judged::{Claimed, Judged},
        records::{End, overtaken},
    },
};

/// A claim outlives its invocation's deadline by so much, so that no clock makes two of them alive.
const LEASE_AFTER_DEADLINE: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

/// Where the target tag stood before.
enum Standing {
    /// On the image itself: nothing to do.
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
        push: &Push,
        decision: Decision,
        standing: Option<Judged>,
        reading: &Reading,
        asked: Asked,
        invocation: &Invocation,
    ) -> Result<Ended, Failure> {
        let now = self.now();
        let (Some(target), Some(tree)) = (&decision.target, &reading.tree) else {
            let tried = format!("promote {}", push.image());
            return Err(Failure::new(
                Remedy::Never,
                tried,
                "the decision names no target or image",
            ));
        };
        let id = format!(
            "{}-{:016x}",
            invocation.request_id,
            (self.aws.seam.random)()
        );
        let attempt = Attempt {
            id: &id,
            now,
            lease_until: invocation.deadline.max(now) + LEASE_AFTER_DEADLINE,
            target,
            rendered_at: now,
            by_hand: asked == Asked::ByHand,
        };
        let (judged, claim) = match self
            .ledger
            .claim(push, &decision, standing, &attempt)
            .await?
        {
            Claimed::Mine(judged, claim) => (judged, claim),
            Claimed::Alive { until } => return Ok(Ended::alive(decision, until)),
            Claimed::Done(judged) => return Ok(Ended::Decided(judged.decision)),
        };
        let mut decision = decision;
        decision.target = Some(claim.target.clone());
        let done = self
            .perform(push, &decision, tree, &claim.target, reading)
            .await;
        self.finish(push, decision, judged, &claim, done, invocation)
            .await
    }

    /// The claim is ours: the image to its target.
    async fn perform(
        &self,
        push: &Push,
        decision: &Decision,
        tree: &Tree,
        target: &Target,
        reading: &Reading,
    ) -> Result<Copied, Failure> {
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
        let copy = Copy {
            aws: &self.aws,
            http: &self.http,
            tree,
            source: &push.repository,
            target: &target.repository,
        };
        let mut copied = match self.standing(push, target, reading).await? {
            Standing::OnIt => return Ok(Copy::nothing()),
            Standing::Held => Copy::nothing(),
            Standing::Absent => copy.below_root().await?,
        };
        self.write_way(push, decision, target).await?;
        match copy.put_root(&copied, &target.tag).await {
            Ok(_) => Ok(copied),
            Err(failure) if lost_something(&failure) => {
                copied = copy.below_root().await?;
                copy.put_root(&copied, &target.tag).await?;
                Ok(copied)
            }
            Err(failure) if failure.code == "ImageTagAlreadyExistsException" => {
                self.immutable(push, target, failure).await?;
                Ok(copied)
            }
            Err(failure) => Err(failure),
        }
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
        if within && let Some(on) = reading.tags.get(&target.tag) {
            return Ok(if *on == push.digest {
                Standing::OnIt
            } else {
                Standing::Held
            });
        }
        if within && reading.asked.contains(&target.tag) {
            return Ok(Standing::Held);
        }
        let digest = std::slice::from_ref(&push.digest);
        let tag = std::slice::from_ref(&target.tag);
        let holds = images::read(&self.aws, &target.repository, digest, tag).await?;
        Ok(if holds.tags.get(&target.tag) == Some(&push.digest) {
            Standing::OnIt
        } else if holds.manifests.contains_key(&push.digest) {
            Standing::Held
        } else {
            Standing::Absent
        })
    }

    async fn write_way(
        &self,
        push: &Push,
        decision: &Decision,
        target: &Target,
    ) -> Result<(), Failure> {
        let way = push.way.and(&Step {
            policy: decision.policy.clone(),
            repository: push.repository.clone(),
            tag: push.tag.clone(),
        });
        let image = Image {
            registry: push.registry.clone(),
            repository: target.repository.clone(),
            digest: push.digest.clone(),
        };
        self.ledger
            .write_way(&image, &target.tag, &way, push.order_time)
            .await
    }

    /// An immutable tag stands. On this very image it is ours, written before a crash (ECR has been
    /// seen to answer either exception); on another it never moves.
    async fn immutable(
        &self,
        push: &Push,
        target: &Target,
        mut failure: Failure,
    ) -> Result<(), Failure> {
        let tag = std::slice::from_ref(&target.tag);
        let holds = images::read(&self.aws, &target.repository, &[], tag).await?;
        match holds.tags.get(&target.tag) {
            Some(on) if *on == push.digest => Ok(()),
            on => {
                failure.came_back = stands_on(on);
                Err(failure.advised("give the policy a target.tag that is new for each push"))
            }
        }
    }

    /// Records what became of a claim of ours.
    async fn finish(
        &self,
        push: &Push,
        mut decision: Decision,
        judged: Judged,
        claim: &Claim,
        done: Result<Copied, Failure>,
        invocation: &Invocation,
    ) -> Result<Ended, Failure> {
        let end = match done {
            Ok(copied) => End::promoted(claim, &copied),
            Err(failure) if failure.remedy == Remedy::Wait => {
                self.ledger.release(push, judged).await;
                return Err(failure);
            }
            Err(failure) => {
                tracing::error!(%failure, policy = %decision.policy, "a promotion failed");
                End::failed(&failure)
            }
        };
        decision.reason.clone_from(&end.reason);
        let request_id = &invocation.request_id;
        let written = self
            .ledger
            .record(push, &decision, Some(judged), &end, request_id, self.now())
            .await?;
        if written {
            Ok(Ended::Decided(decision))
        } else {
            Err(overtaken(&push.image()))
        }
    }
}

fn stands_on(digest: Option<&Digest>) -> String {
    match digest {
        Some(digest) => format!("the tag is immutable and stands on {digest}"),
        None => "the tag is immutable".to_owned(),
    }
}
