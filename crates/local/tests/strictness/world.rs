//! A registry of a test's own, and the protocol spoken to it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use chrono::{TimeZone, Utc};
use ecr_promoter_local::clock::Clock;
use ecr_promoter_local::ecr::{Base, Ecr, Settings};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) use crate::documents::*;
use crate::remote::Remote;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "eu-central-1";
/// Credentials of the embedded registry; another one's own token takes their place.
pub(crate) const TOKEN: &str = "Basic QVdTOnB3";
const API: &str = "http://local";

/// A registry of a test's own: the embedded one, or where the environment says so a part of a real account's.
pub(crate) struct World {
    remote: Option<Remote>,
    pub(crate) ecr: Ecr,
    pub(crate) clock: Clock,
    pub(crate) folder: Arc<tempfile::TempDir>,
    events: Arc<Mutex<Vec<Value>>>,
}

/// What the registry answered over HTTP.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Status and code of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (
            self.status.as_u16(),
            self.json()["errors"][0]["code"]
                .as_str()
                .expect("a code")
                .to_owned(),
        )
    }
}

impl World {
    /// An empty registry with the repositories named: the one that the environment names, or the embedded one.
    pub(crate) async fn new(repositories: &[&str]) -> Self {
        Self::at(Remote::from_env().await, repositories).await
    }

    /// The embedded registry, for what no protocol shows: its clock, its events, its folder; at 2026-01-02 03:04:05.
    pub(crate) async fn embedded(repositories: &[&str]) -> Self {
        Self::at(None, repositories).await
    }

    async fn at(remote: Option<Remote>, repositories: &[&str]) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let clock = Clock::manual(Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap());
        let mut world = Self::open(folder, clock);
        world.remote = remote;
        for name in repositories {
            world
                .ok("CreateRepository", json!({"repositoryName": name}))
                .await;
        }
        world
    }

    fn open(folder: Arc<tempfile::TempDir>, clock: Clock) -> Self {
        let events = Arc::new(Mutex::new(Vec::new()));
        let raised = Arc::clone(&events);
        let settings = Settings {
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            blob_mounting: false,
            folder: folder.path().to_owned(),
            clock: clock.clone(),
            raise: Arc::new(move |event| raised.lock().unwrap().push(event)),
        };
        Self {
            remote: None,
            ecr: Ecr::open(settings).expect("opens"),
            clock,
            folder,
            events,
        }
    }

    /// The process is killed and started again over the same folder.
    pub(crate) fn restart(self) -> Self {
        let (folder, clock) = (Arc::clone(&self.folder), self.clock.clone());
        drop(self);
        Self::open(folder, clock)
    }

    /// The registry over the network, if it is one.
    pub(crate) fn remote(&self) -> Option<&Remote> {
        self.remote.as_ref()
    }

    pub(crate) async fn call(&self, operation: &str, body: Value) -> (StatusCode, Value) {
        if let Some(remote) = &self.remote {
            return remote.call(operation, body).await;
        }
        let response = self
            .ecr
            .call(operation, body.to_string().into(), &base())
            .await;
        let (status, body) = (
            response.status(),
            response
                .into_body()
                .collect()
                .await
                .expect("a body")
                .to_bytes(),
        );
        (status, serde_json::from_slice(&body).expect("JSON"))
    }

    pub(crate) async fn ok(&self, operation: &str, body: Value) -> Value {
        let (status, answer) = self.call(operation, body).await;
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// The exception's name.
    pub(crate) async fn refused(&self, operation: &str, body: Value) -> String {
        self.refusal(operation, body).await["__type"]
            .as_str()
            .expect("a type")
            .to_owned()
    }

    pub(crate) async fn refusal(&self, operation: &str, body: Value) -> Value {
        let (status, answer) = self.call(operation, body).await;
        assert_eq!(status, 400, "{operation}: {answer}");
        answer
    }

    /// What was raised since the last look.
    pub(crate) fn events(&self) -> Vec<Value> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }

    pub(crate) fn router(&self) -> Router {
        ecr_promoter_local::registry::router(self.ecr.clone(), |_| base())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        if let Some(remote) = &self.remote {
            return remote.send(request).await;
        }
        let response = self.router().oneshot(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: head.status,
            headers: head.headers,
            body,
        }
    }

    /// A request with credentials; `path` may be a whole address.
    pub(crate) async fn http(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        self.http_with(method, path, &[], body).await
    }

    pub(crate) async fn http_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", TOKEN);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).expect("a request"))
            .await
    }

    pub(crate) async fn upload(&self, repository: &str, blob: &[u8]) -> String {
        let upload = self
            .ok("InitiateLayerUpload", json!({"repositoryName": repository}))
            .await;
        let id = upload["uploadId"].as_str().expect("an id").to_owned();
        self.ok("UploadLayerPart", part(repository, &id, 0, blob))
            .await;
        let digest = sha256(blob);
        self.ok(
            "CompleteLayerUpload",
            json!({"repositoryName": repository, "uploadId": id, "layerDigests": [digest]}),
        )
        .await;
        digest
    }

    /// Uploads the blobs of an image of one layer and gives its manifest.
    pub(crate) async fn image(&self, repository: &str, content: &str) -> String {
        let config = self
            .upload_new(repository, format!("{{\"of\":\"{content}\"}}").as_bytes())
            .await;
        let layer = self.upload_new(repository, content.as_bytes()).await;
        manifest(&config, &layer).to_string()
    }

    async fn upload_new(&self, repository: &str, blob: &[u8]) -> String {
        let digest = sha256(blob);
        let seen = self
            .ok(
                "BatchCheckLayerAvailability",
                json!({"repositoryName": repository, "layerDigests": [digest]}),
            )
            .await;
        if seen["layers"][0]["layerAvailability"] == "AVAILABLE" {
            digest
        } else {
            self.upload(repository, blob).await
        }
    }

    /// Pushes an image of that content and gives its digest.
    pub(crate) async fn push(&self, repository: &str, content: &str, tag: Option<&str>) -> String {
        let manifest = self.image(repository, content).await;
        let answer = self.ok("PutImage", put(repository, &manifest, tag)).await;
        answer["image"]["imageId"]["imageDigest"]
            .as_str()
            .expect("a digest")
            .to_owned()
    }

    pub(crate) async fn mutability(&self, repository: &str, mode: &str, filters: &[&str]) {
        let mut body = json!({"repositoryName": repository, "imageTagMutability": mode});
        if !filters.is_empty() {
            let filters: Vec<Value> = filters
                .iter()
                .map(|filter| json!({"filterType": "WILDCARD", "filter": filter}))
                .collect();
            body["imageTagMutabilityExclusionFilters"] = json!(filters);
        }
        self.ok("PutImageTagMutability", body).await;
    }
}

pub(crate) fn base() -> Base {
    Base {
        api: API.to_owned(),
        blobs: "http://blobs.local".to_owned(),
    }
}
