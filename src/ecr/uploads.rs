//! The registry's HTTP API, as far as a promotion needs it: mounting a blob, and starting and
//! finishing a monolithic upload. Manifests, availability and download URLs go by the JSON API.
//!
//! The token is sent to the registry's own host and to no other: not to a `Location` elsewhere,
//! not to the storage that downloads redirect to.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use ecr_promoter_core::{Digest, Registry, Repository};

use super::{
    handed::Handed,
    http::{call, refused, request, send_slowly},
    token::{Tokens, origin},
};
use crate::{
    aws::Aws,
    failure::{Failure, Remedy},
};

/// What a registry answered to a mount.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mount {
    /// The blob is in the repository now: 201.
    Mounted,
    /// It is not; the registry opened an upload at this address instead: 202.
    NotMounted(Location),
}

/// Where an upload is finished: an address on the registry's own host.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Location(String);

/// Uploads to one registry, with its token.
#[derive(Clone)]
pub(crate) struct Uploads {
    aws: Aws,
    tokens: Tokens,
}

impl Uploads {
    /// The registry's API; no request is made before the first blob needs one.
    #[must_use]
    pub(crate) fn new(aws: Aws, registry: Registry) -> Self {
        Self {
            tokens: Tokens::new(aws.clone(), registry),
            aws,
        }
    }

    /// Offers a blob of `from` to `repository` (OCI distribution specification, "Mounting a blob
    /// from another repository"; Amazon ECR user guide, "Blob mounting"). A registry that declines
    /// opens an upload in the same answer.
    pub(crate) async fn mount(
        &self,
        repository: &Repository,
        digest: &Digest,
        from: &Repository,
    ) -> Result<Mount, Failure> {
        let path = format!("/v2/{repository}/blobs/uploads/?mount={digest}&from={from}");
        let tried = format!("mount {digest} from {from} in {repository}");
        self.aws.turn_to_upload().await;
        let (response, endpoint) = self.ask("POST", &path, SdkBody::empty, &tried).await?;
        match response.status().as_u16() {
            201 => Ok(Mount::Mounted),
            202 => location(&response, &endpoint, &tried).map(Mount::NotMounted),
            // There is no such repository. The words are the same whichever blob comes first.
            404 => Err(refused(&self.aws, format!("write to {repository}"), response).await),
            _ => Err(refused(&self.aws, tried, response).await),
        }
    }

    /// Sends a blob in one request (OCI distribution specification, "POST then PUT"). The body has
    /// exactly `size` bytes, and says what of it was taken; the registry checks the digest.
    pub(crate) async fn finish(
        &self,
        location: &Location,
        digest: &Digest,
        size: u64,
        (body, handed): (SdkBody, &Handed),
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
        let response = send_slowly(&self.aws, request, handed, &tried).await?;
        match response.status().as_u16() {
            201 => Ok(()),
            401 | 403 => {
                self.tokens.forget(&token).await;
                Err(refused(&self.aws, tried, response).await)
            }
            _ => Err(refused(&self.aws, tried, response).await),
        }
    }

    /// Sends a request without a body to the registry; a token that is refused is renewed once,
    /// since a 403 may also be a missing permission or a quota.
    async fn ask(
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
            "the registry returned no upload address on its own host",
        ))
    }
}
