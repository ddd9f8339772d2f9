//! The function of an account: who it is, and what invokes it: people, the queue's poller, the schedule.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::task::JoinHandle;

use crate::{Invocation, Local, LocalError, Options, poller, process, stream::Around};

impl Local {
    /// Makes a closure the function. One that holds this `Local` itself keeps it alive forever.
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
        pollers.push(self.start_stream().abort_handle());
        if self.0.options.schedule {
            let schedule = self.0.schedule.clone();
            let firing = tokio::spawn(async move { schedule.run().await });
            pollers.push(firing.abort_handle());
        }
        poller
    }

    /// Reads the stream, once it is mapped, for as long as this `Local` is there.
    fn start_stream(&self) -> JoinHandle<()> {
        let (stream, tables) = (self.0.stream.clone(), self.0.tables.clone());
        let (function, queues) = (self.0.function.clone(), self.0.queues.clone());
        let clock = self.clock().clone();
        tokio::spawn(async move {
            let around = Around {
                tables: &tables,
                function: &function,
                queues: &queues,
                clock: &clock,
            };
            stream.run(&around).await;
        })
    }

    /// Invokes the function with one batch of the stream, without a poller; false if there is none, or if it failed.
    pub async fn step_stream(&self) -> bool {
        let around = Around {
            tables: &self.0.tables,
            function: &self.0.function,
            queues: &self.0.queues,
            clock: self.clock(),
        };
        self.0.stream.step(&around).await
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

    /// Receives and handles one batch, without a poller; false if no message can be seen or there is no function.
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
        let outcome = self.0.function.invoke(payload).await;
        outcome.map_err(|stopped| stopped.message)
    }
}
