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

use super::claim::order;
use crate::{
    case::Case,
    copy::{Copied, Transfer, put_root},
    ecr::{
        images,
        put::{TAG_TIMEOUT, put_image},
    },
    failure::{Code, Failure, Remedy},
    function::Function,
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

/// Puts the target tag on the image, if it is this push's turn. `stands`: it was seen there.
pub(super) async fn tag(
    function: &Function,
    case: &Case<'_>,
    claim: &Claim,
    transfer: Transfer<'_>,
    copied: &Copied,
    stands: bool,
) -> Result<Tagged, Failure> {
    let (push, target) = (case.push, &claim.target);
    let now = function.now();
    let attempt = Attempt {
        order: &order(push),
        digest: &push.digest,
        claim: &claim.id,
        now,
        lease_until: now + LEASE,
    };
    let raised = function
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
    write_way(function, case, target).await?;
    if let Err(failure) = write_tag(function, push, transfer, copied, target, &item.head).await {
        let state = if failure.refused() {
            State::Refused
        } else {
            State::InDoubt
        };
        function
            .ledger
            .settle(&push.registry, target, item, state)
            .await?;
        return Err(failure);
    }
    let superseded = look_back(function, push, target, item, unsettled).await?;
    Ok(Tagged::Stands {
        sequence,
        superseded,
    })
}

/// The one write, again only where ECR said that it did nothing, and never when it could land
/// after the lease.
async fn write_tag(
    function: &Function,
    push: &Push,
    transfer: Transfer<'_>,
    copied: &Copied,
    target: &Target,
    head: &Head,
) -> Result<(), Failure> {
    let mut pause = PAUSE;
    for throttled in 0.. {
        if function.now() + TAG_TIMEOUT > head.lease_until {
            let tried = format!("tag {target}");
            return Err(Failure::not_sent(tried, "the head's lease is over"));
        }
        let Err(failure) = put_root(transfer, copied, &target.tag).await else {
            return Ok(());
        };
        if *failure.code() == Code::Throttling && throttled < THROTTLED_MAX {
            function.aws.seam.sleep(pause).await;
            pause *= 2;
        } else if *failure.code() == Code::ImageTagAlreadyExists {
            return immutable(function, push, target, failure).await;
        } else {
            return Err(failure);
        }
    }
    Ok(())
}

async fn write_way(function: &Function, case: &Case<'_>, target: &Target) -> Result<(), Failure> {
    let push = case.push;
    let way = push.way.and(&Step {
        policy: case.policy.key(),
        repository: push.repository.clone(),
        tag: push.tag.clone(),
    });
    let image = Image {
        registry: push.registry.clone(),
        repository: target.repository.clone(),
        digest: push.digest.clone(),
    };
    function
        .ledger
        .write_way(&image, &target.tag, &way, push.order_time)
        .await
}

/// An immutable tag stands. On this very image it is ours, written before a crash (ECR has been
/// seen to answer either exception); on another it never moves.
async fn immutable(
    function: &Function,
    push: &Push,
    target: &Target,
    failure: Failure,
) -> Result<(), Failure> {
    match stands_on(function, target).await? {
        Some(on) if on == push.digest => Ok(()),
        on => {
            let came_back = match on {
                Some(on) => format!("the tag is immutable and stands on {on}"),
                None => "the tag is immutable".to_owned(),
            };
            Err(failure
                .explained(came_back)
                .advised("give the policy a target.tag that is new for each push"))
        }
    }
}

/// Settles the head; whether a newer push holds it.
async fn look_back(
    function: &Function,
    push: &Push,
    target: &Target,
    item: HeadItem,
    unsettled: Option<Digest>,
) -> Result<bool, Failure> {
    let ours = item.head.clone();
    let newer = function
        .ledger
        .settle(&push.registry, target, item, State::Tagged)
        .await?;
    let superseded = newer.is_some();
    match (newer, unsettled) {
        (Some(newer), _) => put_right(function, push, target, newer, &push.digest).await?,
        (None, Some(late)) => put_right(function, push, target, ours, &late).await?,
        (None, None) => {}
    }
    Ok(superseded)
}

/// Where the tag stands on `late`, an image whose write landed after the head's, it is put on
/// the head's image; and looked at again, since the head may have risen meanwhile.
pub(super) async fn put_right(
    function: &Function,
    push: &Push,
    target: &Target,
    head: Head,
    late: &Digest,
) -> Result<(), Failure> {
    let (mut head, mut late) = (head, late.clone());
    for _ in 0..REPAIRS_MAX {
        if head.digest == late || stands_on(function, target).await?.as_ref() != Some(&late) {
            return Ok(());
        }
        tracing::warn!(%target, digest = %head.digest, "a late write is put right");
        put_held(function, target, &head.digest).await?;
        let now = function.ledger.head(&push.registry, target).await?;
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
pub(super) async fn stands_on(
    function: &Function,
    target: &Target,
) -> Result<Option<Digest>, Failure> {
    let tag = std::slice::from_ref(&target.tag);
    let mut holds = images::read(&function.aws, &target.repository, &[], tag).await?;
    Ok(holds.tags.remove(&target.tag))
}

/// Puts the tag on an image that the target repository holds. Where it does not, the push that
/// holds the head is still to come as far as writing its tag.
async fn put_held(function: &Function, target: &Target, digest: &Digest) -> Result<(), Failure> {
    let digests = std::slice::from_ref(digest);
    let mut holds = images::read(&function.aws, &target.repository, digests, &[]).await?;
    let Some(raw) = holds.manifests.remove(digest) else {
        return Ok(());
    };
    let media_type = raw.media_type.as_deref().unwrap_or_default();
    let put = put_image(
        &function.aws,
        &target.repository,
        digest,
        &raw.bytes,
        media_type,
        Some(&target.tag),
    );
    match put.await {
        Ok(_) => Ok(()),
        // An immutable tag stays where it is, whoever was late.
        Err(failure) if failure.remedy() == Remedy::Never => Ok(()),
        Err(failure) => Err(failure),
    }
}
