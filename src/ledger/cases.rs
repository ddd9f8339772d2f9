//! Cases: what one policy made of one push, and the claim under which it is promoted.

use ecr_promoter_core::{
    Image, Push, Registry, Time,
    claim::{CaseId, Claim},
    decision::{Decision, Outcome},
    runs::Run,
};
use futures_util::FutureExt as _;
use serde::{Deserialize, Serialize};

use super::{
    Item, KEPT, Ledger,
    edit::Revised,
    keys, open, read,
    reads::{self, Many},
    record::{Announcement, bounded, cut_bytes},
    write::{self, Condition, Write, Written},
};
use crate::failure::{Failure, Remedy};

/// The item of one case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseItem {
    /// Which case.
    pub id: CaseId,
    /// The push's run.
    pub run: Run,
    /// The last decision, bounded, with its outcome; without one while its first promotion is
    /// in progress.
    pub decision: Decision,
    /// The claim, while a promotion is in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// The tag of a claim of unknown outcome was seen to stand, under this sequence of its head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stood: Option<u64>,
    /// The last record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Recorded>,
    /// What is still to be announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untold: Option<Announcement>,
    /// The ids under which it was announced as held, one for each set of criteria, the last ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<String>,
    /// What is open of it; `None` once it is finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Open>,
}

/// A case's last record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its id.
    pub id: String,
    /// Its outcome.
    pub outcome: Outcome,
    /// Its reason, cut.
    pub reason: String,
    /// How many records the case left, this one included.
    pub count: u64,
}

/// When an open case is looked at again, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Why it is open.
    pub waits: Waits,
    /// Not before this time.
    pub due: Time,
    /// Since when it has been open for this reason.
    pub since: Time,
    /// How many times it was looked at for it.
    pub looks: u32,
    /// Since when its policy could not judge it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_policy: Option<Time>,
}

impl Open {
    /// Open for the first time for this reason.
    #[must_use]
    pub fn new(waits: Waits, due: Time, now: Time) -> Self {
        Self {
            waits,
            due,
            since: now,
            looks: 0,
            without_policy: None,
        }
    }

    /// Open while it is promoted. What an administrator has to fix stays open for that, so that it is not tried forever.
    #[must_use]
    pub fn promoting(before: Option<&Self>, due: Time, now: Time) -> Self {
        match before {
            Some(before) if before.waits == Waits::Mending => Self {
                due,
                ..before.clone()
            },
            _ => Self::new(Waits::Promotion, due, now),
        }
    }
}

/// What an open case waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Waits {
    /// Its promotion is in progress, or a write of its tag may still arrive.
    Promotion,
    /// Evidence is not there yet.
    Evidence,
    /// An administrator has to fix what it failed on.
    Mending,
    /// It has to be announced.
    Telling,
    /// It is held, and an exception ends that took part in its decision.
    Exceptions,
    /// It is promoted; what is attached to its image has to follow.
    Referrers,
}

/// A case as it was read.
pub type Standing = Revised<CaseItem>;

#[derive(Serialize)]
struct CaseSummary<'a> {
    case: &'a CaseId,
    waits: Waits,
    reason: String,
    since: Time,
}

/// The longest reason of a summary, in bytes.
const REASON_MAX: usize = 200;

/// The name of a policy's case on a push.
#[must_use]
pub fn id_of(push: &Push, policy: &ecr_promoter_core::policy::PolicyKey) -> CaseId {
    CaseId {
        repository: push.repository.clone(),
        tag: push.tag.clone(),
        digest: push.digest.clone(),
        number: push.number,
        policy: policy.clone(),
    }
}

/// Reads cases, each in its place.
pub async fn get(
    ledger: &Ledger,
    registry: &Registry,
    ids: &[CaseId],
) -> Result<Vec<Option<Standing>>, Failure> {
    let keys: Vec<_> = ids.iter().map(|id| keys::case(registry, id)).collect();
    if let [key] = keys.as_slice() {
        return Ok(vec![reads::get(ledger, key).await?]);
    }
    let mut items = reads::get_all(ledger, &keys).await?;
    let each = keys.iter().map(|key| {
        let item: Option<Item> = items.remove(key);
        item.map(|item| read(key, item)).transpose()
    });
    each.collect()
}

/// Every case of an image.
pub async fn of_image(ledger: &Ledger, image: &Image) -> Result<Vec<Standing>, Failure> {
    let cases = reads::query(ledger, &keys::cases_of(image), Many::All).await?;
    Ok(cases.into_iter().map(|(_, case)| case).collect())
}

impl Revised<CaseItem> {
    /// Whether it is promoted, and what is attached to its image has to follow.
    pub(crate) fn referrers_follow(&self) -> bool {
        let open = self.body.open.as_ref();
        open.is_some_and(|open| open.waits == Waits::Referrers)
    }

    /// The next state of the case: the write that puts it over the revision that was read, or if
    /// there was none.
    pub(crate) fn write(
        registry: &Registry,
        before: Option<&Self>,
        body: &CaseItem,
        now: Time,
    ) -> Result<Write, Failure> {
        let revision = before.map(|before| before.revision);
        let key = keys::case(registry, &body.id);
        let item = Revised {
            revision: revision.unwrap_or(0) + 1,
            body,
        };
        let write = Write::put(&key, &item, Some(Condition::unchanged_since(revision)))?;
        let write = write.expiring(now + KEPT);
        let Some(open) = &body.open else {
            return Ok(write);
        };
        let summary = CaseSummary {
            case: &body.id,
            waits: open.waits,
            reason: cut_bytes(&body.decision.reason, REASON_MAX),
            since: open.since,
        };
        Ok(open::due(write, &key, Some(open.due), &summary))
    }

    /// What the case is once `body` is written.
    pub(crate) fn next(before: Option<&Self>, body: CaseItem) -> Self {
        Self {
            revision: before.map_or(0, |before| before.revision) + 1,
            body,
        }
    }
}

/// What became of a write of a case.
#[expect(
    clippy::large_enum_variant,
    reason = "one is made a write, and is moved once"
)]
pub(crate) enum Claiming {
    /// The case as it is now.
    Done(Standing),
    /// Others wrote it in the meantime.
    Overtaken,
    /// The case is what it was: of what belongs to it, the write in this place may not replace this item.
    Beside(usize, Item),
}

/// Writes a case, and `with` it what belongs to it, all or nothing. `None` if others wrote it in
/// the meantime.
pub(crate) async fn put(
    ledger: &Ledger,
    registry: &Registry,
    before: Option<&Standing>,
    body: CaseItem,
    with: Vec<Write>,
    now: Time,
) -> Result<Option<Standing>, Failure> {
    let put = put_with(ledger, registry, before, body, with, now);
    Ok(match put.boxed().await? {
        Claiming::Done(standing) => Some(standing),
        Claiming::Overtaken | Claiming::Beside(..) => None,
    })
}

/// The same; says what was in the way.
pub(crate) async fn put_with(
    ledger: &Ledger,
    registry: &Registry,
    before: Option<&Standing>,
    mut body: CaseItem,
    with: Vec<Write>,
    now: Time,
) -> Result<Claiming, Failure> {
    body.decision = bounded(&body.decision);
    let own = Standing::write(registry, before, &body, now)?;
    let writes = std::iter::once(own).chain(with).collect();
    let next = Standing::next(before, body);
    match write::all(ledger, writes).await? {
        Written::Done => return Ok(Claiming::Done(next)),
        Written::Stands(place, item) if place > 0 => return Ok(Claiming::Beside(place - 1, item)),
        Written::Stands(..) | Written::Refused => {}
    }
    // The answer to our own write may have been lost.
    let key = keys::case(registry, &next.body.id);
    let there: Option<Standing> = reads::get(ledger, &key).await?;
    if there.as_ref() == Some(&next) {
        Ok(Claiming::Done(next))
    } else {
        Ok(Claiming::Overtaken)
    }
}

/// Others wrote a case in the meantime: the next one goes on from there.
pub(crate) fn overtaken(id: &CaseId) -> Failure {
    let CaseId {
        repository,
        tag,
        policy,
        ..
    } = id;
    Failure::new(
        Remedy::Wait,
        format!("record the outcome of {repository}:{tag} under {policy}"),
        "another invocation is working on it",
    )
}
