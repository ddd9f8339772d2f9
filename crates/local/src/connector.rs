//! The embedded AWS as an SDK's connector, without a socket.
//!
//! Enforces what a socket would: lengths are announced and kept, nothing answers under a name that does not exist, a
//! connection can break. Bodies stream both ways.

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use axum::body::Body;
use http::{
    HeaderValue, Method, Request, Response, Uri,
    header::{CONTENT_LENGTH, HOST},
};
use http_body::Body as _;

use crate::{
    Local,
    address::{BLOBS_HOST_IN_PROCESS, HOST_IN_PROCESS},
    measured::Measured,
    router,
};
use std::sync::atomic::Ordering;

/// Endings of names under which AWS is reached: in process they all lead here.
const AWS_DOMAINS: [&str; 4] = [".amazonaws.com", ".amazonaws.com.cn", ".on.aws", ".api.aws"];

/// Calls a [`Local`] in place of the network. Does not keep it alive: a function that the `Local` holds may hold
/// this, and a server that is gone refuses connections.
pub(crate) struct Connector(pub(crate) std::sync::Weak<crate::Inner>);

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let local = self.0.upgrade().map(Local);
        HttpConnectorFuture::new(async move {
            match local {
                Some(local) => answer(&local, request).await,
                None => Err(io("connection refused: the embedded AWS is gone")),
            }
        })
    }
}

fn io(message: impl Into<String>) -> ConnectorError {
    ConnectorError::io(std::io::Error::other(message.into()).into())
}

async fn answer(local: &Local, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|it| ConnectorError::user(it.into()))?;
    let (mut parts, body) = request.into_parts();
    let host = resolve(&parts.uri)?;
    parts.headers.insert(HOST, HeaderValue::from_static(host));
    let length = length_of(&parts, &body)?;
    if let Some(length) = length {
        parts
            .headers
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    let body = Measured::new(Body::new(body), Some(length.unwrap_or(0)));
    let broken = body.broken();
    let head = parts.method == Method::HEAD;
    let answer = router::answer(local, Request::from_parts(parts, Body::new(body))).await;
    if broken.load(Ordering::Relaxed) {
        return Err(io(
            "the request's body is not as long as its Content-Length says",
        ));
    }
    let response = answer.map_err(|_| io("connection reset"))?;
    HttpResponse::try_from(seal(response, head))
        .map_err(|it| ConnectorError::other(it.into(), None))
}

/// The name under which the request arrives; AWS's own names arrive as the one address that there is.
fn resolve(uri: &Uri) -> Result<&'static str, ConnectorError> {
    let host = uri.host().unwrap_or_default();
    if host == BLOBS_HOST_IN_PROCESS {
        Ok(BLOBS_HOST_IN_PROCESS)
    } else if host == HOST_IN_PROCESS || AWS_DOMAINS.iter().any(|it| host.ends_with(it)) {
        Ok(HOST_IN_PROCESS)
    } else {
        Err(io(format!("cannot resolve the host name \"{host}\"")))
    }
}

/// The length that the request tells. As an HTTP client does, a body of known size tells it by itself.
fn length_of(parts: &http::request::Parts, body: &SdkBody) -> Result<Option<u64>, ConnectorError> {
    let known = body.size_hint().exact();
    let told = match parts.headers.get(CONTENT_LENGTH) {
        None => None,
        Some(value) => {
            let value = value.to_str().ok().and_then(|it| it.parse::<u64>().ok());
            Some(value.ok_or_else(|| io("the Content-Length is not a number"))?)
        }
    };
    match (told, known) {
        (Some(told), Some(known)) if told != known => Err(io(format!(
            "the Content-Length is {told}, the body has {known} bytes"
        ))),
        (Some(told), _) => Ok(Some(told)),
        (None, Some(0)) if !matches!(parts.method, Method::POST | Method::PUT | Method::PATCH) => {
            Ok(None)
        }
        (None, Some(known)) => Ok(Some(known)),
        (None, None) => Err(io(
            "the request has a body of unknown length and no Content-Length",
        )),
    }
}

/// The response as it would come off a socket.
fn seal(response: Response<Body>, head: bool) -> Response<SdkBody> {
    let (mut parts, body) = response.into_parts();
    let bodiless =
        head || parts.status.is_informational() || matches!(parts.status.as_u16(), 204 | 304);
    let told = parts.headers.get(CONTENT_LENGTH);
    let told = told.and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
    if bodiless {
        return Response::from_parts(parts, SdkBody::empty());
    }
    let length = told.or(body.size_hint().exact());
    if let Some(length) = length {
        parts
            .headers
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, SdkBody::from_body_1_x(Measured::new(body, length)))
}

#[cfg(test)]
mod tests;
