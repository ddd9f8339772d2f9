//! What was read of the policies before, by their source. It spares a policy that is written as it was from being read into
//! words again, and it answers for pushes that are older than the read. Bounded in bytes: what was read longest ago goes first.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::TimeDelta;
use ecr_promoter_core::{
    Tag, Time,
    decide::concerns,
    node::Node,
    policy::{Matchers, Policy, PolicyError, PolicyKey},
    runs::COUNTS_AFTER,
};

use super::{
    loaded::{BadPolicy, Loaded},
    table::{PolicyItem, STATUS},
};

/// The most bytes that are remembered.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// How long a read answers for pushes that are older than it: what was written, deleted and written again meanwhile is not missed
/// for longer.
const ANSWERS_FOR: TimeDelta = TimeDelta::seconds(60);
/// What a value takes beside its text, and an entry beside its key, roughly.
const VALUE_BYTES: usize = 128;

/// What was read of the policies before.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    levels: HashMap<String, Level>,
    bytes: usize,
    matchers: Matchers,
}

/// What one source said.
#[derive(Debug)]
struct Level {
    /// When the read began.
    began: Time,
    /// Its policies by name.
    policies: HashMap<String, Loaded>,
    /// Whether each of its items is a policy.
    is_whole: bool,
    bytes: usize,
}

impl Level {
    /// Whether the read shows that nothing of this source means a push. It began long enough after it: what is written since
    /// is younger than the push, whatever the clocks are apart.
    fn means_nothing_to(&self, tag: &Tag, told_at: Time, now: Time) -> bool {
        let means = |stored: &Loaded| stored.policy.enabled && concerns(&stored.policy, tag);
        let counts = self.began >= told_at + COUNTS_AFTER && now - self.began <= ANSWERS_FOR;
        self.is_whole && counts && !self.policies.values().any(means)
    }
}

impl Remembered {
    /// Whether reads that began long enough after a push of this tag show that no policy of these sources means it.
    pub(super) fn none_means(
        &self,
        sources: &[String],
        tag: &Tag,
        told_at: Time,
        now: Time,
    ) -> bool {
        let level = |source: &String| self.levels.get(source);
        let means_nothing =
            |source| level(source).is_some_and(|it| it.means_nothing_to(tag, told_at, now));
        sources.iter().all(means_nothing)
    }

    /// The policy of an item: the one that was read before, where it is written as it was.
    pub(super) fn policy(
        &mut self,
        source: &str,
        mut item: PolicyItem,
    ) -> Result<Loaded, BadPolicy> {
        item.remove(STATUS);
        let name = match item.get("name") {
            Some(AttributeValue::S(name)) => name.clone(),
            _ => String::new(),
        };
        let level = self.levels.get(source);
        let before = level.and_then(|level| level.policies.get(&name));
        if let Some(before) = before.filter(|before| *before.item == item) {
            return Ok(before.clone());
        }
        match parse(&item, &mut self.matchers) {
            Ok(policy) => Ok(Loaded {
                policy: Arc::new(policy),
                item: Arc::new(item),
            }),
            Err(errors) => Err(BadPolicy {
                policy: PolicyKey {
                    source: source.to_owned(),
                    name,
                },
                errors,
            }),
        }
    }

    /// Keeps what a source said to a read that `began` then, unless that alone is too much.
    pub(super) fn keep(&mut self, source: &str, began: Time, policies: &[Loaded], is_whole: bool) {
        let weights = policies.iter().map(weight);
        let bytes = source.len() + VALUE_BYTES + weights.sum::<usize>();
        if bytes > BYTES_MAX {
            return;
        }
        let policies = policies
            .iter()
            .map(|it| (it.policy.name.clone(), it.clone()));
        let level = Level {
            began,
            policies: policies.collect(),
            is_whole,
            bytes,
        };
        self.bytes += bytes;
        if let Some(before) = self.levels.insert(source.to_owned(), level) {
            self.bytes -= before.bytes;
        }
        while self.bytes > BYTES_MAX {
            let oldest = self.levels.iter().min_by_key(|(_, level)| level.began);
            let Some(oldest) = oldest.map(|(source, _)| source.clone()) else {
                return;
            };
            if let Some(gone) = self.levels.remove(&oldest) {
                self.bytes -= gone.bytes;
            }
        }
    }
}

fn parse(item: &PolicyItem, matchers: &mut Matchers) -> Result<Policy, Vec<PolicyError>> {
    let node: Node = serde_dynamo::from_item(item.clone()).map_err(|error| {
        vec![PolicyError {
            place: String::new(),
            message: error.to_string(),
        }]
    })?;
    Policy::parse_with(&node, matchers)
}

/// What a policy takes, roughly: its item, as much again for what was read from it, and its expressions.
fn weight(stored: &Loaded) -> usize {
    let values = stored
        .item
        .iter()
        .map(|(name, value)| name.len() + of_value(value));
    2 * values.sum::<usize>() + stored.policy.patterns_bytes()
}

fn of_value(value: &AttributeValue) -> usize {
    let within = match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::L(list) => list.iter().map(of_value).sum(),
        AttributeValue::M(map) => map
            .iter()
            .map(|(name, value)| name.len() + of_value(value))
            .sum(),
        AttributeValue::Ss(texts) | AttributeValue::Ns(texts) => {
            texts.iter().map(|text| text.len() + VALUE_BYTES).sum()
        }
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Bs(all) => all
            .iter()
            .map(|bytes| bytes.as_ref().len() + VALUE_BYTES)
            .sum(),
        _ => 0,
    };
    VALUE_BYTES + within
}

#[cfg(test)]
mod tests;
