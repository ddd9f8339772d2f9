//! Answers of the AWS JSON protocols. Knows their shape, no service's rules.

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};

/// The content type of AWS JSON 1.1 (EventBridge, ECR).
pub(crate) const AWS_JSON_1_1: &str = "application/x-amz-json-1.1";
/// The content type of AWS JSON 1.0 (SQS, DynamoDB).
pub(crate) const AWS_JSON_1_0: &str = "application/x-amz-json-1.0";
/// The content type of plain JSON (Lambda's API, `/_local/`).
pub(crate) const PLAIN: &str = "application/json";

/// A response with a body of JSON.
pub(crate) fn response(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The answer 200 with a value.
pub(crate) fn ok(kind: &'static str, value: &Value) -> Response {
    response(StatusCode::OK, kind, value.to_string())
}

/// An error as the AWS JSON protocols write it.
pub(crate) fn error(status: StatusCode, kind: &'static str, code: &str, message: &str) -> Response {
    let body = json!({"__type": code, "message": message});
    response(status, kind, body.to_string())
}

/// An error of an API without a protocol of its own (`/_local/`, Lambda's API).
pub(crate) fn plain_error(status: StatusCode, message: &str) -> Response {
    response(status, PLAIN, json!({"message": message}).to_string())
}

/// Sets a key of an object; anything else stays unchanged.
pub(crate) fn set(value: &mut Value, name: &str, to: impl Into<Value>) {
    if let Value::Object(fields) = value {
        fields.insert(name.to_owned(), to.into());
    }
}
