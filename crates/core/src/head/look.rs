//! A look at a head whose doubts can no longer arrive: a late write is put right, once.
//!
//! The only repair that is ever made, and only of a write of our own. Where the tag stands anywhere
//! but on a doubt it is somebody else's doing and is left alone.

use super::{Doubt, Ending, Head, LEASE, Lease};
use crate::{Digest, Time};

/// What a look at a head leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// Nothing is due.
    Nothing,
    /// Somebody writes the tag: due when that ends.
    Due(Time),
    /// The lease of another attempt has ended: it must be buried first.
    Dead(Lease),
    /// The tag must be read under the lease of this head, once written.
    Read(Head),
}

/// Begins a look.
#[must_use]
pub fn look(head: &Head, claim: &str, now: Time) -> Looked {
    if let Some(lease) = &head.lease
        && lease.claim != claim
    {
        return if now < lease.until {
            Looked::Due(lease.until)
        } else {
            Looked::Dead(lease.clone())
        };
    }
    let (Some(stood), Some(due)) = (&head.stood, head.due()) else {
        return Looked::Nothing;
    };
    if now < due {
        return Looked::Due(due);
    }
    let mut next = head.clone();
    next.lease = Some(Lease {
        claim: claim.to_owned(),
        case: None,
        order: stood.order.clone(),
        digest: stood.digest.clone(),
        sequence: head.sequence,
        began: now,
        until: now + LEASE,
    });
    Looked::Read(next)
}

impl Head {
    /// When the head has to be looked at: where a doubt older than it can no longer arrive, or the lease
    /// of a look has ended.
    #[must_use]
    pub fn due(&self) -> Option<Time> {
        let look = self.lease.iter().filter(|lease| lease.case.is_none());
        let late = self.doubts.iter().filter(|doubt| self.is_late(doubt));
        let ends = late.map(|doubt| doubt.until);
        ends.chain(look.map(|lease| lease.until)).min()
    }

    /// Whether the head must not be covered by this write. A doubt newer than the head belongs to
    /// its case.
    fn is_late(&self, doubt: &Doubt) -> bool {
        self.stood
            .as_ref()
            .is_some_and(|stood| doubt.order <= stood.order)
    }

    /// Whether the tag, seen on `on`, was covered by a late write: then the head's digest must be
    /// written.
    #[must_use]
    pub fn was_covered(&self, on: Option<&Digest>) -> bool {
        let Some(stood) = &self.stood else {
            return false;
        };
        on.is_some_and(|on| {
            *on != stood.digest
                && self
                    .doubts
                    .iter()
                    .any(|doubt| self.is_late(doubt) && doubt.digest == *on)
        })
    }

    /// The head after a look whose read began then. `wrote` is how the write ended, `None` if
    /// there was nothing to write. A doubt is dropped when the tag was elsewhere or the write was
    /// answered.
    #[must_use]
    pub fn looked(&self, claim: &str, read_began: Time, wrote: Option<Ending>) -> Self {
        let mut next = self.clone();
        next.lease = next.lease.filter(|lease| lease.claim != claim);
        next.doubts.clear();
        for mut doubt in self.doubts.iter().cloned() {
            if self.is_late(&doubt) && doubt.until <= read_began {
                match wrote {
                    Some(Ending::Unknown { until }) => doubt.until = until,
                    _ => continue,
                }
            }
            next.doubts.push(doubt);
        }
        next
    }
}
