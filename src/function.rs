//! What every room gets: the function's configuration, its clients, its ledger; and what Lambda
//! says of one invocation. Does none of their work.

use std::fmt;

use chrono::TimeDelta;
use ecr_promoter_core::{Digest, Image, Registry, Repository, Time, runs::COUNTS_AFTER};

use crate::{
    aws::Aws,
    config::Config,
    ecr::uploads::Uploads,
    failure::{Failure, Remedy},
    ledger::Ledger,
    policies,
};

/// The function of one registry: one account in one Region.
#[derive(Clone)]
pub struct Function {
    pub(crate) config: Config,
    pub(crate) aws: Aws,
    pub(crate) ledger: Ledger,
    pub(crate) registry: Registry,
    pub(crate) uploads: Uploads,
    pub(crate) policies: policies::Store,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function of {}", self.registry)
    }
}

/// What Lambda says of one invocation.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The id by which its log lines are found.
    pub request_id: String,
    /// When Lambda ends it.
    pub deadline: Time,
}

/// The invocation, and the message it handles.
#[derive(Clone, Copy)]
pub(crate) struct Errand<'a> {
    pub invocation: &'a Invocation,
    /// When the invocation began.
    pub began: Time,
    /// With it the visibility of the message can be changed.
    pub receipt: Option<&'a str>,
}

impl Function {
    /// The function that promotes within `registry`.
    #[must_use]
    pub fn new(config: Config, aws: Aws, registry: Registry) -> Self {
        let aws = aws.paced(config.put_image_rate, config.max_concurrency);
        let ledger = Ledger::new(aws.dynamodb.clone(), config.promotions_table.clone());
        let table = policies::Table::new(aws.dynamodb.clone(), config.policies_table.clone());
        let policies = policies::Store::new(table);
        let uploads = Uploads::new(aws.clone(), registry.clone());
        Self {
            config,
            aws,
            ledger,
            registry,
            uploads,
            policies,
        }
    }

    pub(crate) fn now(&self) -> Time {
        self.aws.seam.now()
    }

    /// Whether something is due, by a clock that may be behind: what another invocation sent as due is waited for where it is off
    /// by no more than clocks differ.
    pub(crate) async fn until_due(&self, due: Time) -> bool {
        let early = due - self.now();
        if early > COUNTS_AFTER {
            return false;
        }
        self.aws
            .seam
            .sleep(early.to_std().unwrap_or_default())
            .await;
        true
    }

    /// An image of this registry.
    pub(crate) fn image(&self, repository: &Repository, digest: &Digest) -> Image {
        Image {
            registry: self.registry.clone(),
            repository: repository.clone(),
            digest: digest.clone(),
        }
    }
}

/// Abandons work `before` the invocation's end, so that there is time left to clean up.
/// Work in progress is dropped with its requests: no task outlives its invocation.
pub(crate) async fn in_time<T>(
    function: &Function,
    invocation: &Invocation,
    before: TimeDelta,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let left = (invocation.deadline - before - function.now())
        .to_std()
        .unwrap_or_default();
    let done = function.aws.seam.within(left, Box::pin(work)).await;
    done.unwrap_or_else(|| {
        Err(Failure::new(
            Remedy::Wait,
            "finish before the invocation's time ran out",
            "what was copied is kept, and the next delivery continues",
        ))
    })
}
