//! From a hint to the push it concerns: what ECR showed of it, and the push's run, order and chain.
//!
//! Events are hints and ECR is the witness: a read that contradicts the event is believed only when
//! it began a minute after the event, since ECR may not yet show what it announced.

pub(crate) mod asked;
pub(crate) mod known;
pub(crate) mod subject;

use chrono::SubsecRound as _;
use ecr_promoter_core::{
    Digest, Push, Time,
    claim::CaseId,
    provenance::{Chain, Window},
    runs::{Run, Unplaced},
};

use crate::{
    ecr::images,
    failure::{Failure, Remedy},
    function::Function,
    ledger::runs::{self, Ahead, Numbered, Unwritten, number},
    occasion::Hint,
    outcome::Again,
    reading::Reading,
};

/// A read that began this long after the event is believed against it.
pub(crate) const BELIEVED_AFTER: chrono::TimeDelta = chrono::TimeDelta::seconds(60);
/// A read that does not count is made again this many times: others may push the same tag meanwhile.
const READS_MAX: usize = 4;

/// What a hint comes to.
#[derive(Debug)]
pub(crate) enum Resolved {
    /// A push to be judged.
    Push {
        push: Box<Push>,
        /// It was never seen before.
        new: bool,
        /// The writes that give it its run, where they are left to its first claim.
        unwritten: Unwritten,
    },
    /// ECR contradicts the event, too early to be believed.
    Again(Again),
    /// There is no such image.
    Gone { why: String },
}

/// Gives the push of a hint the number, the order and the chain that it has in the ledger. A new push that is
/// `claimed` at once has its run written with its claim, and not here.
pub(crate) async fn resolve(
    function: &Function,
    hint: &Hint,
    reading: &mut Reading,
    ahead: Ahead,
    claimed: impl Fn(&Push, &Reading) -> bool,
) -> Result<Resolved, Failure> {
    if let Some(contradicted) = contradicted(hint, reading) {
        return Ok(contradicted);
    }
    let window = window(hint, &ahead);
    if hint.known.is_none() {
        let known = ahead.knows(&hint.digest);
        let sight = sight(function, hint, reading, known, window.as_ref());
        let unwritten = runs::unwritten(&reading.image, &hint.tag, &sight, &ahead)?;
        if let Some((run, writes)) = unwritten {
            let push = pushed(function, hint, reading, &run, window.as_ref());
            if claimed(&push, reading) {
                return Ok(Resolved::Push {
                    push: Box::new(push),
                    new: true,
                    unwritten: writes,
                });
            }
        }
    }
    let (run, new) = match &hint.known {
        Some(run) => (run.clone(), false),
        None => match place(function, hint, reading, ahead, window.as_ref()).await? {
            Ok(placed) => placed,
            Err(contradicted) => return Ok(contradicted),
        },
    };
    of_a_refused_read(hint, reading, &run)?;
    Ok(Resolved::Push {
        push: Box::new(pushed(function, hint, reading, &run, window.as_ref())),
        new,
        unwritten: Unwritten::new(),
    })
}

/// What a hint comes to that ECR does not show.
fn contradicted(hint: &Hint, reading: &Reading) -> Option<Resolved> {
    if !reading.is_refused()
        && let Some(why) = contradiction(hint, reading)
        && let Some(at) = believed_at(hint, reading)
        && reading.began < at
    {
        return Some(Resolved::Again(Again { at, why }));
    }
    if reading.there {
        return None;
    }
    let name = images::name(&hint.repository, &hint.digest, Some(&hint.tag));
    let why = format!("ECR does not have the image {name}");
    Some(Resolved::Gone { why })
}

/// The push of a run, with what was seen of it.
fn pushed(
    function: &Function,
    hint: &Hint,
    reading: &Reading,
    run: &Run,
    window: Option<&Window>,
) -> Push {
    let mut push = of_run(function, hint, run);
    let stands = reading.tags.get(&hint.tag) == Some(&hint.digest);
    push.current = stands || reading.is_refused();
    push.chain = window
        .map(|window| window.chain.clone())
        .unwrap_or_default();
    push
}

/// The window of a promotion of ours in which the push lies.
pub(crate) fn window(hint: &Hint, ahead: &Ahead) -> Option<Window> {
    let told = match &hint.known {
        Some(run) => run.told,
        None => hint.told_at,
    };
    let stood = ahead.head.as_ref().and_then(|head| head.stood.as_ref());
    let stands = stood.is_some_and(|stood| stood.digest == hint.digest);
    ahead.provenance.of(told, stands)
}

/// The push's run: known already, or given its number now; and whether it is new. A read that may be
/// older than the tag's last run is made again; `Err` where that one contradicts the event, too early to be believed.
async fn place(
    function: &Function,
    hint: &Hint,
    reading: &mut Reading,
    ahead: Ahead,
    window: Option<&Window>,
) -> Result<Result<(Run, bool), Resolved>, Failure> {
    if reading.is_refused() && ahead.knows_only_others(&hint.digest) {
        return Err(not_shown(hint));
    }
    let image = reading.image.clone();
    // What is read again says no more of it.
    let known = ahead.knows(&hint.digest);
    let mut ahead = Some(ahead);
    for _ in 0..READS_MAX {
        let sight = sight(function, hint, reading, known, window);
        let ledger = &function.ledger;
        match number(ledger, &image, &hint.tag, &sight, ahead.take()).await? {
            Numbered::Run { run, new } => return Ok(Ok((run, new))),
            Numbered::ReadAgain { not_before } => {
                let wait = (not_before - function.now()).to_std().unwrap_or_default();
                function.aws.seam.sleep(wait).await;
                if let Err(failure) = read_again(function, hint, reading).await {
                    tracing::error!(%failure, "a tag could not be read again");
                    return Err(not_shown(hint));
                }
                if let Some(contradicted) = contradicted(hint, reading) {
                    return Ok(Err(contradicted));
                }
            }
        }
    }
    let tried = format!("place a push of {}:{}", hint.repository, hint.tag);
    Err(Failure::new(
        Remedy::Wait,
        tried,
        "the tag is being pushed again and again",
    ))
}

/// What was seen of a push that has no place yet.
fn sight<'a>(
    function: &Function,
    hint: &'a Hint,
    reading: &'a Reading,
    known: bool,
    window: Option<&Window>,
) -> Unplaced<'a> {
    let now = function.now();
    Unplaced {
        digest: &hint.digest,
        standing: reading.tags.get(&hint.tag),
        read_began: reading.began,
        told: hint.told_at,
        desired: desired(hint, window, known, now),
        now,
    }
}

/// A refused read invents no push; but an event that is newer than the run of its digest may tell of one, and comes again.
fn of_a_refused_read(hint: &Hint, reading: &Reading, run: &Run) -> Result<(), Failure> {
    let known = run.told >= hint.told_at;
    if known || !reading.is_refused() {
        return Ok(());
    }
    Err(not_shown(hint))
}

/// A push that has no place yet comes again with its event.
fn not_shown(hint: &Hint) -> Failure {
    let tried = format!("place a push of {}:{}", hint.repository, hint.tag);
    let said = "ECR refused to show which of its pushes the tag stands on";
    Failure::new(Remedy::Wait, tried, said)
}

/// Where the push would go in the order of pushes. Events tell whole seconds, so nothing else is told finer: of two pushes of one
/// second the one that is seen later is the newer, however each was seen.
fn desired(hint: &Hint, window: Option<&Window>, known: bool, now: Time) -> Time {
    match (window, hint.told_at) {
        (Some(window), _) => window.order_time,
        (None, Some(told)) => told,
        // That the tag came back to a digest that was pushed long ago was seen only now.
        (None, None) if known => now.trunc_subsecs(0),
        (None, None) => hint.pushed_at.trunc_subsecs(0),
    }
}

/// Where the tag stands now.
async fn read_again(
    function: &Function,
    hint: &Hint,
    reading: &mut Reading,
) -> Result<(), Failure> {
    let began = function.now();
    let tag = std::slice::from_ref(&hint.tag);
    let holds = images::read(&function.aws, &hint.repository, &[], tag).await?;
    reading.tags.remove(&hint.tag);
    reading.tags.extend(holds.tags);
    reading.began = began;
    Ok(())
}

/// When a read is believed that contradicts the hint: long enough after its event, or, where ECR does not show an image that it
/// showed before, after the push.
fn believed_at(hint: &Hint, reading: &Reading) -> Option<Time> {
    let known = hint.known.as_ref().filter(|_| !reading.there);
    let pushed = known.map(|run| run.told.unwrap_or(run.seen));
    let since = hint.told_at.or(pushed)?;
    Some(since + BELIEVED_AFTER)
}

/// The push of a run, as far as it is known without a look at ECR.
pub(crate) fn of_run(function: &Function, hint: &Hint, run: &Run) -> Push {
    let mut push = Push {
        registry: function.registry.clone(),
        repository: hint.repository.clone(),
        tag: hint.tag.clone(),
        digest: hint.digest.clone(),
        number: 0,
        order_time: hint.pushed_at,
        seen: hint.pushed_at,
        told: None,
        current: false,
        chain: Chain::default(),
    };
    push.take_run(run);
    push
}

/// The hint of a case that the ledger names.
pub(crate) fn hint_of(id: &CaseId, run: &Run) -> Hint {
    Hint {
        repository: id.repository.clone(),
        tag: id.tag.clone(),
        digest: id.digest.clone(),
        told_at: None,
        pushed_at: run.order_time,
        known: Some(run.clone()),
    }
}

/// The push of a case that the ledger names, as far as it is known without a look at ECR.
pub(crate) fn of_case(function: &Function, id: &CaseId, run: &Run) -> Push {
    of_run(function, &hint_of(id, run), run)
}

/// The part of a hint that ECR does not show.
fn contradiction(hint: &Hint, reading: &Reading) -> Option<String> {
    let name = images::name(&hint.repository, &hint.digest, Some(&hint.tag));
    let standing: Option<&Digest> = reading.tags.get(&hint.tag);
    if !reading.there {
        Some(format!("ECR does not have the image {name}"))
    } else if standing != Some(&hint.digest) {
        Some(format!("the tag of {name} points to another image"))
    } else {
        None
    }
}
