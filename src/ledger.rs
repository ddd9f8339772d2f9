//! The table of runs, cases, heads, provenance, open work and history, and the only module tree that
//! speaks to it.
//!
//! Every decision is taken by a conditional write on the item itself: no index decides anything, no
//! answer is cached between invocations. [`edit`] is the one loop of read, transition and
//! conditional write. A refusal is read back before it is believed, since the SDK's own retry may
//! have written the item (a lost answer fails on its own effect).
//!
//! Layout: [`keys`] names the items; [`runs`] keeps a tag's pushes, [`cases`] what a policy made of a
//! push, [`heads`] what stood under a target tag, [`provenance`] where a promoted tag came from,
//! [`names`] the names of a second, [`sightings`] since when findings are known, [`open`] what must be looked at again, [`walk`] where the hourly
//! walk stands and [`tags`] what it compares with, [`records`] what people read; [`history`] and
//! [`waiting`] show it to them.

pub mod cases;
pub mod edit;
pub mod heads;
pub mod history;
pub mod indexes;
pub mod keys;
pub mod names;
pub mod open;
pub mod provenance;
pub(crate) mod reads;
pub mod record;
pub mod records;
pub mod runs;
pub mod sightings;
pub mod tags;
pub mod waiting;
pub mod walk;
pub mod write;

use std::collections::HashMap;

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use chrono::TimeDelta;
use ecr_promoter_core::push::PROMOTED_WITHIN;
use serde::de::DeserializeOwned;

use crate::failure::{Failure, Remedy};
use keys::Key;

/// The version that this release writes into each item.
pub const VERSION: u64 = 1;
/// The newest version that this release reads, so that a rollback of the function is harmless.
pub const VERSION_READ_MAX: u64 = VERSION + 1;
/// Items expire this long after their last write. Nothing pushed longer ago is promoted but by hand, so
/// that this is safe.
pub const KEPT: TimeDelta = PROMOTED_WITHIN;
/// Tags and pushes give a push its order, and are kept longer than anything that may ask for it.
pub const RUNS_KEPT: TimeDelta = TimeDelta::days(900);

/// One item as DynamoDB gives it.
pub type Item = HashMap<String, AttributeValue>;

/// The promotions table.
#[derive(Clone)]
pub struct Ledger {
    client: Client,
    table: String,
}

impl Ledger {
    /// The ledger in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

/// Reads an item's body, unless a newer release wrote it in a format that this one cannot know.
pub(crate) fn read<T: DeserializeOwned>(key: &Key, item: Item) -> Result<T, Failure> {
    let version = match item.get("v") {
        Some(AttributeValue::N(number)) => number.parse::<u64>().unwrap_or(u64::MAX),
        _ => u64::MAX,
    };
    if version > VERSION_READ_MAX {
        return Err(Failure::new(
            Remedy::Wait,
            format!("read {key}"),
            format!("its format {version} is newer than {VERSION_READ_MAX}, the newest that this release reads"),
        )
        .advised("upgrade the function, or wait until the newer one has finished this work"));
    }
    serde_dynamo::from_item(item)
        .map_err(|error| Failure::new(Remedy::Wait, format!("read {key}"), error.to_string()))
}
