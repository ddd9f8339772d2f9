//! Faults on order: a request that is refused, loses its answer, or takes its time.
//!
//! Judges by a request's name and text alone and knows no service; what a refusal looks like is the protocol's.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::response::Response;
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{json, sts};

/// How many faults can wait at once.
pub const FAULTS_MAX: usize = 1_000;
/// The longest delay, in milliseconds.
pub const DELAY_MS_MAX: u64 = 900_000;
/// The code that breaks the connection in place of an answer.
const CONNECTION_RESET: &str = "ConnectionReset";

/// A fault, as `PUT /_local/faults` takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The request's name, as in `GET /_local/requests`: `ecr:PutImage`, `registry:PUT blob`.
    pub operation: String,
    /// The error code of the answer; `ConnectionReset` breaks the connection; without it the fault only delays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The status of the answer, by default 400; 0 breaks the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How many requests it meets, by default one.
    #[serde(default = "once")]
    pub times: u32,
    /// Whether the request takes effect before its answer is lost.
    #[serde(default)]
    pub after_effect: bool,
    /// Milliseconds to wait: before the effect, or with `after_effect` between the effect and the answer.
    #[serde(default)]
    pub delay_ms: u64,
    /// Meets only requests whose path, query or (of JSON APIs) body contains this text.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub matching: Option<String>,
    /// The message of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// A fault that refuses the next `times` requests of this name before they take effect.
    #[must_use]
    pub fn refuse(operation: &str, code: &str, status: u16, times: u32) -> Self {
        Self {
            operation: operation.to_owned(),
            code: Some(code.to_owned()),
            status: Some(status),
            times,
            after_effect: false,
            delay_ms: 0,
            matching: None,
            message: None,
        }
    }

    /// The same, but the requests take effect and only their answers are lost.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.after_effect = true;
        self
    }

    /// Aims at requests that contain a text.
    #[must_use]
    pub fn matching(mut self, text: &str) -> Self {
        self.matching = Some(text.to_owned());
        self
    }

    /// What comes in place of the request's own answer: nothing where the fault only delays.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match (self.code.as_deref(), self.status) {
            (Some(CONNECTION_RESET), _) | (_, Some(0)) => Some(Outcome::Reset),
            (Some(_), _) => Some(Outcome::Refused),
            (None, _) => None,
        }
    }

    pub(crate) async fn delay(&self) {
        if self.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(self.delay_ms.min(DELAY_MS_MAX))).await;
        }
    }

    /// The refusal in a protocol's own form.
    pub(crate) fn response(&self, protocol: Protocol) -> Response {
        let code = self.code.as_deref().unwrap_or("InternalFailure");
        let message = self.message.as_deref().unwrap_or("a requested fault");
        let status = self.status.and_then(|it| StatusCode::from_u16(it).ok());
        let status = status.unwrap_or(StatusCode::BAD_REQUEST);
        match protocol {
            Protocol::Json(kind) => {
                let mut response = json::error(status, kind, code, message);
                if let Ok(value) = HeaderValue::from_str(&format!("{code};Sender")) {
                    response.headers_mut().insert("x-amzn-query-error", value);
                }
                response
            }
            Protocol::Query => sts::error(status, code, message),
            Protocol::Registry => {
                let body = json!({"errors": [{"code": code, "message": message}]});
                json::response(status, json::PLAIN, body.to_string())
            }
        }
    }
}

/// What a fault puts in the place of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Refused,
    Reset,
}

/// How a service writes its errors.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Protocol {
    /// AWS JSON, with its content type.
    Json(&'static str),
    Query,
    Registry,
}

/// The faults that wait.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Puts these in the place of all that wait; at most [`FAULTS_MAX`].
    pub(crate) fn set(&self, mut faults: Vec<Fault>) {
        faults.truncate(FAULTS_MAX);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    pub(crate) fn waiting(&self) -> Vec<Fault> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The first fault that meets a request; it is used up by one.
    pub(crate) fn take(&self, name: &str, texts: &[&str]) -> Option<Fault> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let meets = |fault: &Fault| {
            let matching = fault.matching.as_deref();
            fault.operation == name
                && fault.times > 0
                && matching.is_none_or(|it| texts.iter().any(|text| text.contains(it)))
        };
        let at = faults.iter().position(meets)?;
        let fault = faults.get_mut(at)?;
        fault.times -= 1;
        let taken = fault.clone();
        if fault.times == 0 {
            faults.remove(at);
        }
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_meets_as_many_requests_as_it_says() {
        let faults = Faults::default();
        faults.set(vec![
            Fault::refuse("ecr:PutImage", "ThrottlingException", 400, 2).matching("qa/web"),
            Fault::refuse("ecr:PutImage", "ServerException", 500, 1),
        ]);
        let code = |text| faults.take("ecr:PutImage", &[text]).and_then(|it| it.code);
        assert_eq!(faults.take("ecr:BatchGetImage", &["qa/web"]), None);
        assert_eq!(code("x qa/web x").as_deref(), Some("ThrottlingException"));
        assert_eq!(code("qa/other").as_deref(), Some("ServerException"));
        assert_eq!(code("qa/other"), None);
        assert_eq!(code("qa/web").as_deref(), Some("ThrottlingException"));
        assert_eq!(code("qa/web"), None);
    }

    #[test]
    fn the_contracted_document_is_read_and_a_misspelt_one_refused() {
        let read = |text: &str| serde_json::from_str::<Vec<Fault>>(text);
        let text = r#"[{"operation": "ecr:PutImage", "code": "ThrottlingException", "status": 400, "times": 3,
                        "after_effect": false, "delay_ms": 0}]"#;
        assert_eq!(
            read(text).unwrap(),
            [Fault::refuse("ecr:PutImage", "ThrottlingException", 400, 3)]
        );
        assert_eq!(read("[]").unwrap(), []);
        assert!(read(r#"[{"operation": "ecr:PutImage", "delay": 1}]"#).is_err());
        let delay = read(r#"[{"operation": "ecr:PutImage", "delay_ms": 5}]"#).unwrap();
        assert_eq!(delay[0].outcome(), None);
        let reset = read(
            r#"[{"operation": "a", "code": "ConnectionReset"}, {"operation": "a", "status": 0}]"#,
        );
        assert!(
            reset
                .unwrap()
                .iter()
                .all(|it| it.outcome() == Some(Outcome::Reset))
        );
    }
}
