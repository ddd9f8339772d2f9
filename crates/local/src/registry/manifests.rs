//! Manifests, tags and referrers over HTTP.

use axum::body::Body;
use http::{HeaderName, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};

use super::error::Denial;
use super::{CONTENT_DIGEST, Call, respond};
use crate::ecr::error::{Place, Refusal};
use crate::ecr::manifest::{MANIFEST_BYTES_MAX, Manifest, OCI_INDEX};
use crate::ecr::names::{invalid_digest, is_digest};
use crate::ecr::request::ImageId;
use crate::ecr::{Push, sha256};

const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");
const FILTERS_APPLIED: HeaderName = HeaderName::from_static("oci-filters-applied");
/// Tags of a page where no number is asked for, and at most (observed of ECR).
const TAGS_DEFAULT: usize = 100;
const TAGS_MAX: usize = 1000;

/// The stored bytes, whatever `Accept` says: nothing is converted.
pub(super) fn get(
    call: &Call<'_>,
    place: &Place,
    reference: &str,
    head: bool,
) -> Result<Response<Body>, Denial> {
    let stored = call.ecr.stored(place, &image_id(reference))?;
    let length = stored.text.len().to_string();
    let headers = [
        (header::CONTENT_TYPE, stored.media_type.as_str()),
        (header::CONTENT_LENGTH, &length),
        (CONTENT_DIGEST, &stored.digest),
    ];
    let body = if head {
        Body::empty()
    } else {
        Body::from(stored.text.to_string())
    };
    Ok(respond(StatusCode::OK, &headers, body))
}

/// A manifest that is already there is not an error over HTTP. A push by digest gets no `Location`.
pub(super) async fn put(
    call: &Call<'_>,
    place: &Place,
    reference: &str,
    body: Body,
) -> Result<Response<Body>, Denial> {
    let text = read(body).await?;
    let media_type = call
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let id = image_id(reference);
    let push = Push {
        place,
        text: &text,
        media_type,
        tag: id.tag.as_deref(),
        digest: id.digest.as_deref(),
    };
    let (digest, subject) = match call.ecr.push(&push) {
        Ok(pushed) => (pushed.digest, pushed.manifest.subject),
        Err(Refusal::ImageAlreadyExists { .. }) => {
            let subject = Manifest::read(&text, media_type)?.subject;
            (sha256(text.as_bytes()), subject)
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let location = format!(
        "{}/v2/{}/manifests/{digest}",
        call.base.api, place.repository
    );
    let mut headers = vec![(CONTENT_DIGEST, digest.as_str())];
    headers.extend(
        id.tag
            .as_ref()
            .map(|_| (header::LOCATION, location.as_str())),
    );
    headers.extend(subject.as_deref().map(|subject| (SUBJECT, subject)));
    Ok(respond(StatusCode::CREATED, &headers, Body::empty()))
}

/// By digest alone: whether ECR deletes by tag over HTTP is not documented.
pub(super) fn delete(
    call: &Call<'_>,
    place: &Place,
    reference: &str,
) -> Result<Response<Body>, Denial> {
    if !is_digest(reference) {
        return Err(Denial::Unsupported {
            method: "DELETE by tag".to_owned(),
        });
    }
    call.ecr.delete_image(place, reference)?;
    Ok(respond(StatusCode::ACCEPTED, &[], Body::empty()))
}

async fn read(body: Body) -> Result<String, Denial> {
    let bytes = Limited::new(body, MANIFEST_BYTES_MAX)
        .collect()
        .await
        .map_err(|cause| {
            if cause.is::<http_body_util::LengthLimitError>() {
                Denial::Ecr(Refusal::parameter(
                    "imageManifest",
                    format!("length must be between 1 and {MANIFEST_BYTES_MAX}"),
                ))
            } else {
                Denial::BodyBroken {
                    received: 0,
                    cause: cause.to_string(),
                }
            }
        })?;
    String::from_utf8(bytes.to_bytes().into())
        .map_err(|_| Denial::Ecr(Refusal::parameter("ImageManifest", "Invalid JSON syntax")))
}

fn image_id(reference: &str) -> ImageId {
    let text = Some(reference.to_owned());
    if reference.contains(':') {
        ImageId {
            digest: text,
            tag: None,
        }
    } else {
        ImageId {
            digest: None,
            tag: text,
        }
    }
}

/// JSON that calls itself text, an absolute `Link`, an opaque `last`, and no order: as ECR
/// answers it.
pub(super) fn tags(call: &Call<'_>, place: &Place) -> Result<Response<Body>, Denial> {
    let wrong = |at: &str, constraint: &str| Denial::Ecr(Refusal::parameter(at, constraint));
    let size = match call.query("n").map(|n| n.parse::<usize>()) {
        None => TAGS_DEFAULT,
        Some(Ok(0)) => {
            return Err(wrong(
                "maxResults",
                "Member must have value greater than or equal to 1",
            ));
        }
        Some(Ok(size)) if size <= TAGS_MAX => size,
        Some(Ok(_)) => {
            return Err(wrong(
                "maxResults",
                "Member must have value less than or equal to 1000",
            ));
        }
        Some(Err(_)) => return Err(wrong("maxResults", "Member must be a number")),
    };
    let (tags, next) = call.ecr.tags(place, call.query("last").as_deref(), size)?;
    let link = next.map(|next| {
        format!(
            "<{}/v2/{}/tags/list?last={next}&n={size}>; rel=\"next\"",
            call.base.api, place.repository
        )
    });
    let mut headers = vec![(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    headers.extend(link.as_deref().map(|link| (header::LINK, link)));
    let body = serde_json::json!({"name": place.repository, "tags": tags}).to_string();
    Ok(respond(StatusCode::OK, &headers, Body::from(body)))
}

pub(super) fn referrers(
    call: &Call<'_>,
    place: &Place,
    subject: &str,
) -> Result<Response<Body>, Denial> {
    if !is_digest(subject) {
        return Err(Denial::Ecr(invalid_digest("imageDigest")));
    }
    let kind = call.query("artifactType");
    let index = call.ecr.referrers_index(place, subject, kind.as_deref())?;
    let mut headers = vec![(header::CONTENT_TYPE, OCI_INDEX)];
    headers.extend(kind.as_ref().map(|_| (FILTERS_APPLIED, "artifactType")));
    Ok(respond(
        StatusCode::OK,
        &headers,
        Body::from(index.to_string()),
    ))
}
