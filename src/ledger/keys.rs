//! The ledger's keys. They cannot change once people have them.
//!
//! Parts are joined by `#`, which no part can contain: repositories, tags, digests and policy
//! names have no `#` in their grammar. Times are UTC with microseconds in fixed width, numbers
//! have eight digits, so that text order is time's order.

use std::{collections::HashMap, fmt};

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::NaiveDate;
use ecr_promoter_core::{
    Digest, Image, Registry, Repository, Tag, Time, claim::CaseId, policy::PolicyKey,
};
use sha2::{Digest as _, Sha256};

/// What the sort keys of the indexes that hold an image begin with.
pub const HELD_BY: &str = "IN#";

/// How many partitions open work is spread over.
pub const DUE_SHARDS: u8 = 4;

/// Into so many partitions the history of a day is spread.
pub const HISTORY_SHARDS: u8 = 8;
/// Into so many partitions the history of a policy is spread.
pub const POLICY_SHARDS: u8 = 4;

/// A partition and a sort key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl Key {
    /// A key from its two parts.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }

    /// Its attributes, as DynamoDB takes them.
    pub(crate) fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pk, self.sk)
    }
}

/// The last runs of one tag: one partition a repository.
#[must_use]
pub fn tag(registry: &Registry, repository: &Repository, tag: &Tag) -> Key {
    Key::new(tags(registry, repository), tag.as_str())
}

/// The partition of a repository's tags.
#[must_use]
pub fn tags(registry: &Registry, repository: &Repository) -> String {
    format!("TAGS#{registry}/{repository}")
}

/// The partition of an image: its pushes, their cases, and where its promoted tags came from.
#[must_use]
pub fn image(image: &Image) -> String {
    format!("IMAGE#{image}")
}

/// One push of an image.
#[must_use]
pub fn push(of: &Image, tag: &Tag, number: u64) -> Key {
    Key::new(image(of), format!("{}{number:08}", pushes_of(tag)))
}

/// What the sort keys of a tag's pushes begin with.
#[must_use]
pub fn pushes_of(tag: &Tag) -> String {
    format!("PUSH#{tag}#")
}

/// One policy on one push.
#[must_use]
pub fn case(registry: &Registry, id: &CaseId) -> Key {
    let of = Image {
        registry: registry.clone(),
        repository: id.repository.clone(),
        digest: id.digest.clone(),
    };
    let (Key { pk, sk }, PolicyKey { source, name }) = (cases_of(&of), &id.policy);
    Key::new(
        pk,
        format!("{sk}{}#{:08}#{source}#{name}", id.tag, id.number),
    )
}

/// What the keys of an image's cases begin with.
#[must_use]
pub fn cases_of(of: &Image) -> Key {
    Key::new(image(of), "CASE#")
}

/// Where a promoted tag came from.
#[must_use]
pub fn provenance(target: &Image, tag: &Tag) -> Key {
    Key::new(image(target), format!("FROM#{tag}"))
}

/// A name of a second at a target repository, with the names of its minute.
#[must_use]
pub fn name(registry: &Registry, repository: &Repository, second: Time, tag: &Tag) -> Key {
    let Key { pk, sk } = names_of(registry, repository, second);
    Key::new(pk, format!("{sk}{tag}"))
}

/// What the keys of the names of a minute begin with.
#[must_use]
pub fn names_of(registry: &Registry, repository: &Repository, at: Time) -> Key {
    let minute = at.format("%Y-%m-%dT%H:%M");
    Key::new(format!("NAMES#{registry}/{repository}#{minute}"), "NAME#")
}

/// The keys of open work in the index `due`: its partition by the item's own key, and its time.
/// Each pair is (attribute, value).
#[must_use]
pub fn due(key: &Key, at: Time) -> [(&'static str, String); 2] {
    let shard = shard(&key.to_string(), DUE_SHARDS);
    [("due_pk", due_of(shard)), ("due_sk", moment(at))]
}

/// A partition of the index `due`.
#[must_use]
pub fn due_of(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// An index that holds a child.
#[must_use]
pub fn held_by(child: &Image, index: &Digest) -> Key {
    Key::new(image(child), format!("{HELD_BY}{index}"))
}

/// Since when findings of an image are known.
#[must_use]
pub fn sightings(of: &Image) -> Key {
    Key::new(image(of), "SIGHTINGS")
}

/// The head of a target tag.
#[must_use]
pub fn head(registry: &Registry, repository: &Repository, tag: &Tag) -> Key {
    Key::new(format!("TARGET#{registry}/{repository}"), tag.as_str())
}

/// What the sort keys of the sources begin with whose policies are known.
pub const SOURCE: &str = "SOURCE#";

/// Where the walk stands.
#[must_use]
pub fn walk(registry: &Registry) -> Key {
    Key::new(walks(registry), "STATE")
}

/// What the walk did once forever in a repository.
#[must_use]
pub fn walked(registry: &Registry, repository: &Repository) -> Key {
    Key::new(walks(registry), format!("DONE#{repository}"))
}

/// Since when the policies of a source are known.
#[must_use]
pub fn first_seen(registry: &Registry, source: &str) -> Key {
    Key::new(walks(registry), format!("{SOURCE}{source}"))
}

fn walks(registry: &Registry) -> String {
    format!("WALK#{registry}")
}

/// A record's whole.
#[must_use]
pub fn record(id: &str) -> Key {
    Key::new(format!("RECORD#{id}"), "BODY")
}

/// A record's summary in the history of its day.
#[must_use]
pub fn history(at: Time, id: &str) -> Key {
    let sk = moment_and_id(at, id);
    let shard = shard(&sk, HISTORY_SHARDS);
    Key::new(history_of(at.date_naive(), shard), sk)
}

/// One of the partitions of a day's history.
#[must_use]
pub fn history_of(day: NaiveDate, shard: u8) -> String {
    format!("HISTORY#{}#{shard}", day.format("%Y-%m-%d"))
}

/// One of the partitions of a policy's history.
#[must_use]
pub fn policy_history(policy: &PolicyKey, shard: u8) -> String {
    format!("{}#{}#{shard}", policy.source, policy.name)
}

/// The keys of a record's summary in the three histories: of its source repository, of its policy,
/// and of its target tag. Each pair is (attribute, value).
#[must_use]
pub fn history_indexes(
    at: Time,
    id: &str,
    source: (&Registry, &Repository),
    policy: &PolicyKey,
    target: Option<(&Registry, &Repository, &Tag)>,
) -> Vec<(&'static str, String)> {
    let sk = moment_and_id(at, id);
    let (registry, repository) = source;
    let policy_shard = shard(&sk, POLICY_SHARDS);
    let mut keys = vec![
        ("by_repository_pk", format!("{registry}/{repository}")),
        ("by_repository_sk", sk.clone()),
        ("by_policy_pk", policy_history(policy, policy_shard)),
        ("by_policy_sk", sk.clone()),
    ];
    if let Some((registry, repository, tag)) = target {
        keys.push(("by_target_pk", format!("{registry}/{repository}")));
        keys.push(("by_target_sk", format!("{tag}#{sk}")));
    }
    keys
}

/// A time as keys and records write it: UTC, microseconds, fixed width.
#[must_use]
pub fn moment(at: Time) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// An id made of what it names, so that every repeat has the same.
#[must_use]
pub fn id_of(parts: &[&str]) -> String {
    const ID_DIGITS: usize = 32;
    let digest = Digest::from_sha256(Sha256::digest(parts.join("#")).into());
    digest.hex().chars().take(ID_DIGITS).collect()
}

/// A record's place in a history.
pub(super) fn moment_and_id(at: Time, id: &str) -> String {
    format!("{}#{id}", moment(at))
}

/// The first byte of the text's SHA-256, modulo `shards`.
fn shard(text: &str, shards: u8) -> u8 {
    let hash: [u8; 32] = Sha256::digest(text).into();
    let [first, ..] = hash;
    first % shards
}

#[cfg(test)]
mod tests;
