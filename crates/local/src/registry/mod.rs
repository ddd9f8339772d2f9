//! Placeholder of the registry's HTTP API.

use axum::{Router, body::Body, extract::Request, response::Response};
use http::HeaderMap;

use crate::ecr::{Base, Ecr};

/// Answers `/v2/…` and `/_blobs/…`: here it says back the size of what it got.
pub fn router(
    _ecr: Ecr,
    base: impl Fn(&HeaderMap) -> Base + Clone + Send + Sync + 'static,
) -> Router {
    Router::new().fallback(move |request: Request| {
        let base = base(request.headers());
        async move {
            match axum::body::to_bytes(request.into_body(), 1 << 20).await {
                Ok(body) => Response::builder()
                    .header("x-blobs", base.blobs)
                    .body(Body::from(body.len().to_string()))
                    .unwrap_or_default(),
                Err(_) => Response::builder()
                    .status(400)
                    .body(Body::empty())
                    .unwrap_or_default(),
            }
        }
    })
}
