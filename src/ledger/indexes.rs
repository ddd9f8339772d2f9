//! From a child to the indexes that hold it: a scan and a referrer name the child alone.

use ecr_promoter_core::{Digest, Image, Time};
use serde::{Deserialize, Serialize};

use super::{
    KEPT, Ledger,
    keys::{self, Key},
    reads::{self, Many},
    write::{self, Write, Written},
};
use crate::failure::{Failure, Remedy};

/// How many indexes of one child are looked at again.
const INDEXES_MAX: i32 = 100;
/// How many actions `TransactWriteItems` takes (Amazon DynamoDB API reference).
const CHILDREN_AT_ONCE: usize = 100;
/// How often children are tried that others write at the same time.
const ATTEMPTS: u32 = 5;

/// The item of an index that holds a child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct HeldBy {
    index: Digest,
}

/// Notes that an index holds these children, all at once. A repeat changes nothing.
pub async fn remember(
    ledger: &Ledger,
    index: &Image,
    children: &[&Digest],
    now: Time,
) -> Result<(), Failure> {
    for some in children.chunks(CHILDREN_AT_ONCE) {
        together(ledger, index, some, now).await?;
    }
    Ok(())
}

/// Writes what leads from some children to their index. Others who do so at the same time
/// write the same.
async fn together(
    ledger: &Ledger,
    index: &Image,
    children: &[&Digest],
    now: Time,
) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS {
        if let Written::Done = write::all(ledger, writes(index, children, now)?).await? {
            return Ok(());
        }
    }
    Err(Failure::new(
        Remedy::Wait,
        format!("note the children of {index}"),
        format!("others wrote them {ATTEMPTS} times meanwhile"),
    ))
}

/// What notes that an index holds these children.
pub(crate) fn writes(
    index: &Image,
    children: &[&Digest],
    now: Time,
) -> Result<Vec<Write>, Failure> {
    let item = HeldBy {
        index: index.digest.clone(),
    };
    let writes = children.iter().map(|child| {
        let child = Image {
            digest: (*child).clone(),
            ..index.clone()
        };
        let key = keys::held_by(&child, &index.digest);
        Ok(Write::put(&key, &item, None)?.expiring(now + KEPT))
    });
    writes.collect()
}

/// The indexes that are known to hold an image.
pub async fn of(ledger: &Ledger, image: &Image) -> Result<Vec<Digest>, Failure> {
    let key = Key::new(keys::image(image), keys::HELD_BY);
    let items = reads::query::<HeldBy>(ledger, &key, Many::Last(INDEXES_MAX)).await?;
    Ok(items.into_iter().map(|(_, item)| item.index).collect())
}
