//! The last run of each tag of a repository, for the walk: two hashes and a time a tag, so that a
//! repository of a hundred thousand tags takes a few megabytes.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
};

use aws_sdk_dynamodb::types::AttributeValue;
use ecr_promoter_core::{
    Digest, Registry, Repository, Tag, Time,
    runs::{Run, Runs},
    walk::LastRun,
};

use super::{Ledger, edit::Revised, keys, read, reads::key_of};
use crate::failure::{Failure, Remedy};

/// The most tags of one repository that are compared: 24 MB of them.
const TAGS_MAX: usize = 1_000_000;

/// The last run of each tag that the ledger knows.
#[derive(Debug, Default)]
pub(crate) struct Tags {
    /// Keyed again in each process, so that nobody can choose tags that collide.
    hasher: RandomState,
    last: HashMap<u64, (u64, Time)>,
}

impl Tags {
    /// What the ledger has of a tag that points to `digest`.
    pub(crate) fn last_run(&self, tag: &Tag, digest: &Digest) -> LastRun {
        match self.last.get(&self.hasher.hash_one(tag.as_str())) {
            None => LastRun::None,
            Some((last, _)) if *last == self.hasher.hash_one(digest.as_str()) => LastRun::Same,
            Some((_, seen)) => LastRun::Other(*seen),
        }
    }

    fn add(&mut self, tag: &str, last: &Run, seen: Time) {
        let tag = self.hasher.hash_one(tag);
        let digest = self.hasher.hash_one(last.digest.as_str());
        self.last.insert(tag, (digest, seen));
    }
}

/// Reads the last run of each tag of a repository. Not consistently: what is missed is judged once
/// more, and that changes nothing.
pub(crate) async fn of(
    ledger: &Ledger,
    registry: &Registry,
    repository: &Repository,
) -> Result<Tags, Failure> {
    let pk = keys::tags(registry, repository);
    let tried = || format!("query the tags of {repository} in {}", ledger.table);
    let mut tags = Tags::default();
    let mut start = None;
    loop {
        let page = ledger
            .client
            .query()
            .table_name(&ledger.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk.clone()))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| Failure::own(tried(), &error))?;
        for item in page.items.unwrap_or_default() {
            let Some(key) = key_of(&item) else { continue };
            let Revised { body, .. } = read::<Revised<Runs>>(&key, item)?;
            if let (Some(last), Some(seen)) = (body.runs.last(), body.seen_at) {
                tags.add(&key.sk, last, seen);
            }
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok(tags);
        }
        if tags.last.len() >= TAGS_MAX {
            let said = format!("limit: more than {TAGS_MAX} tags");
            return Err(Failure::new(Remedy::Never, tried(), said));
        }
    }
}
