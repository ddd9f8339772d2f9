//! An embedded AWS for tests and demonstrations: a strict ECR, DynamoDB, and what SQS, EventBridge, STS and Lambda
//! need to run a function on ECR's events.
//!
//! Everything answers at one address ([`Local::serve`]) or in the same process, as an SDK's connector
//! ([`Local::connector`]). What happens: ECR raises an event, `events` records it and passes it through a rule's
//! pattern into the queue of `sqs`, `poller` receives it and invokes the `function`, a closure or a process behind
//! `runtime_api`. Requests of every kind come through `router`, which counts them and lets `faults` meet them.
//!
//! It knows AWS and nothing of any function: no item of this crate depends on what runs on it, so that a mistake
//! shared by both sides cannot hide.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use axum::{Router, body::Body, response::Response};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::task::{AbortHandle, JoinHandle};

mod address;
mod admin;
pub mod clock;
mod connector;
mod dynamodb;
pub mod ecr;
mod events;
mod faults;
mod function;
mod ids;
mod journal;
mod json;
mod lambda;
mod lines;
mod measured;
mod open;
mod options;
pub mod pattern;
mod poller;
mod process;
pub mod registry;
mod router;
mod runtime_api;
mod schedule;
mod server;
mod sqs;
mod sts;
mod wait;

pub use address::{BLOBS_HOST_IN_PROCESS, HOST_IN_PROCESS};
pub use clock::Clock;
pub use ecr::{Base, Ecr, Unsettled};
pub use events::EVENTS_MAX;
pub use faults::{DELAY_MS_MAX, FAULTS_MAX, Fault};
pub use function::{FUNCTION, Invocation};
pub use options::{LocalError, Options};
pub use schedule::SCHEDULE;
pub use sqs::{DEAD_LETTER_QUEUE, QUEUE, QueueCounts};

use sqs::{Queues, Which};

/// The embedded AWS: one account in one Region. Clones are the same one.
#[derive(Clone)]
pub struct Local(Arc<Inner>);

pub(crate) struct Inner {
    options: Options,
    ecr: Ecr,
    registry: Router,
    tables: dynamodb::Tables,
    queues: Arc<Queues>,
    bus: Arc<events::Bus>,
    function: Arc<function::Function>,
    schedule: Arc<schedule::Schedule>,
    journal: journal::Journal,
    faults: faults::Faults,
    address: OnceLock<SocketAddr>,
    /// The pollers, and the schedule.
    pollers: Mutex<Vec<AbortHandle>>,
    /// Held as long as anything here may write.
    _lock: std::fs::File,
    /// Removed after everything that writes into it.
    _temporary: Option<tempfile::TempDir>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // A poller holds the function, and with it the function's processes.
        let pollers = self
            .pollers
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        pollers.iter().for_each(AbortHandle::abort);
    }
}

impl Local {
    /// Everything at one address, for a server of the caller's own. There a fault that breaks the connection breaks
    /// the answer's body instead; [`Local::serve`] does it properly.
    pub fn router(&self) -> Router {
        let local = self.clone();
        Router::new().fallback(move |request: axum::extract::Request| {
            let local = local.clone();
            async move {
                let answer = router::answer(&local, request).await;
                answer.unwrap_or_else(|reset| {
                    let broken = futures_util::stream::iter([Err::<Bytes, _>(reset)]);
                    Response::new(Body::from_stream(broken))
                })
            }
        })
    }

    /// Everything in the same process, in place of the network: endpoint `http://local`, blobs at
    /// `http://blobs.local`, AWS's own host names too. Does not keep the `Local` alive.
    #[must_use]
    pub fn connector(&self) -> SharedHttpConnector {
        SharedHttpConnector::new(connector::Connector(Arc::downgrade(&self.0)))
    }

    /// Serves on a socket until the future is dropped.
    pub async fn serve(&self, listener: tokio::net::TcpListener) -> std::io::Result<()> {
        // Of several listeners the first is the address that processes are told.
        let _ = self.0.address.set(listener.local_addr()?);
        server::serve(self, listener).await
    }

    /// The queue's URL for callers that reach us at `base`.
    #[must_use]
    pub fn queue_url(&self, base: &str) -> String {
        self.0.queues.url(base, Which::Source)
    }

    /// Makes a closure the function. One that holds this `Local` itself keeps it alive for ever.
    pub fn set_function(
        &self,
        function: impl Fn(Invocation) -> BoxFuture<'static, Result<Vec<u8>, String>>
        + Send
        + Sync
        + 'static,
    ) {
        self.0.function.set_closure(Arc::new(function));
    }

    /// Makes a binary the function: up to `concurrency` processes of it, started when they are needed, killed with
    /// this `Local`. They see Lambda's environment, dummy credentials, `AWS_ENDPOINT_URL` as this is served, and
    /// `env`, which wins. Must be called within a runtime.
    ///
    /// # Errors
    /// When there is no such file, or no address to tell: neither served yet nor given in `env`.
    pub fn run_bootstrap(
        &self,
        path: impl AsRef<Path>,
        concurrency: usize,
        mut env: Vec<(String, String)>,
    ) -> Result<(), LocalError> {
        let binary = std::fs::canonicalize(&path).map_err(|source| {
            let path: PathBuf = path.as_ref().to_owned();
            LocalError::Bootstrap { path, source }
        })?;
        if !env.iter().any(|(name, _)| name == "AWS_ENDPOINT_URL") {
            let address = self.0.address.get().ok_or(LocalError::NoAddress)?;
            env.push(("AWS_ENDPOINT_URL".to_owned(), format!("http://{address}")));
        }
        let Options {
            account,
            region,
            timeout,
            clock,
            ..
        } = self.0.options.clone();
        let settings = process::Settings {
            binary,
            account,
            region,
            env,
            timeout,
            clock,
        };
        self.0
            .function
            .set_processes(process::Processes::new(settings, concurrency));
        Ok(())
    }

    /// Starts polling the queue as Lambda does, once there is a function; ends when the handle is aborted, and with
    /// this `Local`. With [`Options::schedule`] it starts the schedule, too, which ends with this `Local` alone. Must
    /// be called within a runtime.
    pub fn start_poller(&self) -> JoinHandle<()> {
        let (queues, function) = (self.0.queues.clone(), self.0.function.clone());
        let Options {
            concurrency,
            batch_size,
            ..
        } = self.0.options;
        let poller = tokio::spawn(poller::run(queues, function, concurrency, batch_size));
        let mut pollers = self
            .0
            .pollers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        pollers.push(poller.abort_handle());
        if self.0.options.schedule {
            let schedule = self.0.schedule.clone();
            let firing = tokio::spawn(async move { schedule.run().await });
            pollers.push(firing.abort_handle());
        }
        poller
    }

    /// Invokes the function once as the schedule does, whatever the time.
    ///
    /// # Errors
    /// As [`Local::invoke`].
    pub async fn fire_schedule(&self) -> Result<Vec<u8>, String> {
        self.0.schedule.fire().await
    }

    /// Lets time pass: the clock moves forward, and with [`Options::schedule`] the schedule fires where it is due.
    /// Returns when that invocation has ended, so that what it sends is in the queue.
    pub async fn advance(&self, by: Duration) {
        self.clock().advance(by);
        if self.0.options.schedule {
            self.0.schedule.catch_up().await;
        }
    }

    /// Receives and handles one batch, without a poller; false where no message can be seen or there is no function.
    pub async fn step(&self) -> bool {
        if !self.0.function.is_set() {
            return false;
        }
        let batch = poller::receive(&self.0.queues, self.0.options.batch_size);
        let some = !batch.is_empty();
        if some {
            poller::handle(&self.0.queues, &self.0.function, batch).await;
        }
        some
    }

    /// Invokes the function directly.
    ///
    /// # Errors
    /// The function's own message, or why it was stopped.
    pub async fn invoke(&self, payload: Vec<u8>) -> Result<Vec<u8>, String> {
        self.0.function.invoke(payload).await
    }

    /// Raises an event as AWS would: what its envelope lacks is filled in, it is recorded, and passes through the
    /// pattern into the queue.
    pub fn raise(&self, event: Value) {
        self.0.bus.raise(event);
    }

    /// What was raised or put, oldest first, the last [`EVENTS_MAX`] (fewer where they are large).
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.0.bus.events()
    }

    /// Requests since the last reset, by name.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<String, u64> {
        self.0.journal.counts()
    }

    /// Starts counting anew.
    pub fn reset_requests(&self) {
        self.0.journal.reset();
    }

    /// How many messages are in which state.
    #[must_use]
    pub fn queue(&self) -> QueueCounts {
        self.0.queues.counts()
    }

    /// The bodies in the dead-letter queue, oldest first.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<String> {
        self.0.queues.dead_letters()
    }

    /// Puts these faults, at most [`FAULTS_MAX`], in the place of all that wait.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.0.faults.set(faults);
    }

    /// Waits until nothing is visible or in flight; false when the time passes first. What is delayed does not count.
    pub async fn idle(&self, timeout: Duration) -> bool {
        tokio::time::timeout(timeout, self.0.queues.idle())
            .await
            .is_ok()
    }

    /// The time here.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.options.clock
    }

    /// The registry behind the APIs.
    #[must_use]
    pub fn ecr(&self) -> &Ecr {
        &self.0.ecr
    }

    /// Hands an operation to the service of its journal name.
    async fn call(&self, service: &str, operation: &str, body: Bytes, base: &Base) -> Response {
        match service {
            "ecr" => self.0.ecr.call(operation, body, base).await,
            "dynamodb" => self.0.tables.call(operation, &body),
            "sqs" => sqs::api::call(&self.0.queues, &base.api, operation, &body).await,
            _ => self.0.bus.call(operation, &body),
        }
    }
}
