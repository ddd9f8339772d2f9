//! What follows a promoted image: its signatures, SBOMs and attestations. They are looked for once the case is written as
//! promoted, so that whatever arrives later finds it so; what does not go along is named in the record, and is open work
//! of the case as long as another try may bring it. None of it changes the outcome.

use std::pin::pin;

use chrono::TimeDelta;
use ecr_promoter_core::{Digest, Push, Repository, Time, due, policy::ReferrersTaken};
use futures_util::FutureExt as _;

use super::{
    job::{Job, STOP_BEFORE_DEADLINE, span_of_copy},
    renew::renewed_every,
};
use crate::{
    copy::{
        Route,
        progress::Progress,
        referrers::{Brought, Left, Sought, bring, subjects, subjects_of},
    },
    failure::{Failure, Remedy},
    finish::{self, TOLD_AFTER},
    function::{Errand, Function, in_time},
    ledger::{
        cases::{Open, Standing, Waits},
        record::{ReferrerLeft, ReferrersTold, cut},
        records,
    },
};

/// So many that did not go along are named in the record.
const NAMED_MAX: usize = 20;
/// The longest reason of each, in characters.
const REASON_MAX: usize = 300;
/// What passes is tried again this often, however long it lasts.
const HOURLY: TimeDelta = TimeDelta::hours(1);

/// A case whose image is at its target, and what may follow it.
struct Following<'a> {
    function: &'a Function,
    push: &'a Push,
    errand: Errand<'a>,
    taken: &'a ReferrersTaken,
    target: Repository,
    standing: Standing,
}

/// After a settled promotion: brings what is attached to the image, announces the promotion, and writes both down at once.
pub(super) async fn follow(job: Job<'_>) {
    if !job.held.referrers_follow() {
        return;
    }
    let subjects = subjects(job.tree);
    let mut following = Following {
        function: job.function,
        push: job.push,
        errand: job.errand,
        taken: job.taken(),
        target: job.target().repository.clone(),
        standing: job.held,
    };
    let brought = following.bring(&subjects, &[]).boxed().await;
    if let Err(failure) = following.end(brought).await {
        tracing::warn!(%failure, "what followed an image could not be recorded; it is looked at again");
    }
}

/// Open work of a promoted case is due: all that is attached to its image is looked for again.
pub(crate) async fn again(
    function: &Function,
    push: &Push,
    standing: Standing,
    taken: &ReferrersTaken,
    errand: Errand<'_>,
) -> Result<(), Failure> {
    let Some(mut following) = Following::of(function, push, standing, taken, errand) else {
        return Ok(());
    };
    let brought = if taken.any() && following.is_allowed() {
        match subjects_of(&function.aws, &push.repository, &push.digest).await {
            Ok(subjects) => following.bring(&subjects, &[]).boxed().await,
            Err(failure) => Err(failure),
        }
    } else {
        Ok(Brought::default())
    };
    following.end(brought).await
}

/// A referrer arrived: it follows each image of these promoted cases. `told` is the chain from the image to it, and
/// `subject` what is looked at beside it.
pub(crate) async fn late(
    function: &Function,
    push: &Push,
    standing: Standing,
    taken: &ReferrersTaken,
    (told, subject): (&[Digest], &Digest),
    errand: Errand<'_>,
) -> Result<(), Failure> {
    if standing.referrers_follow() {
        return again(function, push, standing, taken, errand).boxed().await;
    }
    let Some(mut following) = Following::of(function, push, standing, taken, errand) else {
        return Ok(());
    };
    if !following.is_allowed() {
        return Ok(());
    }
    let brought = following
        .bring(std::slice::from_ref(subject), told)
        .boxed()
        .await;
    match brought {
        // Its event comes again.
        Err(failure) if failure.remedy() == Remedy::Wait => Err(failure),
        brought => following.end(brought).await,
    }
}

impl<'a> Following<'a> {
    /// What follows a case that was promoted before; `None` if it has no target.
    fn of(
        function: &'a Function,
        push: &'a Push,
        standing: Standing,
        taken: &'a ReferrersTaken,
        errand: Errand<'a>,
    ) -> Option<Self> {
        let target = standing.body.decision.target.as_ref()?.repository.clone();
        Some(Self {
            function,
            push,
            errand,
            taken,
            target,
            standing,
        })
    }

    /// Whether the administrator's paths allow it, as they are now.
    fn is_allowed(&self) -> bool {
        let paths = &self.function.config.paths;
        paths.allows(&self.push.repository, &self.target)
    }

    /// Brings what is sought, and keeps the case from being taken up by others while bytes move.
    async fn bring(&mut self, subjects: &[Digest], told: &[Digest]) -> Result<Brought, Failure> {
        let (function, progress) = (self.function, Progress::default());
        let (source, target) = (self.push.repository.clone(), self.target.clone());
        let route = Route {
            aws: &function.aws,
            uploads: &function.uploads,
            source: &source,
            target: &target,
            progress: &progress,
            span: span_of_copy(self.errand),
            target_is_new: false,
        };
        let sought = Sought {
            taken: self.taken,
            subjects,
            told,
        };
        let work = bring(route, sought).boxed();
        let work = in_time(function, self.errand.invocation, STOP_BEFORE_DEADLINE, work);
        let mut work = pin!(work);
        loop {
            let seam = &function.aws.seam;
            if let Some(brought) = seam.within(renewed_every(), work.as_mut()).await {
                return brought;
            }
            if progress.was_made() && self.standing.referrers_follow() {
                self.renew().await?;
            }
        }
    }

    async fn renew(&mut self) -> Result<(), Failure> {
        let mut item = self.standing.body.clone();
        if let Some(open) = &mut item.open {
            open.due = self.function.now() + TOLD_AFTER;
        }
        let standing = Some(&self.standing);
        self.standing = finish::write(self.function, self.push, standing, item, Vec::new()).await?;
        Ok(())
    }

    /// Announces what was not announced yet, and writes down what followed and what is still open.
    async fn end(self, brought: Result<Brought, Failure>) -> Result<(), Failure> {
        let Self {
            function,
            push,
            standing,
            ..
        } = self;
        let announced = finish::announced(function, push, &standing).await;
        let now = function.now();
        let mut item = standing.body.clone();
        if announced {
            item.untold = None;
        }
        let before = item.open.take();
        let looked_before = before.as_ref().is_some_and(|open| open.looks > 0);
        item.open = open(before, &brought, now);
        if item.untold.is_some() && item.open.is_none() {
            item.open = Some(Open::new(Waits::Telling, now + TOLD_AFTER, now));
        }
        let told = told(brought, now);
        // Nothing is told of images to which nothing is attached, nor twice of what stands there.
        let with = if looked_before || told.copied + told.left.len() + told.left_unnamed > 0 {
            records::referrers(&item, &told)?
        } else {
            None
        };
        if with.is_none() && item == standing.body {
            return Ok(());
        }
        let with = with.into_iter().collect();
        finish::write(function, push, Some(&standing), item, with)
            .await
            .map(drop)
    }
}

/// What is open of a case by what became of its referrers.
fn open(before: Option<Open>, brought: &Result<Brought, Failure>, now: Time) -> Option<Open> {
    let (again, passes) = match brought {
        Ok(brought) => (brought.left.iter().any(|left| left.again), false),
        Err(failure) => (true, failure.remedy() == Remedy::Wait),
    };
    let before = before.filter(|open| open.waits == Waits::Referrers);
    let (since, looks) = before.map_or((now, 0), |open| (open.since, open.looks));
    let due = due::mended(since, looks, now).or(passes.then(|| now + HOURLY));
    let due = due.filter(|_| again)?;
    Some(Open {
        since,
        looks: looks + 1,
        ..Open::new(Waits::Referrers, due, now)
    })
}

/// What the record says of it.
fn told(brought: Result<Brought, Failure>, now: Time) -> ReferrersTold {
    let brought = brought.unwrap_or_else(|failure| Brought {
        left: vec![Left::all(failure.to_string())],
        ..Brought::default()
    });
    let named = brought
        .left
        .iter()
        .take(NAMED_MAX)
        .map(|left| ReferrerLeft {
            referrer: left.referrer.clone(),
            artifact_type: cut(&left.kind, REASON_MAX),
            reason: cut(&left.why, REASON_MAX),
        });
    ReferrersTold {
        at: now,
        copied: brought.copied,
        there: brought.there,
        left_unnamed: brought.left.len().saturating_sub(NAMED_MAX) + brought.more,
        left: named.collect(),
    }
}
