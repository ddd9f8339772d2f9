//! Where a promoted tag came from: written before the tag, so that the push which the tag itself
//! is can never be taken for a person's.

use ecr_promoter_core::{Image, Tag, Time, Way};
use serde::{Deserialize, Serialize};

use super::{Condition, Ledger, Write, Written, keys, read};
use crate::failure::{Failure, Remedy};

/// How often a way that others write at the same time is tried.
const ATTEMPTS: u32 = 8;

/// The way of one target tag on one digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayItem {
    /// Counts the writes of this item.
    pub revision: u64,
    /// The policies and repositories by which the push came.
    pub way: Way,
    /// The order time of the push that was promoted: the promoted push has the same.
    pub order_time: Time,
}

impl Ledger {
    /// Reads the way of a tag, if a promotion ever put it on this image.
    pub async fn way(&self, image: &Image, tag: &Tag) -> Result<Option<WayItem>, Failure> {
        self.get(&keys::way(image, tag)).await
    }

    /// Writes the way of a target tag before the tag itself; a second way to the same tag and
    /// digest is added.
    pub async fn write_way(
        &self,
        target: &Image,
        tag: &Tag,
        way: &Way,
        order_time: Time,
    ) -> Result<(), Failure> {
        let key = keys::way(target, tag);
        let mut standing: Option<WayItem> = None;
        for _ in 0..ATTEMPTS {
            let next = match &standing {
                None => WayItem {
                    revision: 1,
                    way: way.clone(),
                    order_time,
                },
                Some(from) if from.way.includes(way) && from.order_time >= order_time => {
                    return Ok(());
                }
                Some(from) => WayItem {
                    revision: from.revision + 1,
                    way: from.way.or(way),
                    order_time: from.order_time.max(order_time),
                },
            };
            let condition = Condition::unchanged_since(standing.as_ref().map(|from| from.revision));
            match self.put(Write::new(&key, &next, Some(condition))?).await? {
                Written::Done => return Ok(()),
                Written::Refused(Some(item)) => standing = Some(read(&key, item)?),
                Written::Refused(None) => standing = self.get(&key).await?,
            }
        }
        Err(Failure::new(
            Remedy::Wait,
            format!("write {key}"),
            "others keep writing it",
        ))
    }
}
