//! One kind of evidence over all platforms of an image, sorted by how well it is known. An index is
//! as well known as its least known platform.

use std::collections::{HashMap, HashSet};

use super::words;
use crate::{
    Digest,
    evidence::{Known, Never, NotYet, Platform, Seen},
    suggest::shortened,
};

/// What is known of each platform.
pub(super) struct Gathered<'a, T> {
    /// How many platforms there are.
    pub(super) count: usize,
    /// What was seen, in the order of the index.
    pub(super) seen: Vec<(&'a Platform, &'a Seen<T>)>,
    /// Those with a layer that a scanner may have skipped.
    unknown: Vec<&'a Platform>,
    never: Vec<(&'a Platform, &'a Never)>,
    not_yet: Vec<(&'a Platform, &'a NotYet)>,
    is_not_asked: bool,
}

/// Why a list of all platforms is not available.
pub(super) enum Gap {
    /// It can never come.
    Never(Never),
    /// Some platform was not asked for.
    NotAsked,
    /// Since when a finding is known was not asked for.
    Unsighted,
    /// It is not there yet.
    NotYet(NotYet),
}

impl<'a, T> Gathered<'a, T> {
    pub(super) fn of(platforms: &'a [Platform], known: &'a HashMap<Digest, Known<T>>) -> Self {
        let mut gathered = Self {
            count: platforms.len(),
            seen: Vec::new(),
            unknown: platforms
                .iter()
                .filter(|platform| platform.unknown_layer.is_some())
                .collect(),
            never: Vec::new(),
            not_yet: Vec::new(),
            is_not_asked: false,
        };
        for platform in platforms {
            match known.get(&platform.digest) {
                None | Some(Known::NotAsked) => gathered.is_not_asked = true,
                Some(Known::NotYet(waiting)) => gathered.not_yet.push((platform, waiting)),
                Some(Known::Never(never)) => gathered.never.push((platform, never)),
                Some(Known::Seen(seen)) => gathered.seen.push((platform, seen)),
            }
        }
        gathered
    }

    /// The same for what no layer tells.
    pub(super) fn regardless_of_layers(
        platforms: &'a [Platform],
        known: &'a HashMap<Digest, Known<T>>,
    ) -> Self {
        Self {
            unknown: Vec::new(),
            ..Self::of(platforms, known)
        }
    }

    /// Whether a platform's name tells anything.
    pub(super) fn are_several(&self) -> bool {
        self.count > 1
    }

    /// Where something was seen, for the end of its name; nothing where there is one platform.
    pub(super) fn place(&self, platform: &Platform) -> String {
        if self.are_several() {
            format!(" on {platform}")
        } else {
            String::new()
        }
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
        if let Some(platform) = self.unknown.first() {
            return Some(Gap::Never(self.passed_over(platform).into()));
        }
        if let Some((platform, never)) = self.never.first() {
            let mut never = (*never).clone();
            never.reason = self.placed(&never.reason, &[platform]);
            return Some(Gap::Never(never));
        }
        if self.is_not_asked {
            return Some(Gap::NotAsked);
        }
        self.waits_for().map(Gap::NotYet)
    }

    fn passed_over(&self, platform: &Platform) -> String {
        let media_type = shortened(platform.unknown_layer.as_deref().unwrap_or_default());
        let reason = format!(
            "a layer has the unknown media type {media_type:?}, so its contents cannot be known"
        );
        self.placed(&reason, &[platform])
    }

    /// What is awaited, each reason with its platforms, and when the first of it can be there.
    fn waits_for(&self) -> Option<NotYet> {
        let (_, first) = *self.not_yet.first()?;
        let mut by_reason: Vec<(&str, Vec<&Platform>)> = Vec::new();
        for (platform, waiting) in &self.not_yet {
            let reason = waiting.reason.as_str();
            match by_reason.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, platforms)) => platforms.push(platform),
                None => by_reason.push((reason, vec![platform])),
            }
        }
        let reasons: Vec<String> = by_reason
            .iter()
            .map(|(reason, platforms)| self.placed(reason, platforms))
            .collect();
        let look_at = self.not_yet.iter().filter_map(|(_, other)| other.look_at);
        Some(NotYet {
            reason: reasons.join("; "),
            look_at: look_at.min(),
            read: first.read,
        })
    }

    /// A reason with the platforms that it is about, if there are several and it does not name
    /// them itself.
    fn placed(&self, reason: &str, platforms: &[&Platform]) -> String {
        let names = platforms.iter().map(ToString::to_string);
        let is_told = names.clone().all(|name| reason.contains(&name));
        if !self.are_several() || is_told {
            return reason.to_owned();
        }
        format!("{reason} (on {})", words::named(names).join(", "))
    }
}
