//! Requests and answers as AWS writes them: names of requests, refusals, plain calls of the JSON APIs.

use aws_smithy_runtime_api::client::{
    http::{HttpConnector as _, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use http::Response;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::fate::Refusal;

/// What `X-Amz-Target` starts with, and the name of the service.
const SERVICES: [(&str, &str); 4] = [
    ("ecr", "AmazonEC2ContainerRegistry_V20150921"),
    ("dynamodb", "DynamoDB_20120810"),
    ("sqs", "AmazonSQS"),
    ("events", "AWSEvents"),
];

/// A request's name, as the embedded AWS's journal has it, but that the registry's are recognised by their method alone.
pub fn name(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    if let Some((prefix, operation)) = target.split_once('.') {
        let service = SERVICES.iter().find(|(_, it)| *it == prefix);
        return format!("{}:{operation}", service.map_or("?", |(it, _)| it));
    }
    let (method, uri) = (request.method(), request.uri());
    if uri.contains("/_blobs/") {
        format!("blobs:{method}")
    } else if uri.contains("mount=") {
        "registry:mount".to_owned()
    } else {
        format!("registry:{method}")
    }
}

/// Calls a JSON API as somebody other than the function.
pub async fn call(aws: &SharedHttpConnector, name: &str, body: &Value) -> Value {
    let (ok, value) = attempt(aws, name, body).await;
    assert!(ok, "{name} {body}: {value}");
    value
}

/// The same; false where it is refused.
pub async fn attempt(aws: &SharedHttpConnector, name: &str, body: &Value) -> (bool, Value) {
    let (service, operation) = name.split_once(':').unwrap();
    let (_, target) = SERVICES.iter().find(|(it, _)| *it == service).unwrap();
    let mut request = HttpRequest::new(SdkBody::from(body.to_string()));
    request.set_method("POST").unwrap();
    request.set_uri("http://local/").unwrap();
    let headers = request.headers_mut();
    headers.insert("x-amz-target", format!("{target}.{operation}"));
    headers.insert("authorization", "somebody");
    let answer = aws.call(request).await.unwrap();
    let ok = answer.status().is_success();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (ok, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// An answer of a JSON API.
pub fn json_answer(status: u16, body: &Value) -> HttpResponse {
    let answer = Response::builder()
        .status(status)
        .header("content-type", "application/x-amz-json-1.1")
        .body(SdkBody::from(body.to_string()))
        .unwrap();
    HttpResponse::try_from(answer).unwrap()
}

/// A refusal in the words of the service.
pub fn refusal(name: &str, refusal: Refusal) -> HttpResponse {
    let (service, _) = name.split_once(':').unwrap_or((name, ""));
    let of_registry = matches!(service, "registry" | "blobs");
    let (status, code) = match (refusal, service) {
        (Refusal::Throttled, _) if of_registry => (429, "TOOMANYREQUESTS"),
        (Refusal::Throttled, _) => (400, "ThrottlingException"),
        (Refusal::Denied, _) if of_registry => (403, "DENIED"),
        (Refusal::Denied, _) => (400, "AccessDeniedException"),
        (Refusal::Kms, _) => (400, "KmsException"),
        (_, "ecr") => (500, "ServerException"),
        (_, "registry" | "blobs") => (500, "UNKNOWN"),
        _ => (500, "InternalServerError"),
    };
    let message = "a fault of the simulator";
    let body = if of_registry {
        json!({"errors": [{"code": code, "message": message}]})
    } else {
        json!({"__type": code, "message": message})
    };
    json_answer(status, &body)
}

/// The refusal of a request that was signed too long ago.
pub fn expired() -> HttpResponse {
    let message = "Signature expired";
    json_answer(
        400,
        &json!({"__type": "InvalidSignatureException", "message": message}),
    )
}

/// A connection that breaks.
pub fn reset() -> ConnectorError {
    ConnectorError::io(std::io::Error::other("connection reset").into())
}
