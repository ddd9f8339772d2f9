//! The head of each target tag: the one item that says which push may write the tag now.

use ecr_promoter_core::{
    Digest, Registry, Time,
    decision::Target,
    head::{Attempt, Head, Raise, State, raise},
    runs::Order,
};
use serde::{Deserialize, Serialize};

use super::{Condition, Ledger, Write, Written, keys, read};
use crate::failure::{Failure, Remedy};

/// How often a head is tried whose item others write at the same time.
const ATTEMPTS: u32 = 6;

/// The item of one target tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadItem {
    /// Counts the writes of this item.
    pub revision: u64,
    /// The head.
    pub head: Head,
}

/// What became of an attempt to raise a head.
#[derive(Debug)]
pub enum Raised {
    /// It is ours.
    Ours {
        /// As it was written.
        item: HeadItem,
        /// An earlier write of somebody else's may still land.
        unsettled: bool,
    },
    /// A newer push holds it.
    Older(String),
    /// Another invocation is writing the tag.
    Busy {
        /// When its lease ends.
        until: Time,
    },
}

impl Ledger {
    /// The head of a target tag, if it ever had one.
    pub async fn head(
        &self,
        registry: &Registry,
        target: &Target,
    ) -> Result<Option<HeadItem>, Failure> {
        self.get(&keys::target(registry, target)).await
    }

    /// Raises the head, to be in `state`: `Raised` before the tag is written, `Tagged` where it
    /// stands already.
    pub async fn raise(
        &self,
        registry: &Registry,
        target: &Target,
        attempt: &Attempt<'_>,
        state: State,
    ) -> Result<Raised, Failure> {
        let key = keys::target(registry, target);
        let mut standing: Option<HeadItem> = self.get(&key).await?;
        for _ in 0..ATTEMPTS {
            let (head, unsettled) = match raise(standing.as_ref().map(|item| &item.head), attempt) {
                Raise::Raised { head, unsettled } => (head.settled(state), unsettled),
                Raise::Older { than, digest } => {
                    return Ok(Raised::Older(older(target, &than, &digest)));
                }
                Raise::Busy { until } => return Ok(Raised::Busy { until }),
            };
            let revision = standing.as_ref().map(|item| item.revision);
            let item = HeadItem {
                revision: revision.unwrap_or(0) + 1,
                head,
            };
            let write = Write::new(&key, &item, Some(Condition::unchanged_since(revision)))?;
            standing = match self.put(write).await? {
                Written::Done => return Ok(Raised::Ours { item, unsettled }),
                Written::Refused(Some(there)) => Some(read(&key, there)?),
                Written::Refused(None) => self.get(&key).await?,
            };
            if standing.as_ref() == Some(&item) {
                // The answer to our own write was lost.
                return Ok(Raised::Ours { item, unsettled });
            }
        }
        Err(Failure::new(
            Remedy::Wait,
            format!("raise {key}"),
            "others keep writing it",
        ))
    }

    /// Settles a head of ours. `Some` is the head that stands there instead: a newer push raised
    /// it meanwhile.
    pub async fn settle(
        &self,
        registry: &Registry,
        target: &Target,
        item: HeadItem,
        state: State,
    ) -> Result<Option<Head>, Failure> {
        let key = keys::target(registry, target);
        let condition = Condition::Revision(item.revision);
        let next = HeadItem {
            revision: item.revision + 1,
            head: item.head.settled(state),
        };
        match self.put(Write::new(&key, &next, Some(condition))?).await? {
            Written::Done => Ok(None),
            Written::Refused(there) => {
                let there: Option<HeadItem> = match there {
                    Some(there) => Some(read(&key, there)?),
                    None => self.get(&key).await?,
                };
                Ok(there.filter(|there| *there != next).map(|there| there.head))
            }
        }
    }
}

/// Why an older push does not take the tag.
pub(crate) fn older(target: &Target, than: &Order, digest: &Digest) -> String {
    format!(
        "older than the head: {target} is for {}:{} of {} ({digest})",
        than.repository,
        than.tag,
        keys::moment(than.order_time),
    )
}

/// A target tag's name to be kept for a digest, in one transaction with the claim.
#[derive(Debug, Clone)]
pub struct Reserve<'a> {
    /// Where the target repository lies.
    pub registry: &'a Registry,
    /// The tag whose name is kept.
    pub target: &'a Target,
    /// The head that stands there.
    pub standing: Option<&'a HeadItem>,
    /// The head that keeps the name.
    pub head: Head,
}

impl Reserve<'_> {
    /// The write that keeps the name; `None` where the same digest has it already.
    pub(super) fn write(&self) -> Result<Option<Write>, Failure> {
        if self.standing.is_some() {
            return Ok(None);
        }
        let item = HeadItem {
            revision: 1,
            head: self.head.clone(),
        };
        let key = keys::target(self.registry, self.target);
        Write::new(&key, &item, Some(Condition::Absent)).map(Some)
    }
}
