//! What a registry holds, and the changes that are the only way to alter it. Applying a change never fails:
//! the caller has checked it. Must not touch the disk (`journal` does) and must not know a request.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{Place, Refusal};
use super::manifest::Manifest;
use super::request::ImageId;

/// How many events are remembered: more than calls can be at work when a process is killed.
const RAISED_MAX: usize = 100;

/// Everything that survives a restart.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) repositories: BTreeMap<String, Repository>,
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) uploads: BTreeMap<String, Upload>,
    /// The last events that were to be raised, oldest first.
    pub(crate) raised: VecDeque<Value>,
    /// How many times the folder was opened; part of each fresh id, so that none comes twice.
    pub(crate) opened: u64,
}

#[derive(Debug)]
pub(crate) struct Repository {
    pub(crate) record: RepositoryRecord,
    pub(crate) images: BTreeMap<String, Image>,
    /// Tag to digest.
    pub(crate) tags: BTreeMap<String, String>,
    /// Blobs uploaded or mounted here, with their sizes; referenced or not.
    pub(crate) layers: BTreeMap<String, u64>,
    /// From the digest of a blob or a child to the manifests that name it.
    pub(super) named_by: BTreeMap<String, BTreeSet<String>>,
}

/// What `CreateRepository` settles, and `PutImageTagMutability` changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RepositoryRecord {
    pub(crate) name: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) mutability: String,
    pub(crate) exclusions: Vec<String>,
    pub(crate) scan_on_push: bool,
    pub(crate) encryption: Encryption,
    /// Its own tags, by key.
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
}

/// Blobs are mounted only between repositories whose encryption is equal (ECR user guide, "Blob mounting").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Encryption {
    pub(crate) kind: String,
    pub(crate) key: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Image {
    /// The manifest as it was pushed, byte for byte.
    pub(crate) text: Arc<str>,
    pub(crate) manifest: Manifest,
    pub(crate) tags: BTreeSet<String>,
    pub(crate) pushed_at: DateTime<Utc>,
    /// Since when it is archived; absent while it is active.
    pub(crate) archived_at: Option<DateTime<Utc>>,
    pub(crate) activated_at: Option<DateTime<Utc>>,
    pub(crate) scan: Option<Value>,
    /// When a scan was last asked for: the quota is one in 24 hours.
    pub(crate) scan_started_at: Option<DateTime<Utc>>,
    /// Not kept across restarts: ECR too refreshes it only now and then.
    pub(crate) pulled_at: Option<DateTime<Utc>>,
}

/// An upload session: what of it was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) repository: String,
    pub(crate) received: u64,
    pub(crate) parts: u64,
    pub(crate) first_part: u64,
    pub(crate) last_part: u64,
    /// The minimum that a part before the last one fell short of.
    pub(crate) too_small: Option<u64>,
}

/// One acknowledged alteration, as the journal keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Opened,
    SettingPut {
        name: String,
        value: String,
    },
    RepositoryPut {
        record: RepositoryRecord,
    },
    RepositoryDeleted {
        repository: String,
    },
    LayerLinked {
        repository: String,
        digest: String,
        size: u64,
    },
    ImagePut {
        repository: String,
        digest: String,
        media_type: String,
        manifest: String,
        at: DateTime<Utc>,
    },
    TagPut {
        repository: String,
        tag: String,
        digest: String,
    },
    TagRemoved {
        repository: String,
        tag: String,
    },
    ImageDeleted {
        repository: String,
        digest: String,
    },
    Archived {
        repository: String,
        digest: String,
        at: DateTime<Utc>,
    },
    Activated {
        repository: String,
        digest: String,
        at: DateTime<Utc>,
    },
    Scanned {
        repository: String,
        digest: String,
        scan: Value,
        started: Option<DateTime<Utc>>,
    },
    UploadOpened {
        upload: String,
        repository: String,
    },
    UploadGrew {
        upload: String,
        bytes: u64,
        minimum: u64,
    },
    UploadClosed {
        upload: String,
    },
    /// The event that tells of the changes beside it.
    Raised {
        event: Value,
    },
}

impl State {
    pub(crate) fn repository(&self, place: &Place) -> Result<&Repository, Refusal> {
        self.repositories
            .get(&place.repository)
            .ok_or_else(|| Refusal::RepositoryNotFound(place.clone()))
    }

    /// The image that `id` names, and its digest.
    pub(crate) fn image(&self, place: &Place, id: &ImageId) -> Result<(&str, &Image), Refusal> {
        let found = self.repository(place)?.image(id);
        found.ok_or_else(|| Refusal::ImageNotFound {
            id: id.clone(),
            place: place.clone(),
        })
    }

    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Opened => self.opened += 1,
            Change::SettingPut { name, value } => drop(self.settings.insert(name, value)),
            Change::RepositoryPut { record } => self.put_repository(record),
            Change::RepositoryDeleted { repository } => self.delete_repository(&repository),
            Change::UploadOpened { upload, repository } => {
                drop(self.uploads.insert(upload, Upload::new(repository)));
            }
            Change::UploadGrew {
                upload,
                bytes,
                minimum,
            } => {
                if let Some(upload) = self.uploads.get_mut(&upload) {
                    upload.grow(bytes, minimum);
                }
            }
            Change::UploadClosed { upload } => drop(self.uploads.remove(&upload)),
            Change::Raised { event } => self.remember(event),
            Change::LayerLinked { ref repository, .. }
            | Change::ImagePut { ref repository, .. }
            | Change::TagPut { ref repository, .. }
            | Change::TagRemoved { ref repository, .. }
            | Change::ImageDeleted { ref repository, .. }
            | Change::Archived { ref repository, .. }
            | Change::Activated { ref repository, .. }
            | Change::Scanned { ref repository, .. } => {
                if let Some(repository) = self.repositories.get_mut(repository) {
                    repository.apply(change);
                }
            }
        }
    }

    fn delete_repository(&mut self, name: &str) {
        self.repositories.remove(name);
        self.uploads.retain(|_, upload| upload.repository != name);
    }

    fn remember(&mut self, event: Value) {
        self.raised.push_back(event);
        if self.raised.len() > RAISED_MAX {
            self.raised.pop_front();
        }
    }

    fn put_repository(&mut self, record: RepositoryRecord) {
        if let Some(repository) = self.repositories.get_mut(&record.name) {
            repository.record = record;
        } else {
            let repository = Repository {
                images: BTreeMap::new(),
                tags: BTreeMap::new(),
                layers: BTreeMap::new(),
                named_by: BTreeMap::new(),
                record,
            };
            self.repositories
                .insert(repository.record.name.clone(), repository);
        }
    }
}

impl Image {
    /// `imageStatus` (ECR API Reference, `ImageDetail`). A restore ends at once here.
    pub(crate) fn status(&self) -> &'static str {
        if self.archived_at.is_some() {
            "ARCHIVED"
        } else {
            "ACTIVE"
        }
    }
}

impl Upload {
    fn new(repository: String) -> Self {
        Self {
            repository,
            received: 0,
            parts: 0,
            first_part: 0,
            last_part: 0,
            too_small: None,
        }
    }

    /// Takes one more part; the part before it is now known not to be the last.
    fn grow(&mut self, bytes: u64, minimum: u64) {
        if self.parts > 0 && self.last_part < minimum {
            self.too_small = Some(minimum);
        }
        if self.parts == 0 {
            self.first_part = bytes;
        }
        self.parts += 1;
        self.last_part = bytes;
        self.received = self.received.saturating_add(bytes);
    }
}
