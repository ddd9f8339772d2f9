//! The orders in which ecosystems put versions, and ranges over them.
//!
//! Pure order, not an ecosystem's own rules for ranges: `<2.0.0` covers `2.0.0-rc1`. What is not a
//! version of its ecosystem is in no order, and so whether a range holds it is unknown.

mod alpine;
mod debian;
mod digits;
mod gem;
mod maven;
mod nuget;
mod pypi;
mod range;
mod releases;
mod rpm;
mod semver;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

pub use self::{
    range::{Bound, Range, RangeError},
    releases::Releases,
};

/// The longest version, in bytes; a longer one is not read. Real SBOMs hold no longer ones.
pub const VERSION_BYTES_MAX: usize = 4 * 1024;

/// The order of an ecosystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionOrder {
    /// npm, Cargo, Go.
    Semver,
    /// Python.
    Pypi,
    /// Maven, Gradle and others that use its repositories.
    Maven,
    /// Debian and its descendants.
    Debian,
    /// RPM.
    Rpm,
    /// Alpine and its descendants.
    Alpine,
    /// .NET.
    Nuget,
    /// Ruby.
    Gem,
}

impl VersionOrder {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Semver,
        Self::Pypi,
        Self::Maven,
        Self::Debian,
        Self::Rpm,
        Self::Alpine,
        Self::Nuget,
        Self::Gem,
    ];

    /// That of a package URL's type; `None` for an ecosystem whose order is not known.
    #[must_use]
    pub fn of_type(kind: &str) -> Option<Self> {
        Some(match kind.to_ascii_lowercase().as_str() {
            "npm" | "cargo" | "golang" => Self::Semver,
            "pypi" => Self::Pypi,
            "maven" | "gradle" | "sbt" | "clojars" => Self::Maven,
            "deb" => Self::Debian,
            "rpm" => Self::Rpm,
            "apk" => Self::Alpine,
            "nuget" => Self::Nuget,
            "gem" => Self::Gem,
            _ => return None,
        })
    }

    /// Compares two versions; `None` if one of them is not a version.
    #[must_use]
    pub fn compare(self, left: &str, right: &str) -> Option<Ordering> {
        let is_text = |text: &str| {
            text.len() <= VERSION_BYTES_MAX && text.bytes().all(|b| b.is_ascii_graphic())
        };
        if !is_text(left) || !is_text(right) {
            return None;
        }
        match self {
            Self::Semver => semver::compare(left, right),
            Self::Pypi => pypi::compare(left, right),
            Self::Maven => maven::compare(left, right),
            Self::Debian => debian::compare(left, right),
            Self::Rpm => rpm::compare(left, right),
            Self::Alpine => alpine::compare(left, right),
            Self::Nuget => nuget::compare(left, right),
            Self::Gem => gem::compare(left, right),
        }
    }

    /// Compares any two texts, for a sort: what is not a version comes before all that are, by its text.
    #[must_use]
    pub fn total_cmp(self, left: &str, right: &str) -> Ordering {
        self.compare(left, right).unwrap_or_else(|| {
            let is_version = self.has(left).cmp(&self.has(right));
            is_version.then_with(|| left.cmp(right))
        })
    }

    /// Whether it is a version of this ecosystem.
    #[must_use]
    pub fn has(self, version: &str) -> bool {
        self.compare(version, version).is_some()
    }
}
