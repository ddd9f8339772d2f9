//! The target tag: whose turn it is, the one write, and a look back.
//!
//! The head is raised under a lease, the tag is written once within [`TAG_TIMEOUT`], and settling
//! the head is the read-back: if it is not ours any more, a newer push raised it, and our write may
//! have landed after the newer one's. Then, and where an earlier write had no known end, the tag is
//! read back too, and put right.

use std::time::Duration;

use chrono::TimeDelta;
use ecr_promoter_core::{
    Digest, Image, Push, Time,
    decision::Target,
    head::{Attempt, Head, Raise, State, raise},
    promotion::Claim,
    push::Step,
};

use super::{Job, order};
use crate::{
    copy::{Copied, Copy, lost_something, put_image},
    failure::{Failure, Remedy},
    flow::Function,
    images,
    ledger::heads::{HeadItem, Raised},
};

/// How long a head's lease lasts: several writes of a tag, each with its time-out.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// A write that ECR refused for its rate had no effect, and is tried again so often within the
/// lease.
const THROTTLED_MAX: u32 = 4;
/// The first pause after a refusal for the rate.
const PAUSE: Duration = Duration::from_millis(500);

/// What became of a tag.
pub(super) enum Tagged {
    /// It stands on the image, or did.
    Stands {
        sequence: u64,
        /// A newer push holds the head already.
        superseded: bool,
    },
    /// A newer push holds it.
    Older(String),
    /// Another invocation is writing it.
    Busy { until: Time },
}

impl Function {
    /// Whether a newer push holds the head already: then nothing need be copied.
    pub(super) async fn outrun(
        &self,
        push: &Push,
        target: &Target,
    ) -> Result<Option<String>, Failure> {
        let head = self.ledger.head(&push.registry, target).await?;
        let order = order(push);
        let attempt = Attempt {
            order: &order,
            digest: &push.digest,
            claim: "",
            now: push.order_time,
            lease_until: push.order_time,
        };
        Ok(
            match raise(head.as_ref().map(|item| &item.head), &attempt) {
                Raise::Older { than, digest } => {
                    Some(crate::ledger::heads::older(target, &than, &digest))
                }
                Raise::Raised { .. } | Raise::Busy { .. } => None,
            },
        )
    }

    /// Puts the target tag on the image, if it is this push's turn. `stands`: it is there already.
    pub(super) async fn tag(
        &self,
        job: &Job<'_>,
        claim: &Claim,
        copy: Copy<'_>,
        copied: &Copied,
        stands: bool,
    ) -> Result<Tagged, Failure> {
        let (push, target) = (job.push, &claim.target);
        let now = self.now();
        let order = order(push);
        let attempt = Attempt {
            order: &order,
            digest: &push.digest,
            claim: &claim.id,
            now,
            lease_until: now + LEASE,
        };
        let state = if stands { State::Tagged } else { State::Raised };
        let raised = self
            .ledger
            .raise(&push.registry, target, &attempt, state)
            .await?;
        let (item, unsettled) = match raised {
            Raised::Ours { item, unsettled } => (item, unsettled),
            Raised::Older(reason) => return Ok(Tagged::Older(reason)),
            Raised::Busy { until } => return Ok(Tagged::Busy { until }),
        };
        let sequence = item.head.sequence;
        if stands {
            return Ok(Tagged::Stands {
                sequence,
                superseded: false,
            });
        }
        self.write_way(job, target).await?;
        if let Err(failure) = self.write_tag(push, copy, copied, target).await {
            let state = if failure.refused {
                State::Refused
            } else {
                State::InDoubt
            };
            self.ledger
                .settle(&push.registry, target, item, state)
                .await?;
            return Err(failure);
        }
        let superseded = self.look_back(push, target, item, unsettled).await?;
        Ok(Tagged::Stands {
            sequence,
            superseded,
        })
    }

    /// The one write, again only where ECR said that it did nothing.
    async fn write_tag(
        &self,
        push: &Push,
        copy: Copy<'_>,
        copied: &Copied,
        target: &Target,
    ) -> Result<(), Failure> {
        let mut pause = PAUSE;
        let mut throttled = 0;
        let mut copied_anew = false;
        loop {
            let Err(failure) = copy.put_root(copied, &target.tag).await else {
                return Ok(());
            };
            if lost_something(&failure) && !copied_anew {
                copied_anew = true;
                copy.below_root().await?;
            } else if failure.code == "ThrottlingException" && throttled < THROTTLED_MAX {
                throttled += 1;
                self.aws.seam.sleep(pause).await;
                pause *= 2;
            } else if failure.code == "ImageTagAlreadyExistsException" {
                return self.immutable(push, target, failure).await;
            } else {
                return Err(failure);
            }
        }
    }

    async fn write_way(&self, job: &Job<'_>, target: &Target) -> Result<(), Failure> {
        let push = job.push;
        let way = push.way.and(&Step {
            policy: job.policy.key(),
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
        match self.stands_on(target).await? {
            Some(on) if on == push.digest => Ok(()),
            on => {
                failure.came_back = match on {
                    Some(on) => format!("the tag is immutable and stands on {on}"),
                    None => "the tag is immutable".to_owned(),
                };
                Err(failure.advised("give the policy a target.tag that is new for each push"))
            }
        }
    }

    /// Settles the head; whether a newer push holds it. A tag of ours that landed late, or an
    /// earlier one that landed on ours, is put right.
    async fn look_back(
        &self,
        push: &Push,
        target: &Target,
        item: HeadItem,
        unsettled: bool,
    ) -> Result<bool, Failure> {
        let ours = item.head.clone();
        let newer = self
            .ledger
            .settle(&push.registry, target, item, State::Tagged)
            .await?;
        let superseded = newer.is_some();
        if superseded || unsettled {
            let Head { digest, .. } = newer.unwrap_or(ours);
            if self.stands_on(target).await?.as_ref() != Some(&digest) {
                self.put_right(target, &digest).await?;
            }
        }
        Ok(superseded)
    }

    async fn stands_on(&self, target: &Target) -> Result<Option<Digest>, Failure> {
        let tag = std::slice::from_ref(&target.tag);
        let mut holds = images::read(&self.aws, &target.repository, &[], tag).await?;
        Ok(holds.tags.remove(&target.tag))
    }

    /// Puts the tag on the head's image, which the target repository holds if its push came as far
    /// as writing it. Where it does not, that push's own invocation is still to write its tag.
    async fn put_right(&self, target: &Target, digest: &Digest) -> Result<(), Failure> {
        tracing::warn!(%target, %digest, "a late write is put right");
        let digests = std::slice::from_ref(digest);
        let mut holds = images::read(&self.aws, &target.repository, digests, &[]).await?;
        let Some(raw) = holds.manifests.remove(digest) else {
            return Ok(());
        };
        let media_type = raw.media_type.as_deref().unwrap_or_default();
        let put = put_image(
            &self.aws,
            &target.repository,
            digest,
            &raw.bytes,
            media_type,
            Some(&target.tag),
        );
        match put.await {
            Ok(_) => Ok(()),
            // An immutable tag stays where it is, whoever was late.
            Err(failure) if failure.remedy == Remedy::Never => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}
