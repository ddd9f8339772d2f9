//! A look at a head on which a write of ours may have arrived late: the only repair that is ever made.

use ecr_promoter_core::{
    Time,
    decision::Target,
    head::{Ending, Lease, Looked, look as begin},
};

use super::{
    bury::bury,
    tag::{NOT_IN_THE_LAST, stands_on},
};
use crate::{
    ecr::{
        images,
        put::{Tagging, put_image},
    },
    failure::{Failure, Remedy},
    function::Function,
    ledger::{
        edit::{Prior, Step},
        heads,
    },
};

/// A head is looked at this many times in one go: each time a dead lease may have to be settled first.
const LOOKS_MAX: usize = 3;

/// What the head says of a look.
enum Begun {
    /// Nothing to do.
    Not,
    /// Not before then.
    Due(Time),
    /// A lease that ended is settled first.
    Dead(Lease),
    /// The tag must be read.
    Read(Lease),
}

/// Looks at a target tag whose doubts can no longer arrive.
pub(crate) async fn look(function: &Function, target: &Target) -> Result<(), Failure> {
    let id = format!("look-{:016x}", (function.aws.seam.random)());
    for _ in 0..LOOKS_MAX {
        match begun(function, target, &id).await? {
            Begun::Not => return Ok(()),
            Begun::Due(at) => {
                if !function.until_due(at).await {
                    return Ok(());
                }
            }
            Begun::Dead(lease) => bury(function, target, &lease).await?,
            Begun::Read(lease) => return read(function, target, &id, &lease).await,
        }
    }
    Ok(())
}

async fn begun(function: &Function, target: &Target, id: &str) -> Result<Begun, Failure> {
    let mut change =
        heads::change(&function.ledger, &function.registry, target, Prior::Unread).await?;
    loop {
        let now = function.now();
        let step = match begin(&change.head(), id, now) {
            Looked::Nothing => Step::Keep(Begun::Not),
            Looked::Due(at) => Step::Keep(Begun::Due(at)),
            Looked::Dead(lease) => Step::Keep(Begun::Dead(lease)),
            Looked::Read(head) => match head.lease.clone() {
                Some(lease) => Step::alone(head, Begun::Read(lease)),
                None => Step::Keep(Begun::Not),
            },
        };
        if let Some(begun) = change.write(step, now).await? {
            return Ok(begun);
        }
    }
}

async fn read(
    function: &Function,
    target: &Target,
    id: &str,
    lease: &Lease,
) -> Result<(), Failure> {
    let began = function.now();
    let on = stands_on(function, target).await?;
    let (ledger, registry) = (&function.ledger, &function.registry);
    let head = heads::get(ledger, registry, target).await?;
    let covered = head.as_ref();
    let covered = covered.is_some_and(|head| head.body.was_covered(on.as_ref()));
    let wrote = if covered {
        tracing::warn!(%target, digest = %lease.digest, "repairing a late write");
        Some(put_held(function, target, lease).await?)
    } else {
        None
    };
    let mut change = heads::change(ledger, registry, target, Prior::Read(head)).await?;
    loop {
        let step = Step::alone(change.head().looked(id, began, wrote), ());
        if change.write(step, function.now()).await?.is_some() {
            return Ok(());
        }
    }
}

/// Puts the tag on an image that the target repository holds. Where it does not hold it any more,
/// somebody removed the image, and nothing is repaired.
async fn put_held(function: &Function, target: &Target, lease: &Lease) -> Result<Ending, Failure> {
    let digest = &lease.digest;
    let digests = std::slice::from_ref(digest);
    let holds = images::read_target(&function.aws, &target.repository, digests, &[]).await?;
    let raw = holds.and_then(|mut holds| holds.manifests.remove(digest));
    let Some(raw) = raw else {
        return Ok(Ending::Refused);
    };
    let media_type = raw.media_type.as_deref().unwrap_or_default();
    let tagging = Tagging {
        tag: &target.tag,
        signed: Some(lease.began),
    };
    function.aws.turn_to_put().await;
    if function.now() >= lease.until - NOT_IN_THE_LAST {
        let said = "the time to write the tag ran out before the request was sent";
        return Err(Failure::not_sent(format!("tag {target}"), said));
    }
    let (aws, repository) = (&function.aws, &target.repository);
    let bytes = &raw.bytes;
    match put_image(aws, repository, digest, bytes, media_type, Some(tagging)).await {
        Ok(_) => Ok(Ending::Stood),
        // An immutable tag stays where it is, no matter who was late.
        Err(failure) if failure.remedy() == Remedy::Never => Ok(Ending::Refused),
        Err(failure) if failure.refused() => Err(failure),
        Err(failure) => {
            tracing::warn!(%failure, "the repair of a late write had no answer");
            Ok(Ending::Unknown {
                until: lease.lands_until(function.now()),
            })
        }
    }
}
