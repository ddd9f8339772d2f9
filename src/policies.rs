//! The policies of a repository: one consistent Query for each level of its name, in parallel,
//! whatever the size of the table. Only the walk scans it, and the check of an edited policy whose target has placeholders.
//!
//! An item that is not a policy is reported and affects nothing else.

mod loaded;
mod present;
mod remembered;
mod table;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ecr_promoter_core::{
    Repository, Tag, Time,
    policy::{POLICIES_PER_SOURCE_MAX, Policy, PolicyError, PolicyKey, Source, too_heavy},
};
use futures_util::future::try_join_all;

use crate::failure::Failure;
pub(crate) use loaded::{BadPolicy, Loaded};
use remembered::Remembered;
pub(crate) use table::{PolicyItem, STATUS, Table, item, key_of, sources};

/// The policies table, and what was read of it before: that only saves time.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) table: Table,
    remembered: Arc<Mutex<Remembered>>,
}

impl Store {
    pub(crate) fn new(table: Table) -> Self {
        Self {
            table,
            remembered: Arc::default(),
        }
    }

    /// What was read before; what a panic left of it is still good.
    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        let remembered = self.remembered.lock();
        remembered.unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a table says of one repository.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    /// The policies that apply, in the order of their keys.
    pub good: Vec<Loaded>,
    /// The items that are not policies, with every mistake in them.
    pub bad: Vec<BadPolicy>,
}

/// What became of a policy.
#[derive(Debug, Clone)]
pub(crate) enum PolicyNow {
    /// It is a policy.
    Good(Box<Loaded>),
    /// Its item is not a policy any more.
    Bad,
    /// Its item is gone.
    Gone,
}

/// Whether no policy means a tag that was pushed when the event was `told_at`, by what was read of the policies of its repository
/// long enough after it: in a backlog most events need no read.
pub(crate) fn none_means(
    store: &Store,
    (repository, tag): (&Repository, &Tag),
    told_at: Time,
    now: Time,
) -> bool {
    let sources = Source::levels(repository);
    store.remembered().none_means(&sources, tag, told_at, now)
}

/// Reads the policies whose source may match `repository`; it is `began` now.
pub(crate) async fn load(
    store: &Store,
    repository: &Repository,
    began: Time,
) -> Result<Policies, Failure> {
    let policies = at(store, &Source::levels(repository), began).await?;
    for bad in &policies.bad {
        let errors: Vec<String> = bad.errors.iter().map(ToString::to_string).collect();
        tracing::error!(policy = %bad.policy, errors = %errors.join("; "), "policy is invalid and skipped");
    }
    Ok(policies)
}

/// Reads the policies of these sources; it is `began` now.
pub(crate) async fn at(
    store: &Store,
    sources: &[String],
    began: Time,
) -> Result<Policies, Failure> {
    let queries = sources
        .iter()
        .map(|source| table::of_source(&store.table, source));
    let mut policies = Policies::default();
    for (source, items) in sources.iter().zip(try_join_all(queries).await?) {
        let mut remembered = store.remembered();
        let (first_good, first_bad) = (policies.good.len(), policies.bad.len());
        if items.len() > POLICIES_PER_SOURCE_MAX {
            policies.bad.push(too_many(source));
        }
        for item in items.into_iter().take(POLICIES_PER_SOURCE_MAX) {
            match remembered.policy(source, item) {
                Ok(policy) => policies.good.push(policy),
                Err(bad) => policies.bad.push(bad),
            }
        }
        let of_source = policies.good.get(first_good..).unwrap_or_default();
        let is_whole = policies.bad.len() == first_bad;
        remembered.keep(source, began, of_source, is_whole);
    }
    let heaviest = without_heaviest(&mut policies.good);
    policies
        .bad
        .extend(heaviest.into_iter().map(|(policy, error)| BadPolicy {
            policy,
            errors: vec![error],
        }));
    Ok(policies)
}

/// Reads one policy again, consistently.
pub(crate) async fn again(store: &Store, key: &PolicyKey) -> Result<PolicyNow, Failure> {
    Ok(match item(&store.table, key).await? {
        None => PolicyNow::Gone,
        Some(item) => match store.remembered().policy(&key.source, item) {
            Ok(stored) => PolicyNow::Good(Box::new(stored)),
            Err(_) => PolicyNow::Bad,
        },
    })
}

/// The policy of an item, or every mistake in it.
pub(crate) fn read(
    store: &Store,
    key: &PolicyKey,
    item: PolicyItem,
) -> Result<Arc<Policy>, Vec<PolicyError>> {
    let read = store.remembered().policy(&key.source, item);
    read.map(|stored| stored.policy).map_err(|bad| bad.errors)
}

/// Refuses the policies whose expressions are too large in total.
fn without_heaviest(good: &mut Vec<Loaded>) -> Vec<(PolicyKey, PolicyError)> {
    let refused = too_heavy(good.iter().map(|loaded| &*loaded.policy));
    if !refused.is_empty() {
        good.retain(|loaded| {
            let key = loaded.policy.key();
            !refused.iter().any(|(policy, _)| *policy == key)
        });
    }
    refused
}

fn too_many(source: &str) -> BadPolicy {
    BadPolicy {
        policy: PolicyKey {
            source: source.to_owned(),
            name: "*".to_owned(),
        },
        errors: vec![PolicyError {
            place: "source".to_owned(),
            message: format!(
                "expected at most {POLICIES_PER_SOURCE_MAX} policies of one source, found more: the first {POLICIES_PER_SOURCE_MAX} by name are used"
            ),
        }],
    }
}
