//! A claim that died after it raised: what stands is recorded and announced before anything is judged again,
//! whatever became of its policy or its image meanwhile.

use ecr_promoter_core::{
    Push, Time,
    claim::Claim,
    decision::{Decision, Outcome, Target},
    head::{Head, Lease, Stood},
    runs::COUNTS_AFTER,
};

use super::{bury::bury, tag::stands_on};
use crate::{
    case::settled,
    copy::Moves,
    ending::{Ended, Ending},
    failure::Failure,
    finish::{self, Particulars},
    function::{Function, Invocation},
    ledger::{
        cases::{self, CaseItem, Standing},
        edit::{Prior, Revised, Step},
        heads,
        record::Promotion,
        write::Write,
    },
    occasion::Asked,
};

/// What a dead claim came to.
#[expect(
    clippy::large_enum_variant,
    reason = "one is made a promotion, and is moved once"
)]
#[derive(Debug)]
pub(crate) enum Recovered {
    /// Its tag stood: the case has ended.
    Promoted(Ended),
    /// Its tag was not seen to stand; the case as it is now.
    Open(Standing),
}

/// Finishes the claim of a case that died after it raised, where its tag stood.
pub(crate) async fn recover(
    function: &Function,
    push: &Push,
    standing: Standing,
    invocation: &Invocation,
) -> Result<Recovered, Failure> {
    let Some(claim) = dead(&standing, function).cloned() else {
        return Ok(Recovered::Open(standing));
    };
    let mut standing = standing;
    if standing.body.stood.is_none() {
        let item = heads::get(&function.ledger, &push.registry, &claim.target).await?;
        let head = item.as_ref().map(|head| head.body.clone());
        let head = head.unwrap_or_default();
        if let Some(lease) = own_lease(function, &head, &standing) {
            bury(function, &claim.target, lease).await?;
            standing = read_again(function, push, standing).await?;
        } else if landed(function, push, &head, &claim.target).await? {
            let landing = Landing {
                push,
                invocation,
                claim: &claim,
            };
            return landing.end(function, standing, item).await;
        }
    }
    match standing.body.stood {
        Some(sequence) => {
            let ended = stood(function, push, standing, &claim, sequence, invocation).await?;
            Ok(Recovered::Promoted(ended))
        }
        None => Ok(Recovered::Open(standing)),
    }
}

/// Whether a write whose outcome was unknown is seen to have arrived, once it can no longer arrive. What was seen holds for
/// this very head, and only if the read counts against its last change.
async fn landed(
    function: &Function,
    push: &Push,
    head: &Head,
    target: &Target,
) -> Result<bool, Failure> {
    let until = head.in_doubt(&push.order(), &push.digest);
    let before = head.stood.iter().any(|stood| stood.digest == push.digest);
    let now = function.now();
    let counts = |stood: &Stood| now >= stood.changed + COUNTS_AFTER;
    let counts = head.stood.as_ref().is_none_or(counts);
    if before || !counts || until.is_none_or(|until| now < until) {
        return Ok(false);
    }
    Ok(stands_on(function, target).await?.as_ref() == Some(&push.digest))
}

/// A write that was seen to have arrived late: head, case and record in one transaction.
struct Landing<'a> {
    push: &'a Push,
    invocation: &'a Invocation,
    claim: &'a Claim,
}

impl Landing<'_> {
    /// `head` is what was read before the tag.
    async fn end(
        &self,
        function: &Function,
        standing: Standing,
        head: Option<Revised<Head>>,
    ) -> Result<Recovered, Failure> {
        let (push, target) = (self.push, &self.claim.target);
        let mut standing = standing;
        let prior = Prior::Read(head);
        let mut change = heads::change(&function.ledger, &push.registry, target, prior).await?;
        loop {
            if !change.is_first() {
                standing = match self.again(function, standing).await? {
                    Ok(standing) => standing,
                    Err(ended) => return Ok(Recovered::Promoted(ended)),
                };
                if !landed(function, push, &change.head(), target).await? {
                    return Ok(Recovered::Open(standing));
                }
            }
            let now = function.now();
            let head = change.head().landed(&push.order(), &push.digest, now);
            let (ending, item, with) = self.written(&standing, &head, now)?;
            let step = Step::Change {
                body: head,
                with,
                answer: (),
            };
            if change.write(step, now).await?.is_some() {
                finish::tell(function, push, Standing::next(Some(&standing), item)).await;
                return Ok(Recovered::Promoted(Ended::decided(ending)));
            }
        }
    }
}

impl Landing<'_> {
    /// The ending, the case with it, and what is written beside the head.
    fn written(
        &self,
        standing: &Standing,
        head: &Head,
        now: Time,
    ) -> Result<(Ending, CaseItem, Vec<Write>), Failure> {
        let (push, target) = (self.push, &self.claim.target);
        let superseded = head.stood.iter().any(|it| it.order > push.order());
        let mut decision = standing.body.decision.clone();
        decision.target = Some(target.clone());
        let ending = promoted(&decision, target, superseded);
        let told = Particulars {
            invocation: self.invocation,
            promotion: Some(Promotion::new(self.claim, Moves::default())),
            stood: Some((head.sequence, superseded)),
            referrers_follow: push.repository != target.repository,
        };
        let (item, mut with) = finish::ended(push, Some(standing), &ending, &told, now)?;
        with.push(Standing::write(&push.registry, Some(standing), &item, now)?);
        Ok((ending, item, with))
    }

    /// The case read again; `Err` is how another invocation that looked at the same time has ended it.
    async fn again(
        &self,
        function: &Function,
        standing: Standing,
    ) -> Result<Result<Standing, Ended>, Failure> {
        let standing = read_again(function, self.push, standing).await?;
        if standing.body.claim.as_ref() == Some(self.claim) {
            return Ok(Ok(standing));
        }
        let ended = settled(&standing.body, Asked::Due, function.now());
        let ended = ended.ok_or_else(|| cases::overtaken(&standing.body.id))?;
        Ok(Err(ended))
    }
}

/// The claim of a case, where it died after it raised.
fn dead<'s>(standing: &'s Standing, function: &Function) -> Option<&'s Claim> {
    let claim = standing.body.claim.as_ref()?;
    (claim.raised && function.now() >= claim.lease_until).then_some(claim)
}

/// The lease that the case left at its target, if that has ended.
fn own_lease<'h>(function: &Function, head: &'h Head, standing: &Standing) -> Option<&'h Lease> {
    let lease = head.lease.as_ref()?;
    let own = lease.case.as_ref() == Some(&standing.body.id);
    (own && lease.until <= function.now()).then_some(lease)
}

async fn read_again(
    function: &Function,
    push: &Push,
    standing: Standing,
) -> Result<Standing, Failure> {
    let ids = std::slice::from_ref(&standing.body.id);
    let mut read = cases::get(&function.ledger, &push.registry, ids).await?;
    let read = read.pop().flatten();
    read.ok_or_else(|| cases::overtaken(&standing.body.id))
}

async fn stood(
    function: &Function,
    push: &Push,
    standing: Standing,
    claim: &Claim,
    sequence: u64,
    invocation: &Invocation,
) -> Result<Ended, Failure> {
    let head = heads::get(&function.ledger, &push.registry, &claim.target).await?;
    let head = head.and_then(|head| head.body.stood);
    let superseded = head.is_some_and(|stood| stood.order > push.order());
    let mut decision = standing.body.decision.clone();
    decision.target = Some(claim.target.clone());
    let ending = promoted(&decision, &claim.target, superseded);
    let told = Particulars {
        invocation,
        promotion: Some(Promotion::new(claim, Moves::default())),
        stood: Some((sequence, superseded)),
        referrers_follow: push.repository != claim.target.repository,
    };
    let now = function.now();
    let (item, writes) = finish::ended(push, Some(&standing), &ending, &told, now)?;
    let written = finish::write(function, push, Some(&standing), item, writes).await?;
    finish::tell(function, push, written).await;
    Ok(Ended::decided(ending))
}

/// The ending of a promotion that stands, or stood until a newer push superseded it.
pub(super) fn promoted(decision: &Decision, target: &Target, superseded: bool) -> Ending {
    let after = if superseded {
        ", and superseded by a newer push"
    } else {
        ""
    };
    let mut decision = decision.clone();
    decision.reason = format!("promoted to {target}{after}");
    decision.next_look_at = None;
    decision.error = None;
    Ending {
        decision,
        outcome: Outcome::Promoted,
        open: None,
    }
}
