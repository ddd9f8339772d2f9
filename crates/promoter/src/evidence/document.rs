//! What was seen of an image, as the document that `promoter evidence --json` prints;
//! `docs/evidence.schema.json` describes it. Judges nothing: whether it is enough is a policy's word.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ecr_promoter::Look;
use ecr_promoter_core::{
    Digest, Repository, Time,
    evidence::{Components, Contents, Known, Never, Origin, Platform},
};
use serde::Serialize;

mod entries;
mod licenses;

pub(crate) use entries::{ComponentRow, FindingRow, LabelRow};

/// The version of the document's shape.
const VERSION: u32 = 1;

/// All that was seen of one image.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    version: u32,
    /// Which image.
    pub(crate) image: Image,
    /// When it was looked at.
    pub(crate) looked_at: Time,
    /// What its manifests say.
    pub(crate) contents: Seen,
    /// How far the configs of its platforms can be read.
    pub(crate) config: Kind,
    /// What labels they have.
    pub(crate) labels: Vec<Row<LabelRow>>,
    /// How far its platforms are scanned.
    pub(crate) scan: Kind,
    /// What the scans list, the worst first.
    pub(crate) findings: Vec<Row<FindingRow>>,
    /// How far its platforms have SBOMs.
    pub(crate) sbom: Kind,
    /// What the SBOMs list.
    pub(crate) components: Vec<Row<ComponentRow>>,
    /// The licenses of the components, as a policy looks at them.
    pub(crate) licenses: Vec<LicenseRow>,
}

/// Which image.
#[derive(Debug, Serialize)]
pub(crate) struct Image {
    pub(crate) registry: String,
    pub(crate) repository: String,
    /// The tag that was asked for, or one that points to the digest.
    pub(crate) tag: Option<String>,
    pub(crate) digest: String,
}

/// How well something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// There are no platforms to ask for: no image.
    NotApplicable,
    /// Seen: a policy can decide on it.
    Seen,
    /// Not there yet: a policy awaits it.
    Awaited,
    /// It cannot be known: a policy holds.
    Unknown,
}

/// Where and when something was seen, or why it was not.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Seen {
    pub(crate) state: State,
    pub(crate) origin: Option<&'static str>,
    pub(crate) at: Option<Time>,
    pub(crate) age_seconds: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) look_at: Option<Time>,
}

/// One kind of evidence, of all platforms and of each.
#[derive(Debug, Serialize)]
pub(crate) struct Kind {
    /// The worst of the platforms'.
    pub(crate) state: State,
    pub(crate) platforms: Vec<OfPlatform>,
}

/// One kind of evidence of one platform.
#[derive(Debug, Serialize)]
pub(crate) struct OfPlatform {
    pub(crate) platform: String,
    pub(crate) digest: String,
    #[serde(flatten)]
    pub(crate) seen: Seen,
    /// How many entries its list has, if one was seen.
    pub(crate) entries: Option<usize>,
}

/// An entry, with the platforms on whose lists it stands in the same words.
#[derive(Debug, Serialize)]
pub(crate) struct Row<T> {
    #[serde(flatten)]
    pub(crate) entry: T,
    pub(crate) platforms: Vec<String>,
    pub(crate) origin: &'static str,
    pub(crate) at: Time,
    pub(crate) age_seconds: i64,
}

/// A license and who carries it.
#[derive(Debug, Serialize)]
pub(crate) struct LicenseRow {
    /// `null`: not stated.
    pub(crate) license: Option<String>,
    pub(crate) components: Vec<String>,
    pub(crate) platforms: Vec<String>,
    pub(crate) origins: Vec<&'static str>,
    pub(crate) at: Time,
    pub(crate) age_seconds: i64,
}

impl Document {
    /// The document of what was seen in `repository`.
    pub(crate) fn of(registry: &str, repository: &Repository, look: &Look) -> Self {
        let evidence = &look.evidence;
        let platforms: &[Platform] = match &evidence.contents {
            Known::Seen(seen) => match &seen.value {
                Contents::Platforms(platforms) => platforms,
                Contents::Artifact => &[],
            },
            _ => &[],
        };
        Self {
            version: VERSION,
            image: Image {
                registry: registry.to_owned(),
                repository: repository.to_string(),
                tag: look.tag.as_ref().map(ToString::to_string),
                digest: look.digest.to_string(),
            },
            looked_at: look.now,
            contents: Seen::of(&evidence.contents, look.now),
            config: Kind::of(platforms, &evidence.labels, look.now, |_| None),
            labels: rows(platforms, &evidence.labels, look.now, LabelRow::of),
            scan: Kind::of(platforms, &evidence.findings, look.now, |_| None),
            findings: rows(platforms, &evidence.findings, look.now, FindingRow::of),
            sbom: Kind::of(platforms, &evidence.components, look.now, Components::gap),
            components: rows(platforms, &evidence.components, look.now, ComponentRow::of),
            licenses: licenses::of(platforms, &evidence.components, look.now),
        }
    }
}

impl Seen {
    fn of<T>(known: &Known<T>, now: Time) -> Self {
        let of = |state, origin: Option<Origin>, at: Option<Time>| Self {
            state,
            origin: origin.map(Origin::as_str),
            at,
            age_seconds: at.map(|at| age(at, now)),
            reason: None,
            look_at: None,
        };
        match known {
            Known::NotAsked => of(State::NotApplicable, None, None),
            Known::NotYet(not_yet) => Self {
                reason: Some(not_yet.reason.clone()),
                look_at: not_yet.look_at,
                ..of(State::Awaited, not_yet.read.origin, not_yet.read.at)
            },
            Known::Never(never) => Self {
                reason: Some(never.reason.clone()),
                ..of(State::Unknown, never.read.origin, never.read.at)
            },
            Known::Seen(seen) => of(State::Seen, Some(seen.origin), Some(seen.at)),
        }
    }
}

impl Kind {
    /// `gap` says what a list that was seen lacks.
    fn of<C, T>(
        platforms: &[Platform],
        known: &HashMap<Digest, Known<C>>,
        now: Time,
        gap: impl Fn(&C) -> Option<&Never>,
    ) -> Self
    where
        for<'a> &'a C: IntoIterator<Item = &'a T>,
    {
        let of_platform = |platform: &Platform| {
            let known = known.get(&platform.digest).unwrap_or(&Known::NotAsked);
            let (entries, gap) = match known {
                Known::Seen(seen) => (Some(seen.value.into_iter().count()), gap(&seen.value)),
                _ => (None, None),
            };
            let mut seen = Seen::of(known, now);
            if let Some(never) = gap {
                seen.state = State::Unknown;
                seen.reason = Some(never.reason.clone());
            }
            OfPlatform {
                platform: name(platform),
                digest: platform.digest.to_string(),
                seen,
                entries,
            }
        };
        let platforms: Vec<OfPlatform> = platforms.iter().map(of_platform).collect();
        let states = platforms.iter().map(|platform| platform.seen.state);
        Self {
            state: states.max().unwrap_or(State::NotApplicable),
            platforms,
        }
    }
}

/// The entries of all lists that were seen, those that say the same in one row.
fn rows<C, T, E: Ord>(
    platforms: &[Platform],
    known: &HashMap<Digest, Known<C>>,
    now: Time,
    entry: impl Fn(&T) -> E,
) -> Vec<Row<E>>
where
    for<'a> &'a C: IntoIterator<Item = &'a T>,
    T: 'static,
{
    let mut rows: BTreeMap<(E, &'static str, Time), BTreeSet<String>> = BTreeMap::new();
    for platform in platforms {
        if let Some(Known::Seen(seen)) = known.get(&platform.digest) {
            for listed in &seen.value {
                let key = (entry(listed), seen.origin.as_str(), seen.at);
                rows.entry(key).or_default().insert(name(platform));
            }
        }
    }
    let rows = rows.into_iter();
    rows.map(|((entry, origin, at), platforms)| Row {
        entry,
        platforms: platforms.into_iter().collect(),
        origin,
        at,
        age_seconds: age(at, now),
    })
    .collect()
}

/// A platform as an index names it; an image without an index has but one.
fn name(platform: &Platform) -> String {
    platform
        .name
        .clone()
        .unwrap_or_else(|| platform.digest.to_string())
}

/// Whole seconds; a clock that runs behind makes nothing younger than new.
fn age(at: Time, now: Time) -> i64 {
    (now - at).num_seconds().max(0)
}
