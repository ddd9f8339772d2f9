//! Lambda's Runtime API for one process: Lambda developer guide, "Using the Lambda runtime API for custom runtimes".
//!
//! Hands out one invocation at a time and takes its answer. Starts and stops no process.

use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{function::Invocation, ids, json};

/// The longest payload and the longest answer of an invocation, in bytes (Lambda quota "Invocation payload").
pub(crate) const PAYLOAD_BYTES_MAX: usize = 6 * 1024 * 1024;

/// An answer, or what the function or Lambda says instead.
pub(crate) type Outcome = Result<Vec<u8>, Stopped>;

/// An invocation that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stopped {
    /// `errorType`: the function's own word, or Lambda's, as in `Sandbox.Timedout`.
    pub(crate) kind: String,
    /// `errorMessage`.
    pub(crate) message: String,
}

impl Stopped {
    pub(crate) fn new(kind: &str, message: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.into(),
        }
    }

    /// An answer that is longer than [`PAYLOAD_BYTES_MAX`].
    pub(crate) fn too_large() -> Self {
        let message = "the answer is longer than 6 MiB or was cut short";
        Self::new("Function.ResponseSizeTooLarge", message)
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The API as one process sees it. Its listener closes when this is dropped.
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    slot: Arc<Slot>,
    invocations: mpsc::Sender<Invocation>,
    serving: JoinHandle<()>,
}

struct Slot {
    function_arn: String,
    invocations: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    current: Mutex<Option<Current>>,
}

struct Current {
    request_id: String,
    reply: oneshot::Sender<Outcome>,
}

impl RuntimeApi {
    /// Listens on a free port.
    pub(crate) async fn start(function_arn: String) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (invocations, receiver) = mpsc::channel(1);
        let slot = Arc::new(Slot {
            function_arn,
            invocations: tokio::sync::Mutex::new(receiver),
            current: Mutex::new(None),
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(respond),
            )
            .route("/2018-06-01/runtime/invocation/{id}/error", post(fail))
            .route("/2018-06-01/runtime/init/error", post(fail_init))
            .with_state(slot.clone());
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the Runtime API ended");
            }
        });
        Ok(Self {
            address,
            slot,
            invocations,
            serving,
        })
    }

    /// Hands an invocation to the process; its answer comes by the channel.
    pub(crate) fn hand(&self, invocation: Invocation) -> oneshot::Receiver<Outcome> {
        let (reply, answer) = oneshot::channel();
        let request_id = invocation.request_id.clone();
        *self.slot.locked() = Some(Current { request_id, reply });
        // A full channel means that the process never took the last one: the sender is dropped, which is an answer.
        if self.invocations.try_send(invocation).is_err() {
            *self.slot.locked() = None;
        }
        answer
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Slot {
    fn locked(&self) -> std::sync::MutexGuard<'_, Option<Current>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, request_id: Option<&str>, outcome: Outcome) -> Response {
        let mut current = self.locked();
        let is_it = |it: &mut Current| request_id.is_none_or(|id| it.request_id == id);
        match current.take_if(is_it) {
            Some(current) => {
                // No one waits any more once the deadline has passed.
                let _ = current.reply.send(outcome);
                json::response(
                    StatusCode::ACCEPTED,
                    json::PLAIN,
                    json!({"status": "OK"}).to_string(),
                )
            }
            None => refuse(
                StatusCode::BAD_REQUEST,
                "InvalidRequestID",
                "no such invocation",
            ),
        }
    }
}

async fn next(State(slot): State<Arc<Slot>>) -> Response {
    let invocation = slot.invocations.lock().await.recv().await;
    let Some(invocation) = invocation else {
        return refuse(StatusCode::GONE, "Shutdown", "no more invocations");
    };
    let mut response = json::response(StatusCode::OK, json::PLAIN, String::new());
    let deadline = invocation.deadline.timestamp_millis().to_string();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", invocation.request_id),
        ("lambda-runtime-deadline-ms", deadline),
        (
            "lambda-runtime-invoked-function-arn",
            slot.function_arn.clone(),
        ),
        ("lambda-runtime-trace-id", trace()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    *response.body_mut() = Body::from(invocation.payload);
    response
}

async fn respond(State(slot): State<Arc<Slot>>, Path(id): Path<String>, body: Body) -> Response {
    if let Ok(body) = to_bytes(body, PAYLOAD_BYTES_MAX).await {
        return slot.settle(Some(&id), Ok(body.to_vec()));
    }
    let stopped = Stopped::too_large();
    slot.settle(Some(&id), Err(stopped.clone()));
    refuse(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLarge",
        &stopped.message,
    )
}

async fn fail(State(slot): State<Arc<Slot>>, Path(id): Path<String>, body: Body) -> Response {
    let stopped = error(body).await;
    slot.settle(Some(&id), Err(stopped))
}

async fn fail_init(State(slot): State<Arc<Slot>>, body: Body) -> Response {
    let stopped = error(body).await;
    slot.settle(None, Err(stopped))
}

/// What a runtime says of an error: `{"errorMessage", "errorType"}`, or whatever it sent.
async fn error(body: Body) -> Stopped {
    let body = to_bytes(body, PAYLOAD_BYTES_MAX).await.unwrap_or_default();
    let parsed = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let said = |name: &str| parsed.get(name).and_then(Value::as_str);
    let whole = || String::from_utf8_lossy(&body).into_owned();
    Stopped {
        kind: said("errorType").unwrap_or("Unhandled").to_owned(),
        message: said("errorMessage").map_or_else(whole, str::to_owned),
    }
}

fn trace() -> String {
    format!(
        "Root=1-{:08x}-{:016x}{:08x};Parent={:016x};Sampled=0",
        0,
        ids::number(),
        0,
        ids::number()
    )
}

fn refuse(status: StatusCode, kind: &str, message: &str) -> Response {
    let body = json!({"errorType": kind, "errorMessage": message});
    json::response(status, json::PLAIN, body.to_string())
}
