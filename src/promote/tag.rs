//! The target tag: whose turn it is, the one write, and a look back.
//!
//! The head is raised under a lease, the tag is written once within [`TAG_TIMEOUT`] and only while
//! the lease lasts that long, and settling the head is the read-back: if it is not ours any more, a
//! newer push raised it, and our write may have landed after the newer one's. Then, and where an
//! earlier write had no known end, the tag is read back too, and put right where it stands on the
//! late writer's image. What a person put there is left alone.

use std::time::Duration;

use chrono::TimeDelta;
use ecr_promoter_core::{
    Digest, Image, Push, Time,
    decision::Target,
    head::{Attempt, Head, State},
    promotion::Claim,
    push::Step,
};

use super::{Job, order};
use crate::{
    copy::{Copied, Copy, TAG_TIMEOUT, put_image},
    failure::{Failure, Remedy},
    function::Function,
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
/// So often a late write is put right, where heads rise meanwhile.
const REPAIRS_MAX: usize = 4;

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
    /// Puts the target tag on the image, if it is this push's turn. `stands`: it was seen there.
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
        let attempt = Attempt {
            order: &order(push),
            digest: &push.digest,
            claim: &claim.id,
            now,
            lease_until: now + LEASE,
        };
        let raised = self
            .ledger
            .raise(&push.registry, target, &attempt, stands)
            .await?;
        let (item, unsettled) = match raised {
            Raised::Stands { sequence } => {
                return Ok(Tagged::Stands {
                    sequence,
                    superseded: false,
                });
            }
            Raised::Ours { item, unsettled } => (item, unsettled),
            Raised::Older(reason) => return Ok(Tagged::Older(reason)),
            Raised::Busy { until } => return Ok(Tagged::Busy { until }),
        };
        let sequence = item.head.sequence;
        self.write_way(job, target).await?;
        if let Err(failure) = self.write_tag(push, copy, copied, target, &item.head).await {
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

    /// The one write, again only where ECR said that it did nothing, and never when it could land
    /// after the lease.
    async fn write_tag(
        &self,
        push: &Push,
        copy: Copy<'_>,
        copied: &Copied,
        target: &Target,
        head: &Head,
    ) -> Result<(), Failure> {
        let mut pause = PAUSE;
        for throttled in 0.. {
            if self.now() + TAG_TIMEOUT > head.lease_until {
                let mut failure = Failure::new(
                    Remedy::Wait,
                    format!("tag {target}"),
                    "the head's lease is over",
                );
                failure.refused = true;
                return Err(failure);
            }
            let Err(failure) = copy.put_root(copied, &target.tag).await else {
                return Ok(());
            };
            if failure.code == "ThrottlingException" && throttled < THROTTLED_MAX {
                self.aws.seam.sleep(pause).await;
                pause *= 2;
            } else if failure.code == "ImageTagAlreadyExistsException" {
                return self.immutable(push, target, failure).await;
            } else {
                return Err(failure);
            }
        }
        Ok(())
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

    /// Settles the head; whether a newer push holds it.
    async fn look_back(
        &self,
        push: &Push,
        target: &Target,
        item: HeadItem,
        unsettled: Option<Digest>,
    ) -> Result<bool, Failure> {
        let ours = item.head.clone();
        let newer = self
            .ledger
            .settle(&push.registry, target, item, State::Tagged)
            .await?;
        let superseded = newer.is_some();
        match (newer, unsettled) {
            (Some(newer), _) => self.put_right(push, target, newer, &push.digest).await?,
            (None, Some(late)) => self.put_right(push, target, ours, &late).await?,
            (None, None) => {}
        }
        Ok(superseded)
    }

    /// Where the tag stands on `late`, an image whose write landed after the head's, it is put on
    /// the head's image; and looked at again, since the head may have risen meanwhile.
    pub(super) async fn put_right(
        &self,
        push: &Push,
        target: &Target,
        head: Head,
        late: &Digest,
    ) -> Result<(), Failure> {
        let (mut head, mut late) = (head, late.clone());
        for _ in 0..REPAIRS_MAX {
            if head.digest == late || self.stands_on(target).await?.as_ref() != Some(&late) {
                return Ok(());
            }
            tracing::warn!(%target, digest = %head.digest, "a late write is put right");
            self.put_held(target, &head.digest).await?;
            let now = self.ledger.head(&push.registry, target).await?;
            match now {
                Some(now) if now.head.order != head.order => {
                    late = std::mem::replace(&mut head, now.head).digest;
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// The digest that a target tag stands on now.
    pub(super) async fn stands_on(&self, target: &Target) -> Result<Option<Digest>, Failure> {
        let tag = std::slice::from_ref(&target.tag);
        let mut holds = images::read(&self.aws, &target.repository, &[], tag).await?;
        Ok(holds.tags.remove(&target.tag))
    }

    /// Puts the tag on an image that the target repository holds. Where it does not, the push that
    /// holds the head is still to come as far as writing its tag.
    async fn put_held(&self, target: &Target, digest: &Digest) -> Result<(), Failure> {
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
