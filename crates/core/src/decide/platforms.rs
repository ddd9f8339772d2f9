//! One kind of evidence over all platforms of an image, sorted by how well it is known. An index is
//! as well known as its least known platform.

use std::collections::{HashMap, HashSet};

use crate::{
    Digest,
    evidence::{Known, Never, NotYet, Platform, Seen},
};

/// What is known of each platform.
pub(super) struct Gathered<'a, T> {
    /// How many platforms there are.
    pub(super) count: usize,
    /// What was seen, in the order of the index.
    pub(super) seen: Vec<(&'a Platform, &'a Seen<T>)>,
    never: Vec<(&'a Platform, &'a Never)>,
    not_yet: Vec<&'a NotYet>,
    is_not_asked: bool,
}

/// Why a list of all platforms is not to be had.
pub(super) enum Gap {
    /// It can never come.
    Never(Never),
    /// Nobody asked for some platform.
    NotAsked,
    /// It is not there yet.
    NotYet(NotYet),
}

impl<'a, T> Gathered<'a, T> {
    pub(super) fn of(platforms: &'a [Platform], known: &'a HashMap<Digest, Known<T>>) -> Self {
        let mut gathered = Self {
            count: platforms.len(),
            seen: Vec::new(),
            never: Vec::new(),
            not_yet: Vec::new(),
            is_not_asked: false,
        };
        for platform in platforms {
            match known.get(&platform.digest) {
                None | Some(Known::NotAsked) => gathered.is_not_asked = true,
                Some(Known::NotYet(waiting)) => gathered.not_yet.push(waiting),
                Some(Known::Never(never)) => gathered.never.push((platform, never)),
                Some(Known::Seen(seen)) => gathered.seen.push((platform, seen)),
            }
        }
        gathered
    }

    /// Whether a platform's name tells anything.
    pub(super) fn are_several(&self) -> bool {
        self.count > 1
    }

    /// Takes the platforms out of those whose evidence can never come that are accepted without it.
    /// What was seen of a platform counts, whatever is accepted.
    pub(super) fn take_accepted(&mut self, accepted: &HashSet<Digest>) -> Vec<&'a Platform> {
        let is_accepted =
            |(platform, _): &mut (&Platform, &Never)| accepted.contains(&platform.digest);
        let taken = self.never.extract_if(.., is_accepted);
        taken.map(|(platform, _)| platform).collect()
    }

    /// What is missing, the worst first: never, not asked for, not yet.
    pub(super) fn gap(&self) -> Option<Gap> {
        if let Some((platform, never)) = self.never.first() {
            let name = platform.to_string();
            let mut never = (*never).clone();
            if self.are_several() && !never.reason.contains(&name) {
                never.reason = format!("{} (on {name})", never.reason);
            }
            return Some(Gap::Never(never));
        }
        if self.is_not_asked {
            return Some(Gap::NotAsked);
        }
        let waiting = *self.not_yet.first()?;
        let look_at = self.not_yet.iter().filter_map(|other| other.look_at).min();
        Some(Gap::NotYet(NotYet {
            look_at,
            ..waiting.clone()
        }))
    }
}
