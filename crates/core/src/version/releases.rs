//! Ranges over releases as npm and Cargo write them: `>=1.4.0`, `^2`, `~1.4`, `>=1.0.0,<2.0.0`. A
//! pre-release is in one only where the range names a pre-release of the same three numbers.

use semver::{BuildMetadata, Comparator, Prerelease, Version, VersionReq};

use super::RangeError;
use crate::suggest::shortened;

/// A range over releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Releases(VersionReq);

impl Releases {
    /// Reads a range: bounds that all hold, each with its operator.
    pub fn parse(text: &str) -> Result<Self, RangeError> {
        let no_operator = |bound: &&str| !bound.trim_start().starts_with(['<', '>', '=', '^', '~']);
        if let Some(bound) = text.split(',').find(no_operator) {
            return Err(RangeError::NoReleases(shortened(bound.trim())));
        }
        let range = VersionReq::parse(text).map(Self);
        let range = range.map_err(|_| RangeError::NoReleases(shortened(text)))?;
        if range.is_empty() {
            return Err(RangeError::Empty);
        }
        Ok(range)
    }

    /// Whether a version is in it; `None` if it is not one: three numbers, with an optional `v` before
    /// them, and what semantic versions allow after them.
    #[must_use]
    pub fn hold(&self, version: &str) -> Option<bool> {
        let version = version.strip_prefix('v').unwrap_or(version);
        Some(self.0.matches(&Version::parse(version).ok()?))
    }

    /// Whether no release is in it: then none of those is that begin what one of its bounds allows.
    fn is_empty(&self) -> bool {
        let bounds = self.0.comparators.iter().flat_map(beginnings);
        let mut all = bounds.chain([Version::new(0, 0, 0)]);
        !all.any(|version| self.0.matches(&version))
    }
}

/// The least versions that a bound allows, whatever its operator is.
fn beginnings(bound: &Comparator) -> Vec<Version> {
    let (major, minor, patch) = (
        bound.major,
        bound.minor.unwrap_or(0),
        bound.patch.unwrap_or(0),
    );
    let own = Version {
        pre: bound.pre.clone(),
        ..Version::new(major, minor, patch)
    };
    // The least pre-release that is greater than one.
    let next = Prerelease::new(&format!("{}.0", bound.pre)).unwrap_or(Prerelease::EMPTY);
    vec![
        Version {
            pre: if bound.pre.is_empty() {
                Prerelease::EMPTY
            } else {
                next
            },
            build: BuildMetadata::EMPTY,
            ..own.clone()
        },
        own,
        Version::new(major, minor, patch),
        Version::new(major, minor, patch.saturating_add(1)),
        Version::new(major, minor.saturating_add(1), 0),
        Version::new(major.saturating_add(1), 0, 0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_in_a_range_of_releases() {
        for (range, tag, wanted) in [
            (">=1.4.0", "1.4.0", Some(true)),
            (">=1.4.0", "v1.10.0", Some(true)),
            (">=1.4.0", "1.3.9", Some(false)),
            ("^2", "2.9.1", Some(true)),
            ("^2", "3.0.0", Some(false)),
            ("^0.2.3", "0.3.0", Some(false)),
            ("~1.4", "1.4.7", Some(true)),
            ("~1.4", "1.5.0", Some(false)),
            (">=1.0.0,<2.0.0", "1.9.9", Some(true)),
            (">=1.0.0, <2.0.0", "2.0.0", Some(false)),
            ("=1.2.3", "1.2.3", Some(true)),
            // A pre-release only where the range names one of the same three numbers.
            (">=1.0.0", "1.4.0-rc.1", Some(false)),
            ("<2.0.0", "2.0.0-rc.1", Some(false)),
            (">=1.4.0-rc.0", "1.4.0-rc.1", Some(true)),
            (">=1.4.0-rc.0", "1.5.0-rc.1", Some(false)),
            (">=1.4.0-rc.0", "1.4.0", Some(true)),
            // Not versions.
            (">=0.0.0", "1.4", None),
            (">=0.0.0", "1.4.0.1", None),
            (">=0.0.0", "latest", None),
            (">=0.0.0", "01.4.0", None),
            (">=0.0.0", "V1.4.0", None),
            (">=0.0.0", "vv1.4.0", None),
            (">=0.0.0", "1.4.0-", None),
        ] {
            let releases = Releases::parse(range).unwrap();
            assert_eq!(releases.hold(tag), wanted, "{range}: {tag}");
        }
    }

    #[test]
    fn a_range_that_no_release_is_in_is_refused() {
        let told: Vec<_> = [
            "",
            "1.4.0",
            "*",
            "1.*",
            ">=",
            "<<1",
            "^1.2.3.4",
            ">=1.0.0,",
            ">=1,2",
            ">2,<1",
            ">=2.0.0,<2.0.0",
            "=1.0.0,=1.0.1",
            "<0.0.0",
            "^1,^2",
            "latest",
        ]
        .into_iter()
        .map(|range| format!("{range:?}: {}", Releases::parse(range).unwrap_err()))
        .collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        "": expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found ""
        "1.4.0": expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found "1.4.0"
        "*": expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found "*"
        "1.*": expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found "1.*"
        ">=": expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found ">="
        "<<1": expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found "<<1"
        "^1.2.3.4": expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found "^1.2.3.4"
        ">=1.0.0,": expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found ""
        ">=1,2": expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found "2"
        ">2,<1": expected a range that a version can be in, found an empty one
        ">=2.0.0,<2.0.0": expected a range that a version can be in, found an empty one
        "=1.0.0,=1.0.1": expected a range that a version can be in, found an empty one
        "<0.0.0": expected a range that a version can be in, found an empty one
        "^1,^2": expected a range that a version can be in, found an empty one
        "latest": expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found "latest"
        "#);
        for range in [
            ">1",
            ">1.2",
            ">1.2.3",
            "<0.0.1",
            "<=0.0.0",
            ">1.0.0-a,<1.0.0-b",
            "~1.4,>=1.4.3",
            "=1",
            "<1",
            ">=1.0.0-rc",
        ] {
            assert!(Releases::parse(range).is_ok(), "{range}");
        }
    }
}
