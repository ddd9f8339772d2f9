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
    match serve(ecr, request) {
        Ok(response) => response,
        Err(error) => refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            &error.to_string(),
        ),
    }
}

fn serve(ecr: &Ecr, request: &Request<Body>) -> io::Result<Response<Body>> {
    let only_one = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified";
    if request.headers().contains_key(header::AUTHORIZATION) {
        return Ok(refuse(StatusCode::BAD_REQUEST, "InvalidArgument", only_one));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(refuse(
            StatusCode::FORBIDDEN,
            "SignatureDoesNotMatch",
            "The address is signed for GET",
        ));
    }
    // The signature covers the path as it was given out, a client may encode the colon of the digest.
    let Some(path) = decode(request.uri().path()) else {
        return Ok(refuse(
            StatusCode::BAD_REQUEST,
            "InvalidURI",
            "Couldn't parse the specified URI.",
        ));
    };
    match (Signed {
        path: &path,
        query: request.uri().query().unwrap_or_default(),
    })
    .check(ecr.now())
    {
        Err(Unsigned::Denied) => {
            return Ok(refuse(
                StatusCode::FORBIDDEN,
                "AccessDenied",
                "Access Denied",
            ));
        }
        Err(Unsigned::Expired) => {
            return Ok(refuse(
                StatusCode::FORBIDDEN,
                "AccessDenied",
                "Request has expired",
            ));
        }
        Ok(()) => {}
    }
    let digest = path.rsplit('/').next().unwrap_or_default();
    let Some(file) = ecr.blobs().read(digest)? else {
        return Ok(refuse(
            StatusCode::NOT_FOUND,
            "NoSuchKey",
            "The specified key does not exist.",
        ));
    };
    let range = request
        .headers()
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    send(file, range, request.method() == Method::HEAD)
}

fn send(mut file: File, range: Option<&str>, head: bool) -> io::Result<Response<Body>> {
    let size = file.metadata()?.len();
    let (status, first, length) = match range.map_or(Part::Whole, |range| part(range, size)) {
        Part::Whole => (StatusCode::OK, 0, size),
        Part::Some { first, length } => (StatusCode::PARTIAL_CONTENT, first, length),
        Part::Beyond => {
            let mut response = refuse(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "InvalidRange",
                "The requested range is not satisfiable",
            );
            let beyond = respond(
                response.status(),
                &[(header::CONTENT_RANGE, &format!("bytes */{size}"))],
                Body::empty(),
            );
            response.headers_mut().extend(beyond.headers().clone());
            return Ok(response);
        }
    };
    file.seek(SeekFrom::Start(first))?;
    let (length_text, range) = (
        length.to_string(),
        format!(
            "bytes {first}-{}/{size}",
            (first + length).saturating_sub(1)
        ),
    );
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

/// S3 answers XML.
fn refuse(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let text = message.replace('&', "&amp;").replace('<', "&lt;");
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{text}</Message></Error>"
    );
    respond(
        status,
        &[(header::CONTENT_TYPE, "application/xml")],
        Body::from(xml),
    )
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
