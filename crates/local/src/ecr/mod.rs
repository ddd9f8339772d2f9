//! Placeholder of the embedded ECR: enough for the frame to stand on.

use std::{io, path::PathBuf, sync::Arc};

use axum::body::Body;
use bytes::Bytes;
use serde_json::Value;

use crate::clock::Clock;

/// How an ECR is opened.
pub struct Settings {
    /// Twelve digits.
    pub account: String,
    /// The Region's name.
    pub region: String,
    /// The account setting `BLOB_MOUNTING` at start.
    pub blob_mounting: bool,
    /// Where everything is kept.
    pub folder: PathBuf,
    /// The time.
    pub clock: Clock,
    /// Takes what ECR tells EventBridge.
    pub raise: Arc<dyn Fn(Value) + Send + Sync>,
}

/// The addresses under which the caller reaches ECR.
#[derive(Clone, Debug)]
pub struct Base {
    /// The API and the registry.
    pub api: String,
    /// Where blobs are downloaded.
    pub blobs: String,
}

/// An ECR.
#[derive(Clone)]
pub struct Ecr(Arc<Settings>);

impl Ecr {
    /// Opens the ECR of a folder.
    pub fn open(settings: Settings) -> io::Result<Self> {
        Ok(Self(Arc::new(settings)))
    }

    /// Answers one operation of the JSON API.
    #[expect(clippy::unused_async, reason = "the interface of the real one")]
    pub async fn call(&self, operation: &str, _body: Bytes, base: &Base) -> http::Response<Body> {
        let answer = serde_json::json!({"operation": operation, "api": base.api});
        http::Response::new(Body::from(answer.to_string()))
    }

    /// Sets a scan's result.
    pub fn set_findings(
        &self,
        repository: &str,
        digest: &str,
        _body: Value,
        event: bool,
    ) -> Result<(), String> {
        if event {
            (self.0.raise)(serde_json::json!({
                "source": "aws.ecr", "detail-type": "ECR Image Scan",
                "detail": {"repository-name": repository, "image-digest": digest, "scan-status": "COMPLETE"},
            }));
        }
        Ok(())
    }
}
