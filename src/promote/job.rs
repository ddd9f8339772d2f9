//! A promotion in progress: what every step of it is handed, and how far it came.

use chrono::TimeDelta;
use ecr_promoter_core::{
    Digest, Push, Time,
    claim::Claim,
    decision::{Decision, Target},
    head,
    manifest::Tree,
    policy::ReferrersTaken,
};

use crate::{
    copy::{Moves, Span},
    ecr::images::Holds,
    ending::Ended,
    failure::Failure,
    finish::Particulars,
    function::{Errand, Function},
    ledger::{
        cases::{self, CaseItem, Open, Standing},
        record::Promotion,
        write::Write,
    },
    policies::Loaded,
};

/// What failed for a reason that passes is tried again this long after, whatever becomes of its message.
pub(super) const TRIED_AGAIN: TimeDelta = TimeDelta::minutes(1);
/// A promotion stops this long before its invocation ends, to release its claim.
pub(super) const STOP_BEFORE_DEADLINE: TimeDelta = TimeDelta::seconds(3);
/// Its blobs stop this long before that, so that the case can be written as one that goes on at once; in a short
/// invocation, a quarter of its time.
const BLOBS_STOP_BEFORE_THAT: TimeDelta = TimeDelta::seconds(2);

/// A promotion in progress: a case, and its claim.
pub(super) struct Job<'a> {
    pub function: &'a Function,
    pub push: &'a Push,
    pub tree: &'a Tree,
    /// The policy as it was when it judged.
    pub stored: &'a Loaded,
    pub errand: Errand<'a>,
    /// The decision, with the target of the claim.
    pub decision: Decision,
    pub claim: Claim,
    /// The case as it was last written.
    pub held: Standing,
}

/// How far a promotion came.
pub(super) enum Performed {
    /// It ended, and is written down.
    Ended(Ended),
    /// A newer push stood at the target.
    Newer,
    /// Somebody changed the tag after this push had stood there.
    Respected,
    /// The tag is there, by another policy's promotion of the same push.
    There { sequence: u64 },
    /// It goes on then.
    Due(Time),
    /// The policy is not what it was when it judged.
    Changed,
    /// The invocation's time was not enough: the next one copies the rest.
    OutOfTime,
}

/// The time that an invocation has for blobs.
pub(super) fn span_of_copy(errand: Errand<'_>) -> Span {
    let (began, stop) = (
        errand.began,
        errand.invocation.deadline - STOP_BEFORE_DEADLINE,
    );
    Span {
        began,
        until: stop - BLOBS_STOP_BEFORE_THAT.min((stop - began) / 4),
    }
}

/// Where the target tag was seen.
pub(super) struct Seen {
    pub on: Option<Digest>,
    pub began: Time,
    pub holds: Holds,
    /// There is no such repository.
    pub no_repository: bool,
}

impl Seen {
    pub(super) fn sight(&self) -> head::Sight<'_> {
        head::Sight {
            on: self.on.as_ref(),
            began: self.began,
        }
    }
}

impl<'a> Job<'a> {
    pub(super) fn target(&self) -> &Target {
        &self.claim.target
    }

    /// That the policy is what it was when it judged.
    pub(super) fn unchanged(&self) -> Write {
        self.stored.unchanged(&self.function.policies.table)
    }

    /// What its policy lets go along with the image.
    pub(super) fn taken(&self) -> &'a ReferrersTaken {
        &self.stored.policy.target.referrers
    }

    /// Whether anything may have to follow the image: within one repository it is there.
    pub(super) fn referrers_follow(&self) -> bool {
        self.taken()
            .go(&self.push.repository, &self.target().repository)
    }

    /// The case is read again: others may have written it. A claim that is not ours any more is
    /// lost.
    pub(super) async fn read_again(&mut self) -> Result<(), Failure> {
        let id = self.held.body.id.clone();
        let ids = std::slice::from_ref(&id);
        let mut read = cases::get(&self.function.ledger, &self.push.registry, ids).await?;
        let held = read.pop().flatten();
        let ours = |held: &Standing| {
            let claim = held.body.claim.as_ref();
            claim.is_some_and(|claim| claim.id == self.claim.id)
        };
        self.held = held.filter(ours).ok_or_else(|| cases::overtaken(&id))?;
        Ok(())
    }

    /// The case with its claim released, to be continued then.
    pub(super) fn released(&self, at: Time, now: Time) -> CaseItem {
        let mut item = self.held.body.clone();
        item.claim = Some(self.claim.clone().released(now));
        let since = item.open.as_ref().map_or(now, |open| open.since);
        item.open = Some(Open {
            since,
            ..Open::promoting(item.open.as_ref(), at, now)
        });
        item
    }
}

/// Why a promotion goes on later whose requests are refused for their rate: its slot is left to
/// others.
pub(super) fn throttled(failure: &Failure) -> String {
    format!("too many requests at the moment: {failure}")
}

/// Why an older push does not take the tag. It names no other source: that is its own affair.
pub(super) fn older(target: &Target) -> String {
    format!("older than the head: a newer push has been promoted to {target}")
}

/// What goes into the record of a promotion that stood.
pub(super) fn told<'a>(job: &Job<'a>, moves: Moves, stood: (u64, bool)) -> Particulars<'a> {
    Particulars {
        invocation: job.errand.invocation,
        promotion: Some(Promotion::new(&job.claim, moves)),
        stood: Some(stood),
        referrers_follow: job.referrers_follow(),
    }
}
