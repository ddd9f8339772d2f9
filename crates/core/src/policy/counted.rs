//! Which findings a criterion counts.

use crate::evidence::{Finding, Severity};

/// Which of the findings of a severity are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Which {
    /// Every one.
    Every,
    /// Those that an update mends.
    Fixable,
    /// Those that an exploit is known of.
    Exploitable,
}

impl Which {
    /// Whether a finding is one of them; `None` where the scanner does not say.
    #[must_use]
    pub fn is(self, finding: &Finding) -> Option<bool> {
        match self {
            Self::Every => Some(true),
            Self::Fixable => finding.fixable,
            Self::Exploitable => finding.exploitable,
        }
    }

    /// What the scanner does not say of a finding, where it does not.
    #[must_use]
    pub fn question(self) -> &'static str {
        match self {
            Self::Every => "whether it counts",
            Self::Fixable => "whether it has a fix",
            Self::Exploitable => "whether an exploit is known",
        }
    }
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
