//! The end of a case for now: its record, what is announced of it, and when it is looked at again.

pub(crate) mod announce;

use chrono::TimeDelta;
use ecr_promoter_core::{
    Push, Time,
    decision::{Decision, Outcome},
};

use crate::{
    ending::{Ended, Ending},
    failure::Failure,
    function::{Function, Invocation},
    ledger::{
        cases::{self, CaseItem, Open, Standing, Waits},
        record::Promotion,
        records::{self, End},
        write::Write,
    },
};

/// Delay before a missed announcement is sent again, or what is attached to an image is looked for again, if this
/// invocation cannot.
pub(crate) const TOLD_AFTER: TimeDelta = TimeDelta::minutes(1);

/// The item of a case that was judged: the existing one, or a new one.
pub(crate) fn item(push: &Push, standing: Option<&Standing>, decision: &Decision) -> CaseItem {
    match standing {
        Some(standing) => CaseItem {
            decision: decision.clone(),
            ..standing.body.clone()
        },
        None => CaseItem {
            id: cases::id_of(push, &decision.policy),
            run: push.run(),
            decision: decision.clone(),
            claim: None,
            stood: None,
            recorded: None,
            untold: None,
            held: Vec::new(),
            open: None,
        },
    }
}

/// What goes into the record with an ending.
pub(crate) struct Particulars<'a> {
    /// The invocation it runs in.
    pub invocation: &'a Invocation,
    /// What a promotion did.
    pub promotion: Option<Promotion>,
    /// The head's sequence, and whether a newer push held the head already.
    pub stood: Option<(u64, bool)>,
    /// What is attached to the image has to follow it.
    pub referrers_follow: bool,
}

/// The case with its ending, and what is written with it.
pub(crate) fn ended(
    push: &Push,
    standing: Option<&Standing>,
    ending: &Ending,
    told: &Particulars<'_>,
    now: Time,
) -> Result<(CaseItem, Vec<Write>), Failure> {
    let mut item = item(push, standing, &ending.decision);
    let promoted = ending.outcome == Outcome::Promoted;
    item.claim = item.claim.filter(|_| !promoted);
    item.claim = item.claim.and_then(|claim| claim.kept(now));
    item.stood = None;
    item.open.clone_from(&ending.open);
    let end = End {
        push,
        decision: &ending.decision,
        promotion: told.promotion.clone(),
        request_id: &told.invocation.request_id,
        stood: told.stood,
        now,
    };
    let (mut item, writes) = records::ended(item, ending.outcome, &end)?;
    let waits_long = item
        .open
        .as_ref()
        .is_none_or(|it| it.waits == Waits::Exceptions);
    if told.referrers_follow {
        item.open = Some(Open::new(Waits::Referrers, now + TOLD_AFTER, now));
    } else if item.untold.is_some() && waits_long {
        item.open = Some(Open::new(Waits::Telling, now + TOLD_AFTER, now));
    }
    Ok((item, writes))
}

/// Records how a case ended, and announces it.
pub(crate) async fn end(
    function: &Function,
    push: &Push,
    invocation: &Invocation,
    standing: Option<Standing>,
    ending: Ending,
) -> Result<Ended, Failure> {
    let id = cases::id_of(push, &ending.decision.policy);
    let ended = end_if(function, push, invocation, standing, ending, Vec::new());
    ended.await?.ok_or_else(|| cases::overtaken(&id))
}

/// The same under further conditions; `None` where one does not hold, or others wrote the case.
pub(crate) async fn end_if(
    function: &Function,
    push: &Push,
    invocation: &Invocation,
    standing: Option<Standing>,
    ending: Ending,
    conditions: Vec<Write>,
) -> Result<Option<Ended>, Failure> {
    let now = function.now();
    let told = Particulars {
        invocation,
        promotion: None,
        stood: None,
        referrers_follow: false,
    };
    let (item, mut with) = ended(push, standing.as_ref(), &ending, &told, now)?;
    let same = standing.as_ref().is_some_and(|before| before.body == item);
    if !same {
        with.extend(conditions);
        let (ledger, registry) = (&function.ledger, &push.registry);
        let written = cases::put(ledger, registry, standing.as_ref(), item, with, now).await?;
        let Some(written) = written else {
            return Ok(None);
        };
        tell(function, push, written).await;
    }
    Ok(Some(Ended::decided(ending)))
}

/// Writes a case and what belongs to it, if the item is still what was read.
pub(crate) async fn write(
    function: &Function,
    push: &Push,
    before: Option<&Standing>,
    item: CaseItem,
    with: Vec<Write>,
) -> Result<Standing, Failure> {
    let id = item.id.clone();
    let (ledger, registry) = (&function.ledger, &push.registry);
    let written = cases::put(ledger, registry, before, item, with, function.now()).await?;
    written.ok_or_else(|| cases::overtaken(&id))
}

/// What is open of a case that is decided and announced: what is held for now looks again where its
/// exceptions end.
fn after_telling(decision: &Decision, now: Time) -> Option<Open> {
    let due = decision.next_look_at?;
    (decision.outcome == Some(Outcome::Held)).then(|| Open::new(Waits::Exceptions, due, now))
}

/// Announces what was not announced yet. A refusal leaves the outcome as it is, and the case is open
/// until it is announced. What is announced twice has the same id.
pub(crate) async fn tell(function: &Function, push: &Push, standing: Standing) -> Standing {
    if standing.body.untold.is_none() || !announced(function, push, &standing).await {
        return standing;
    }
    let mut item = standing.body.clone();
    item.untold = None;
    let now = function.now();
    let is_told = |open: &Open| open.waits == Waits::Telling;
    if item.open.as_ref().is_some_and(is_told) {
        item.open = after_telling(&standing.body.decision, now);
    }
    let (ledger, registry) = (&function.ledger, &push.registry);
    match cases::put(ledger, registry, Some(&standing), item, Vec::new(), now).await {
        Ok(Some(told)) => told,
        Ok(None) => standing,
        Err(failure) => {
            tracing::warn!(%failure, "an announcement was sent but could not be recorded; it will be sent again");
            standing
        }
    }
}

/// Whether nothing is left to be announced of a case: it is announced now, where that was not done.
pub(crate) async fn announced(function: &Function, push: &Push, standing: &Standing) -> bool {
    let Some(announcement) = &standing.body.untold else {
        return true;
    };
    let bus = &function.config.event_bus;
    let decision = &standing.body.decision;
    let sent = announce::send(&function.aws, bus, push, decision, announcement);
    let sent = sent.await;
    if let Err(failure) = &sent {
        tracing::warn!(%failure, "an announcement failed; it will be sent again in a minute");
    }
    sent.is_ok()
}
