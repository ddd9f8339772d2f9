//! How an attempt ends: settled by the writer, or buried by the next invocation.

use super::{Ending, Head, LANDS_WITHIN, Lease};
use crate::{Digest, Time, runs::Order};

impl Head {
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
