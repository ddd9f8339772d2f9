//! An ECR that is strict where Amazon ECR is strict: the JSON API (ECR API Reference, 2015-09-21). It keeps
//! one registry (an account in a Region) in one folder, and knows nothing of who calls it.
//!
//! `state` is what there is; every call checks against it, writes its changes (`journal`) and then answers;
//! events are raised after the change is kept.

mod blobs;
mod catalog;
mod conversion;
pub(crate) mod error;
mod events;
mod findings;
mod images;
mod journal;
mod layers;
pub(crate) mod manifest;
mod mutability;
pub(crate) mod names;
mod paging;
mod pulls;
pub(crate) mod referrers;
mod removal;
mod repositories;
mod repository;
pub(crate) mod request;
mod scans;
mod settings;
mod shapes;
pub(crate) mod state;
mod storage;
mod tags;
mod unsettled;
pub(crate) mod uploads;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Response, StatusCode};
use serde_json::Value;

use self::blobs::Blobs;
pub(crate) use self::blobs::{Signed, Unsigned, sha256};
use self::error::{Place, Refusal, answer};
use self::events::Image as EventOf;
pub(crate) use self::images::Push;
use self::journal::Journal;
use self::request::Request;
use self::state::Change;
pub use self::unsettled::{SameDigest, Unsettled};
use self::uploads::Session;
use crate::clock::Clock;

/// What a registry is made of.
pub struct Settings {
    /// Twelve digits.
    pub account: String,
    /// Such as `us-east-1`.
    pub region: String,
    /// The account setting `BLOB_MOUNTING` until `PutAccountSetting` changes it (a new account has it disabled).
    pub blob_mounting: bool,
    /// Where everything is kept. It may hold the state of an earlier run.
    pub folder: PathBuf,
    /// What tells the time.
    pub clock: Clock,
    /// Called with each EventBridge event, whole, after the change it tells of was kept. It must not call
    /// back into the registry before it returns.
    pub raise: Arc<dyn Fn(Value) + Send + Sync>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("account", &self.account)
            .field("region", &self.region)
            .field("blob_mounting", &self.blob_mounting)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// Where the caller reached us, and where he finds the blobs: another host, as ECR redirects to S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Scheme and authority of the API and the registry, such as `http://127.0.0.1:4566`.
    pub api: String,
    /// Scheme and authority of the downloads, such as `http://localhost:4566`.
    pub blobs: String,
}

/// One registry. Clones share it.
#[derive(Debug, Clone)]
pub struct Ecr(Arc<Registry>);

#[derive(Debug)]
struct Registry {
    settings: Settings,
    journal: Mutex<Journal>,
    sessions: Mutex<HashMap<String, Arc<Session>>>,
    blobs: Blobs,
    ids: AtomicU64,
    unsettled: Mutex<Unsettled>,
}

/// What an operation comes to.
type Outcome = Result<Value, Refusal>;

impl Ecr {
    /// Opens a folder, new or used: whatever was acknowledged is there again.
    pub fn open(settings: Settings) -> std::io::Result<Self> {
        let blobs = Blobs::open(&settings.folder)?;
        let journal = Journal::open(&settings.folder.join("journal.jsonl"))?;
        blobs.sweep(&journal.state)?;
        Ok(Self(Arc::new(Registry {
            settings,
            journal: Mutex::new(journal),
            sessions: Mutex::new(HashMap::new()),
            blobs,
            ids: AtomicU64::new(0),
            unsettled: Mutex::default(),
        })))
    }

    /// Chooses how to answer if it is not known how ECR does.
    pub fn settle(&self, unsettled: Unsettled) {
        *self
            .0
            .unsettled
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = unsettled;
    }

    /// How it answers if it is not known how ECR does.
    #[must_use]
    pub fn unsettled(&self) -> Unsettled {
        *self
            .0
            .unsettled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The last events of the folder, oldest first. A caller that keeps events raises those again that a killed process
    /// kept and did not come to raise.
    #[must_use]
    pub fn last_events(&self) -> Vec<Value> {
        self.journal().state.raised.iter().cloned().collect()
    }

    /// Answers one call of the JSON API. `operation` is what follows the dot of `X-Amz-Target`.
    pub async fn call(&self, operation: &str, body: Bytes, base: &Base) -> Response<Body> {
        let outcome = match Request::parse(&body) {
            Ok(request) => self.dispatch(operation, &request, base).await,
            Err(refusal) => Err(refusal),
        };
        match outcome {
            Ok(value) => answer(StatusCode::OK, &value),
            Err(refusal) => refusal.response(),
        }
    }

    async fn dispatch(&self, operation: &str, request: &Request, base: &Base) -> Outcome {
        match operation {
            "CreateRepository" => self.create_repository(request, base),
            "DescribeRepositories" => self.describe_repositories(request, base),
            "DeleteRepository" => self.delete_repository(request, base),
            "ListTagsForResource" => self.list_tags_for_resource(request),
            "PutImageTagMutability" => self.put_image_tag_mutability(request),
            "PutImage" => self.put_image(request),
            "BatchGetImage" => self.batch_get_image(request),
            "BatchDeleteImage" => self.batch_delete_image(request),
            "DescribeImages" => self.describe_images(request),
            "ListImages" => self.list_images(request),
            "UpdateImageStorageClass" => self.update_image_storage_class(request),
            "BatchCheckLayerAvailability" => self.batch_check_layer_availability(request),
            "GetDownloadUrlForLayer" => self.get_download_url_for_layer(request, base),
            "InitiateLayerUpload" => self.initiate_layer_upload(request),
            "UploadLayerPart" => self.upload_layer_part(request).await,
            "CompleteLayerUpload" => self.complete_layer_upload(request).await,
            "GetAuthorizationToken" => self.get_authorization_token(request, base),
            "GetAccountSetting" => self.get_account_setting(request),
            "PutAccountSetting" => self.put_account_setting(request),
            "DescribeImageScanFindings" => self.describe_image_scan_findings(request),
            "StartImageScan" => self.start_image_scan(request),
            "ListImageReferrers" => self.list_image_referrers(request),
            _ => Err(Refusal::UnknownOperation {
                operation: operation.to_owned(),
            }),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.0.settings.clock.now()
    }

    pub(crate) fn account(&self) -> &str {
        &self.0.settings.account
    }

    pub(crate) fn place(&self, repository: &str) -> Place {
        Place {
            repository: repository.to_owned(),
            account: self.account().to_owned(),
        }
    }

    fn place_of(&self, request: &Request) -> Result<Place, Refusal> {
        request
            .repository(self.account())
            .map(|repository| self.place(&repository))
    }

    /// The state, held for one call. Poisoning is passed over: a change is applied whole or not at all.
    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.0
            .journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    /// An id in the shape of a UUID that never came before, also across restarts; with a manual clock the
    /// same run gives the same ids.
    fn fresh_id(&self, opened: u64) -> String {
        let count = self.0.ids.fetch_add(1, Ordering::Relaxed);
        let digest = sha256(
            format!(
                "{}/{}/{opened}/{count}",
                self.account(),
                self.0.settings.region
            )
            .as_bytes(),
        );
        let hex = digest.trim_start_matches("sha256:");
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!(
            "{}-{}-{}-{}-{}",
            part(0, 8),
            part(8, 12),
            part(12, 16),
            part(16, 20),
            part(20, 32)
        )
    }

    fn event(&self, journal: &Journal, event: &EventOf<'_>) -> Value {
        let id = self.fresh_id(journal.state.opened);
        event.json(&self.0.settings, &id, self.now())
    }

    /// Writes changes together with the events that tell of them, so that a kill loses both or neither.
    fn commit_with(
        journal: &mut Journal,
        mut changes: Vec<Change>,
        events: &[Value],
    ) -> Result<(), Refusal> {
        let raised = events.iter().cloned().map(|event| Change::Raised { event });
        changes.extend(raised);
        Self::commit(journal, changes)
    }

    /// Raises events that are kept already. The journal must not be held.
    fn raise(&self, events: Vec<Value>) {
        events.into_iter().for_each(&*self.0.settings.raise);
    }

    fn commit(journal: &mut Journal, changes: Vec<Change>) -> Result<(), Refusal> {
        journal.commit(changes).map_err(Refusal::Server)
    }
}
