//! The names of a second, reserved together with a claim.

use ecr_promoter_core::{Registry, Repository, Time, names::Names};

use super::{
    KEPT, Ledger,
    edit::Revised,
    keys::{self, Key},
    reads,
    write::{Condition, Write},
};
use crate::failure::Failure;

/// The names of a minute at a target repository, as they were read.
#[derive(Debug, Clone)]
pub struct Minute {
    key: Key,
    revision: Option<u64>,
    /// The names.
    pub names: Names,
}

/// Reads the names of the minute.
pub async fn minute(
    ledger: &Ledger,
    registry: &Registry,
    repository: &Repository,
    at: Time,
) -> Result<Minute, Failure> {
    let key = keys::names(registry, repository, at);
    let item: Option<Revised<Names>> = reads::get(ledger, &key).await?;
    Ok(Minute {
        key,
        revision: item.as_ref().map(|item| item.revision),
        names: item.map(|item| item.body).unwrap_or_default(),
    })
}

impl Minute {
    /// The write that keeps the names as they are now.
    pub(crate) fn write(&self, now: Time) -> Result<Write, Failure> {
        let item = Revised {
            revision: self.revision.unwrap_or(0) + 1,
            body: &self.names,
        };
        let condition = Condition::unchanged_since(self.revision);
        let write = Write::put(&self.key, &item, Some(condition))?;
        Ok(write.expiring(now + KEPT))
    }
}
