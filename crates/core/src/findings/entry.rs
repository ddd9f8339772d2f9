//! One entry of a scan's list, as either scanner writes it: the finding, and what it says of itself.

use crate::{
    Time,
    evidence::{Finding, Severity},
};

/// One entry of either list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `severity`, as written.
    pub severity: Option<String>,
    /// `status` of an enhanced finding, as written.
    pub status: Option<String>,
    /// What it finds; its severity is read from [`Entry::severity`].
    pub finding: Finding,
}

/// An entry of `enhancedFindings`, as it is written.
#[derive(Debug, Clone, Default)]
pub struct Enhanced<'a> {
    /// `packageVulnerabilityDetails.vulnerabilityId`, or the title.
    pub id: Option<&'a str>,
    /// `severity`.
    pub severity: Option<&'a str>,
    /// `status`.
    pub status: Option<&'a str>,
    /// `fixAvailable`: `YES`, `NO` or `PARTIAL`.
    pub fix: Option<&'a str>,
    /// `exploitAvailable`: `YES` or `NO`.
    pub exploit: Option<&'a str>,
    /// `packageVulnerabilityDetails.relatedVulnerabilities`.
    pub related: Vec<&'a str>,
    /// `packageVulnerabilityDetails.vulnerablePackages`.
    pub packages: Vec<Affected<'a>>,
    /// `firstObservedAt`.
    pub first_seen: Option<Time>,
}

/// A package that an enhanced finding lies in, as it is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Affected<'a> {
    /// `name`.
    pub name: Option<&'a str>,
    /// `version`.
    pub version: Option<&'a str>,
    /// `fixedInVersion`; `NotAvailable` and the empty word are no fix.
    pub fixed: Option<&'a str>,
}

/// The ids that are kept of those that a scanner holds related to one finding.
const RELATED_MAX: usize = 20;

/// The packages behind the first, each name once.
fn others(packages: &[Affected<'_>]) -> Vec<String> {
    let mut names: Vec<String> = packages
        .iter()
        .skip(1)
        .map(|package| package.name.unwrap_or_default().to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

fn is_fix(word: &str) -> bool {
    !word.is_empty() && word != "NotAvailable"
}

fn some(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A finding that the scanner says nothing of but its severity.
fn unnamed(severity: Option<&str>) -> Finding {
    Finding {
        id: "unnamed vulnerability".to_owned(),
        severity: severity.map_or(Severity::Undefined, Severity::read),
        package: None,
        installed: None,
        fixed: None,
        fixable: None,
        exploitable: None,
        related: Vec::new(),
        others: Vec::new(),
        first_seen: None,
    }
}

impl Entry {
    /// An entry of `findings`: its name, its severity and its attributes, which come in any order and
    /// may be missing (`package_name`, `package_version`, `patched_version`).
    pub fn basic<'a>(
        name: Option<&str>,
        severity: Option<&str>,
        attributes: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Self {
        let (mut package, mut installed, mut fixed) = (None, None, None);
        let mut says_fix = false;
        for (key, value) in attributes {
            match key {
                "package_name" => package = value,
                "package_version" => installed = value,
                "patched_version" => {
                    says_fix = true;
                    fixed = value;
                }
                _ => {}
            }
        }
        let fixed = fixed.filter(|fixed| is_fix(fixed));
        let finding = Finding {
            package: some(package),
            installed: some(installed),
            fixed: some(fixed),
            fixable: says_fix.then_some(fixed.is_some()),
            ..unnamed(severity)
        };
        Self::new(name, severity, None, finding)
    }

    /// An entry of `enhancedFindings`. A finding has a fix where `fixAvailable` says so, or where one of
    /// its packages has a version that mends it.
    #[must_use]
    pub fn enhanced(read: &Enhanced<'_>) -> Self {
        let first = read.packages.first().copied().unwrap_or_default();
        let fixes = |package: &Affected<'_>| package.fixed.is_some_and(is_fix);
        let says_none = |package: &Affected<'_>| package.fixed.is_some_and(|word| !is_fix(word));
        let packages = &read.packages;
        let fixable = match read.fix {
            Some("YES" | "PARTIAL") => Some(true),
            _ if packages.iter().any(fixes) => Some(true),
            Some("NO") => Some(false),
            _ => (!packages.is_empty() && packages.iter().all(says_none)).then_some(false),
        };
        let finding = Finding {
            package: some(first.name),
            installed: some(first.version),
            fixed: some(first.fixed.filter(|fixed| is_fix(fixed))),
            fixable,
            exploitable: match read.exploit {
                Some("YES") => Some(true),
                Some("NO") => Some(false),
                _ => None,
            },
            related: read
                .related
                .iter()
                .take(RELATED_MAX)
                .map(|id| (*id).to_owned())
                .collect(),
            others: others(packages),
            first_seen: read.first_seen,
            ..unnamed(read.severity)
        };
        Self::new(read.id, read.severity, read.status, finding)
    }

    fn new(
        id: Option<&str>,
        severity: Option<&str>,
        status: Option<&str>,
        mut finding: Finding,
    ) -> Self {
        if let Some(id) = some(id) {
            finding.id = id;
        }
        Self {
            severity: some(severity),
            status: some(status),
            finding,
        }
    }

    /// Suppressed and closed findings are not counted; an unknown status is.
    pub(super) fn counts(&self) -> bool {
        !matches!(self.status.as_deref(), Some("SUPPRESSED" | "CLOSED"))
    }
}
