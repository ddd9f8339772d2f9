//! The head of each target tag: the one item that says which push may write the tag now.

use ecr_promoter_core::{
    Digest, Registry, Time,
    decision::Target,
    head::{Attempt, Head, Raise, State, may_reserve, raise},
    runs::Order,
};
use serde::{Deserialize, Serialize};

use super::{
    Condition, Ledger, Write, Written,
    keys::{self, Key},
    read,
};
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
        /// What an earlier write of somebody else's may still put there.
        unsettled: Option<Digest>,
    },
    /// It is ours, and the tag stands already.
    Stands {
        /// The head's sequence.
        sequence: u64,
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

    /// Raises the head before the tag is written. Where the tag was seen on this image (`stands`)
    /// and nobody can have written it since, the head is raised as tagged at once.
    pub async fn raise(
        &self,
        registry: &Registry,
        target: &Target,
        attempt: &Attempt<'_>,
        stands: bool,
    ) -> Result<Raised, Failure> {
        let key = keys::target(registry, target);
        let mut standing: Option<HeadItem> = self.get(&key).await?;
        for _ in 0..ATTEMPTS {
            let (head, unsettled, quiet) =
                match raise(standing.as_ref().map(|item| &item.head), attempt) {
                    Raise::Raised {
                        head,
                        unsettled,
                        quiet,
                    } => (head, unsettled, quiet),
                    Raise::Older { than, digest } => {
                        return Ok(Raised::Older(older(target, &than, &digest)));
                    }
                    Raise::Busy { until } => return Ok(Raised::Busy { until }),
                };
            let done = stands && quiet;
            let revision = standing.as_ref().map(|item| item.revision);
            let item = HeadItem {
                revision: revision.unwrap_or(0) + 1,
                head: head.settled(if done { State::Tagged } else { State::Raised }),
            };
            match self.write_head(&key, &item, revision).await? {
                Some(there) => standing = there,
                None if done => {
                    return Ok(Raised::Stands {
                        sequence: item.head.sequence,
                    });
                }
                None => return Ok(Raised::Ours { item, unsettled }),
            }
        }
        Err(Failure::new(
            Remedy::Wait,
            format!("raise {key}"),
            "others keep writing it",
        ))
    }

    /// Writes a head over the revision that was read; `Some` is what stands there instead. That the
    /// answer to our own write was lost is no refusal.
    async fn write_head(
        &self,
        key: &Key,
        item: &HeadItem,
        over: Option<u64>,
    ) -> Result<Option<Option<HeadItem>>, Failure> {
        let write = Write::new(key, item, Some(Condition::unchanged_since(over)))?;
        let there: Option<HeadItem> = match self.put(write).await? {
            Written::Done => return Ok(None),
            Written::Refused(Some(there)) => Some(read(key, there)?),
            Written::Refused(None) => self.get(key).await?,
        };
        Ok((there.as_ref() != Some(item)).then_some(there))
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
        let next = HeadItem {
            revision: item.revision + 1,
            head: item.head.settled(state),
        };
        let refused = self.write_head(&key, &next, Some(item.revision)).await?;
        Ok(refused.flatten().map(|there| there.head))
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
    /// The head that keeps the name.
    pub head: Head,
}

/// Whether a name can be kept.
pub(super) enum Name {
    /// It is free: this write keeps it.
    Free(Write),
    /// The same digest has it already.
    Kept,
    /// Another digest has it.
    Taken,
}

impl Ledger {
    /// Whether a tag's name is free for a digest now.
    pub(super) async fn name(&self, reserve: &Reserve<'_>) -> Result<Name, Failure> {
        let standing = self.head(reserve.registry, reserve.target).await?;
        let standing = standing.as_ref().map(|item| &item.head);
        if !may_reserve(standing, &reserve.head.digest) {
            return Ok(Name::Taken);
        }
        if standing.is_some() {
            return Ok(Name::Kept);
        }
        let item = HeadItem {
            revision: 1,
            head: reserve.head.clone(),
        };
        let key = keys::target(reserve.registry, reserve.target);
        Write::new(&key, &item, Some(Condition::Absent)).map(Name::Free)
    }
}
