//! What follows a promoted image: its signatures, SBOMs and attestations. They are looked for once the case is written as
//! promoted, so that whatever arrives later finds it so; what does not go along is named in the record, and is open work
//! of the case as long as another try may bring it. None of it changes the outcome.

mod told;

use std::{pin::pin, slice::from_ref};

use ecr_promoter_core::{Digest, Push, Repository, claim::RENEWED_EVERY, policy::ReferrersTaken};
use futures_util::FutureExt as _;

use self::told::{Sweep, carry_over, open};
use super::job::{Job, STOP_BEFORE_DEADLINE, span_of_copy};
use crate::{
    copy::{
        Route,
        progress::Progress,
        referrers::{Brought, Late, Sought, bring, subjects, subjects_of},
    },
    ecr::{
        images,
        referrers::{Listed, list},
    },
    failure::{Failure, Remedy},
    finish::{self, TOLD_AFTER},
    function::{Errand, Function, in_time},
    ledger::{
        cases::{Open, Standing, Waits},
        records,
    },
    occasion::Attachment,
};

/// A case whose image is at its target, and what may follow it.
struct Following<'a> {
    function: &'a Function,
    push: &'a Push,
    errand: Errand<'a>,
    taken: &'a ReferrersTaken,
    target: Repository,
    standing: Standing,
    /// Something arrived: it is tried for a day of its own.
    arrived: bool,
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
        arrived: false,
    };
    let brought = following.bring(&subjects, None).boxed().await;
    if let Err(failure) = following.end(brought, Sweep::First).await {
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
    let all = all(function, push, standing, taken, None, errand);
    all.await.map(drop)
}

/// Looks for all that is attached to an image, and for what arrived `late`; whether ECR shows that as its event does.
async fn all(
    function: &Function,
    push: &Push,
    standing: Standing,
    taken: &ReferrersTaken,
    late: Option<Late<'_>>,
    errand: Errand<'_>,
) -> Result<bool, Failure> {
    let Some(mut following) = Following::of(function, push, standing, taken, errand) else {
        return Ok(true);
    };
    if !taken.any() || !following.is_allowed() {
        let nothing = Ok(Brought::default());
        return following.end(nothing, Sweep::Part).await.map(|()| true);
    }
    following.arrived = late.is_some();
    let brought = match subjects_of(&function.aws, &push.repository, &push.digest).await {
        Ok(subjects) => following.bring(&subjects, late).boxed().await,
        Err(failure) => Err(failure),
    };
    let shown = is_shown(&brought);
    following.end(brought, Sweep::Whole).await?;
    Ok(shown)
}

/// A referrer arrived: it follows the image of a promoted case. `chain` leads from the image to it, each behind its subject.
/// Whether ECR shows it as its event does.
pub(crate) async fn late(
    function: &Function,
    push: &Push,
    standing: Standing,
    taken: &ReferrersTaken,
    (attachment, chain): (&Attachment, &[Digest]),
    errand: Errand<'_>,
) -> Result<bool, Failure> {
    let referrer = &attachment.referrer;
    let late = Late {
        chain,
        beside: attachment.subject.as_ref().unwrap_or(referrer),
        tag: attachment.tag.as_ref().map(|tag| (tag, referrer)),
    };
    if standing.referrers_follow() {
        let all = all(function, push, standing, taken, Some(late), errand);
        return all.boxed().await;
    }
    let Some(mut following) = Following::of(function, push, standing, taken, errand) else {
        return Ok(true);
    };
    if !following.is_allowed() {
        return Ok(true);
    }
    let brought = following.bring(&[], Some(late)).boxed().await;
    if let Err(failure) = &brought
        && failure.remedy() == Remedy::Wait
    {
        // Its event comes again.
        return Err(failure.clone());
    }
    let shown = is_shown(&brought);
    following.end(brought, Sweep::Part).await?;
    Ok(shown)
}

/// What failed is looked at again by itself.
fn is_shown(brought: &Result<Brought, Failure>) -> bool {
    !brought.as_ref().is_ok_and(|brought| brought.contradicted)
}

/// Whether ECR shows a referrer where a promotion in progress will look for it: under its tag, or in the list of its
/// `subject`.
pub(crate) async fn is_listed(
    function: &Function,
    repository: &Repository,
    attachment: &Attachment,
    subject: &Digest,
) -> Result<bool, Failure> {
    let (aws, referrer) = (&function.aws, &attachment.referrer);
    if let Some(tag) = &attachment.tag {
        let holds = images::read(aws, repository, &[], from_ref(tag)).await?;
        let unreadable = holds.inaccessible_tags.contains_key(tag);
        return Ok(unreadable || holds.tags.get(tag) == Some(referrer));
    }
    let it = |listed: &Listed| listed.digest == *referrer;
    let listing = list(aws, repository, from_ref(subject), 0, it).await?;
    Ok(!listing.wanted.is_empty() || listing.unread.is_some())
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
            arrived: false,
        })
    }

    /// Whether the administrator's paths allow it, as they are now.
    fn is_allowed(&self) -> bool {
        let paths = &self.function.config.paths;
        paths.allows(&self.push.repository, &self.target)
    }

    /// Brings what is sought, and keeps the case from being taken up by others while bytes move.
    async fn bring(
        &mut self,
        subjects: &[Digest],
        late: Option<Late<'_>>,
    ) -> Result<Brought, Failure> {
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
            late,
        };
        let work = bring(route, sought).boxed();
        let work = in_time(function, self.errand.invocation, STOP_BEFORE_DEADLINE, work);
        let mut work = pin!(work);
        loop {
            let seam = &function.aws.seam;
            if let Some(brought) = seam.within(RENEWED_EVERY, work.as_mut()).await {
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
    async fn end(self, brought: Result<Brought, Failure>, sweep: Sweep) -> Result<(), Failure> {
        let Self {
            function,
            push,
            standing,
            arrived,
            ..
        } = self;
        let (mut brought, sweep) = match brought {
            Ok(brought) => (brought, sweep),
            Err(failure) => (Brought::failed(&failure), sweep.failed()),
        };
        let before = standing.body.open.clone();
        let looked_before = before.as_ref().is_some_and(|open| open.looks > 0);
        // Nothing is told of images to which nothing is attached, nor twice of what stands there.
        let tells = looked_before || brought.copied + brought.left.len() + brought.more > 0;
        if tells && sweep != Sweep::First {
            carry_over(function, &standing.body, sweep, &mut brought).await?;
        }
        let announced = finish::announced(function, push, &standing).await;
        let now = function.now();
        let mut item = standing.body.clone();
        if announced {
            item.untold = None;
        }
        item.open = open(before.filter(|_| !arrived), &brought.left, now);
        if item.untold.is_some() && item.open.is_none() {
            item.open = Some(Open::new(Waits::Telling, now + TOLD_AFTER, now));
        }
        let with = tells.then(|| records::referrers(&item, &told::told(&brought, now)));
        let with = with.transpose()?.flatten();
        if with.is_none() && item == standing.body {
            return Ok(());
        }
        let with = with.into_iter().collect();
        finish::write(function, push, Some(&standing), item, with)
            .await
            .map(drop)
    }
}
