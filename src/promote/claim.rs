//! Taking the claim: the rendered tag and its time, fixed before anything is written.
//!
//! A template that renders one name a second reserves it in the claim's own transaction.

use chrono::{DurationRound as _, TimeDelta};
use ecr_promoter_core::{
    Tag, Time,
    claim::{Claim, Claimant, Take, take},
    decision::{Decision, Target},
    names::Names,
    template::Context,
};

use super::children;
use crate::{
    case::{Case, settled},
    ending::Ended,
    failure::{Failure, Remedy},
    finish,
    function::Function,
    ledger::{
        Item,
        cases::{self, CaseItem, Claiming, Open, Standing, Waits},
        names,
        runs::Unwritten,
        write::Write,
    },
    occasion::Asked,
};

/// How often a claim is tried whose case or whose names others write at the same time.
const ATTEMPTS: usize = 10;
/// The names of a second lie together by the minute.
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// What became of an attempt to claim.
#[expect(
    clippy::large_enum_variant,
    reason = "one is made a promotion, and is moved once"
)]
pub(super) enum Claimed {
    /// It is ours.
    Ours(Standing, Claim),
    /// There is nothing to do now.
    Ended(Ended),
}

/// Takes the claim of a case. A dead claim is taken over with its target and its time; only one that
/// never raised may be rendered again, where the policy aims elsewhere by now. With the first claim of a push
/// goes what is `unwritten` of it; where that is refused the push has no place.
pub(super) async fn take_claim(
    function: &Function,
    case: &Case<'_>,
    decision: &Decision,
    mut standing: Option<Standing>,
    unwritten: &mut Unwritten,
) -> Result<Claimed, Failure> {
    let id = claim_id(function, case);
    let case_id = cases::id_of(case.push, &decision.policy);
    let mut names = Names::default();
    for _ in 0..ATTEMPTS {
        let now = function.now();
        let held = standing.as_ref();
        if let Some(ended) = held.and_then(|held| settled(&held.body, case.asked, now)) {
            return Ok(Claimed::Ended(ended));
        }
        let Ok((claim, name)) = next(case, held, &Claimant { id: &id, now }, &names)? else {
            return full(function, case, decision, standing, unwritten).await;
        };
        let with = with_it(case, unwritten, name, (&claim, now))?;
        let item = claimed(case, held, decision, claim.clone(), now);
        let (ledger, registry) = (&function.ledger, &case.push.registry);
        match cases::put_with(ledger, registry, held, item, with, now).await? {
            Claiming::Done(held) => {
                unwritten.clear();
                return Ok(Claimed::Ours(held, claim));
            }
            // The name follows what is unwritten; nothing can stand in the way of the children.
            Claiming::Beside(place, item) if place == unwritten.len() => {
                names = taken(function, case, &claim, &names, item).await?;
            }
            _ if !unwritten.is_empty() => return Err(case.unplaced()),
            Claiming::Beside(..) | Claiming::Overtaken => {
                let read = cases::get(ledger, registry, std::slice::from_ref(&case_id));
                standing = read.await?.pop().flatten();
            }
        }
    }
    Err(cases::overtaken(&case_id))
}

/// What is written with a claim: the place of its push, the name of its second, and what leads from an index's children to it.
fn with_it(
    case: &Case<'_>,
    unwritten: &Unwritten,
    name: Option<Write>,
    (claim, now): (&Claim, Time),
) -> Result<Vec<Write>, Failure> {
    let children = children::with_claim(case, &claim.target, now)?;
    Ok(unwritten
        .iter()
        .cloned()
        .chain(name)
        .chain(children)
        .collect())
}

/// The id of a claim of this invocation's.
fn claim_id(function: &Function, case: &Case<'_>) -> String {
    let random = (function.aws.seam.random)();
    format!("{}-{random:016x}", case.errand.invocation.request_id)
}

/// The case under a claim: open until that ends.
fn claimed(
    case: &Case<'_>,
    standing: Option<&Standing>,
    decision: &Decision,
    claim: Claim,
    now: Time,
) -> CaseItem {
    let mut item = finish::item(case.push, standing, decision);
    item.decision.outcome = None;
    item.decision.target = Some(claim.target.clone());
    item.open = Some(Open::promoting(item.open.as_ref(), claim.lease_until, now));
    item.claim = Some(claim);
    item
}

/// A claim, and the write of its name if one has to be reserved.
type New = (Claim, Option<Write>);

/// No name of this minute is free.
struct Full;

/// A dead claim as it was, or a new one as [`new_claim`] makes it.
fn next(
    case: &Case<'_>,
    held: Option<&Standing>,
    claimant: &Claimant<'_>,
    names: &Names,
) -> Result<Result<New, Full>, Failure> {
    let before = held.and_then(|held| held.body.claim.as_ref());
    match take(before, claimant) {
        Take::Over(claim) if claim.raised || rendered(case, claim.time)? == claim.target => {
            let claim = Claim {
                again: claim.again || case.asked == Asked::Again,
                ..claim
            };
            Ok(Ok((claim, None)))
        }
        // An alive claim was settled before.
        Take::Free | Take::Over(_) | Take::Alive { .. } => new_claim(case, claimant, names),
    }
}

/// A new claim, under a name that is not among the `names` of others.
fn new_claim(
    case: &Case<'_>,
    claimant: &Claimant<'_>,
    names: &Names,
) -> Result<Result<New, Full>, Failure> {
    let now = claimant.now;
    let target = rendered(case, now)?;
    let again = case.asked == Asked::Again;
    if !case.policy().target.tag.collides_within_a_second() {
        let claim = Claim::new(claimant, target, now, again);
        return Ok(Ok((claim, None)));
    }
    let candidates = candidates(case, now, next_minute(now))?;
    let Some(name) = names.first(candidates, &case.push.digest) else {
        return Ok(Err(Full));
    };
    let (registry, repository) = (&case.push.registry, &target.repository);
    let (second, digest) = ((name.time, &name.tag), &case.push.digest);
    let reserves = (!name.reserved)
        .then(|| names::reserve(registry, repository, second, digest, now))
        .transpose()?;
    let target = Target {
        tag: name.tag,
        ..target
    };
    let claim = Claim::new(claimant, target, name.time, again);
    Ok(Ok((claim, reserves)))
}

/// What is known of the names once that of a claim was refused, and `item` stands in its place. The name of the next second
/// is tried by that alone, since most pushes that meet one meet only one; then all names of the minute are read.
async fn taken(
    function: &Function,
    case: &Case<'_>,
    claim: &Claim,
    names: &Names,
    item: Item,
) -> Result<Names, Failure> {
    let (ledger, registry) = (&function.ledger, &case.push.registry);
    let repository = &claim.target.repository;
    if *names == Names::default() {
        let second = (claim.time, &claim.target.tag);
        let owner = names::owner(registry, repository, second, item)?;
        return Ok(std::iter::once(owner).collect());
    }
    let this_minute = claim.time.duration_trunc(MINUTE).unwrap_or(claim.time);
    names::of_minute(ledger, registry, repository, this_minute).await
}

fn next_minute(now: Time) -> Time {
    now.duration_trunc(MINUTE).unwrap_or(now) + MINUTE
}

/// The names of the seconds from `now` on.
fn candidates(case: &Case<'_>, now: Time, end: Time) -> Result<Vec<(Time, Tag)>, Failure> {
    let seconds = (0..60).map(|second| now + TimeDelta::seconds(second));
    let names = seconds.take_while(|at| *at < end);
    names.map(|at| Ok((at, rendered(case, at)?.tag))).collect()
}

/// Every name of this minute is taken: the case is due when the next one begins.
async fn full(
    function: &Function,
    case: &Case<'_>,
    decision: &Decision,
    standing: Option<Standing>,
    unwritten: &mut Unwritten,
) -> Result<Claimed, Failure> {
    let now = function.now();
    let until = next_minute(now);
    let why = "every name that the template renders in this minute is taken";
    let Ended::Decided(later) = Ended::later(decision.clone(), why, until) else {
        return Err(cases::overtaken(&cases::id_of(case.push, &decision.policy)));
    };
    let mut item = finish::item(case.push, standing.as_ref(), &later);
    item.open = Some(Open::new(Waits::Promotion, until, now));
    let (ledger, registry) = (&function.ledger, &case.push.registry);
    let id = item.id.clone();
    let with = std::mem::take(unwritten);
    match cases::put(ledger, registry, standing.as_ref(), item, with, now).await? {
        Some(_) => Ok(Claimed::Ended(Ended::Decided(later))),
        None => Err(cases::overtaken(&id)),
    }
}

/// Where the policy sends the push, at a time.
fn rendered(case: &Case<'_>, time: Time) -> Result<Target, Failure> {
    let context = Context {
        repository: &case.push.repository,
        tag: &case.push.tag,
        digest: &case.push.digest,
        rest: case.policy().source.rest(&case.push.repository),
        time,
    };
    let failed = |error: &dyn std::error::Error| {
        let tried = format!("render the target of {}", case.policy().key());
        Failure::new(Remedy::Never, tried, error.to_string())
    };
    let target = &case.policy().target;
    let repository = target.repository.render(&context);
    let tag = target.tag.render(&context);
    Ok(Target {
        repository: repository.map_err(|error| failed(&error))?,
        tag: tag.map_err(|error| failed(&error))?,
    })
}
