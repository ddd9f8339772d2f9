//! How an embedded AWS is opened, and why one cannot be.

use std::{path::PathBuf, time::Duration};

use serde_json::Value;

use crate::{clock::Clock, ecr::Unsettled, pattern::PatternError};

/// How an embedded AWS is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// The account, twelve digits.
    pub account: String,
    /// The Region's name.
    pub region: String,
    /// ECR's account setting `BLOB_MOUNTING` at start; new accounts have it disabled.
    pub blob_mounting: bool,
    /// Where everything is kept across restarts; without it in memory and a temporary folder, which goes with the
    /// last clone.
    pub data: Option<PathBuf>,
    /// The time of all services.
    pub clock: Clock,
    /// How many batches the poller hands out at once.
    pub concurrency: usize,
    /// How many messages the poller hands out in one batch.
    pub batch_size: usize,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// The event pattern of the rule between bus and queue; without it everything from `aws.ecr` and
    /// `aws.inspector2` passes.
    pub pattern: Option<Value>,
    /// How many times a message is received before it goes to the dead-letter queue.
    pub max_receive_count: u32,
    /// How long a received message is hidden; without it six times the timeout, as Lambda's developer guide advises.
    pub visibility: Option<Duration>,
    /// Whether a rule invokes the function once a minute, from [`Local::start_poller`](crate::Local::start_poller) on.
    pub schedule: bool,
    /// How ECR answers at start if it is not known how it does; `PUT /_local/unsettled` changes it.
    pub unsettled: Unsettled,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            blob_mounting: false,
            data: None,
            clock: Clock::system(),
            concurrency: 2,
            batch_size: 1,
            timeout: Duration::from_mins(1),
            pattern: None,
            max_receive_count: 5,
            visibility: None,
            schedule: false,
            unsettled: Unsettled::default(),
        }
    }
}

impl Options {
    pub(crate) fn visibility(&self) -> Duration {
        self.visibility.unwrap_or(self.timeout.saturating_mul(6))
    }

    /// The folder to use, made where it lacks, and its guard if it is temporary.
    pub(crate) fn folder(&self) -> Result<(PathBuf, Option<tempfile::TempDir>), LocalError> {
        if let Some(folder) = &self.data {
            let path = folder.clone();
            std::fs::create_dir_all(folder)
                .map_err(|source| LocalError::Folder { path, source })?;
            return Ok((folder.clone(), None));
        }
        let temporary = tempfile::tempdir().map_err(|source| {
            let path = std::env::temp_dir();
            LocalError::Folder { path, source }
        })?;
        Ok((temporary.path().to_owned(), Some(temporary)))
    }
}

/// Why an embedded AWS cannot be opened or run.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// A file or folder of the account cannot be used.
    #[error("cannot use \"{}\": {source}", path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("cannot open the tables: {0}")]
    Tables(String),
    /// The pattern between bus and queue is invalid.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The function's binary cannot be used.
    #[error("cannot run \"{}\": {source}", path.display())]
    Bootstrap {
        /// The binary.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Processes need an address to call.
    #[error("processes of the function need an address: serve first, or set AWS_ENDPOINT_URL")]
    NoAddress,
}
