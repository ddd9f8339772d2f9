//! From a child to the indexes that hold it: a scan and a referrer name the child alone.

use ecr_promoter_core::{Digest, Image, Time};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::{
    KEPT, Ledger,
    keys::{self, Key},
    reads::{self, Many},
    write::{self, Write},
};
use crate::failure::Failure;

/// How many indexes of one child are looked at again.
const INDEXES_MAX: i32 = 100;
/// How many children are written at once.
const CHILDREN_AT_ONCE: usize = 10;

/// The item of an index that holds a child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct HeldBy {
    index: Digest,
}

/// Notes that an index holds these children. A repeat changes nothing.
pub async fn remember(
    ledger: &Ledger,
    index: &Image,
    children: &[&Digest],
    now: Time,
) -> Result<(), Failure> {
    let item = HeldBy {
        index: index.digest.clone(),
    };
    for some in children.chunks(CHILDREN_AT_ONCE) {
        let mut writes = Vec::new();
        for child in some {
            let child = Image {
                digest: (*child).clone(),
                ..index.clone()
            };
            let key = keys::held_by(&child, &index.digest);
            let write = Write::put(&key, &item, None)?.expiring(now + KEPT);
            writes.push(write::all(ledger, vec![write]));
        }
        try_join_all(writes).await?;
    }
    Ok(())
}

/// The indexes that are known to hold an image.
pub async fn of(ledger: &Ledger, image: &Image) -> Result<Vec<Digest>, Failure> {
    let key = Key::new(keys::image(image), keys::HELD_BY);
    let items = reads::query::<HeldBy>(ledger, &key, Many::Last(INDEXES_MAX)).await?;
    Ok(items.into_iter().map(|(_, item)| item.index).collect())
}
