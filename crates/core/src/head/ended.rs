//! How an attempt ends: settled by the writer, or buried by the next invocation.

use chrono::TimeDelta;

use super::{Ending, Head, LANDS_WITHIN, Lease};
use crate::{
    Digest, Time,
    claim::CaseId,
    runs::{COUNTS_AFTER, Order},
};

/// A write that had no answer arrives within this time after it was given up, or never.
const LANDS_AFTER: TimeDelta = TimeDelta::seconds(65);

impl Lease {
    /// Until when its write may arrive that was given up then: its sender may have stood still before that.
    #[must_use]
    pub fn lands_until(&self, given_up: Time) -> Time {
        (given_up + LANDS_AFTER).min(self.began + LANDS_WITHIN)
    }
}

impl Head {
    /// Until when a write of this push may arrive; `None` if all its writes were answered.
    #[must_use]
    pub fn in_doubt(&self, order: &Order, digest: &Digest) -> Option<Time> {
        let own = self.doubts.iter();
        let own = own.filter(|doubt| doubt.order == *order && doubt.digest == *digest);
        own.map(|doubt| doubt.until).max()
    }

    /// Until when it is open what became of a push under a case: while the case writes, while a write may arrive, and until a
    /// read counts against the head's last change. `None` if all its writes were answered.
    #[must_use]
    pub fn open_until(&self, case: &CaseId, order: &Order, digest: &Digest) -> Option<Time> {
        let lease = self.lease.as_ref();
        let writes = lease.filter(|lease| lease.case.as_ref() == Some(case));
        let doubt = self.in_doubt(order, digest);
        let seen = self.stood.as_ref().filter(|_| doubt.is_some());
        let ends = [
            writes.map(|lease| lease.until),
            doubt,
            seen.map(|stood| stood.changed + COUNTS_AFTER),
        ];
        ends.into_iter().flatten().max()
    }

    /// The head after a write of this push, whose outcome was unknown, was seen to have arrived.
    #[must_use]
    pub fn landed(&self, order: &Order, digest: &Digest, now: Time) -> Self {
        let mut next = self.clone();
        next.doubts
            .retain(|doubt| doubt.order != *order || doubt.digest != *digest);
        next.advance(order, digest, now);
        next
    }

    /// The head after a write under `claim` ended so, whether or not its lease was settled by others
    /// meanwhile.
    #[must_use]
    pub fn settle(&self, lease: &Lease, ending: Ending, now: Time) -> Self {
        let mut next = self.clone();
        next.lease = next.lease.filter(|held| held.claim != lease.claim);
        // Others may have taken this write for one without an end.
        let buried = lease.began + LANDS_WITHIN;
        next.doubts
            .retain(|doubt| doubt.order != lease.order || doubt.until != buried);
        match ending {
            Ending::Stood => next.advance(&lease.order, &lease.digest, now),
            Ending::Refused => {}
            Ending::Unknown { until } => next.doubt(&lease.order, &lease.digest, until),
        }
        next
    }

    /// The head after a lease that ended without an end, given where the tag was seen afterwards;
    /// and whether its push stood, which has to be noted in its case.
    ///
    /// Where the tag is on its digest it stood, unless that digest stood or was in doubt before.
    /// Otherwise its write may still arrive.
    #[must_use]
    pub fn bury(&self, lease: &Lease, on: Option<&Digest>, now: Time) -> (Self, bool) {
        let mut next = self.clone();
        next.lease = None;
        let before = self.stood.iter().any(|stood| stood.digest == lease.digest)
            || self.doubts.iter().any(|doubt| doubt.digest == lease.digest);
        let stood = on == Some(&lease.digest) && !before;
        if stood {
            next.advance(&lease.order, &lease.digest, now);
        } else {
            next.doubt(&lease.order, &lease.digest, lease.began + LANDS_WITHIN);
        }
        (next, stood)
    }
}
