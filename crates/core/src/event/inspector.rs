//! Amazon Inspector's events. `Inspector2 Scan` tells of the first scan of an image, and by the same
//! name of EC2 instances, Lambda functions and machine images, which have no `image-digest` (Amazon
//! Inspector User Guide, "Amazon EventBridge event schema for Amazon Inspector events").

use super::{
    Scanner, Trigger, TriggerKind, bounded,
    envelope::{Envelope, Unread},
};

pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unread> {
    // A finding event tells of one finding of thousands, again and again: no trigger.
    if envelope.detail_type() != "Inspector2 Scan" {
        return Err(Unread::Kind);
    }
    let digest = envelope.digest()?;
    // One status is documented; another is as good a hint, since the findings are read anyway.
    let status = bounded(envelope.optional("scan-status")?.unwrap_or_default());
    envelope.trigger(TriggerKind::Scan {
        digest,
        scanner: Scanner::Enhanced,
        status,
    })
}
