//! Lambda's "Invoke" (AWS Lambda API reference), the one call of Lambda's that the command makes: a request of its own,
//! signed as the SDK signs, through the same connector. A whole SDK client would have every other one built with the
//! features that it needs and nobody else does.

use std::{error::Error, time::Duration};

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use aws_smithy_runtime_api::client::{
    http::HttpConnector as _,
    orchestrator::{HttpRequest, HttpResponse},
};
use ecr_promoter::Seam;
use http_body_util::{BodyExt as _, Limited};
use serde_json::Value;

use crate::refusal::Refusal;

/// How long an invocation may take: Lambda's own limit and a little (AWS Lambda developer guide, "Lambda quotas").
const INVOCATION_MAX: Duration = Duration::from_secs(1_830);
/// The longest answer: Lambda's own limit and a little.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A header of each request.
const CONTENT_TYPE: (&str, &str) = ("content-type", "application/json");
/// The version of the API, which is a part of its paths.
const VERSION: &str = "2015-03-31";

/// Lambda as the person who runs the command may use it.
pub(super) struct Lambda {
    seam: Seam,
    sdk: SdkConfig,
    function: String,
}

/// What an invocation came to.
pub(super) struct Invoked {
    /// The function's answer, or its error.
    pub(super) payload: Value,
    /// Whether it is an error of the function's.
    pub(super) is_error: bool,
}

/// Why a request could not be made or answered.
type Unanswered = Box<dyn Error + Send + Sync>;

impl Lambda {
    /// `function` is a name or an ARN.
    pub(super) fn new(seam: &Seam, sdk: &SdkConfig, function: &str) -> Result<Self, Refusal> {
        let may_be = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_' | b'$');
        if function.is_empty() || !function.bytes().all(may_be) {
            let tried = format!("invoke the function {function:?}");
            let said = "expected the name or the ARN of a function; --function gives it";
            return Err(Refusal::new(tried, said));
        }
        Ok(Self {
            seam: seam.clone(),
            sdk: sdk.clone(),
            function: function.to_owned(),
        })
    }

    /// Invokes the function and waits for its answer.
    pub(super) async fn invoke(&self, payload: &Value) -> Result<Invoked, Refusal> {
        let refused = |said: String| {
            let tried = format!("invoke the function {}", self.function);
            Refusal::new(tried, format!("{said}; --function names another one"))
        };
        let sent = self.send(payload.to_string()).await;
        let answer = sent.map_err(|error| refused(chain(error.as_ref())))?;
        let status = answer.status().as_u16();
        let is_error = answer.headers().get("x-amz-function-error").is_some();
        let code = answer.headers().get("x-amzn-errortype").map(str::to_owned);
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX)
            .collect()
            .await;
        let body = body
            .map_err(|error| refused(chain(error.as_ref())))?
            .to_bytes();
        let payload: Value = serde_json::from_slice(&body).unwrap_or_default();
        if !(200..300).contains(&status) {
            let message = payload.get("Message").or(payload.get("message"));
            let message = message.and_then(Value::as_str).unwrap_or("no reason given");
            let code = code.unwrap_or_else(|| format!("HTTP {status}"));
            return Err(refused(format!("{message} ({code})")));
        }
        Ok(Invoked { payload, is_error })
    }

    async fn send(&self, body: String) -> Result<HttpResponse, Unanswered> {
        let region = self.sdk.region().map(ToString::to_string);
        let region = region.unwrap_or_default();
        let function = self.function.replace(':', "%3A").replace('$', "%24");
        let endpoint = endpoint(&self.sdk, &region);
        let uri = format!("{endpoint}/{VERSION}/functions/{function}/invocations");
        let mut request = HttpRequest::new(body.clone().into());
        request.set_method("POST")?;
        request.set_uri(uri.clone())?;
        let (name, value) = CONTENT_TYPE;
        request.headers_mut().insert(name, value);
        for (name, value) in self.signature(&region, &uri, &body).await? {
            request.headers_mut().insert(name, value);
        }
        let answered = tokio::time::timeout(INVOCATION_MAX, self.seam.connector.call(request));
        Ok(answered.await??)
    }

    /// The headers that sign a request.
    async fn signature(
        &self,
        region: &str,
        uri: &str,
        body: &str,
    ) -> Result<Vec<(String, String)>, Unanswered> {
        let provider = self.sdk.credentials_provider();
        let provider = provider.ok_or("there are no credentials")?;
        let identity = provider.provide_credentials().await?.into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name("lambda")
            .time(self.seam.time.now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let body = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", uri, std::iter::once(CONTENT_TYPE), body)?;
        let (signed, _) = sign(signable, &params)?.into_parts();
        let headers = signed.headers();
        let owned = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(owned.collect())
    }
}

/// Where Lambda answers: where the person says, or at AWS's own address for the Region (AWS General Reference, "Lambda
/// endpoints").
fn endpoint(sdk: &SdkConfig, region: &str) -> String {
    let said = std::env::var("AWS_ENDPOINT_URL_LAMBDA").ok();
    let said = said.or_else(|| sdk.endpoint_url().map(str::to_owned));
    said.map_or_else(
        || {
            let suffix = if region.starts_with("cn-") {
                "amazonaws.com.cn"
            } else {
                "amazonaws.com"
            };
            format!("https://lambda.{region}.{suffix}")
        },
        |url| url.trim_end_matches('/').to_owned(),
    )
}

/// An error and its causes in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let words = crate::causes(error).map(ToString::to_string);
    words.collect::<Vec<_>>().join(": ")
}
