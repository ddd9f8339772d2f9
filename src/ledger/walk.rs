//! Where the walk stands, since when policies are known, and which of them have judged what stood in a
//! repository before. These items do not expire: there is one for each source and repository.

use std::collections::BTreeSet;

use ecr_promoter_core::{
    Registry, Repository, Time,
    policy::PolicyKey,
    walk::{FirstSeen, Place, Present, Walk},
};
use serde::{Deserialize, Serialize};

use super::{
    Ledger,
    edit::{Edit, Prior, Revised, Step},
    keys,
    reads::{self, Many},
};
use crate::failure::Failure;

/// What was done once forever in a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Walked {
    /// The policies that have judged what stood there before them.
    existing: BTreeSet<String>,
}

/// The walk, taken by one invocation.
pub(crate) struct Turn<'l> {
    edit: Edit<'l, Walk>,
    /// As it was last written.
    pub walk: Walk,
}

/// Takes the walk; `None` if it is not due, or another has it.
pub(crate) async fn take<'l>(
    ledger: &'l Ledger,
    registry: &Registry,
    walker: &str,
    now: Time,
) -> Result<Option<Turn<'l>>, Failure> {
    let key = keys::walk(registry);
    let mut edit = Edit::begin(ledger, key, Prior::Unread).await?;
    loop {
        let Some(walk) = Walk::take(edit.body(), walker, now) else {
            return Ok(None);
        };
        if edit
            .write(Step::alone(walk.clone(), ()), |write, _| write)
            .await?
            .is_some()
        {
            return Ok(Some(Turn { edit, walk }));
        }
    }
}

impl Turn<'_> {
    /// Writes down where the walk goes on (`None` if it is done) and until when this invocation
    /// has it; says whether it had it still.
    pub(crate) async fn is_at(&mut self, at: Option<Place>, lease: Time) -> Result<bool, Failure> {
        let walk = Walk {
            at,
            lease,
            ..self.walk.clone()
        };
        let written = self
            .edit
            .write(Step::alone(walk.clone(), ()), |write, _| write);
        let written = written.await?.is_some();
        self.walk = walk;
        Ok(written)
    }
}

/// Since when a source's policies are known.
pub(crate) async fn first_seen(
    ledger: &Ledger,
    registry: &Registry,
    source: &str,
    present: &Present,
    now: Time,
) -> Result<FirstSeen, Failure> {
    let key = keys::first_seen(registry, source);
    let mut edit: Edit<'_, FirstSeen> = Edit::begin(ledger, key, Prior::Unread).await?;
    loop {
        let before = edit.body().cloned().unwrap_or_default();
        let seen = before.look(present, now);
        let step = if seen == before {
            Step::Keep(seen)
        } else {
            Step::alone(seen.clone(), seen)
        };
        if let Some(seen) = edit.write(step, |write, _| write).await? {
            return Ok(seen);
        }
    }
}

/// Forgets the policies of all other sources: one that is made again is a new one.
pub(crate) async fn forget_others(
    ledger: &Ledger,
    registry: &Registry,
    sources: &BTreeSet<String>,
    now: Time,
) -> Result<(), Failure> {
    let all = keys::first_seen(registry, "");
    let known = reads::query::<Revised<FirstSeen>>(ledger, &all, Many::All).await?;
    for (key, item) in known {
        let source = key.sk.strip_prefix(keys::SOURCE).unwrap_or_default();
        if !sources.contains(source) && !item.body.policies.is_empty() {
            first_seen(ledger, registry, source, &Present::default(), now).await?;
        }
    }
    Ok(())
}

/// The policies that have judged what stood in a repository before them.
pub(crate) async fn existing(
    ledger: &Ledger,
    registry: &Registry,
    repository: &Repository,
) -> Result<BTreeSet<String>, Failure> {
    let key = keys::walked(registry, repository);
    let item = reads::get::<Revised<Walked>>(ledger, &key).await?;
    Ok(item.map(|item| item.body.existing).unwrap_or_default())
}

/// Notes that these policies have judged what stood in a repository before them.
pub(crate) async fn existing_are_judged(
    ledger: &Ledger,
    registry: &Registry,
    repository: &Repository,
    policies: &[PolicyKey],
) -> Result<(), Failure> {
    let key = keys::walked(registry, repository);
    let mut edit: Edit<'_, Walked> = Edit::begin(ledger, key, Prior::Unread).await?;
    loop {
        let mut walked = edit.body().cloned().unwrap_or_default();
        walked
            .existing
            .extend(policies.iter().map(ToString::to_string));
        if edit
            .write(Step::alone(walked, ()), |write, _| write)
            .await?
            .is_some()
        {
            return Ok(());
        }
    }
}
