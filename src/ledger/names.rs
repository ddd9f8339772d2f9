//! The names of a second, reserved together with a claim.

use ecr_promoter_core::{Digest, Registry, Repository, Tag, Time, names::Names};
use serde::{Deserialize, Serialize};

use super::{
    Item, KEPT, Ledger, keys, read,
    reads::{self, Many},
    write::{Condition, Write},
};
use crate::failure::Failure;

/// A name that is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct NameItem {
    tag: Tag,
    digest: Digest,
}

/// The names that are taken in the minute of `at`.
pub async fn of_minute(
    ledger: &Ledger,
    registry: &Registry,
    repository: &Repository,
    at: Time,
) -> Result<Names, Failure> {
    let key = keys::names_of(registry, repository, at);
    let items = reads::query::<NameItem>(ledger, &key, Many::All).await?;
    let taken = items.into_iter();
    Ok(taken.map(|(_, item)| (item.tag, item.digest)).collect())
}

/// What the item of a name says: the name, and whose it is.
pub(crate) fn owner(
    registry: &Registry,
    repository: &Repository,
    (at, tag): (Time, &Tag),
    item: Item,
) -> Result<(Tag, Digest), Failure> {
    let item: NameItem = read(&keys::name(registry, repository, at, tag), item)?;
    Ok((item.tag, item.digest))
}

/// The write that reserves a name of the second `at`, unless somebody has it.
pub(crate) fn reserve(
    registry: &Registry,
    repository: &Repository,
    (at, tag): (Time, &Tag),
    digest: &Digest,
    now: Time,
) -> Result<Write, Failure> {
    let key = keys::name(registry, repository, at, tag);
    let item = NameItem {
        tag: tag.clone(),
        digest: digest.clone(),
    };
    Ok(Write::put(&key, &item, Some(Condition::Absent))?.expiring(now + KEPT))
}
