//! The registry's HTTP API (OCI Distribution Specification, as far as ECR follows it) and the download host.
//! It speaks HTTP and nothing else: every rule is in `ecr`.

mod blobs;
mod error;
mod manifests;
mod path;
mod uploads;

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};

use self::error::Denial;
use self::path::{Kind, Target, query_value, target};
use crate::ecr::{Base, Ecr};

const API_VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// A registry request on its way through.
struct Call<'a> {
    ecr: &'a Ecr,
    base: &'a Base,
    query: &'a str,
    headers: &'a HeaderMap,
}

impl Call<'_> {
    fn query(&self, name: &str) -> Option<String> {
        query_value(self.query, name)
    }
}

/// `/v2/…` and the download host's `/_blobs/…`. `base` tells from a request's headers where the caller
/// reached us.
pub fn router(
    ecr: Ecr,
    base: impl Fn(&HeaderMap) -> Base + Clone + Send + Sync + 'static,
) -> Router {
    let downloads = ecr.clone();
    let registry = move |request: Request<Body>| {
        let (ecr, base) = (ecr.clone(), base(request.headers()));
        async move { answer(&ecr, &base, request).await }
    };
    let download = move |request: Request<Body>| {
        let response = blobs::download(&downloads, &request);
        async move { response }
    };
    Router::new()
        .route("/v2", any(registry.clone()))
        .route("/v2/", any(registry.clone()))
        .route("/v2/{*path}", any(registry))
        .route("/_blobs/{*path}", any(download))
}

async fn answer(ecr: &Ecr, base: &Base, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let call = Call {
        ecr,
        base,
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
    };
    let answer = match authorize(&call) {
        Ok(()) => route(&call, &head.method, head.uri.path(), body).await,
        Err(denial) => Err(denial),
    };
    let mut response = answer.unwrap_or_else(|denial| denial.response());
    response
        .headers_mut()
        .insert(API_VERSION, HeaderValue::from_static("registry/2.0"));
    response
}

/// Any credentials pass, none do not, and a token of ours that has expired is refused (ECR user guide,
/// "Private registry authentication").
fn authorize(call: &Call<'_>) -> Result<(), Denial> {
    let credentials = call
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let Some(basic) = credentials
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
    else {
        return Err(Denial::Unauthorized {
            realm: call.base.api.clone(),
        });
    };
    if call.ecr.is_expired(basic.1) {
        Err(Denial::TokenExpired)
    } else {
        Ok(())
    }
}

async fn route(
    call: &Call<'_>,
    method: &Method,
    path: &str,
    body: Body,
) -> Result<Response<Body>, Denial> {
    let Target {
        kind,
        repository,
        name,
    } = target(path).ok_or(Denial::NoSuchPage)?;
    let place = call.ecr.place(&repository);
    match (method.as_str(), kind) {
        ("GET" | "HEAD", Kind::Root) => Ok(Response::new(Body::empty())),
        ("POST", Kind::Uploads) => uploads::open(call, &place),
        ("GET", Kind::Upload) => uploads::status(call, &place, &name),
        ("PATCH", Kind::Upload) => uploads::patch(call, &place, &name, body).await,
        ("PUT", Kind::Upload) => uploads::finish(call, &place, &name, body).await,
        ("DELETE", Kind::Upload) => uploads::cancel(call, &place, &name),
        ("HEAD", Kind::Blob) => blobs::head(call, &place, &name),
        ("GET", Kind::Blob) => blobs::get(call, &place, &name),
        ("GET", Kind::Manifest) => manifests::get(call, &place, &name, false),
        ("HEAD", Kind::Manifest) => manifests::get(call, &place, &name, true),
        ("PUT", Kind::Manifest) => manifests::put(call, &place, &name, body).await,
        ("DELETE", Kind::Manifest) => manifests::delete(call, &place, &name),
        ("GET", Kind::Tags) => manifests::tags(call, &place),
        ("GET", Kind::Referrers) => manifests::referrers(call, &place, &name),
        _ => Err(Denial::Unsupported {
            method: method.to_string(),
        }),
    }
}

/// An answer with headers. Values come from what was checked before; one that no header can hold is left out.
fn respond(status: StatusCode, headers: &[(HeaderName, &str)], body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name.clone(), value);
        }
    }
    response
}
