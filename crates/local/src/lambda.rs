//! Lambda's own API: a direct invocation, as `aws lambda invoke` sends it (Lambda API reference, "Invoke").
//!
//! Answers without an `Authorization` header too: it is also the door for people with `curl`.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::{
    Local,
    function::FUNCTION,
    json,
    runtime_api::{Outcome, PAYLOAD_BYTES_MAX, Stopped},
};

/// The longest payload of an asynchronous invocation, in bytes (Lambda quota "Invocation payload").
const EVENT_BYTES_MAX: usize = 1_048_576;

/// The function that a path names, where it is an invocation's.
pub(crate) fn function_of(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/2015-03-31/functions/")?;
    let name = rest.strip_suffix("/invocations")?;
    Some(percent_decode_str(name).decode_utf8_lossy().into_owned())
}

/// Whether a name, an ARN or a part of one, with or without a version, is our function's.
fn is_ours(name: &str) -> bool {
    let name = name.strip_suffix(":$LATEST").unwrap_or(name);
    name == FUNCTION
        || name
            .rsplit_once(":function:")
            .is_some_and(|(_, it)| it == FUNCTION)
}

/// Answers an invocation.
pub(crate) async fn invoke(
    local: &Local,
    function: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> Response {
    let kind = headers
        .get("x-amz-invocation-type")
        .map_or(Ok("RequestResponse"), |it| it.to_str())
        .unwrap_or_default();
    let payload = match check(function, kind, body) {
        Ok(payload) => payload,
        Err((status, code, message)) => return refuse(status, code, &message),
    };
    match kind {
        "DryRun" => json::response(StatusCode::NO_CONTENT, json::PLAIN, String::new()),
        "Event" => {
            let local = local.clone();
            tokio::spawn(async move {
                if let Err(error) = local.invoke(payload.to_vec()).await {
                    tracing::warn!(%error, "an asynchronous invocation failed");
                }
            });
            json::response(StatusCode::ACCEPTED, json::PLAIN, String::new())
        }
        _ => answer(local.0.function.invoke(payload.to_vec()).await),
    }
}

/// Why an invocation is refused: status, code, message.
type Refusal = (StatusCode, &'static str, String);

/// The payload of an invocation that Lambda would accept.
fn check(function: &str, kind: &str, body: Bytes) -> Result<Bytes, Refusal> {
    if !is_ours(function) {
        let message = format!("Function not found: {function}");
        return Err((StatusCode::NOT_FOUND, "ResourceNotFoundException", message));
    }
    let most = payload_bytes_max(kind)?;
    if body.len() > most {
        let message = format!(
            "{} byte payload is too large for the {kind} invocation type (limit {most} bytes)",
            body.len()
        );
        let code = "RequestTooLargeException";
        return Err((StatusCode::PAYLOAD_TOO_LARGE, code, message));
    }
    let payload = if body.is_empty() {
        Bytes::from_static(b"{}")
    } else {
        body
    };
    if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&payload) {
        let message = format!("Could not parse request body into json: {error}");
        let code = "InvalidRequestContentException";
        return Err((StatusCode::BAD_REQUEST, code, message));
    }
    Ok(payload)
}

fn payload_bytes_max(kind: &str) -> Result<usize, Refusal> {
    match kind {
        "RequestResponse" | "DryRun" => Ok(PAYLOAD_BYTES_MAX),
        "Event" => Ok(EVENT_BYTES_MAX),
        _ => {
            let message = format!(
                "Value '{kind}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value \
                 set: [Event, RequestResponse, DryRun]"
            );
            let code = "InvalidParameterValueException";
            Err((StatusCode::BAD_REQUEST, code, message))
        }
    }
}

fn answer(outcome: Outcome) -> Response {
    let mut response = json::response(StatusCode::OK, json::PLAIN, String::new());
    let headers = response.headers_mut();
    headers.insert(
        "x-amz-executed-version",
        HeaderValue::from_static("$LATEST"),
    );
    let body = match outcome {
        Ok(body) => body,
        Err(Stopped { kind, message }) => {
            headers.insert(
                "x-amz-function-error",
                HeaderValue::from_static("Unhandled"),
            );
            json!({"errorMessage": message, "errorType": kind})
                .to_string()
                .into_bytes()
        }
    };
    *response.body_mut() = Body::from(body);
    response
}

fn refuse(status: StatusCode, code: &'static str, message: &str) -> Response {
    let body = json!({"Type": "User", "Message": message}).to_string();
    let mut response = json::response(status, json::PLAIN, body);
    response
        .headers_mut()
        .insert("x-amzn-errortype", HeaderValue::from_static(code));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_is_known_by_its_names() {
        for (path, expected) in [
            ("/2015-03-31/functions/ecr-promoter/invocations", Some(true)),
            (
                "/2015-03-31/functions/ecr-promoter%3A%24LATEST/invocations",
                Some(true),
            ),
            (
                "/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:ecr-promoter/invocations",
                Some(true),
            ),
            ("/2015-03-31/functions/other/invocations", Some(false)),
            ("/2015-03-31/functions/ecr-promoter", None),
        ] {
            assert_eq!(function_of(path).map(|it| is_ours(&it)), expected, "{path}");
        }
    }

    #[test]
    fn an_invocation_is_refused_as_lambda_refuses_it() {
        let most = |bytes: usize| Bytes::from(format!("\"{}\"", "x".repeat(bytes - 2)));
        for (case, kind, body, refused) in [
            ("six MiB", "RequestResponse", most(PAYLOAD_BYTES_MAX), None),
            (
                "more",
                "RequestResponse",
                most(PAYLOAD_BYTES_MAX + 1),
                Some((413, "RequestTooLargeException")),
            ),
            ("one MiB later", "Event", most(EVENT_BYTES_MAX), None),
            (
                "more later",
                "Event",
                most(EVENT_BYTES_MAX + 1),
                Some((413, "RequestTooLargeException")),
            ),
            (
                "an unknown type",
                "event",
                most(2),
                Some((400, "InvalidParameterValueException")),
            ),
            (
                "no JSON",
                "Event",
                Bytes::from_static(b"{"),
                Some((400, "InvalidRequestContentException")),
            ),
        ] {
            let refusal = check(FUNCTION, kind, body).err();
            let seen = refusal.map(|(status, code, _)| (status.as_u16(), code));
            assert_eq!(seen, refused, "{case}");
        }
    }

    #[tokio::test]
    async fn an_error_has_the_type_that_the_function_gives_it() {
        let response = answer(Err(Stopped::new("AccessDenied", "no")));
        assert_eq!(response.headers()["x-amz-function-error"], "Unhandled");
        let body = axum::body::to_bytes(response.into_body(), 1_000).await;
        let body: serde_json::Value = serde_json::from_slice(&body.unwrap()).unwrap();
        let wanted = json!({"errorMessage": "no", "errorType": "AccessDenied"});
        assert_eq!(body, wanted);
    }
}
