//! The lists of components of all platforms, walked together: the union of what they hold. A list
//! that lacks one platform, or that is empty, does not count, least of all for an operator that forbids.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{
    judge::Found,
    platforms::{Gap, Gathered},
    words,
};
use crate::{
    Digest,
    decision::{CriterionVerdict, NAMED_MAX},
    evidence::{Component, Components, Known, Never, Platform, Seen},
};

/// What is known of every platform's components.
pub(super) struct Lists<'a>(Gathered<'a, Components>);

/// What a criterion found among the components, by names that people read, each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    /// Ten at most, then how many more there are.
    names: Vec<String>,
    /// How many there are.
    pub(super) count: usize,
}

impl Named {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first name and how many more there are.
    pub(super) fn first_and_more(&self) -> String {
        match (self.names.first(), self.count) {
            (None, _) => String::new(),
            (Some(one), 0 | 1) => one.clone(),
            (Some(one), count) => format!("{one} and {} more", count - 1),
        }
    }
}

impl<'a> Lists<'a> {
    pub(super) fn of(
        platforms: &'a [Platform],
        known: &'a HashMap<Digest, Known<Components>>,
    ) -> Self {
        Self(Gathered::of(platforms, known))
    }

    /// The components that `name` has a name for, in the order in which they are met, with their
    /// platforms where they are not on all of them. A list that platforms share is asked once.
    pub(super) fn named(&self, mut name: impl FnMut(&'a Component) -> Option<String>) -> Named {
        let mut first: Vec<(String, BTreeSet<usize>)> = Vec::new();
        let mut others = HashSet::new();
        for (list, platforms) in self.distinct() {
            for name in list.iter().filter_map(&mut name) {
                let mut known = first.iter_mut();
                if let Some((_, on)) = known.find(|(known, _)| *known == name) {
                    on.extend(&platforms);
                } else if first.len() < NAMED_MAX {
                    first.push((name, platforms.iter().copied().collect()));
                } else {
                    others.insert(name);
                }
            }
        }
        let count = first.len() + others.len();
        let first = first.into_iter().map(|(name, on)| self.placed(name, &on));
        Named {
            names: words::named(first.chain(others)),
            count,
        }
    }

    /// Each list once, with the places of the platforms that have it.
    fn distinct(&self) -> Vec<(&'a Arc<Vec<Component>>, Vec<usize>)> {
        let mut distinct: Vec<(&Arc<Vec<Component>>, Vec<usize>)> = Vec::new();
        for (place, (_, seen)) in self.0.seen.iter().enumerate() {
            for list in seen.value.lists() {
                let mut known = distinct.iter_mut();
                match known.find(|(known, _)| Arc::ptr_eq(known, list)) {
                    Some((_, places)) => places.push(place),
                    None => distinct.push((list, vec![place])),
                }
            }
        }
        distinct
    }

    /// The components of every list, each list once.
    pub(super) fn components(&self) -> impl Iterator<Item = &'a Component> {
        let distinct = self.distinct().into_iter();
        distinct.flat_map(|(list, _)| list.iter())
    }

    fn placed(&self, name: String, places: &BTreeSet<usize>) -> String {
        if places.len() == self.0.count {
            return name;
        }
        let seen = places.iter().filter_map(|place| self.0.seen.get(*place));
        let platforms: Vec<_> = seen.map(|(platform, _)| platform.to_string()).collect();
        format!("{name} on {}", platforms.join(", "))
    }

    /// What keeps the lists from being known as a whole, the worst first.
    pub(super) fn gap(&self) -> Option<Gap> {
        let mut seen = self.0.seen.iter();
        if let Some(never) = seen.find_map(|(_, seen)| seen.value.gap()) {
            return Some(Gap::Never(never.clone()));
        }
        let empty = self.0.seen.iter().find(|(_, seen)| !lists_any(seen));
        if let Some((platform, seen)) = empty {
            let reason = format!(
                "{} lists no components of {platform}, so its components are unknown",
                seen.origin
            );
            return Some(Gap::Never(Never::read(reason, seen.origin, seen.at)));
        }
        let none = || Gap::Never("it has no platform to judge".to_owned().into());
        let is_none = self.0.seen.is_empty();
        self.0.gap().or_else(|| is_none.then(none))
    }

    /// The answer that these names make; if there are none, how many were looked at.
    pub(super) fn found(&self, verdict: CriterionVerdict, named: Named) -> Found {
        let words = if named.is_empty() {
            let count: usize = self.distinct().iter().map(|(list, _)| list.len()).sum();
            format!("none of them among {count} components")
        } else {
            named.first_and_more()
        };
        let mut origins: Vec<_> = self.0.seen.iter().map(|(_, s)| s.origin.as_str()).collect();
        origins.sort_unstable();
        origins.dedup();
        Found {
            verdict,
            note: None,
            seen: if named.is_empty() {
                serde_json::json!(words)
            } else {
                serde_json::json!(named.names)
            },
            words,
            culprits: if verdict == CriterionVerdict::Met {
                Vec::new()
            } else {
                named.names
            },
            origin: origins.join(", "),
            // The union is as old as its oldest part.
            at: self.0.seen.iter().map(|(_, seen)| seen.at).min(),
        }
    }
}

/// Whether a document lists a component: its own subject, files and containers are not.
fn lists_any(seen: &Seen<Components>) -> bool {
    let mut components = seen.value.iter();
    components.any(|component| !component.is_frame)
}

/// `log4j-core 2.14.1`
pub(super) fn name(component: &Component) -> String {
    match &component.version {
        Some(version) => format!("{} {version}", component.name),
        None => component.name.clone(),
    }
}
