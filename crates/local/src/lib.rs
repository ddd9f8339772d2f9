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
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use axum::{Router, body::Body, response::Response};
use bytes::Bytes;
use serde_json::Value;
use tokio::task::AbortHandle;

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
mod open_work;
mod options;
mod pages;
pub mod pattern;
mod poller;
mod process;
pub mod registry;
mod router;
mod running;
mod runtime_api;
mod schedule;
mod server;
mod sqs;
mod stream;
mod sts;
mod wait;

pub use address::{BLOBS_HOST_IN_PROCESS, HOST_IN_PROCESS};
pub use clock::Clock;
pub use ecr::{Base, Ecr, Unsettled};
pub use events::EVENTS_MAX;
pub use faults::{DELAY_MS_MAX, FAULTS_MAX, Fault};
pub use function::{FUNCTION, Invocation};
pub use open_work::OpenWork;
pub use options::{LocalError, Options};
pub use schedule::SCHEDULE;
pub use sqs::{DEAD_LETTER_QUEUE, QUEUE, QueueCounts};
pub use stream::StreamMapping;

use pages::Pages;
use sqs::{Queues, Which};

/// How often open work that is due is looked at by a caller that waits for its end: nothing tells when a table changes.
const LOOK_EVERY: Duration = Duration::from_millis(20);

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
    stream: Arc<stream::Stream>,
    journal: journal::Journal,
    faults: faults::Faults,
    address: OnceLock<SocketAddr>,
    open_work: OnceLock<OpenWork>,
    pages: OnceLock<Pages>,
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
        // Of several listeners the first is the address that processes get.
        let _ = self.0.address.set(listener.local_addr()?);
        server::serve(self, listener).await
    }

    /// The queue's URL for callers that reach us at `base`.
    #[must_use]
    pub fn queue_url(&self, base: &str) -> String {
        self.0.queues.url(base, Which::Source)
    }

    /// The dead-letter queue's URL for callers that reach us at `base`.
    #[must_use]
    pub fn dead_letter_queue_url(&self, base: &str) -> String {
        self.0.queues.url(base, Which::Dead)
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

    /// Starts counting again.
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

    /// Says where open work lies, for [`Local::idle`]. The first who says so is believed.
    pub fn set_open_work(&self, work: OpenWork) {
        let _ = self.0.open_work.set(work);
    }

    /// Has a caller's own pages answer below a path, such as `/ui`. They are no part of AWS: they are not counted, and no fault
    /// meets them. The first who says so is believed.
    pub fn set_pages(&self, path: &'static str, router: Router) {
        let _ = self.0.pages.set(Pages::new(path, router));
    }

    /// Has the stream of a table invoke the function. The first mapping is believed.
    ///
    /// # Errors
    /// When the filter is not a pattern.
    pub fn set_stream(&self, mapping: StreamMapping) -> Result<(), pattern::PatternError> {
        let filter = mapping.filter.as_ref();
        let filter = filter.map(pattern::Pattern::parse).transpose()?;
        self.0.stream.set(mapping, filter);
        Ok(())
    }

    /// Waits until nothing is visible or in flight, the stream has nothing more ([`Local::set_stream`]), and no open
    /// work is due ([`Local::set_open_work`]); false when the time passes first. What is delayed, or due later, does not count.
    pub async fn idle(&self, timeout: Duration) -> bool {
        let idle = async {
            loop {
                self.0.queues.idle().await;
                let work = self.0.open_work.get();
                let tables = &self.0.tables;
                let reads = self.0.function.is_set() && self.0.stream.is_busy(tables);
                if !reads && !work.is_some_and(|it| it.is_due(tables, self.clock().now())) {
                    return;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(timeout, idle).await.is_ok()
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
