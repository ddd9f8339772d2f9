//! What of an event concerns one image: where, when, and what happened to it.

use crate::{Digest, Registry, Repository, Tag, Time};

/// What of an event concerns one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// Where it happened: the account and Region of the envelope, or those of the repository's ARN.
    pub registry: Registry,
    /// The repository that it happened in.
    pub repository: Repository,
    /// When it happened, as the event says.
    pub time: Time,
    /// What happened.
    pub kind: TriggerKind,
}

/// What happened to an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerKind {
    /// A tag was put on a digest.
    Push {
        /// The tag; never one that is a referrer's address.
        tag: Tag,
        /// What it was put on.
        digest: Digest,
        /// How the image arrived.
        arrival: Arrival,
    },
    /// Something that is attached to an image arrived.
    Referrer {
        /// The referrer's own digest.
        digest: Digest,
        /// The tag that it was pushed under, if there is one.
        tag: Option<Tag>,
        /// The subject, if the tag names it; else its manifest does.
        subject: Option<Digest>,
        /// The type of its manifest, as the event says.
        manifest_media_type: Option<String>,
        /// Its artifact type, as the event says.
        artifact_media_type: Option<String>,
    },
    /// A manifest without a tag that is not a referrer: the child of an index. Leads to nothing, and
    /// costs no call.
    Child {
        /// Its digest.
        digest: Digest,
    },
    /// A scan ended.
    Scan {
        /// What was scanned.
        digest: Digest,
        /// Which scanner says so.
        scanner: Scanner,
        /// Its word, for the log: never evidence.
        status: String,
    },
    /// An image was restored from the archive.
    Restored {
        /// Its digest.
        digest: Digest,
    },
    /// An image, or a tag of it, was deleted.
    Deleted {
        /// Its digest.
        digest: Digest,
        /// The tag, if the event names one.
        tag: Option<Tag>,
    },
}

/// How a pushed image arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Somebody pushed it here.
    Push,
    /// ECR replicated it from another registry.
    Replication,
    /// A pull through cache rule fetched it.
    PullThroughCache,
}

/// Who scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanner {
    /// ECR's basic scanning.
    Basic,
    /// Amazon Inspector.
    Enhanced,
}
