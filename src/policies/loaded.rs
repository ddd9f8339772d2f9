//! What an item of the policies table comes to: a policy with what was read, or its mistakes.

use std::sync::Arc;

use ecr_promoter_core::policy::{Policy, PolicyError, PolicyKey};

use super::table::{self, PolicyItem, Table};
use crate::ledger::write::Write;

/// A policy as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// The policy.
    pub policy: Arc<Policy>,
    /// What was read, without its status.
    pub(super) item: Arc<PolicyItem>,
}

impl Loaded {
    /// That the item is still what was read: a part of the transaction that raises a head under it.
    pub(crate) fn unchanged(&self, table: &Table) -> Write {
        table::unchanged(&table.name, &self.item)
    }

    /// Whether another read found the same document.
    pub(crate) fn is_written_as(&self, other: &Self) -> bool {
        self.item == other.item
    }
}

/// An item that is not a policy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BadPolicy {
    /// Its key.
    pub policy: PolicyKey,
    /// Its mistakes.
    pub errors: Vec<PolicyError>,
}
