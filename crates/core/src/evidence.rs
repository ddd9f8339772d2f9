//! What is known of an image beyond its name, and how well it is known.
//!
//! [`Known`] has no default and no empty: evidence is not asked for, not there yet, never to come,
//! or seen. So nothing that is missing can be taken for nothing found.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

mod components;
mod lack;

use serde::{Deserialize, Serialize};

pub use self::{
    components::{Components, ComponentsIter},
    lack::Lack,
};

use crate::{Digest, Time};
pub use crate::{
    component::Component,
    labels::{ConfigLabel, Labels},
    license::{Explained, License},
    sightings::Sightings,
};

/// How well one kind of evidence is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// Not looked at yet: the judge's loop fetches it.
    NotAsked,
    /// Looked for and not there yet: the decision is `await`.
    NotYet(NotYet),
    /// It can never come: the decision is `hold`.
    Never(Never),
    /// Seen.
    Seen(Seen<T>),
}

/// Evidence that is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotYet {
    /// What is awaited, in words, as in "the scan of linux/arm64 has not finished".
    pub reason: String,
    /// When it is worth looking again, if that is known.
    pub look_at: Option<Time>,
    /// Where it was looked for.
    pub read: Read,
}

/// Evidence that can never come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Never {
    /// Why, lower case, without a full stop.
    pub reason: String,
    /// Where it was looked for.
    pub read: Read,
}

impl Never {
    /// Evidence that something was read for which does not tell it.
    #[must_use]
    pub fn read(reason: String, origin: Origin, at: Time) -> Self {
        let read = Read::of(origin, at);
        Self { reason, read }
    }
}

impl From<String> for Never {
    /// Evidence that nothing was read for.
    fn from(reason: String) -> Self {
        let read = Read::default();
        Self { reason, read }
    }
}

/// What was read, if anything, that does not tell what was asked of it: a scan that failed, a list
/// that ends too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Read {
    /// Where it comes from.
    pub origin: Option<Origin>,
    /// When it was made, or read if it has no time.
    pub at: Option<Time>,
}

impl Read {
    /// Something that was read there, made or read then.
    #[must_use]
    pub fn of(origin: Origin, at: Time) -> Self {
        Self {
            origin: Some(origin),
            at: Some(at),
        }
    }
}

/// Evidence in hand, with where it comes from and when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen<T> {
    /// What was seen.
    pub value: T,
    /// Where it was seen.
    pub origin: Origin,
    /// When the evidence was made (a scan's completion), or read if it has no time.
    pub at: Time,
}

/// Where evidence comes from. Written into decisions and records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The registry itself: a name, a tag, a manifest.
    Registry,
    /// An image's config.
    Config,
    /// The promotions table.
    Ledger,
    /// A basic scan's findings.
    BasicScan,
    /// Amazon Inspector's findings.
    EnhancedScan,
    /// An SBOM in BuildKit's attestation manifest.
    BuildkitAttestation,
    /// An SBOM attached as a referrer of its own.
    Referrer,
    /// An SBOM in a sigstore bundle.
    SigstoreBundle,
    /// An SBOM under cosign's tag scheme.
    CosignTag,
}

impl Origin {
    /// The words for it in decisions and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Config => "image config (written by the pusher, unverified)",
            Self::Ledger => "ledger",
            Self::BasicScan => "scan: basic",
            Self::EnhancedScan => "scan: enhanced",
            Self::BuildkitAttestation => {
                "sbom: buildkit attestation (attached by the pusher, unverified)"
            }
            Self::Referrer => "sbom: referrer (attached by the pusher, unverified)",
            Self::SigstoreBundle => "sbom: sigstore bundle (attached by the pusher, unverified)",
            Self::CosignTag => "sbom: cosign tag (attached by the pusher, unverified)",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an image consists of, as its manifests tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// An image, by its platforms: one for a single image, all runnable children for an index.
    /// Never empty.
    Platforms(Vec<Platform>),
    /// No image layers: a Helm chart, a WASM module, an attestation.
    Artifact,
}

/// One runnable image of an index, or the image itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// The digest of its manifest.
    pub digest: Digest,
    /// `os/architecture[/variant]`, if the index names it; with the version of the system, or the
    /// digest, where another platform of the index has the same.
    pub name: Option<String>,
    /// The type of a layer in an unspecified form, if it has one: what was found in such
    /// an image may not be all that is in it.
    pub unknown_layer: Option<String>,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => f.write_str(name),
            None => write!(f, "{}", self.digest),
        }
    }
}

/// A scanner's severity, as ECR names it; Inspector's `UNTRIAGED` is `Undefined`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// Not rated by the scanner; counts into `vulnerabilities.all` alone.
    Undefined,
    /// Worth knowing.
    Informational,
    /// MSR's "minor".
    Low,
    /// MSR's "major".
    Medium,
    /// With `Critical`, MSR's "critical".
    High,
    /// The worst.
    Critical,
}

impl Severity {
    /// Reads a scanner's word; an unknown one is `Undefined`, never dropped.
    #[must_use]
    pub fn read(word: &str) -> Self {
        match word {
            "CRITICAL" => Self::Critical,
            "HIGH" => Self::High,
            "MEDIUM" => Self::Medium,
            "LOW" => Self::Low,
            "INFORMATIONAL" => Self::Informational,
            _ => Self::Undefined,
        }
    }

    /// The word as ECR writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "CRITICAL",
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
            Self::Informational => "INFORMATIONAL",
            Self::Undefined => "UNDEFINED",
        }
    }
}

/// One entry of a scan's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The vulnerability's id, as in `CVE-2021-44228`.
    pub id: String,
    /// The finding's severity, never worked out from a score.
    pub severity: Severity,
    /// The package it lies in, if the scanner says so.
    pub package: Option<String>,
    /// The installed version, if the scanner says so.
    pub installed: Option<String>,
    /// The version that fixes it, if there is one.
    pub fixed: Option<String>,
    /// Whether an update mends it; `None` where the scanner does not say.
    pub fixable: Option<bool>,
    /// Whether an exploit is known; `None` where the scanner does not say.
    pub exploitable: Option<bool>,
    /// The ids of vulnerabilities that the scanner holds related.
    pub related: Vec<String>,
    /// The further packages that it lies in; empty names where the scanner gives none.
    pub others: Vec<String>,
    /// When the scanner first saw it, if it says so.
    pub first_seen: Option<Time>,
}

/// All that is known of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What its manifests say.
    pub contents: Known<Contents>,
    /// The labels of each platform; a platform that is not in the map was not asked for.
    pub labels: HashMap<Digest, Known<Labels>>,
    /// The findings of each platform; likewise.
    pub findings: HashMap<Digest, Known<Vec<Finding>>>,
    /// Since when the findings of each platform are known that the scanner does not say it of; likewise.
    pub sightings: HashMap<Digest, Known<Sightings>>,
    /// The components of each platform; likewise.
    pub components: HashMap<Digest, Known<Components>>,
    /// The platforms that the scanner says it cannot scan at all, where the
    /// administrator allows policies to accept that. Whether one does is the policy's word.
    pub unscannable: HashSet<Digest>,
}

impl Evidence {
    /// Nothing asked for yet.
    #[must_use]
    pub fn none() -> Self {
        Self {
            contents: Known::NotAsked,
            labels: HashMap::new(),
            findings: HashMap::new(),
            sightings: HashMap::new(),
            components: HashMap::new(),
            unscannable: HashSet::new(),
        }
    }
}
