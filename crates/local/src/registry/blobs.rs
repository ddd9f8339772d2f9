//! Blobs out: HEAD and the redirect at the registry, the bytes at the download host, which stands for S3.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Method, Request, Response, StatusCode, header};

use super::error::Denial;
use super::path::decode;
use super::{CONTENT_DIGEST, Call, respond};
use crate::ecr::error::Place;
use crate::ecr::{Ecr, Signed, Unsigned};

/// Bytes in one chunk of a download.
const CHUNK_BYTES: usize = 256 * 1024;
const BINARY: &str = "application/octet-stream";
const XML: &str = "application/xml";
/// S3's own sentence.
const ONE_MECHANISM: &str = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified";

pub(super) fn head(call: &Call<'_>, place: &Place, digest: &str) -> Result<Response<Body>, Denial> {
    let size = size(call, place, digest)?;
    let headers = [
        (header::CONTENT_LENGTH, size.as_str()),
        (header::CONTENT_TYPE, BINARY),
        (CONTENT_DIGEST, digest),
    ];
    Ok(respond(StatusCode::OK, &headers, Body::empty()))
}

/// The bytes are on another host, which wants no credentials (ECR redirects to S3). Over HTTP a blob that no
/// manifest names is readable too.
pub(super) fn get(call: &Call<'_>, place: &Place, digest: &str) -> Result<Response<Body>, Denial> {
    size(call, place, digest)?;
    let url = Signed::url(&call.base.blobs, &place.repository, digest, call.ecr.now());
    let headers = [(header::LOCATION, url.as_str()), (CONTENT_DIGEST, digest)];
    Ok(respond(
        StatusCode::TEMPORARY_REDIRECT,
        &headers,
        Body::empty(),
    ))
}

fn size(call: &Call<'_>, place: &Place, digest: &str) -> Result<String, Denial> {
    let size = call.ecr.layer_size(place, digest)?;
    size.map(|size| size.to_string())
        .ok_or_else(|| Denial::BlobUnknown {
            digest: digest.to_owned(),
        })
}

/// One request at the download host.
pub(super) fn download(ecr: &Ecr, request: &Request<Body>) -> Response<Body> {
    let served = match digest(ecr, request) {
        Ok(digest) => ecr.blobs().read(&digest),
        Err(refusal) => return refusal,
    };
    let range = request
        .headers()
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    match served {
        Ok(Some(file)) => {
            send(file, range, request.method() == Method::HEAD).unwrap_or_else(|error| {
                refuse(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "InternalError",
                    &error.to_string(),
                )
            })
        }
        Ok(None) => refuse(
            StatusCode::NOT_FOUND,
            "NoSuchKey",
            "The specified key does not exist.",
        ),
        Err(error) => refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            &error.to_string(),
        ),
    }
}

/// Whose bytes a signed address permits to read.
#[expect(
    clippy::result_large_err,
    reason = "both are the answer, and it is built once"
)]
fn digest(ecr: &Ecr, request: &Request<Body>) -> Result<String, Response<Body>> {
    let denied = |reason| refuse(StatusCode::FORBIDDEN, "AccessDenied", reason);
    if request.headers().contains_key(header::AUTHORIZATION) {
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            "InvalidArgument",
            ONE_MECHANISM,
        ));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(denied("The address is signed for GET"));
    }
    // The signature covers the path as it was given out; a client may have encoded the digest's colon.
    let path = decode(request.uri().path()).ok_or_else(|| denied("The path is not readable"))?;
    let signed = Signed {
        path: &path,
        query: request.uri().query().unwrap_or_default(),
    };
    match signed.check(ecr.now()) {
        Ok(()) => Ok(path.rsplit('/').next().unwrap_or_default().to_owned()),
        Err(Unsigned::Denied) => Err(denied("Access Denied")),
        Err(Unsigned::Expired) => Err(denied("Request has expired")),
    }
}

fn send(mut file: File, range: Option<&str>, head: bool) -> io::Result<Response<Body>> {
    let size = file.metadata()?.len();
    let (status, first, length) = match range.map_or(Part::Whole, |range| part(range, size)) {
        Part::Whole => (StatusCode::OK, 0, size),
        Part::Some { first, length } => (StatusCode::PARTIAL_CONTENT, first, length),
        Part::Beyond => {
            let headers = [
                (header::CONTENT_RANGE, &*format!("bytes */{size}")),
                (header::CONTENT_TYPE, XML),
            ];
            let body = error("InvalidRange", "The requested range is not satisfiable");
            return Ok(respond(StatusCode::RANGE_NOT_SATISFIABLE, &headers, body));
        }
    };
    file.seek(SeekFrom::Start(first))?;
    let (length_text, last) = (length.to_string(), (first + length).saturating_sub(1));
    let range = format!("bytes {first}-{last}/{size}");
    let mut headers = vec![
        (header::CONTENT_LENGTH, length_text.as_str()),
        (header::CONTENT_TYPE, BINARY),
        (header::ACCEPT_RANGES, "bytes"),
    ];
    if status == StatusCode::PARTIAL_CONTENT {
        headers.push((header::CONTENT_RANGE, &range));
    }
    let body = if head {
        Body::empty()
    } else {
        chunks(file, length)
    };
    Ok(respond(status, &headers, body))
}

/// Fused: it may be polled again after its end.
fn chunks(file: File, length: u64) -> Body {
    let chunks = stream::try_unfold((file, length), |(mut file, left)| async move {
        let wanted = usize::try_from(left)
            .unwrap_or(CHUNK_BYTES)
            .min(CHUNK_BYTES);
        if wanted == 0 {
            return Ok::<_, io::Error>(None);
        }
        let mut chunk = vec![0; wanted];
        file.read_exact(&mut chunk)?;
        Ok(Some((Bytes::from(chunk), (file, left - wanted as u64))))
    });
    Body::from_stream(chunks.fuse())
}

/// What a `Range` header asks for (RFC 9110, section 14).
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Also for a header that cannot be read, and for several ranges: S3 then ignores it.
    Whole,
    Some {
        first: u64,
        length: u64,
    },
    Beyond,
}

fn part(range: &str, size: u64) -> Part {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Part::Whole;
    };
    let (first, last) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.min(size.saturating_sub(1))),
        (Ok(first), Err(_)) if last.is_empty() => (first, size.saturating_sub(1)),
        (Err(_), Ok(0)) if first.is_empty() => return Part::Beyond,
        (Err(_), Ok(suffix)) if first.is_empty() => {
            (size.saturating_sub(suffix), size.saturating_sub(1))
        }
        _ => return Part::Whole,
    };
    if first >= size {
        Part::Beyond
    } else {
        Part::Some {
            first,
            length: last - first + 1,
        }
    }
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    respond(status, &[(header::CONTENT_TYPE, XML)], error(code, message))
}

/// S3 answers XML.
fn error(code: &str, message: &str) -> Body {
    let text = message.replace('&', "&amp;").replace('<', "&lt;");
    Body::from(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{text}</Message></Error>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_has_them() {
        let some = |first, length| Part::Some { first, length };
        for (range, read) in [
            ("bytes=0-0", some(0, 1)),
            ("bytes=2-", some(2, 8)),
            ("bytes=2-99", some(2, 8)),
            ("bytes=-3", some(7, 3)),
            ("bytes=-99", some(0, 10)),
            ("bytes=10-", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=3-2", Part::Whole),
            ("bytes=0-1,4-5", Part::Whole),
            ("lines=1-2", Part::Whole),
        ] {
            assert_eq!(part(range, 10), read, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), Part::Beyond);
    }
}
