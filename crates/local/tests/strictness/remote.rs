//! A registry that is not the embedded one: a real account's, or any endpoint that speaks ECR's protocol. The tests ask it the
//! same questions. Must not change what others use: every repository is below a prefix of its own, and is removed again.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::names::Names;
use crate::world::{Answer, TOKEN};

/// The account whose registry is asked; without it the tests ask the embedded one.
pub(crate) const ACCOUNT: &str = "STRICTNESS_ACCOUNT";
/// What the names of all repositories begin with.
const PREFIX: &str = "ecr-promoter-strictness";
/// How often a throttled request is tried again, a second apart.
const TRIES: usize = 20;

/// A registry over the network.
pub(crate) struct Remote {
    sdk: SdkConfig,
    connector: SharedHttpConnector,
    account: String,
    prefix: String,
    registry: OnceCell<Registry>,
    made: Mutex<Vec<String>>,
}

/// The registry's HTTP side.
struct Registry {
    names: Names,
    token: String,
}

impl Remote {
    /// The account that the environment names, with the credentials, Region and endpoint that the SDK finds there.
    pub(crate) async fn from_env() -> Option<Self> {
        let account = std::env::var(ACCOUNT).ok()?;
        let connector = connector();
        let shared = connector.clone();
        let sdk = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http_client_fn(move |_, _| shared.clone()))
            .load()
            .await;
        let mut random = [0; 6];
        random.fill_with(|| fastrand::u8(b'a'..=b'z'));
        let own = String::from_utf8_lossy(&random);
        Some(Self {
            sdk,
            connector,
            account,
            prefix: format!("{PREFIX}/{own}/"),
            registry: OnceCell::new(),
            made: Mutex::default(),
        })
    }

    /// One operation of the JSON API, under the names that the tests use.
    pub(crate) async fn call(&self, operation: &str, body: Value) -> (StatusCode, Value) {
        let names = &self.registry().await.names;
        let asked = names.outward(body);
        if operation == "CreateRepository" {
            let made = asked["repositoryName"].as_str().unwrap_or_default();
            let mut all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(made.to_owned());
        }
        let (status, answer) = self.api(operation, &asked, SystemTime::now()).await;
        (status, names.inward(answer))
    }

    /// As [`Self::call`], signed with another time.
    pub(crate) async fn call_signed(
        &self,
        operation: &str,
        body: Value,
        signed: SystemTime,
    ) -> (StatusCode, Value) {
        let names = &self.registry().await.names;
        let (status, answer) = self.api(operation, &names.outward(body), signed).await;
        (status, names.inward(answer))
    }

    /// One request to the registry, or to an address that it gave.
    pub(crate) async fn send(&self, request: Request<axum::body::Body>) -> Answer {
        let Registry { names, token } = self.registry().await;
        let (head, body) = request.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let uri = head.uri.to_string();
        let ours = names.address(&uri);
        let mut asked = HttpRequest::new(body.into());
        asked.set_method(head.method.as_str()).expect("a method");
        asked
            .set_uri(ours.clone().unwrap_or(uri))
            .expect("an address");
        for (name, value) in &head.headers {
            let value = value.to_str().expect("text").to_owned();
            // The tests' stand-in for the token that the registry gave; it goes to no other host.
            let stand_in = ours.is_some() && name == http::header::AUTHORIZATION && value == TOKEN;
            let value = if stand_in {
                format!("Basic {token}")
            } else {
                value
            };
            asked.headers_mut().insert(name.as_str().to_owned(), value);
        }
        let (status, mut headers, body) = self.answer(asked).await;
        for value in headers.values_mut() {
            let text = value.to_str().map(|text| names.text(text));
            if let Ok(Ok(text)) = text.map(|text| HeaderValue::from_str(&text)) {
                *value = text;
            }
        }
        // Blobs are bytes and stay; what speaks of names is text.
        let body = match std::str::from_utf8(&body) {
            Ok(text) if ours.is_some() => names.text(text).into(),
            _ => body,
        };
        Answer {
            status,
            headers,
            body,
        }
    }

    async fn registry(&self) -> &Registry {
        let asked = async || {
            let (status, answer) = self
                .api("GetAuthorizationToken", &json!({}), SystemTime::now())
                .await;
            assert_eq!(status, 200, "GetAuthorizationToken: {answer}");
            let data = &answer["authorizationData"][0];
            let text = |key: &str| data[key].as_str().unwrap_or_default().to_owned();
            let registry = text("proxyEndpoint");
            let region = self.region();
            Registry {
                names: Names::new(&registry, &self.account, &region, &self.prefix),
                token: text("authorizationToken"),
            }
        };
        self.registry.get_or_init(asked).await
    }

    fn region(&self) -> String {
        let region = self.sdk.region().map(ToString::to_string);
        region.expect("AWS_REGION says the Region")
    }

    async fn api(&self, operation: &str, body: &Value, signed: SystemTime) -> (StatusCode, Value) {
        let mut tries = 0..TRIES;
        loop {
            let request = self.signed(operation, body.to_string(), signed).await;
            let (status, _, bytes) = self.answer(request).await;
            let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let throttled = answer["__type"]
                .as_str()
                .is_some_and(|kind| kind.ends_with("ThrottlingException"));
            if !throttled || tries.next().is_none() {
                return (status, answer);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn signed(&self, operation: &str, body: String, signed: SystemTime) -> HttpRequest {
        let target = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
        ];
        let endpoint = self.sdk.endpoint_url().map_or_else(
            || format!("https://api.ecr.{}.amazonaws.com", self.region()),
            |endpoint| endpoint.trim_end_matches('/').to_owned(),
        );
        let uri = format!("{endpoint}/");
        let body_signed = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", &uri, headers.into_iter(), body_signed);
        let (identity, region) = (self.identity().await, self.region());
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&region)
            .name("ecr")
            .time(signed)
            .settings(SigningSettings::default());
        let params = params.build().expect("complete").into();
        let (signature, _) = sign(signable.expect("a request"), &params)
            .expect("signed")
            .into_parts();
        let mut request = HttpRequest::new(body.clone().into());
        request.set_method("POST").expect("a method");
        request.set_uri(uri).expect("an address");
        for (name, value) in headers.into_iter().chain(signature.headers()) {
            let headers = request.headers_mut();
            headers.insert(name.to_owned(), value.to_owned());
        }
        request
    }

    async fn identity(&self) -> Identity {
        let provider = self.sdk.credentials_provider().expect("credentials");
        let credentials = provider.provide_credentials().await;
        credentials.expect("the environment has credentials").into()
    }

    async fn answer(&self, request: HttpRequest) -> (StatusCode, HeaderMap, Bytes) {
        let response: HttpResponse = self.connector.call(request).await.expect("an answer");
        let status = StatusCode::from_u16(response.status().as_u16()).expect("a status");
        let headers = response.headers().iter().map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            (name, HeaderValue::from_str(value).expect("text"))
        });
        let headers = headers.collect();
        let body = response.into_body().collect().await.expect("a body");
        (status, headers, body.to_bytes())
    }

    async fn remove(&self, repository: &str) {
        let body = json!({"repositoryName": repository, "force": true});
        let (status, answer) = self.api("DeleteRepository", &body, SystemTime::now()).await;
        let gone = answer["__type"]
            .as_str()
            .is_some_and(|kind| kind.contains("NotFound"));
        if status != 200 && !gone {
            eprintln!("remove {repository}: {answer}; remove it by hand");
        }
    }
}

/// A test leaves nothing behind, not even where it fails.
impl Drop for Remote {
    fn drop(&mut self) {
        let made = std::mem::take(self.made.get_mut().unwrap_or_else(PoisonError::into_inner));
        // Connections belong to the runtime that opened them, and this one is about to end.
        self.connector = connector();
        let this = &*self;
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                runtime.expect("a runtime").block_on(async {
                    for repository in made.iter().filter(|name| name.starts_with(&this.prefix)) {
                        this.remove(repository).await;
                    }
                });
            });
        });
    }
}

fn connector() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(Duration::from_secs(5))
        .build();
    SharedHttpConnector::new(
        Connector::builder()
            .connector_settings(settings)
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build(),
    )
}
