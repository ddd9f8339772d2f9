//! Blobs in: POST opens an upload or mounts, PATCH and PUT bring the bytes, streamed.

use axum::body::Body;
use http::{HeaderName, Response, StatusCode, header};
use http_body_util::BodyExt;

use super::error::Denial;
use super::{CONTENT_DIGEST, Call, respond};
use crate::ecr::error::Place;
use crate::ecr::sha256;
use crate::ecr::state::Upload;
use crate::ecr::uploads::{PART_BYTES, Writer};

const UPLOAD_ID: HeaderName = HeaderName::from_static("docker-upload-uuid");
const CHUNK_MIN: HeaderName = HeaderName::from_static("oci-chunk-min-length");
/// The query that a Location carries; a client has to keep it.
const STATE: &str = "_state";

/// A mount that ECR does not do is not an error: the answer is that of an opened upload.
pub(super) fn open(call: &Call<'_>, place: &Place) -> Result<Response<Body>, Denial> {
    if let Some(digest) = call.query("mount")
        && call
            .ecr
            .mount(place, call.query("from").as_deref(), &digest)?
    {
        return Ok(created(call, place, &digest));
    }
    let id = call.ecr.open_upload(place)?;
    Ok(accepted(call, place, &id, StatusCode::ACCEPTED, "0-0"))
}

pub(super) fn status(call: &Call<'_>, place: &Place, id: &str) -> Result<Response<Body>, Denial> {
    check_state(call, id)?;
    let upload = call.ecr.upload(place, id)?;
    Ok(accepted(
        call,
        place,
        id,
        StatusCode::NO_CONTENT,
        &sticky_range(&upload),
    ))
}

pub(super) fn cancel(call: &Call<'_>, place: &Place, id: &str) -> Result<Response<Body>, Denial> {
    check_state(call, id)?;
    call.ecr.close_upload(place, id)?;
    Ok(respond(StatusCode::NO_CONTENT, &[], Body::empty()))
}

/// ECR answers a chunk with 201, not 202, and with a `Range` that stays at the first chunk.
pub(super) async fn patch(
    call: &Call<'_>,
    place: &Place,
    id: &str,
    body: Body,
) -> Result<Response<Body>, Denial> {
    check_state(call, id)?;
    let session = call.ecr.session(place, id)?;
    let mut writer = session.writer(call.ecr, place, id).await?;
    let next = writer.upload().received;
    if let Some(first) = first_byte(call)
        && first != next
    {
        return Err(Denial::RangeInvalid { next });
    }
    receive(call, &mut writer, body).await?;
    // An empty chunk is not a part.
    let upload = if writer.pending() == 0 {
        writer.upload().clone()
    } else {
        writer.acknowledge(PART_BYTES)?
    };
    Ok(accepted(
        call,
        place,
        id,
        StatusCode::CREATED,
        &sticky_range(&upload),
    ))
}

/// Takes what is left of the blob and checks the whole against its digest. A blob that is there already is
/// taken again.
pub(super) async fn finish(
    call: &Call<'_>,
    place: &Place,
    id: &str,
    body: Body,
) -> Result<Response<Body>, Denial> {
    check_state(call, id)?;
    let digest = call.query("digest").unwrap_or_default();
    let session = call.ecr.session(place, id)?;
    let mut writer = session.writer(call.ecr, place, id).await?;
    receive(call, &mut writer, body).await?;
    writer.finish(&digest, PART_BYTES)?;
    Ok(created(call, place, &digest))
}

/// Writes the body as it comes. A body that breaks off, or is not as long as its Content-Length says, leaves
/// the upload as it was.
async fn receive(call: &Call<'_>, writer: &mut Writer<'_>, mut body: Body) -> Result<(), Denial> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|cause| Denial::BodyBroken {
            received: writer.pending(),
            cause: cause.to_string(),
        })?;
        if let Some(data) = frame.data_ref() {
            writer.write(data)?;
        }
    }
    let announced = call
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match announced {
        Some(announced) if announced != writer.pending() => Err(Denial::BodyBroken {
            received: writer.pending(),
            cause: format!("{announced} were announced"),
        }),
        _ => Ok(()),
    }
}

/// Where a chunk says that it begins.
fn first_byte(call: &Call<'_>) -> Option<u64> {
    let range = call.headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    range
        .strip_prefix("bytes ")
        .unwrap_or(range)
        .split_once('-')?
        .0
        .parse()
        .ok()
}

fn sticky_range(upload: &Upload) -> String {
    format!("0-{}", upload.first_part.saturating_sub(1))
}

fn state(id: &str) -> String {
    sha256(id.as_bytes())
        .trim_start_matches("sha256:")
        .chars()
        .take(32)
        .collect()
}

fn check_state(call: &Call<'_>, id: &str) -> Result<(), Denial> {
    if call.query(STATE) == Some(state(id)) {
        Ok(())
    } else {
        Err(Denial::LocationIncomplete)
    }
}

fn accepted(
    call: &Call<'_>,
    place: &Place,
    id: &str,
    status: StatusCode,
    range: &str,
) -> Response<Body> {
    let location = format!(
        "{}/v2/{}/blobs/uploads/{id}?{STATE}={}",
        call.base.api,
        place.repository,
        state(id)
    );
    let minimum = PART_BYTES.to_string();
    let headers = [
        (header::LOCATION, location.as_str()),
        (header::RANGE, range),
        (UPLOAD_ID, id),
        (CHUNK_MIN, &minimum),
    ];
    respond(status, &headers, Body::empty())
}

fn created(call: &Call<'_>, place: &Place, digest: &str) -> Response<Body> {
    let location = format!("{}/v2/{}/blobs/{digest}", call.base.api, place.repository);
    respond(
        StatusCode::CREATED,
        &[(header::LOCATION, &location), (CONTENT_DIGEST, digest)],
        Body::empty(),
    )
}
