//! Where promoted tags came from: written with the raise, and ended with the settling.

use ecr_promoter_core::{Time, provenance::Provenance};

use super::{
    KEPT, Ledger,
    edit::Revised,
    keys::Key,
    reads,
    write::{Condition, Write},
};
use crate::failure::Failure;

/// The provenance of one target tag and digest, as it was read.
#[derive(Debug, Clone)]
pub struct Origins {
    key: Key,
    revision: Option<u64>,
    /// The windows.
    pub provenance: Provenance,
}

impl Origins {
    /// The item under `key`, as it was read.
    #[must_use]
    pub fn new(key: Key, item: Option<Revised<Provenance>>) -> Self {
        Self {
            key,
            revision: item.as_ref().map(|item| item.revision),
            provenance: item.map(|item| item.body).unwrap_or_default(),
        }
    }

    /// Reads the item again.
    pub async fn read_again(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let item = reads::get(ledger, &self.key).await?;
        *self = Self::new(self.key.clone(), item);
        Ok(())
    }

    /// The write that keeps the windows as they are now.
    pub(crate) fn write(&self, now: Time) -> Result<Write, Failure> {
        let item = Revised {
            revision: self.revision.unwrap_or(0) + 1,
            body: &self.provenance,
        };
        let condition = Condition::unchanged_since(self.revision);
        let write = Write::put(&self.key, &item, Some(condition))?;
        Ok(write.expiring(now + KEPT))
    }

    /// The item was written as it is now.
    pub(crate) fn written(&mut self) {
        self.revision = Some(self.revision.unwrap_or(0) + 1);
    }
}
