//! The events that Amazon ECR sends itself (Amazon ECR User Guide, "Amazon ECR events and
//! EventBridge"). Of all fields but `repository-name`, `action-type` and `result` none is sure to be
//! there.

use super::{
    Arrival, Scanner, Trigger, TriggerKind,
    envelope::{Envelope, Unread},
};
use crate::reference::shortened;

/// What an image has for a config; anything else is an artifact's (OCI image specification, "Image
/// Manifest"; Docker image manifest version 2, schema 2).
const IMAGE_CONFIGS: [&str; 2] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
];

pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unread> {
    let kind = match envelope.detail_type() {
        "ECR Image Action" => image_action(envelope)?,
        "ECR Referrer Action" => referrer_action(envelope)?,
        "ECR Image Scan" => scan(envelope)?,
        "ECR Replication Action" => {
            envelope.only("action-type", &["REPLICATE"])?;
            envelope.only("result", &["SUCCESS"])?;
            arrived(envelope, Arrival::Replication)?
        }
        "ECR Pull Through Cache Action" => {
            envelope.only("sync-status", &["SUCCESS"])?;
            arrived(envelope, Arrival::PullThroughCache)?
        }
        _ => return Err(Unread::Kind),
    };
    envelope.trigger(kind)
}

fn image_action(envelope: &Envelope<'_>) -> Result<TriggerKind, Unread> {
    let actions = ["PUSH", "DELETE", "UPDATE_STORAGE_CLASS"];
    let action = envelope.only("action-type", &actions)?;
    envelope.only("result", &["SUCCESS"])?;
    match action {
        "PUSH" => arrived(envelope, Arrival::Push),
        "DELETE" => Ok(TriggerKind::Deleted {
            digest: envelope.digest()?,
            tag: envelope.tag()?,
        }),
        _ => {
            envelope.only("target-storage-class", &["STANDARD"])?;
            Ok(TriggerKind::Restored {
                digest: envelope.digest()?,
            })
        }
    }
}

fn referrer_action(envelope: &Envelope<'_>) -> Result<TriggerKind, Unread> {
    let action = envelope.only("action-type", &["PUSH", "UPDATE_STORAGE_CLASS"])?;
    envelope.only("result", &["SUCCESS"])?;
    if action != "PUSH" {
        // One that is restored from the archive arrives once more.
        envelope.only("target-storage-class", &["STANDARD"])?;
    }
    referrer(envelope)
}

/// A manifest arrived: a push, a referrer, or the child of an index.
fn arrived(envelope: &Envelope<'_>, arrival: Arrival) -> Result<TriggerKind, Unread> {
    match envelope.tag()? {
        Some(tag) if tag.subject().is_some() => referrer(envelope),
        Some(tag) => Ok(TriggerKind::Push {
            tag,
            digest: envelope.digest()?,
            arrival,
        }),
        None => match envelope.optional("artifact-media-type")? {
            Some(artifact) if !IMAGE_CONFIGS.contains(&artifact) => referrer(envelope),
            _ => Ok(TriggerKind::Child {
                digest: envelope.digest()?,
            }),
        },
    }
}

fn referrer(envelope: &Envelope<'_>) -> Result<TriggerKind, Unread> {
    let tag = envelope.tag()?;
    Ok(TriggerKind::Referrer {
        digest: envelope.digest()?,
        subject: tag.as_ref().and_then(crate::Tag::subject),
        tag,
        manifest_media_type: envelope.optional("manifest-media-type")?.map(shortened),
        artifact_media_type: envelope.optional("artifact-media-type")?.map(shortened),
    })
}

fn scan(envelope: &Envelope<'_>) -> Result<TriggerKind, Unread> {
    let status = envelope.only("scan-status", &["COMPLETE", "FAILED"])?;
    Ok(TriggerKind::Scan {
        digest: envelope.digest()?,
        scanner: Scanner::Basic,
        status: status.to_owned(),
    })
}
