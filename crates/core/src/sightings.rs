//! Since when the findings of an image are known that no scanner says it of: by when they were first seen
//! here. What is kept is bounded; a finding that found no room has no age, and is never taken for a new
//! one.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::{Time, decision::microseconds, evidence::Finding};

/// The most findings of one image that are kept.
pub const SIGHTINGS_MAX: usize = 2_000;
/// The most bytes that their ids take together.
pub const SIGHTINGS_BYTES_MAX: usize = 64 * 1024;

/// The findings of one image by when they were first seen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sightings {
    /// The looks that saw a new one, the first look first.
    looks: Vec<Sighting>,
}

/// What one look saw for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sighting {
    at: Time,
    ids: Vec<String>,
}

impl Sightings {
    /// When each finding was first seen.
    #[must_use]
    pub fn by_id(&self) -> HashMap<&str, Time> {
        let mut by_id = HashMap::new();
        for look in &self.looks {
            for id in &look.ids {
                by_id.entry(id.as_str()).or_insert(look.at);
            }
        }
        by_id
    }

    /// With what a scan lists now and does not say the first sight of; `None` if nothing of it is new, or
    /// there is no room. The worst severities come first.
    #[must_use]
    pub fn seen(&self, findings: &[Finding], now: Time) -> Option<Self> {
        let known = self.by_id();
        let mut left = SIGHTINGS_MAX.saturating_sub(known.len());
        let bytes: usize = known.keys().map(|id| id.len()).sum();
        let mut bytes_left = SIGHTINGS_BYTES_MAX.saturating_sub(bytes);
        let mut new: Vec<&Finding> = unsaid(findings).collect();
        new.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), &finding.id));
        let mut taken = HashSet::new();
        for finding in new {
            let id = finding.id.as_str();
            if known.contains_key(id) || taken.contains(id) {
                continue;
            }
            if left == 0 || id.len() > bytes_left {
                break;
            }
            left -= 1;
            bytes_left -= id.len();
            taken.insert(id);
        }
        if taken.is_empty() {
            return None;
        }
        let mut ids: Vec<String> = taken.into_iter().map(str::to_owned).collect();
        ids.sort();
        let mut looks = self.looks.clone();
        let at = microseconds(now);
        looks.push(Sighting { at, ids });
        Some(Self { looks })
    }
}

/// The findings whose first sight the scanner does not say.
pub fn unsaid(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    let findings = findings.iter();
    findings.filter(|finding| finding.first_seen.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decide::fixtures::{finding, time},
        evidence::Severity::{Critical, Low},
    };

    fn told(sightings: &Sightings) -> Vec<(String, Time)> {
        let by_id = sightings.by_id().into_iter();
        let mut told: Vec<_> = by_id.map(|(id, at)| (id.to_owned(), at)).collect();
        told.sort();
        told
    }

    #[test]
    fn a_finding_is_as_old_as_its_first_sight() {
        let [a, b, c] = ["CVE-1", "CVE-2", "CVE-3"].map(|id| finding(id, Low));
        let said = Finding {
            first_seen: Some(time(0)),
            ..c.clone()
        };
        let first = Sightings::default().seen(&[a.clone(), said, a.clone()], time(1));
        let first = first.unwrap();
        assert_eq!(told(&first), [("CVE-1".to_owned(), time(1))]);
        assert_eq!(first.seen(std::slice::from_ref(&a), time(2)), None);
        let second = first.seen(&[b, a.clone()], time(3)).unwrap();
        let both = [("CVE-1", time(1)), ("CVE-2", time(3))];
        let both = both.map(|(id, at)| (id.to_owned(), at));
        assert_eq!(told(&second), both);
        // One that was gone for a while is no younger for it.
        let back = second.seen(&[c, a], time(4)).unwrap();
        assert!(told(&back).contains(&both[0]));
    }

    #[test]
    fn what_finds_no_room_has_no_age_and_the_worst_go_first() {
        let low = (0..SIGHTINGS_MAX).map(|n| finding(&format!("LOW-{n}"), Low));
        let bad = (0..10).map(|n| finding(&format!("BAD-{n}"), Critical));
        let all: Vec<Finding> = low.chain(bad).collect();
        let full = Sightings::default().seen(&all, time(1)).unwrap();
        let by_id = full.by_id();
        assert_eq!(by_id.len(), SIGHTINGS_MAX);
        assert!((0..10).all(|n| by_id.contains_key(format!("BAD-{n}").as_str())));
        assert_eq!(full.seen(&all, time(2)), None);
        let long = "x".repeat(SIGHTINGS_BYTES_MAX / 2);
        let long: Vec<Finding> = (0..3)
            .map(|n| finding(&format!("{long}{n}"), Low))
            .collect();
        let full = Sightings::default().seen(&long, time(1)).unwrap();
        assert_eq!(full.by_id().len(), 1);
    }
}
