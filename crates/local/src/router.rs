//! One address for all services: which of them a request is for, its name in the journal, and the faults it meets.
//!
//! Both ways in, socket and connector, come through [`answer`]. Knows the protocols' outsides alone: what a request
//! asks for is for the services.

use axum::{
    body::{Body, to_bytes},
    response::Response,
};
use bytes::Bytes;
use http::{
    HeaderValue, Request, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
    request::Parts,
};
use percent_encoding::percent_decode_str;
use tower::ServiceExt;

use crate::{
    Local, address, admin,
    faults::{Outcome, Protocol},
    ids, journal,
    json::{self, AWS_JSON_1_0, AWS_JSON_1_1},
    lambda, measured, sts,
};

/// The longest body of an API request, in bytes: above any part of a layer in base64.
pub(crate) const API_BODY_BYTES_MAX: usize = 32 * 1024 * 1024;
/// The connection breaks in place of an answer.
#[derive(Debug)]
pub(crate) struct Reset;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Ecr,
    DynamoDb,
    Sqs,
    Events,
}

/// What `X-Amz-Target` starts with, by service.
const TARGETS: [(&str, Service); 5] = [
    ("AmazonEC2ContainerRegistry_V20150921.", Service::Ecr),
    ("DynamoDB_20120810.", Service::DynamoDb),
    ("DynamoDBStreams_20120810.", Service::DynamoDb),
    ("AmazonSQS.", Service::Sqs),
    ("AWSEvents.", Service::Events),
];

impl Service {
    fn name(self) -> &'static str {
        match self {
            Self::Ecr => "ecr",
            Self::DynamoDb => "dynamodb",
            Self::Sqs => "sqs",
            Self::Events => "events",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Ecr | Self::Events => AWS_JSON_1_1,
            Self::DynamoDb | Self::Sqs => AWS_JSON_1_0,
        }
    }
}

/// A request on its way to the service that answers it.
enum Work {
    Json {
        service: Service,
        operation: String,
        body: Bytes,
    },
    Form {
        action: String,
    },
    Registry {
        request: Request<Body>,
    },
    Invoke {
        function: String,
        body: Bytes,
    },
}

/// Answers any request.
pub(crate) async fn answer(local: &Local, request: Request<Body>) -> Result<Response, Reset> {
    if let Some(pages) = local.0.pages.get()
        && pages.have(request.uri().path())
    {
        return Ok(pages.answer(request).await);
    }
    let (parts, body) = request.into_parts();
    if parts.uri.path().starts_with("/_local/") {
        return Ok(admin::answer(local, &parts, body).await);
    }
    match sort(&parts, body).await {
        Ok(work) => through_faults(local, &parts, work).await,
        Err(refusal) => Ok(refusal),
    }
}

/// Finds the service that a request is for: by its target, else by its path, else by its form.
async fn sort(parts: &Parts, body: Body) -> Result<Work, Response> {
    let path = parts.uri.path();
    if let Some(target) = parts.headers.get("x-amz-target") {
        let target = target.to_str().unwrap_or_default();
        let (service, operation) = target_of(target).ok_or_else(|| unknown_target(target))?;
        let body = read(body).await?;
        return Ok(Work::Json {
            service,
            operation,
            body,
        });
    }
    if is_registry(path) {
        let request = Request::from_parts(parts.clone(), body);
        return Ok(Work::Registry { request });
    }
    if let Some(function) = lambda::function_of(path) {
        let body = read(body).await?;
        return Ok(Work::Invoke { function, body });
    }
    if is_form(parts) {
        let action = sts::action(&read(body).await?).unwrap_or_default();
        return Ok(Work::Form { action });
    }
    let message = "there is nothing at this address";
    Err(json::plain_error(StatusCode::NOT_FOUND, message))
}

/// The service and the operation that a target names.
fn target_of(target: &str) -> Option<(Service, String)> {
    TARGETS.iter().find_map(|(prefix, service)| {
        let operation = target.strip_prefix(prefix)?;
        Some((*service, operation.to_owned()))
    })
}

fn unknown_target(target: &str) -> Response {
    let message = format!("The target \"{target}\" is not supported here.");
    let code = "UnknownOperationException";
    json::error(StatusCode::BAD_REQUEST, AWS_JSON_1_1, code, &message)
}

/// `/v2/…` and the place where blobs are downloaded.
fn is_registry(path: &str) -> bool {
    path == "/v2" || path.starts_with("/v2/") || path.starts_with("/_blobs/")
}

fn is_form(parts: &Parts) -> bool {
    let kind = parts
        .headers
        .get(CONTENT_TYPE)
        .and_then(|it| it.to_str().ok());
    kind.is_some_and(|it| it.starts_with("application/x-www-form-urlencoded"))
}

/// Reads a body that is answered as a whole.
pub(crate) async fn read(body: Body) -> Result<Bytes, Response> {
    to_bytes(body, API_BODY_BYTES_MAX).await.map_err(|error| {
        let message = format!("cannot read the body, at most {API_BODY_BYTES_MAX} bytes: {error}");
        json::plain_error(StatusCode::PAYLOAD_TOO_LARGE, &message)
    })
}

/// Counts the request, and lets the first fault that meets it do its work.
async fn through_faults(local: &Local, parts: &Parts, work: Work) -> Result<Response, Reset> {
    let name = work.name(parts);
    local.0.journal.count(&name);
    let fault = {
        let target = percent_decode_str(parts.uri.path_and_query().map_or("/", |it| it.as_str()));
        local
            .0
            .faults
            .take(&name, &[&target.decode_utf8_lossy(), work.text()])
    };
    let protocol = work.protocol();
    let Some(fault) = fault else {
        return Ok(work.perform(local, parts).await);
    };
    let answer = if fault.after_effect {
        let answer = work.perform(local, parts).await;
        fault.delay().await;
        answer
    } else {
        fault.delay().await;
        match fault.outcome() {
            None => work.perform(local, parts).await,
            Some(Outcome::Reset) => return Err(Reset),
            Some(Outcome::Refused) => {
                work.abandon().await;
                return Ok(fault.response(protocol));
            }
        }
    };
    match fault.outcome() {
        None => Ok(answer),
        Some(Outcome::Refused) => Ok(fault.response(protocol)),
        Some(Outcome::Reset) => Err(Reset),
    }
}

impl Work {
    /// The request's name in the journal.
    fn name(&self, parts: &Parts) -> String {
        match self {
            Self::Json {
                service, operation, ..
            } => format!("{}:{operation}", service.name()),
            Self::Form { action } => format!("sts:{action}"),
            Self::Invoke { .. } => "lambda:Invoke".to_owned(),
            Self::Registry { .. } if parts.uri.path().starts_with("/_blobs/") => {
                format!("blobs:{}", parts.method)
            }
            Self::Registry { .. } => {
                let query = parts.uri.query().unwrap_or_default();
                journal::registry_name(&parts.method, parts.uri.path(), query)
            }
        }
    }

    /// What a fault can aim at besides the path and query.
    fn text(&self) -> &str {
        match self {
            Self::Json { body, .. } | Self::Invoke { body, .. } => {
                std::str::from_utf8(body).unwrap_or_default()
            }
            Self::Form { .. } | Self::Registry { .. } => "",
        }
    }

    fn protocol(&self) -> Protocol {
        match self {
            Self::Json { service, .. } => Protocol::Json(service.content_type()),
            Self::Invoke { .. } => Protocol::Json(json::PLAIN),
            Self::Form { .. } => Protocol::Query,
            Self::Registry { .. } => Protocol::Registry,
        }
    }

    async fn perform(self, local: &Local, parts: &Parts) -> Response {
        if !parts.headers.contains_key(AUTHORIZATION)
            && let Some(refusal) = self.refuse_unsigned()
        {
            return refusal;
        }
        match self {
            Self::Registry { request } => match local.0.registry.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
            Self::Json {
                service,
                operation,
                body,
            } => {
                let base = address::base(&parts.headers);
                let mut response = local.call(service.name(), &operation, body, &base).await;
                if let Ok(id) = HeaderValue::from_str(&ids::uuid()) {
                    response.headers_mut().insert("x-amzn-requestid", id);
                }
                response
            }
            Self::Form { action } => sts::answer(&action, &local.0.options.account),
            Self::Invoke { function, body } => {
                lambda::invoke(local, &function, &parts.headers, body).await
            }
        }
    }

    /// How a service refuses a request without credentials. The registry has its own rules of where the header must
    /// be and where it must not.
    fn refuse_unsigned(&self) -> Option<Response> {
        match self {
            Self::Json { service, .. } => {
                let code = "MissingAuthenticationTokenException";
                let message = "Missing Authentication Token";
                let kind = service.content_type();
                Some(json::error(StatusCode::BAD_REQUEST, kind, code, message))
            }
            Self::Form { .. } => {
                let message = "Request is missing Authentication Token";
                let code = "MissingAuthenticationToken";
                Some(sts::error(StatusCode::FORBIDDEN, code, message))
            }
            Self::Registry { .. } | Self::Invoke { .. } => None,
        }
    }

    /// Takes in what the caller still sends, so that over a socket he comes to read the answer.
    async fn abandon(self) {
        if let Self::Registry { request } = self {
            measured::drain(request.into_body()).await;
        }
    }
}
