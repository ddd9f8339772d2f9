//! Cycles of policies. They are harmless when they run, because no policy promotes a push that came by
//! it; they are reported because few people want one.
//!
//! Policies that aim alike share a node of the graph, and what an aim can meet is looked up by name: a
//! table of ten thousand policies takes milliseconds, and its graph no more memory than the table.

use std::collections::{BTreeMap, HashMap};

use super::{Policy, PolicyKey};
use crate::{
    Tag,
    decide::concerns,
    path::reach::{Extent, Reach, reach},
};

/// The most ways from one policy to another that are followed. So many are there only where thousands
/// of policies aim at nearly everything in as many fashions.
pub const CYCLE_WAYS_MAX: usize = 500_000;

/// The groups of policies that could bring a push from each to every other, through targets that
/// are sources again; a policy that feeds itself is a group of one. Sorted, without repeats. `None`
/// if there are more than [`CYCLE_WAYS_MAX`] ways to follow.
#[must_use]
pub fn cycles(policies: &[Policy]) -> Option<Vec<Vec<PolicyKey>>> {
    let next = graph(policies)?;
    let mut groups: Vec<Vec<PolicyKey>> = components(&next)
        .into_iter()
        // A policy leads to its aim, so one that feeds itself is in a component of two.
        .filter(|component| component.len() > 1)
        .map(|component| {
            let members = component.into_iter().filter_map(|node| policies.get(node));
            let mut keys: Vec<_> = members.map(Policy::key).collect();
            keys.sort();
            keys
        })
        .collect();
    groups.sort();
    Some(groups)
}

/// Where policies aim: which repositories, and the tag where it is always the same.
type Aim = (Reach, Option<Tag>);

/// From each policy to its aim, and from each aim to the policies that may judge what comes there. The
/// policies are the first nodes, in their order.
fn graph(policies: &[Policy]) -> Option<Vec<Vec<usize>>> {
    let mut by_source: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut aims: HashMap<Aim, usize> = HashMap::new();
    let mut next = Vec::new();
    for (index, policy) in policies.iter().enumerate() {
        by_source
            .entry(policy.source.to_string())
            .or_default()
            .push(index);
        let reach = reach(&policy.source, &policy.target.repository);
        let aim = (reach, policy.target.tag.constant());
        let node = policies.len() + aims.len();
        next.push(vec![*aims.entry(aim).or_insert(node)]);
    }
    next.resize(policies.len() + aims.len(), Vec::new());
    let mut ways = 0_usize;
    for ((reach, tag), node) in &aims {
        let mut fed = Vec::new();
        for index in candidates(reach, &by_source) {
            ways += 1;
            if ways > CYCLE_WAYS_MAX {
                return None;
            }
            let policy = policies.get(index);
            if policy.is_some_and(|policy| feeds(reach, tag.as_ref(), policy)) {
                fed.push(index);
            }
        }
        if let Some(own) = next.get_mut(*node) {
            *own = fed;
        }
    }
    Some(next)
}

/// The policies whose source begins as the aim does, or is a namespace above it.
fn candidates<'a>(
    reach: &'a Reach,
    by_source: &'a BTreeMap<String, Vec<usize>>,
) -> impl Iterator<Item = usize> + 'a {
    let head = reach.head();
    let above = head
        .match_indices('/')
        .filter_map(|(end, _)| head.get(..end))
        .map(|namespace| format!("{namespace}/*"))
        .filter(move |source| reach.fixed().is_some() || !source.starts_with(head))
        .chain((!head.is_empty() || reach.fixed().is_some()).then(|| "*".to_owned()))
        .filter_map(|source| by_source.get(&source));
    let same = reach.fixed().and_then(|name| by_source.get(name));
    let below = by_source
        .range(head.to_owned()..)
        .take_while(move |(source, _)| reach.fixed().is_none() && source.starts_with(head))
        .map(|(_, policies)| policies);
    above.chain(same).chain(below).flatten().copied()
}

/// Whether the policy may judge what comes to an aim; of the tag only what is known without a push.
fn feeds(reach: &Reach, tag: Option<&Tag>, policy: &Policy) -> bool {
    reach.meets(&policy.source) != Extent::None && tag.is_none_or(|tag| concerns(policy, tag))
}

/// The strongly connected components of a graph, by Kosaraju's two walks; without recursion, for
/// tables are as long as people make them.
fn components(next: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut previous = vec![Vec::new(); next.len()];
    for (from, targets) in next.iter().enumerate() {
        for to in targets {
            if let Some(list) = previous.get_mut(*to) {
                list.push(from);
            }
        }
    }
    let mut finished = Vec::new();
    let mut seen = vec![false; next.len()];
    for start in 0..next.len() {
        finished.extend(walk(start, next, &mut seen));
    }
    let mut seen = vec![false; next.len()];
    finished
        .into_iter()
        .rev()
        .map(|start| walk(start, &previous, &mut seen))
        .filter(|group| !group.is_empty())
        .collect()
}

/// What can be reached from `start` and was not seen before, each after what it leads to.
fn walk(start: usize, next: &[Vec<usize>], seen: &mut [bool]) -> Vec<usize> {
    let mut finished = Vec::new();
    let mut open = Vec::new();
    if enter(start, seen) {
        open.push((start, 0));
    }
    while let Some((node, position)) = open.pop() {
        match next.get(node).and_then(|targets| targets.get(position)) {
            None => finished.push(node),
            Some(target) => {
                open.push((node, position + 1));
                if enter(*target, seen) {
                    open.push((*target, 0));
                }
            }
        }
    }
    finished
}

fn enter(node: usize, seen: &mut [bool]) -> bool {
    match seen.get_mut(node) {
        Some(known) if !*known => {
            *known = true;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
