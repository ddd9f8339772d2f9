//! `/_local/`: what only an embedded AWS can do: set a scan's result, raise events, order faults, look inside.
//!
//! Needs no credentials, is not counted and meets no faults.

use std::time::Duration;

use axum::{body::Body, response::Response};
use http::{Method, StatusCode, request::Parts};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Local, Unsettled,
    faults::{DELAY_MS_MAX, FAULTS_MAX, Fault},
    json, router,
    sqs::api::MESSAGE_BYTES_MAX,
};

/// How long `idle` waits if the caller does not say.
const IDLE_SECONDS: f64 = 30.0;
/// The longest that `idle` waits.
const IDLE_SECONDS_MAX: f64 = 600.0;

/// How far the clock moves at once, in seconds: ten years, longer than anything is kept.
const ADVANCE_SECONDS_MAX: u64 = 10 * 366 * 86_400;

/// The longest event, in bytes: as much as a message of the queue.
const EVENT_BYTES_MAX: usize = MESSAGE_BYTES_MAX;

/// Answers a request below `/_local/`.
pub(crate) async fn answer(local: &Local, parts: &Parts, body: Body) -> Response {
    let path = parts
        .uri
        .path()
        .trim_start_matches("/_local/")
        .trim_end_matches('/');
    let query = parts.uri.query().unwrap_or_default();
    let Ok(body) = router::read(body).await else {
        return json::plain_error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is too long or was cut short",
        );
    };
    match (&parts.method, path) {
        (&Method::GET, "events") => ok(&Value::from(local.events())),
        (&Method::POST, "events") => raise(local, &body),
        (&Method::GET, "requests") => ok(&json!(local.requests())),
        (&Method::DELETE, "requests") => {
            local.reset_requests();
            ok(&json!({}))
        }
        (&Method::GET, "queue") => ok(&json!(local.queue())),
        (&Method::GET, "idle") => idle(local, query).await,
        (&Method::GET, "faults") => ok(&json!(local.0.faults.waiting())),
        (&Method::PUT, "faults") => set_faults(local, &body),
        (&Method::GET, "unsettled") => ok(&json!(local.ecr().unsettled())),
        (&Method::PUT, "unsettled") => settle(local, &body),
        (&Method::POST, "clock") => advance(local, &body).await,
        (&Method::PUT, path) if path.starts_with("findings/") => {
            let image = path.strip_prefix("findings/").unwrap_or_default();
            set_findings(local, image, query, &body)
        }
        _ => {
            let message = format!("there is no {} /_local/{path} here", parts.method);
            json::plain_error(StatusCode::NOT_FOUND, &message)
        }
    }
}

fn ok(value: &Value) -> Response {
    json::ok(json::PLAIN, value)
}

fn refuse(message: &str) -> Response {
    json::plain_error(StatusCode::BAD_REQUEST, message)
}

/// A value of the query, decoded.
fn parameter(query: &str, name: &str) -> Option<String> {
    let value = query
        .split('&')
        .find_map(|it| it.strip_prefix(name)?.strip_prefix('='))?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

fn raise(local: &Local, body: &[u8]) -> Response {
    // The journal keeps many of them.
    if body.len() > EVENT_BYTES_MAX {
        return refuse(&format!(
            "expected an event of at most {EVENT_BYTES_MAX} bytes, found more"
        ));
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(event) if event.is_object() => {
            local.raise(event);
            ok(&json!({}))
        }
        Ok(_) => refuse("expected an event as a JSON object, found something else"),
        Err(error) => refuse(&format!("cannot read the event: {error}")),
    }
}

async fn idle(local: &Local, query: &str) -> Response {
    let seconds = match parameter(query, "timeout").map(|it| it.parse::<f64>()) {
        None => IDLE_SECONDS,
        Some(Ok(seconds)) if seconds.is_finite() => seconds.clamp(0.0, IDLE_SECONDS_MAX),
        Some(_) => return refuse("timeout: expected a number of seconds, found something else"),
    };
    let idle = local.idle(Duration::from_secs_f64(seconds)).await;
    let status = if idle {
        StatusCode::OK
    } else {
        StatusCode::REQUEST_TIMEOUT
    };
    json::response(status, json::PLAIN, json!(local.queue()).to_string())
}

fn set_faults(local: &Local, body: &[u8]) -> Response {
    let faults: Vec<Fault> = match serde_json::from_slice(body) {
        Ok(faults) => faults,
        Err(error) => return refuse(&format!("cannot read the faults: {error}")),
    };
    if faults.len() > FAULTS_MAX {
        return refuse(&format!("expected at most {FAULTS_MAX} faults, found more"));
    }
    if let Some(fault) = faults.iter().find(|it| it.delay_ms > DELAY_MS_MAX) {
        return refuse(&format!(
            "delay_ms: expected at most {DELAY_MS_MAX}, found {}",
            fault.delay_ms
        ));
    }
    let answer = json!(faults);
    local.set_faults(faults);
    ok(&answer)
}

fn settle(local: &Local, body: &[u8]) -> Response {
    match serde_json::from_slice::<Unsettled>(body) {
        Ok(unsettled) => {
            local.ecr().settle(unsettled);
            ok(&json!(unsettled))
        }
        Err(error) => refuse(&format!(
            "cannot read the choice: {error}; expected as in {}",
            json!(Unsettled::default())
        )),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

/// Answers once what became due is queued.
async fn advance(local: &Local, body: &[u8]) -> Response {
    match serde_json::from_slice::<Advance>(body) {
        Ok(Advance { advance_seconds }) if advance_seconds <= ADVANCE_SECONDS_MAX => {
            local.advance(Duration::from_secs(advance_seconds)).await;
            ok(&json!({"now": local.clock().now()}))
        }
        Ok(Advance { advance_seconds }) => refuse(&format!(
            "expected advance_seconds of at most {ADVANCE_SECONDS_MAX}, found {advance_seconds}"
        )),
        Err(error) => refuse(&format!(
            "cannot read how far to advance the clock: {error}; expected as in {{\"advance_seconds\": 60}}"
        )),
    }
}

fn set_findings(local: &Local, path: &str, query: &str, body: &[u8]) -> Response {
    let path = percent_decode_str(path).decode_utf8_lossy();
    let Some((repository, digest)) = path.rsplit_once('/') else {
        return refuse("expected the path findings/{repository}/{digest}, found another");
    };
    let findings = match serde_json::from_slice::<Value>(body) {
        Ok(findings) => findings,
        Err(error) => return refuse(&format!("cannot read the findings: {error}")),
    };
    let event = parameter(query, "event").as_deref() != Some("none");
    match local
        .ecr()
        .set_findings(repository, digest, findings, event)
    {
        Ok(()) => ok(&json!({})),
        Err(message) => refuse(&message),
    }
}
