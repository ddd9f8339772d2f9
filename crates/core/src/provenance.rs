//! Where a promoted tag came from: which pushes at a target are ours, and by which policies they
//! came.
//!
//! Written with the raise, before the tag itself, so that the push which our own tag raises can
//! never be taken for a person's. A pure value; must not ask who asks.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{Repository, Time, policy::PolicyKey};

/// A chain has at most this many promotions; one more is a `skip`.
pub const DEPTH_MAX: u32 = 8;
/// How many of them in a row within one repository.
pub const WITHIN_MAX: u32 = 3;
/// The most windows of one target tag and digest.
pub const WINDOWS_MAX: usize = 8;
/// An event's time and ours differ by so much at most.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(5);

/// The promotions by which a push came; empty for a push by a person or a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The policies.
    pub policies: Vec<PolicyKey>,
    /// How many promotions.
    pub depth: u32,
    /// How many of the last ones within one repository.
    pub within: u32,
    /// The repositories that the last one came from: several where windows were united.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Repository>,
}

/// When promotions put a target tag on a digest, and by which chains.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Oldest first, none overlapping another.
    windows: Vec<Window>,
}

/// A span of time in which the event of our own write lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When the write may have begun.
    pub from: Time,
    /// When it had ended.
    pub until: Time,
    /// The order time of the push that was promoted: the promoted push wishes for the same.
    pub order_time: Time,
    /// By which chain it came.
    pub chain: Chain,
}

impl Chain {
    /// This chain and one promotion more, from one repository to another or within it.
    #[must_use]
    pub fn and(&self, policy: &PolicyKey, source: &Repository, target: &Repository) -> Self {
        let mut next = self.clone();
        next.sources = vec![source.clone()];
        if !next.policies.contains(policy) {
            next.policies.push(policy.clone());
        }
        next.depth = next.depth.saturating_add(1);
        next.within = if source == target {
            next.within.saturating_add(1)
        } else {
            0
        };
        next
    }

    /// Whether the policy promoted somewhere on the chain already.
    #[must_use]
    pub fn holds(&self, policy: &PolicyKey) -> bool {
        self.policies.contains(policy)
    }

    fn or(&mut self, other: &Self) {
        for policy in &other.policies {
            if !self.holds(policy) {
                self.policies.push(policy.clone());
            }
        }
        for source in &other.sources {
            if !self.sources.contains(source) {
                self.sources.push(source.clone());
            }
        }
        self.depth = self.depth.max(other.depth);
        self.within = self.within.max(other.within);
    }
}

impl Provenance {
    /// Adds a window. Overlapping ones are united, and so are the two oldest if there are more
    /// than [`WINDOWS_MAX`]: that makes too much ours, which no loop can use.
    pub fn add(&mut self, window: Window) {
        self.windows.push(window);
        self.windows.sort_by_key(|window| window.from);
        let mut united: Vec<Window> = Vec::new();
        for window in std::mem::take(&mut self.windows) {
            match united.last_mut() {
                Some(last) if window.from <= last.until => last.unite(&window),
                _ => united.push(window),
            }
        }
        while united.len() > WINDOWS_MAX {
            let oldest = united.remove(0);
            if let Some(next) = united.first_mut() {
                next.unite(&oldest);
            }
        }
        self.windows = united;
    }

    /// Notes that the write that began at `from` had ended at `until`: what comes later is not ours.
    pub fn end(&mut self, from: Time, until: Time) {
        for window in &mut self.windows {
            if window.from == from && until < window.until {
                window.until = until;
            }
        }
    }

    /// The window of a run whose event was `told` then; `None` if it is a push of its own. A run
    /// without an event is ours where the head of the tag `stands` on its digest.
    #[must_use]
    pub fn of(&self, told: Option<Time>, stands: bool) -> Option<Window> {
        let Some(told) = told else {
            return self.windows.last().filter(|_| stands).cloned();
        };
        let holds = |window: &&Window| {
            window.from - CLOCKS_DIFFER <= told && told <= window.until + CLOCKS_DIFFER
        };
        let mut found = self.windows.iter().filter(holds).cloned();
        let mut first = found.next()?;
        found.for_each(|window| first.unite(&window));
        Some(first)
    }
}

impl Window {
    fn unite(&mut self, other: &Self) {
        self.from = self.from.min(other.from);
        self.until = self.until.max(other.until);
        self.order_time = self.order_time.max(other.order_time);
        self.chain.or(&other.chain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        Time::from_timestamp(second, 0).unwrap()
    }

    fn policy(name: &str) -> PolicyKey {
        PolicyKey {
            source: "dev/website".to_owned(),
            name: name.to_owned(),
        }
    }

    fn repository(name: &str) -> Repository {
        Repository::parse(name).unwrap()
    }

    fn window(from: i64, until: i64, name: &str) -> Window {
        Window {
            from: at(from),
            until: at(until),
            order_time: at(from - 100),
            chain: Chain::default().and(
                &policy(name),
                &repository(&format!("dev/{name}")),
                &repository("qa/website"),
            ),
        }
    }

    #[test]
    fn a_chain_counts_its_promotions_and_those_within_one_repository() {
        let mut chain = Chain::default();
        for (name, within, depth, inside) in [
            ("a", false, 1, 0),
            ("b", true, 2, 1),
            ("c", true, 3, 2),
            ("d", false, 4, 0),
            ("e", true, 5, 1),
        ] {
            let target = repository(if within { "dev/website" } else { "qa/website" });
            chain = chain.and(&policy(name), &repository("dev/website"), &target);
            assert_eq!(chain.sources, [repository("dev/website")], "{name}");
            assert_eq!((chain.depth, chain.within), (depth, inside), "{name}");
            assert!(chain.holds(&policy(name)));
        }
        assert!(!chain.holds(&policy("z")));
    }

    #[test]
    fn a_push_is_ours_if_its_event_lies_in_a_window() {
        let mut provenance = Provenance::default();
        provenance.add(window(100, 110, "a"));
        for (case, told, stands, ours) in [
            ("within", Some(105), false, true),
            ("clocks differ", Some(95), false, true),
            ("clocks differ", Some(115), false, true),
            ("before", Some(94), true, false),
            ("a person tagged the digest again", Some(116), true, false),
            ("no event, and the head stands on it", None, true, true),
            ("no event, and it does not", None, false, false),
        ] {
            let found = provenance.of(told.map(at), stands);
            assert_eq!(found.is_some(), ours, "{case}");
        }
        assert_eq!(Provenance::default().of(None, true), None);
    }

    #[test]
    fn a_window_ends_when_its_write_has_ended() {
        let mut provenance = Provenance::default();
        provenance.add(window(100, 460, "a"));
        assert!(provenance.of(Some(at(300)), false).is_some());
        provenance.end(at(100), at(103));
        assert!(provenance.of(Some(at(300)), false).is_none());
        assert!(provenance.of(Some(at(103)), false).is_some());
        // Neither another window nor a later end is touched.
        provenance.add(window(500, 860, "b"));
        provenance.end(at(100), at(200));
        provenance.end(at(400), at(501));
        assert!(provenance.of(Some(at(150)), false).is_none());
        assert!(provenance.of(Some(at(860)), false).is_some());
    }

    #[test]
    fn overlapping_windows_are_one_and_their_number_is_bounded() {
        let mut provenance = Provenance::default();
        provenance.add(window(100, 110, "a"));
        provenance.add(window(105, 120, "b"));
        assert_eq!(provenance.windows.len(), 1);
        let both = provenance.of(Some(at(101)), false).unwrap();
        assert!(both.chain.holds(&policy("a")) && both.chain.holds(&policy("b")));
        assert_eq!(
            both.chain.sources,
            [repository("dev/a"), repository("dev/b")]
        );
        for n in 0..100 {
            provenance.add(window(1_000 + 20 * n, 1_010 + 20 * n, "a"));
            provenance.add(window(1_000 + 20 * n, 1_010 + 20 * n, "b"));
        }
        assert_eq!(provenance.windows.len(), WINDOWS_MAX);
        // Many different pushes under the same policies are not a loop.
        let last = provenance.of(Some(at(1_000 + 20 * 99)), false).unwrap();
        assert_eq!((last.chain.depth, last.chain.policies.len()), (1, 2));
        // The oldest is known still.
        assert!(provenance.of(Some(at(105)), false).is_some());
    }
}
