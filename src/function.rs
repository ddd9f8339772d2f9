//! The function itself: its configuration, its clients, its ledger; and what Lambda says of one
//! invocation. The rooms of the flow are methods of it; this one does nothing of their work.

use std::fmt;

use chrono::TimeDelta;
use ecr_promoter_core::{Registry, Time};
use futures_util::future::{Either, select};

use crate::{
    aws::Aws,
    config::Config,
    copy::RegistryHttp,
    failure::{Failure, Remedy},
    ledger::Ledger,
};

/// The function of one registry: one account in one Region.
#[derive(Clone)]
pub struct Function {
    pub(crate) config: Config,
    pub(crate) aws: Aws,
    pub(crate) ledger: Ledger,
    pub(crate) registry: Registry,
    pub(crate) http: RegistryHttp,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function of {}", self.registry)
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// An event.
    ByEvent,
    /// A person: what failed for good is tried again.
    ByHand,
}

/// What Lambda says of one invocation.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// By this its log lines are found.
    pub request_id: String,
    /// When Lambda ends it.
    pub deadline: Time,
}

impl Function {
    /// The function that promotes within `registry`.
    #[must_use]
    pub fn new(config: Config, aws: Aws, registry: Registry) -> Self {
        let ledger = Ledger::new(aws.dynamodb.clone(), config.promotions_table.clone());
        let http = RegistryHttp::new(aws.clone(), registry.clone());
        Self {
            config,
            aws,
            ledger,
            registry,
            http,
        }
    }

    pub(crate) fn now(&self) -> Time {
        self.aws.seam.now()
    }

    /// Gives work up `before` the invocation's end, so that what is left of the time can put things
    /// in order. What was begun is dropped with its requests: no task outlives its invocation.
    pub(crate) async fn in_time<T>(
        &self,
        invocation: &Invocation,
        before: TimeDelta,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let left = (invocation.deadline - before - self.now())
            .to_std()
            .unwrap_or_default();
        let time_is_up = Box::pin(self.aws.seam.sleep(left));
        match select(Box::pin(work), time_is_up).await {
            Either::Left((done, _)) => done,
            Either::Right(_) => Err(Failure::new(
                Remedy::Wait,
                "finish in the invocation's time",
                "it is up; what is copied stays, and the next delivery goes on",
            )),
        }
    }
}
