//! What ECR refuses, in ECR's own exception names and words. Must not know HTTP's registry codes
//! (`registry::error` maps them).

use axum::body::Body;
use http::{Response, StatusCode, header};
use serde_json::{Value, json};
use thiserror::Error;

use super::request::ImageId;

/// The content type of every answer of the JSON API.
const JSON: &str = "application/x-amz-json-1.1";

/// A repository of a registry, as the messages name it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) repository: String,
    pub(crate) account: String,
}

/// A refused call: an exception of the ECR API Reference ("Errors" of each action).
#[derive(Debug, Error)]
pub(crate) enum Refusal {
    #[error("Invalid parameter at '{at}' failed to satisfy constraint: '{constraint}'")]
    InvalidParameter { at: String, constraint: String },
    #[error("the operation \"{operation}\" is not supported here")]
    UnknownOperation { operation: String },
    #[error("{cause}")]
    Serialization { cause: String },
    #[error("The repository with name '{}' does not exist in the registry with id '{}'", .0.repository, .0.account)]
    RepositoryNotFound(Place),
    #[error("The repository with name '{}' already exists in the registry with id '{}'", .0.repository, .0.account)]
    RepositoryAlreadyExists(Place),
    #[error("Invalid tag: {what}")]
    InvalidTag { what: String },
    #[error("A repository has at most {most} tags")]
    TooManyTags { most: usize },
    #[error("The repository with name '{}' in registry with id '{}' cannot be deleted because it still contains images", .0.repository, .0.account)]
    RepositoryNotEmpty(Place),
    #[error("The image with imageId {id} does not exist within the repository with name '{}' in the registry with id '{}'", .place.repository, .place.account)]
    ImageNotFound { id: ImageId, place: Place },
    #[error("Image with digest '{digest}' and tag '{tag}' already exists in the repository with name '{}' in registry with id '{}'", .place.repository, .place.account)]
    ImageAlreadyExists {
        digest: String,
        tag: String,
        place: Place,
    },
    #[error(
        "The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because the tag is immutable."
    )]
    ImageTagAlreadyExists { tag: String, repository: String },
    #[error("Image digest '{given}' does not match the digest '{computed}' of the manifest")]
    ImageDigestDoesNotMatch { given: String, computed: String },
    #[error("Layers with digests '[{}]' required for pushing image into repository with name '{}' in the registry with id '{}' do not exist", .digests.join(", "), .place.repository, .place.account)]
    LayersNotFound { digests: Vec<String>, place: Place },
    #[error("The layer with digest '{digest}' does not exist in the repository with name '{}' in the registry with id '{}'", .place.repository, .place.account)]
    LayerNotFound { digest: String, place: Place },
    #[error("The layer with digest '{digest}' in the repository with name '{}' is not available: {why}", .place.repository)]
    LayerInaccessible {
        digest: String,
        why: &'static str,
        place: Place,
    },
    #[error("Images with digests '[{}]' required for pushing image into repository with name '{}' in the registry with id '{}' do not exist", .digests.join(", "), .place.repository, .place.account)]
    ReferencedImagesNotFound { digests: Vec<String>, place: Place },
    #[error("{what}")]
    LimitExceeded { what: String },
    #[error("The upload with id '{upload}' does not exist in the repository with name '{}' in the registry with id '{}'", .place.repository, .place.account)]
    UploadNotFound { upload: String, place: Place },
    #[error("Layer part of upload '{upload}' is not valid: {why}")]
    InvalidLayerPart {
        upload: String,
        why: String,
        last_valid_byte: Option<u64>,
        place: Place,
    },
    #[error("Layer part is too small: every part but the last has at least {minimum} bytes")]
    LayerPartTooSmall { minimum: u64 },
    #[error("The upload with id '{upload}' holds no bytes")]
    EmptyUpload { upload: String },
    #[error(
        "The layer's digest '{given}' does not match the uploaded bytes, which have '{computed}'"
    )]
    InvalidLayer { given: String, computed: String },
    #[error("The layer with digest '{digest}' already exists in the repository with name '{}' in the registry with id '{}'", .place.repository, .place.account)]
    LayerAlreadyExists { digest: String, place: Place },
    #[error("Image scan does not exist for the image with '{id}' in the repository with name '{}' in the registry with id '{}'", .place.repository, .place.account)]
    ScanNotFound { id: ImageId, place: Place },
    #[error("An artifact with media type '{media_type}' cannot be scanned")]
    UnsupportedImageType { media_type: String },
    #[error("The image with imageId {id} is archived; restore it first")]
    ImageArchived { id: ImageId },
    #[error(
        "The storage class of the image with imageId {id} cannot be updated: it is {status} already"
    )]
    StorageClassUpdateNotSupported { id: ImageId, status: &'static str },
    #[error("cannot keep the change on disk: {0}")]
    Server(#[from] std::io::Error),
}

impl Refusal {
    /// A parameter that breaks a constraint of the API Reference.
    pub(crate) fn parameter(at: &str, constraint: impl Into<String>) -> Self {
        Self::InvalidParameter {
            at: at.to_owned(),
            constraint: constraint.into(),
        }
    }

    /// The exception's name, as `__type` carries it.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::InvalidParameter { .. } => "InvalidParameterException",
            Self::UnknownOperation { .. } => "UnknownOperationException",
            Self::Serialization { .. } => "SerializationException",
            Self::RepositoryNotFound(_) => "RepositoryNotFoundException",
            Self::RepositoryAlreadyExists(_) => "RepositoryAlreadyExistsException",
            Self::InvalidTag { .. } => "InvalidTagParameterException",
            Self::TooManyTags { .. } => "TooManyTagsException",
            Self::RepositoryNotEmpty(_) => "RepositoryNotEmptyException",
            Self::ImageNotFound { .. } => "ImageNotFoundException",
            Self::ImageAlreadyExists { .. } => "ImageAlreadyExistsException",
            Self::ImageTagAlreadyExists { .. } => "ImageTagAlreadyExistsException",
            Self::ImageDigestDoesNotMatch { .. } => "ImageDigestDoesNotMatchException",
            Self::LayersNotFound { .. } | Self::LayerNotFound { .. } => "LayersNotFoundException",
            Self::LayerInaccessible { .. } => "LayerInaccessibleException",
            Self::ReferencedImagesNotFound { .. } => "ReferencedImagesNotFoundException",
            Self::LimitExceeded { .. } => "LimitExceededException",
            Self::UploadNotFound { .. } => "UploadNotFoundException",
            Self::InvalidLayerPart { .. } => "InvalidLayerPartException",
            Self::LayerPartTooSmall { .. } => "LayerPartTooSmallException",
            Self::EmptyUpload { .. } => "EmptyUploadException",
            Self::InvalidLayer { .. } => "InvalidLayerException",
            Self::LayerAlreadyExists { .. } => "LayerAlreadyExistsException",
            Self::ScanNotFound { .. } => "ScanNotFoundException",
            Self::UnsupportedImageType { .. } => "UnsupportedImageTypeException",
            Self::ImageArchived { .. } => "ImageArchivedException",
            Self::StorageClassUpdateNotSupported { .. } => {
                "ImageStorageClassUpdateNotSupportedException"
            }
            Self::Server(_) => "ServerException",
        }
    }

    /// The answer of the JSON API: 400 for every refusal, 500 where the fault is the server's.
    pub(crate) fn response(&self) -> Response<Body> {
        let status = if matches!(self, Self::Server(_)) {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::BAD_REQUEST
        };
        answer(status, &self.body())
    }

    fn body(&self) -> Value {
        let mut body = json!({"__type": self.code(), "message": self.to_string()});
        if let Self::InvalidLayerPart {
            upload,
            last_valid_byte,
            place,
            ..
        } = self
        {
            let members = json!({
                "registryId": place.account, "repositoryName": place.repository, "uploadId": upload,
                "lastValidByteReceived": last_valid_byte,
            });
            if let (Value::Object(body), Value::Object(members)) = (&mut body, members) {
                // Nothing received yet: the member is absent, as every member without a value is.
                body.extend(members.into_iter().filter(|(_, value)| !value.is_null()));
            }
        }
        body
    }
}

/// One answer of the JSON API.
pub(crate) fn answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, http::HeaderValue::from_static(JSON));
    response
}
