//! AWS as the person who runs the command may use it: clients by AWS's own variables and files, and the registry that is theirs.

use std::{error::Error, fmt};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::HttpRequest,
    result::ConnectorError,
};
use ecr_promoter::{Aws, Seam};
use ecr_promoter_core::Registry;

use crate::{Failed, asked::Asked, refusal::Refusal};

pub(crate) mod missing;
pub(crate) mod tags;

/// Clients of the person who runs the command.
pub(crate) struct Signed {
    /// The clients.
    pub(crate) aws: Aws,
    /// The registry of their account and Region.
    pub(crate) registry: Registry,
    /// What other clients are made of.
    pub(crate) sdk: SdkConfig,
}

/// Why signing in failed.
#[derive(Debug, thiserror::Error)]
enum SignedError {
    /// No Region or credentials are set.
    #[error("no Region is set; set AWS_REGION, or a region in the profile")]
    NoRegion,
    /// What is set is not an address.
    #[error("expected an address as in http://127.0.0.1:4566 in AWS_ENDPOINT_URL, found {0:?}")]
    Endpoint(String),
    /// STS answers with something else than an account.
    #[error("AWS answered with an invalid account or Region: {0}")]
    Registry(String),
    /// The image lies elsewhere.
    #[error(
        "{asked} is in the registry {named}, but your credentials and Region are those of {own}; set AWS_PROFILE or AWS_REGION"
    )]
    Elsewhere {
        asked: Asked,
        named: Registry,
        own: Registry,
    },
}

/// Signs in and learns whose registry it is.
pub(crate) async fn sign_in() -> Result<Signed, Failed> {
    let mut seam = Seam::network();
    seam.connector = SharedHttpConnector::new(Told(seam.connector));
    let found = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(seam.http_client())
        .time_source(seam.time.clone())
        .sleep_impl(seam.sleep.clone())
        .load()
        .await;
    let sdk = seam.through(found.into_builder());
    let region = sdk.region().filter(|region| !region.as_ref().is_empty());
    let region = region.ok_or(SignedError::NoRegion)?.to_string();
    // What cannot be read as a URL at all is left out of the SDK's configuration, and met by each client.
    let set = std::env::var("AWS_ENDPOINT_URL");
    let set = set.ok().filter(|url| !url.is_empty());
    let is_address = |url: &String| url.starts_with("http://") || url.starts_with("https://");
    let endpoint = sdk.endpoint_url().map(str::to_owned).or(set);
    if let Some(url) = endpoint.filter(|url| !is_address(url)) {
        return Err(SignedError::Endpoint(url).into());
    }
    let caller = aws_sdk_sts::Client::new(&sdk).get_caller_identity();
    let caller = caller.send().await;
    let caller = caller.map_err(|error| Refusal::of("ask AWS whose credentials these are", &error));
    let account = caller?.account.unwrap_or_default();
    let registry = Registry::new(&account, &region)
        .map_err(|error| SignedError::Registry(error.to_string()))?;
    let aws = Aws::new(seam, &sdk);
    Ok(Signed { aws, registry, sdk })
}

impl Signed {
    /// Refuses an image whose URI names another registry than the caller's.
    pub(crate) fn owns(&self, asked: &Asked) -> Result<(), Failed> {
        match &asked.registry {
            Some(named) if *named != self.registry => Err(SignedError::Elsewhere {
                asked: asked.clone(),
                named: named.clone(),
                own: self.registry.clone(),
            }
            .into()),
            _ => Ok(()),
        }
    }
}

/// A connector that names the host which cannot be reached, at once: a person who waits learns where the mistake
/// probably is, not what the fourth attempt was like.
#[derive(Debug)]
struct Told(SharedHttpConnector);

impl HttpConnector for Told {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri();
        let host = uri.split('/').take(3).collect::<Vec<_>>().join("/");
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            answer.await.map_err(|error| match why(&error) {
                // Of another kind than I/O, which the SDK would try again.
                Some(why) => ConnectorError::other(Box::new(Unreachable { host, why }), None),
                None => error,
            })
        })
    }
}

/// A host that does not answer at all.
#[derive(Debug)]
pub(crate) struct Unreachable {
    host: String,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Unknown,
    Refused,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        match self.why {
            Why::Unknown => write!(
                f,
                "the name of {host} cannot be resolved; check the Region, AWS_ENDPOINT_URL and the network"
            ),
            Why::Refused => write!(
                f,
                "nothing answers at {host}: connection refused; check AWS_ENDPOINT_URL"
            ),
        }
    }
}

impl Error for Unreachable {}

/// What kept a connection from opening, where a retry would meet the same.
fn why(error: &ConnectorError) -> Option<Why> {
    for cause in std::iter::successors(error.source(), |error| (*error).source()) {
        // hyper-util's own type for it is private; these are the words of its resolver's error.
        if cause.to_string().contains("dns error") {
            return Some(Why::Unknown);
        }
        let io = cause.downcast_ref::<std::io::Error>();
        if io.is_some_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused) {
            return Some(Why::Refused);
        }
    }
    None
}
