//! The walk: once an hour what stands in the source repositories is compared with the runs, to find
//! the pushes that no event told of.
//!
//! Here is whose turn it is, since when a policy means the tags that it means, and which tags are
//! judged. Nothing is listed and nothing is sent here.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    Repository, Tag, Time,
    decide::concerns,
    policy::{Policy, PolicyKey},
};

/// A walk begins this long after the one before.
pub const EVERY: TimeDelta = TimeDelta::hours(1);
/// An invocation has the walk for this long after it last said where it is.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);
/// A repository that cannot be read is tried in this many minutes, then the next hour has its turn.
pub const TRIES_MAX: u32 = 3;
/// A push is left to its event for this long.
pub const LEFT_TO_ITS_EVENT: TimeDelta = TimeDelta::minutes(5);

/// Where the walk stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// When it began.
    pub began: Time,
    /// The invocation that has it.
    pub walker: String,
    /// Until when.
    pub lease: Time,
    /// Where it goes on; `None` once every repository had its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
}

/// Where a walk goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The repository; `None` for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
    /// When its first page was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Time>,
    /// ECR's token of its next page; `None` for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// How often it failed already.
    #[serde(default)]
    pub tries: u32,
}

impl Walk {
    /// The walk as `walker` takes it now; `None` if it is not due, or another has it.
    ///
    /// | the walk | then |
    /// | --- | --- |
    /// | there was none | a new one |
    /// | its lease is alive | nothing |
    /// | it is not done | it goes on |
    /// | it is done, and began an hour ago or more | a new one |
    /// | it is done | nothing |
    #[must_use]
    pub fn take(before: Option<&Self>, walker: &str, now: Time) -> Option<Self> {
        let walker = walker.to_owned();
        let lease = now + LEASE;
        match before {
            Some(walk) if now < walk.lease => None,
            Some(walk) if walk.at.is_some() => Some(Self {
                walker,
                lease,
                ..walk.clone()
            }),
            Some(walk) if now < walk.began + EVERY => None,
            _ => Some(Self {
                began: now,
                walker,
                lease,
                at: Some(Place::default()),
            }),
        }
    }
}

/// Since when the policies of one source mean the tags that they mean, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstSeen {
    /// Each enabled policy's.
    pub policies: BTreeMap<String, PolicySeen>,
}

/// When a policy was first seen as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySeen {
    /// When.
    pub at: Time,
    /// A hash of [`Policy::means`].
    pub means: String,
}

/// The policies of one source as they are now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    /// The enabled ones, by their names, and a hash of [`Policy::means`] of each.
    pub enabled: BTreeMap<String, String>,
    /// The names of those with a mistake.
    pub unreadable: BTreeSet<String>,
}

impl FirstSeen {
    /// What a look at the source's policies makes of it.
    ///
    /// | a policy | then |
    /// | --- | --- |
    /// | is new, or enabled again | it is seen now |
    /// | means other tags than before | it is seen now |
    /// | is as before, or has a mistake | it keeps its time |
    /// | is gone, or disabled | it has none |
    #[must_use]
    pub fn look(&self, present: &Present, now: Time) -> Self {
        let kept = self.policies.iter();
        let kept = kept.filter(|(name, _)| present.unreadable.contains(*name));
        let kept = kept.map(|(name, seen)| (name.clone(), seen.clone()));
        let seen = present.enabled.iter().map(|(name, means)| {
            let before = self.policies.get(name);
            let before = before.filter(|seen| seen.means == *means);
            let seen = before.cloned().unwrap_or_else(|| PolicySeen {
                at: now,
                means: means.clone(),
            });
            (name.clone(), seen)
        });
        Self {
            policies: kept.chain(seen).collect(),
        }
    }
}

/// A policy whose pushes are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Looking<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// Since when it means the tags that it means.
    pub since: Time,
    /// What stood there before is judged, too, and was not yet.
    pub existing: bool,
}

/// A tag as ECR shows it.
#[derive(Debug, Clone, Copy)]
pub struct ShownTag<'a> {
    /// The tag.
    pub tag: &'a Tag,
    /// When the image that it points to was pushed; putting another tag on it does not renew that.
    pub pushed_at: Time,
}

/// What the ledger has of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastRun {
    /// Nothing.
    None,
    /// A last run with the digest that it points to.
    Same,
    /// A last run with another one, written or confirmed then.
    Other(Time),
}

/// The policies for which a tag is a push that no event told of.
///
/// | the ledger has | a policy takes it for a push |
/// | --- | --- |
/// | its run | only where it judges what stood there before |
/// | nothing | where the image was pushed after the policy was first seen |
/// | a run of another digest | there, too, and where that run was |
///
/// An image of the last five minutes is left to its event, unless its tag had another run.
#[must_use]
pub fn pushed_for(
    policies: &[Looking<'_>],
    standing: &ShownTag<'_>,
    last: LastRun,
    now: Time,
) -> Vec<PolicyKey> {
    let settled = now - standing.pushed_at >= LEFT_TO_ITS_EVENT;
    let takes = |looking: &&Looking<'_>| {
        let later = standing.pushed_at > looking.since;
        let unheard = match last {
            LastRun::Same => false,
            LastRun::None => later && settled,
            LastRun::Other(seen) => later || seen > looking.since,
        };
        (unheard || looking.existing) && concerns(looking.policy, standing.tag)
    };
    let taking = policies.iter().filter(takes);
    taking.map(|looking| looking.policy.key()).collect()
}

#[cfg(test)]
mod tests;
