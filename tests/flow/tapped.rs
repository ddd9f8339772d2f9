//! A connector around the embedded AWS that notes what is sent and changes what comes back, for
//! answers that the embedded AWS, being honest, never gives.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;

/// What went out: method, address, body where it is text, and whether it bore credentials.
#[derive(Debug, Clone)]
pub struct Sent {
    pub method: String,
    pub uri: String,
    pub body: String,
    pub authorization: Option<String>,
}

type Change = dyn Fn(&Sent, u16, &mut Vec<(String, String)>, &mut String) + Send + Sync;

/// See the module.
#[derive(Clone)]
pub struct Tap {
    inner: SharedHttpConnector,
    sent: Arc<Mutex<Vec<Sent>>>,
    change: Arc<Change>,
}

impl std::fmt::Debug for Tap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tap")
    }
}

impl Tap {
    /// Notes requests and lets `change` at the headers and the text of each answer.
    pub fn new(
        inner: SharedHttpConnector,
        change: impl Fn(&Sent, u16, &mut Vec<(String, String)>, &mut String) + Send + Sync + 'static,
    ) -> Self {
        Self {
            inner,
            sent: Arc::default(),
            change: Arc::new(change),
        }
    }

    /// What was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

impl HttpConnector for Tap {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name| request.headers().get(name).map(str::to_owned);
        let sent = Sent {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            body: request
                .body()
                .bytes()
                .map(|body| String::from_utf8_lossy(body).into_owned())
                .unwrap_or_default(),
            authorization: header("authorization"),
        };
        self.sent.lock().unwrap().push(sent.clone());
        let (answer, change) = (self.inner.call(request), self.change.clone());
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            let status = answer.status();
            let mut headers: Vec<(String, String)> = answer
                .headers()
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let bytes = answer.into_body().collect().await.unwrap().to_bytes();
            let Ok(mut text) = String::from_utf8(bytes.to_vec()) else {
                return Ok(rebuilt(status, headers, SdkBody::from(bytes.to_vec())));
            };
            change(&sent, status.as_u16(), &mut headers, &mut text);
            Ok(rebuilt(status, headers, SdkBody::from(text)))
        })
    }
}

fn rebuilt(
    status: aws_smithy_runtime_api::http::StatusCode,
    headers: Vec<(String, String)>,
    body: SdkBody,
) -> HttpResponse {
    let mut response = HttpResponse::new(status, body);
    for (name, value) in headers {
        if name != "content-length" {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
