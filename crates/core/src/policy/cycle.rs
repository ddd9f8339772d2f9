//! Policies that could promote in a circle. That is harmless when they run, because no policy
//! promotes a push that came by it; it is reported because hardly anybody wants it.

use super::{Policy, PolicyKey};
use crate::{
    decide::concerns,
    path::reach::{Extent, reach},
};

/// The groups of policies of which each could bring a push to every other, through targets that
/// are sources again; a policy that feeds itself is a group of one. Sorted, without repeats.
#[must_use]
pub fn cycles(policies: &[Policy]) -> Vec<Vec<PolicyKey>> {
    let next: Vec<Vec<usize>> = policies
        .iter()
        .map(|from| successors(from, policies))
        .collect();
    let mut groups: Vec<Vec<PolicyKey>> = components(&next)
        .into_iter()
        .filter(|group| match group.as_slice() {
            [one] => next.get(*one).is_some_and(|own| own.contains(one)),
            several => several.len() > 1,
        })
        .map(|group| {
            let members = group.into_iter().filter_map(|index| policies.get(index));
            let mut keys: Vec<_> = members.map(Policy::key).collect();
            keys.sort();
            keys
        })
        .collect();
    groups.sort();
    groups
}

/// The policies that may judge what `from` promotes.
fn successors(from: &Policy, policies: &[Policy]) -> Vec<usize> {
    let numbered = policies.iter().enumerate();
    numbered
        .filter(|(_, to)| feeds(from, to))
        .map(|(index, _)| index)
        .collect()
}

fn feeds(from: &Policy, to: &Policy) -> bool {
    let reached = reach(&from.source, &from.target.repository).meets(&to.source);
    reached != Extent::None && may_pass_tag(from, to)
}

/// Whether the tag that `from` gives may meet the criteria of `to` on tags: told only where the tag
/// is always the same.
fn may_pass_tag(from: &Policy, to: &Policy) -> bool {
    let tag = from.target.tag.constant();
    tag.is_none_or(|tag| concerns(to, &tag))
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
