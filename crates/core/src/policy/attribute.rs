//! What a criterion can speak of. To add an attribute: a variant, its row in [`Attribute::ALL`],
//! its operators, and its judge.

use std::fmt;

use super::{
    operator::{NumberOperator, StringOperator},
    releases::ReleaseCondition,
};
use crate::evidence::{Lack, Severity};

/// The attribute of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Attribute {
    /// The tag that was pushed.
    Tag,
    /// The tag as a version.
    TagSemver,
    /// A number of findings.
    Vulnerabilities(Counted),
    /// The names of the components.
    Component,
    /// The licenses of the components.
    License,
}

/// Which findings are counted; by the finding's severity, never by its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Counted {
    /// MSR's "critical": `CRITICAL` and `HIGH`.
    Critical,
    /// MSR's "major": `MEDIUM`.
    Major,
    /// MSR's "minor": `LOW`.
    Minor,
    /// Every finding, also those that the scanner could not rate.
    All,
    /// One of ECR's own severities.
    Only(Severity),
}

impl Counted {
    /// Whether a finding of this severity is counted.
    #[must_use]
    pub fn counts(self, severity: Severity) -> bool {
        match self {
            Self::Critical => matches!(severity, Severity::Critical | Severity::High),
            Self::Major => severity == Severity::Medium,
            Self::Minor => severity == Severity::Low,
            Self::All => true,
            Self::Only(own) => own == severity,
        }
    }
}

/// Which operators and values go with an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Strings: one, or a list of them.
    Text,
    /// A whole number that is not negative.
    Number,
    /// Ranges of versions: one, or a list of them.
    Releases,
}

impl Kind {
    /// The operators that go with it, as they are written.
    #[must_use]
    pub fn operators(self) -> Vec<&'static str> {
        match self {
            Self::Text => StringOperator::ALL.iter().map(|(word, _)| *word).collect(),
            Self::Number => NumberOperator::ALL.iter().map(|(word, _)| *word).collect(),
            Self::Releases => ReleaseCondition::OPERATORS
                .iter()
                .map(|(word, _)| *word)
                .collect(),
        }
    }
}

impl Attribute {
    /// Every attribute, as it is written, with what it means.
    pub const ALL: &[(&str, Self, &str)] = &[
        ("tag", Self::Tag, "the tag that was pushed"),
        (
            "tag.semver",
            Self::TagSemver,
            "the tag as a semantic version, with or without a v before it",
        ),
        (
            "vulnerabilities.critical",
            Self::Vulnerabilities(Counted::Critical),
            "the number of findings of severity CRITICAL or HIGH",
        ),
        (
            "vulnerabilities.major",
            Self::Vulnerabilities(Counted::Major),
            "the number of findings of severity MEDIUM",
        ),
        (
            "vulnerabilities.minor",
            Self::Vulnerabilities(Counted::Minor),
            "the number of findings of severity LOW",
        ),
        (
            "vulnerabilities.all",
            Self::Vulnerabilities(Counted::All),
            "the number of all findings",
        ),
        (
            "vulnerabilities.CRITICAL",
            Self::Vulnerabilities(Counted::Only(Severity::Critical)),
            "the number of findings of severity CRITICAL only",
        ),
        (
            "vulnerabilities.HIGH",
            Self::Vulnerabilities(Counted::Only(Severity::High)),
            "the number of findings of severity HIGH only",
        ),
        (
            "vulnerabilities.MEDIUM",
            Self::Vulnerabilities(Counted::Only(Severity::Medium)),
            "the number of findings of severity MEDIUM only",
        ),
        (
            "vulnerabilities.LOW",
            Self::Vulnerabilities(Counted::Only(Severity::Low)),
            "the number of findings of severity LOW only",
        ),
        (
            "vulnerabilities.INFORMATIONAL",
            Self::Vulnerabilities(Counted::Only(Severity::Informational)),
            "the number of findings of severity INFORMATIONAL only",
        ),
        (
            "vulnerabilities.UNDEFINED",
            Self::Vulnerabilities(Counted::Only(Severity::Undefined)),
            "the number of findings that the scanner could not rate",
        ),
        (
            "component",
            Self::Component,
            "the names of the image's components",
        ),
        (
            "license",
            Self::License,
            "the licenses of the image's components: SPDX ids in any case, or any other name that documents state",
        ),
    ];

    /// Reads an attribute.
    pub(super) fn parse(word: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(name, _, _)| *name == word);
        known.map(|(_, attribute, _)| *attribute)
    }

    /// Which operators and values go with it.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Tag | Self::Component | Self::License => Kind::Text,
            Self::Vulnerabilities(_) => Kind::Number,
            Self::TagSemver => Kind::Releases,
        }
    }

    /// The evidence that it needs beyond the push itself.
    #[must_use]
    pub fn lack(self) -> Option<Lack> {
        match self {
            Self::Tag | Self::TagSemver => None,
            Self::Vulnerabilities(_) => Some(Lack::Findings),
            Self::Component | Self::License => Some(Lack::Components),
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = Self::ALL.iter().find(|(_, attribute, _)| attribute == self);
        // Every variant has its row, which a test holds.
        f.write_str(own.map_or("", |(word, _, _)| word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_is_written_as_it_is_read() {
        for (word, attribute, _) in Attribute::ALL {
            assert_eq!(Attribute::parse(word), Some(*attribute));
            assert_eq!(attribute.to_string(), *word);
        }
        assert_eq!(Attribute::parse("Tag"), None);
    }

    #[test]
    fn severities_count_as_msr_counts_them() {
        use Severity::{Critical, High, Informational, Low, Medium, Undefined};
        let all = [Critical, High, Medium, Low, Informational, Undefined];
        for (counted, severities) in [
            (Counted::Critical, vec![Critical, High]),
            (Counted::Major, vec![Medium]),
            (Counted::Minor, vec![Low]),
            (Counted::All, all.to_vec()),
            (Counted::Only(Critical), vec![Critical]),
            (Counted::Only(High), vec![High]),
            (Counted::Only(Undefined), vec![Undefined]),
        ] {
            let counts: Vec<_> = all.into_iter().filter(|s| counted.counts(*s)).collect();
            assert_eq!(counts, severities, "{counted:?}");
        }
    }
}
