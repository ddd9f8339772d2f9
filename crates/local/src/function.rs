//! The function that is invoked: a closure, or processes that speak Lambda's Runtime API.
//!
//! Keeps Lambda's promise of a deadline: what is not answered by then has failed, whatever it still does.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{FutureExt, future::BoxFuture};

use crate::{
    clock::Clock,
    ids,
    process::Processes,
    runtime_api::{Outcome, PAYLOAD_BYTES_MAX, Stopped},
    wait,
};

/// The type of an error that does not say its own.
const UNHANDLED: &str = "Unhandled";

/// The function's name.
pub const FUNCTION: &str = "ecr-promoter";

/// One invocation, as Lambda hands it to a function.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The event, JSON.
    pub payload: Vec<u8>,
    /// When the function is stopped.
    pub deadline: DateTime<Utc>,
    /// The request's id.
    pub request_id: String,
}

type Closure = dyn Fn(Invocation) -> BoxFuture<'static, Result<Vec<u8>, String>> + Send + Sync;

#[derive(Clone)]
enum Kind {
    Closure(Arc<Closure>),
    Processes(Arc<Processes>),
}

/// The function, once there is one.
pub(crate) struct Function {
    kind: tokio::sync::watch::Sender<Option<Kind>>,
    clock: Clock,
    timeout: Duration,
}

impl Function {
    pub(crate) fn new(clock: Clock, timeout: Duration) -> Self {
        let kind = tokio::sync::watch::Sender::new(None);
        Self {
            kind,
            clock,
            timeout,
        }
    }

    pub(crate) fn set_closure(&self, closure: Arc<Closure>) {
        self.set(Kind::Closure(closure));
    }

    pub(crate) fn set_processes(&self, processes: Processes) {
        self.set(Kind::Processes(Arc::new(processes)));
    }

    fn set(&self, kind: Kind) {
        self.kind.send_replace(Some(kind));
    }

    pub(crate) fn is_set(&self) -> bool {
        self.kind.borrow().is_some()
    }

    /// Resolves when there is a function.
    pub(crate) async fn set_by_then(&self) {
        // The sender lives as long as `self`.
        let _ = self.kind.subscribe().wait_for(Option::is_some).await;
    }

    /// Invokes the function once.
    pub(crate) async fn invoke(&self, payload: Vec<u8>) -> Outcome {
        let kind = self.kind.borrow().clone();
        let request_id = ids::uuid();
        match kind {
            None => Err(Stopped::new(UNHANDLED, "there is no function to invoke")),
            Some(Kind::Closure(closure)) => {
                let deadline = self.deadline();
                let invocation = Invocation {
                    payload,
                    deadline,
                    request_id: request_id.clone(),
                };
                let running =
                    AssertUnwindSafe(async move { closure(invocation).await }).catch_unwind();
                tokio::select! {
                    answer = running => answer
                        .unwrap_or_else(|_| Err("the function panicked".to_owned()))
                        .map_err(|message| Stopped::new(UNHANDLED, message))
                        .and_then(within_bounds),
                    () = wait::until(&self.clock, deadline) => Err(timed_out(&request_id, self.timeout)),
                }
            }
            Some(Kind::Processes(processes)) => processes.invoke(payload, request_id).await,
        }
    }

    fn deadline(&self) -> DateTime<Utc> {
        deadline(&self.clock, self.timeout)
    }
}

/// A process's answer is bounded where it arrives, by the Runtime API; a closure's here.
fn within_bounds(answer: Vec<u8>) -> Outcome {
    if answer.len() > PAYLOAD_BYTES_MAX {
        return Err(Stopped::too_large());
    }
    Ok(answer)
}

/// When an invocation that begins now is stopped.
pub(crate) fn deadline(clock: &Clock, timeout: Duration) -> DateTime<Utc> {
    let timeout = TimeDelta::from_std(timeout).unwrap_or(TimeDelta::MAX);
    clock
        .now()
        .checked_add_signed(timeout)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Lambda's words for an invocation that was stopped at its deadline.
pub(crate) fn timed_out(request_id: &str, timeout: Duration) -> Stopped {
    let seconds = timeout.as_secs_f64();
    let message = format!("{request_id} Task timed out after {seconds:.2} seconds");
    Stopped::new("Sandbox.Timedout", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_closure_s_answer_is_bounded_as_a_process_s_is() {
        let function = Function::new(Clock::system(), Duration::from_mins(1));
        function.set_closure(Arc::new(|it| Box::pin(async move { Ok(it.payload) })));
        let most = vec![b'1'; PAYLOAD_BYTES_MAX];
        assert!(function.invoke(most.clone()).await.is_ok());
        let outcome = function.invoke([most, vec![b'1']].concat()).await;
        assert_eq!(outcome, Err(Stopped::too_large()));
    }
}
