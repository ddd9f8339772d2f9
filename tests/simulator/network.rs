//! The network between the sandboxes and the embedded AWS: every request has its fate. What AWS took in takes effect
//! whether or not its client still waits.
//!
//! Knows no rule of a promotion; what it saw is kept for the checkers.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use chrono::{NaiveDateTime, TimeDelta};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::{
    answer,
    fate::{Fate, Refusal, Seen, Sender},
    run::{Id, Moment, Run},
    truth::Truth,
};

/// AWS refuses a signature that is older (AWS Signature Version 4, "requests must reach AWS within five minutes").
const SIGNATURE_SECONDS_MAX: i64 = 300;

type Plan = dyn FnMut(&Seen) -> Fate + Send;
type Hook = dyn Fn() + Send;
type Answer = Result<HttpResponse, ConnectorError>;

/// The one network of a world.
#[derive(Clone)]
pub struct Network {
    run: Run,
    inner: SharedHttpConnector,
    truth: Truth,
    plan: Arc<Mutex<Box<Plan>>>,
    hook: Arc<Mutex<Box<Hook>>>,
    sent: Arc<Mutex<u64>>,
}

impl Network {
    pub fn new(run: Run, inner: SharedHttpConnector, truth: Truth) -> Self {
        Self {
            run,
            inner,
            truth,
            plan: Arc::new(Mutex::new(Box::new(|_: &Seen| {
                Fate::passes(Duration::ZERO)
            }))),
            hook: Arc::new(Mutex::new(Box::new(|| {}))),
            sent: Arc::default(),
        }
    }

    /// From now on this decides what becomes of each request.
    pub fn plan(&self, plan: impl FnMut(&Seen) -> Fate + Send + 'static) {
        *self.plan.lock().unwrap() = Box::new(plan);
    }

    /// From now on this is called when something at ECR or in the queue may have changed.
    pub fn on_change(&self, hook: impl Fn() + Send + 'static) {
        *self.hook.lock().unwrap() = Box::new(hook);
    }

    /// How many requests were sent so far.
    pub fn sent(&self) -> u64 {
        *self.sent.lock().unwrap()
    }

    /// The way out of one sandbox.
    pub fn way_out(&self, sandbox: usize, task: Arc<Mutex<Option<Id>>>) -> SharedHttpConnector {
        SharedHttpConnector::new(WayOut {
            network: self.clone(),
            sandbox,
            task,
        })
    }

    fn see(&self, sandbox: usize, invocation: Option<Id>, request: &HttpRequest) -> Seen {
        let mut sent = self.sent.lock().unwrap();
        *sent += 1;
        let body = request.body().bytes().unwrap_or_default();
        Seen {
            number: *sent,
            sandbox,
            invocation,
            at: self.run.now(),
            name: answer::name(request),
            uri: request.uri().to_owned(),
            body: serde_json::from_slice(body).unwrap_or(Value::Null),
        }
    }

    /// The request's whole way on AWS's side, and its answer.
    async fn travel(
        self,
        seen: Seen,
        fate: Fate,
        task: Option<Id>,
        request: HttpRequest,
    ) -> Answer {
        self.run.sleep(fate.before).await;
        if let Sender::FreezesBefore(time) = fate.sender {
            self.run.sleep(time).await;
        }
        let outcome = match fate.refused {
            Some(Refusal::Reset) => Err(answer::reset()),
            Some(refusal) => Ok(answer::refusal(&seen.name, refusal)),
            None if expired(&request, self.run.now()) => Ok(answer::expired()),
            None => self.take_effect(&seen, &fate, request).await,
        };
        if fate.sender == Sender::DiesAfter
            && let Some(task) = task
        {
            self.run.kill(task);
        }
        self.run.sleep(fate.after).await;
        outcome
    }

    async fn take_effect(&self, seen: &Seen, fate: &Fate, request: HttpRequest) -> Answer {
        self.run.sleep(fate.landing).await;
        self.truth.shows(seen, fate.stale);
        if let Some(answer) = self.truth.stale_answer(seen, fate.stale) {
            return Ok(answer);
        }
        let outcome = self.inner.call(request).await;
        let outcome = self.truth.took_effect(seen, outcome);
        if seen.changes_ecr() || seen.name.starts_with("sqs:Send") {
            (self.hook.lock().unwrap())();
        }
        match fate.lost {
            None => outcome,
            Some(Refusal::Reset) => Err(answer::reset()),
            Some(refusal) => Ok(answer::refusal(&seen.name, refusal)),
        }
    }
}

struct WayOut {
    network: Network,
    sandbox: usize,
    task: Arc<Mutex<Option<Id>>>,
}

impl fmt::Debug for WayOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WayOut of sandbox {}", self.sandbox)
    }
}

impl HttpConnector for WayOut {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let network = self.network.clone();
        let task = *self.task.lock().unwrap();
        let seen = network.see(self.sandbox, task, &request);
        let fate = (network.plan.lock().unwrap())(&seen);
        network.truth.sent(&seen, &fate);
        if let Some(task) = task {
            match fate.sender {
                Sender::DiesBefore => {
                    network.run.kill(task);
                    return HttpConnectorFuture::new(std::future::pending());
                }
                Sender::Freezes(time) | Sender::FreezesBefore(time) => {
                    let now = network.run.now();
                    let until = now + TimeDelta::from_std(time).unwrap();
                    network.run.freeze(task, until);
                }
                Sender::Lives | Sender::DiesAfter => {}
            }
        }
        let (truth, number) = (network.truth.clone(), seen.number);
        if request.body().bytes().is_none() {
            // A body that the sandbox itself is still reading dies with it.
            return HttpConnectorFuture::new(network.travel(seen, fate, task, request));
        }
        let (tell, told) = oneshot::channel();
        let run = network.run.clone();
        run.spawn(async move {
            let _ = tell.send(network.travel(seen, fate, task, request).await);
        });
        HttpConnectorFuture::new(async move {
            let answer = told.await.unwrap_or_else(|_| Err(answer::reset()));
            truth.answered(number, &answer);
            answer
        })
    }
}

/// Whether a signed request comes too late.
fn expired(request: &HttpRequest, now: Moment) -> bool {
    let signed = request.headers().get("x-amz-date");
    let signed = signed.and_then(|it| NaiveDateTime::parse_from_str(it, "%Y%m%dT%H%M%SZ").ok());
    signed.is_some_and(|it| now - it.and_utc() > TimeDelta::seconds(SIGNATURE_SECONDS_MAX))
}
