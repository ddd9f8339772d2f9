//! The registry's HTTP API, as far as a promotion needs it: mounting a blob, and starting and
//! finishing a monolithic upload. Manifests, availability and download URLs go by the JSON API.
//!
//! The token is sent to the registry's own host and to no other: not to a `Location` elsewhere,
//! not to the storage that downloads redirect to.

use std::time::Duration;

use aws_smithy_runtime_api::client::{
    http::HttpConnector as _,
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use ecr_promoter_core::{Digest, Registry, Repository};
use futures_util::future::{Either, select};
use http_body_util::BodyExt as _;

use super::token::{Tokens, origin};
use crate::{
    aws::Aws,
    failure::{Failure, Remedy, chain},
};

/// How long a request without a body waits for the head of its answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// At most so much of an error's body is read.
const ERROR_BODY_MAX: usize = 64 * 1024;

/// What a registry answered to a mount.
#[derive(Debug, PartialEq, Eq)]
pub enum Mount {
    /// The blob is in the repository now: 201.
    Mounted,
    /// It is not; the registry opened an upload at this address instead: 202.
    NotMounted(Location),
}

/// Where an upload is to be finished: an address on the registry's own host.
#[derive(Debug, PartialEq, Eq)]
pub struct Location(String);

/// The registry's HTTP API, with its token.
#[derive(Clone)]
pub struct RegistryHttp {
    aws: Aws,
    tokens: Tokens,
}

impl RegistryHttp {
    /// The registry's API; no request is made before the first blob needs one.
    #[must_use]
    pub fn new(aws: Aws, registry: Registry) -> Self {
        Self {
            tokens: Tokens::new(aws.clone(), registry),
            aws,
        }
    }

    /// Offers a blob of `from` to `repository` (OCI distribution specification, "Mounting a blob
    /// from another repository"; Amazon ECR user guide, "Blob mounting"). A registry that declines
    /// opens an upload in the same answer.
    pub async fn mount(
        &self,
        repository: &Repository,
        digest: &Digest,
        from: &Repository,
    ) -> Result<Mount, Failure> {
        let path = format!("/v2/{repository}/blobs/uploads/?mount={digest}&from={from}");
        let tried = format!("mount {digest} from {from} in {repository}");
        let (response, endpoint) = self.send("POST", &path, SdkBody::empty, &tried).await?;
        match response.status().as_u16() {
            201 => Ok(Mount::Mounted),
            202 => location(&response, &endpoint, &tried).map(Mount::NotMounted),
            _ => Err(refused(tried, response).await),
        }
    }

    /// Sends a blob in one request (OCI distribution specification, "POST then PUT"). The body has
    /// exactly `size` bytes; the registry checks the digest.
    pub async fn finish(
        &self,
        location: &Location,
        digest: &Digest,
        size: u64,
        body: SdkBody,
    ) -> Result<(), Failure> {
        let Location(address) = location;
        let separator = if address.contains('?') { '&' } else { '?' };
        let tried = format!("upload {digest}");
        let token = self.tokens.get(&tried).await?;
        let mut request = request(
            "PUT",
            &format!("{address}{separator}digest={digest}"),
            body,
            &tried,
        )?;
        let headers = request.headers_mut();
        headers.insert("authorization", token.authorization.clone());
        headers.insert("content-length", size.to_string());
        headers.insert("content-type", "application/octet-stream");
        let response = send(&self.aws, request, &tried).await?;
        match response.status().as_u16() {
            201 => Ok(()),
            401 | 403 => {
                self.tokens.forget(&token).await;
                Err(refused(tried, response).await)
            }
            _ => Err(refused(tried, response).await),
        }
    }

    /// Sends a request without a body to the registry; a token that is refused is renewed once,
    /// since a 403 may also be a missing permission or a quota.
    async fn send(
        &self,
        method: &str,
        path: &str,
        body: impl Fn() -> SdkBody,
        tried: &str,
    ) -> Result<(HttpResponse, String), Failure> {
        let mut token = self.tokens.get(tried).await?;
        for renewed in [false, true] {
            let mut request = request(method, &format!("{}{path}", token.endpoint), body(), tried)?;
            let headers = request.headers_mut();
            headers.insert("authorization", token.authorization.clone());
            headers.insert("content-length", "0");
            let response = call(&self.aws, request, tried).await?;
            if renewed || !matches!(response.status().as_u16(), 401 | 403) {
                return Ok((response, token.endpoint));
            }
            self.tokens.forget(&token).await;
            token = self.tokens.get(tried).await?;
        }
        Err(Failure::new(
            Remedy::Wait,
            tried,
            "the registry refused a new token",
        ))
    }
}

/// `Location` may be relative, and must stay on the registry's host.
fn location(response: &HttpResponse, endpoint: &str, tried: &str) -> Result<Location, Failure> {
    let text = response.headers().get("location").unwrap_or_default();
    let address = if text.starts_with('/') && !text.starts_with("//") {
        format!("{endpoint}{text}")
    } else {
        text.to_owned()
    };
    if origin(&address).is_some() && origin(&address) == origin(endpoint) {
        Ok(Location(address))
    } else {
        Err(Failure::new(
            Remedy::Wait,
            tried,
            "the registry answered no upload address on its own host",
        ))
    }
}

/// A request to an absolute address.
pub(crate) fn request(
    method: &str,
    address: &str,
    body: SdkBody,
    tried: &str,
) -> Result<HttpRequest, Failure> {
    let mut request = HttpRequest::new(body);
    let made = request
        .set_method(method)
        .and_then(|()| request.set_uri(address));
    match made {
        Ok(()) => Ok(request),
        Err(error) => Err(Failure::new(Remedy::Wait, tried, chain(&error))),
    }
}

/// A request without a body: the head of its answer comes soon or not at all, as on a connection
/// that died while the function was frozen.
pub(crate) async fn call(
    aws: &Aws,
    request: HttpRequest,
    tried: &str,
) -> Result<HttpResponse, Failure> {
    let answer = Box::pin(send(aws, request, tried));
    let time_is_up = Box::pin(aws.seam.sleep(ANSWER_TIMEOUT));
    match select(answer, time_is_up).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => {
            let said = format!("no answer for {} s", ANSWER_TIMEOUT.as_secs());
            Err(Failure::new(Remedy::Wait, tried, said))
        }
    }
}

/// One request over the seam; a connection that breaks passes.
async fn send(aws: &Aws, request: HttpRequest, tried: &str) -> Result<HttpResponse, Failure> {
    aws.seam
        .connector
        .call(request)
        .await
        .map_err(|error| Failure::new(Remedy::Wait, tried, chain(&error)))
}

/// What a refusal says (OCI distribution specification, "Error codes").
pub(crate) async fn refused(tried: impl Into<String>, response: HttpResponse) -> Failure {
    let status = response.status().as_u16();
    let text = error_body(response.into_body()).await;
    let (code, message) = error_words(&text);
    let (remedy, advice) = match (status, code.as_str()) {
        // A token that is not taken passes (401, or a 403 that says so); a 403 may be anything else.
        (403, _) if !message.contains("token") => (
            Remedy::Mend,
            Some("grant the function's role the push actions on the target, or check its quotas"),
        ),
        (404, "NAME_UNKNOWN") => (Remedy::Mend, Some("create the repository")),
        (405, _) => (Remedy::Never, None),
        // Throttling, server errors, an upload that was lost, a body that broke.
        _ => (Remedy::Wait, None),
    };
    let mut failure = Failure::new(remedy, tried, format!("HTTP {status}: {message}")).coded(code);
    failure.advice = advice;
    failure
}

async fn error_body(mut body: SdkBody) -> String {
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > ERROR_BODY_MAX {
            break;
        }
    }
    bytes.truncate(ERROR_BODY_MAX);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Code and message of the first error; a body may also be plain text.
fn error_words(text: &str) -> (String, String) {
    const WORDS_MAX: usize = 500;
    #[derive(serde::Deserialize)]
    struct Errors {
        errors: Vec<One>,
    }
    #[derive(serde::Deserialize)]
    struct One {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    let first = serde_json::from_str::<Errors>(text)
        .ok()
        .and_then(|e| e.errors.into_iter().next());
    let (code, message) = match first {
        Some(one) => (one.code, one.message),
        None => (String::new(), text.trim().to_owned()),
    };
    (code, message.chars().take(WORDS_MAX).collect())
}
