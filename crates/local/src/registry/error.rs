//! Refusals in the registry's words: `{"errors": [{"code", "message"}]}` (OCI Distribution Specification,
//! "Error codes"), with the statuses that ECR chooses, which are not always the specification's.

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;
use thiserror::Error;

use crate::ecr::error::Refusal;

/// A refused registry request.
#[derive(Debug, Error)]
pub(super) enum Denial {
    #[error(transparent)]
    Ecr(#[from] Refusal),
    #[error("Not Authorized")]
    Unauthorized { realm: String },
    #[error("Your authorization token has expired. Reauthenticate and try again.")]
    TokenExpired,
    #[error("blob \"{digest}\" unknown to registry")]
    BlobUnknown { digest: String },
    #[error("the upload's address lacks the state that its Location had")]
    LocationIncomplete,
    #[error("the chunk does not begin at byte {next}")]
    RangeInvalid { next: u64 },
    #[error("the body ended after {received} bytes: {cause}")]
    BodyBroken { received: u64, cause: String },
    #[error("the {method} method is not supported here")]
    Unsupported { method: String },
    #[error("page not found")]
    NoSuchPage,
}

impl Denial {
    /// ECR has 405 for a bad parameter, and 403 also for a repository at its limit.
    fn meaning(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Ecr(refusal) => meaning(refusal),
            Self::Unauthorized { .. } => (StatusCode::UNAUTHORIZED, "UNAUTHORIZED"),
            Self::TokenExpired => (StatusCode::FORBIDDEN, "DENIED"),
            Self::BlobUnknown { .. } => (StatusCode::NOT_FOUND, "BLOB_UNKNOWN"),
            Self::LocationIncomplete => (StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN"),
            Self::RangeInvalid { .. } => (StatusCode::RANGE_NOT_SATISFIABLE, "BLOB_UPLOAD_INVALID"),
            Self::BodyBroken { .. } => (StatusCode::BAD_REQUEST, "BLOB_UPLOAD_INVALID"),
            Self::Unsupported { .. } => (StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED"),
            Self::NoSuchPage => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        }
    }

    pub(super) fn response(&self) -> Response<Body> {
        let (status, code) = self.meaning();
        // What lies outside the registry's paths is answered as plain text, the 401 too.
        let plain = matches!(self, Self::Unauthorized { .. } | Self::NoSuchPage);
        let (body, kind) = if plain {
            (self.to_string(), "text/plain; charset=utf-8")
        } else {
            (
                json!({"errors": [{"code": code, "message": self.to_string()}]}).to_string(),
                "application/json; charset=utf-8",
            )
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Self::Unauthorized { realm } = self {
            let challenge = format!("Basic realm=\"{realm}/\",service=\"ecr.amazonaws.com\"");
            if let Ok(challenge) = HeaderValue::from_str(&challenge) {
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, challenge);
            }
        }
        response
    }
}

fn meaning(refusal: &Refusal) -> (StatusCode, &'static str) {
    match refusal {
        Refusal::RepositoryNotFound(_) => (StatusCode::NOT_FOUND, "NAME_UNKNOWN"),
        Refusal::ImageNotFound { .. } => (StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN"),
        Refusal::LayersNotFound { .. } | Refusal::ReferencedImagesNotFound { .. } => {
            (StatusCode::NOT_FOUND, "MANIFEST_BLOB_UNKNOWN")
        }
        Refusal::UploadNotFound { .. } => (StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN"),
        Refusal::ImageTagAlreadyExists { .. } => (StatusCode::BAD_REQUEST, "TAG_INVALID"),
        Refusal::ImageDigestDoesNotMatch { .. } | Refusal::InvalidLayer { .. } => {
            (StatusCode::BAD_REQUEST, "DIGEST_INVALID")
        }
        Refusal::EmptyUpload { .. }
        | Refusal::LayerPartTooSmall { .. }
        | Refusal::InvalidLayerPart { .. } => (StatusCode::BAD_REQUEST, "BLOB_UPLOAD_INVALID"),
        Refusal::LimitExceeded { .. } | Refusal::ImageArchived { .. } => {
            (StatusCode::FORBIDDEN, "DENIED")
        }
        Refusal::Server(_) => (StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN"),
        _ => (StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED"),
    }
}
