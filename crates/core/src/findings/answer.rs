//! What `DescribeImageScanFindings` answered, in words of our own, and what can be read from it
//! without a clock. Nothing here decides whether it is believed.

use crate::{
    Time,
    evidence::{Finding, Origin, Read, Severity},
};

/// The longest part of a scanner's own words that is quoted, in characters.
const WORDS_MAX: usize = 300;

/// The words of a sentence that says "not supported" and names nothing.
const SENTENCE_WORDS: [&str; 36] = [
    "unsupportedimageerror",
    "unsupported",
    "a",
    "an",
    "and",
    "any",
    "are",
    "be",
    "by",
    "can",
    "cannot",
    "detected",
    "does",
    "for",
    "found",
    "has",
    "have",
    "image",
    "images",
    "is",
    "it",
    "manager",
    "managers",
    "no",
    "not",
    "of",
    "operating",
    "or",
    "package",
    "scanned",
    "scanning",
    "supported",
    "system",
    "systems",
    "the",
    "this",
];

/// What was asked, and what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// `ScanNotFoundException`.
    NotFound,
    /// An answer, all its pages joined.
    Found(Answer),
}

/// The answer of `DescribeImageScanFindings`, all pages joined. A page that could not be read leaves
/// no answer: a joined list that lacks one must not be handed in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// `imageScanStatus.status`.
    pub status: Option<String>,
    /// `imageScanStatus.description`: the scanner's own words.
    pub description: Option<String>,
    /// `imageScanFindings.imageScanCompletedAt`.
    pub completed_at: Option<Time>,
    /// The sum of `findingSeverityCounts`; `None` if the map is absent.
    pub counted: Option<u64>,
    /// `imageScanFindings.findings`; `None` if the key is absent or null.
    pub basic: Option<Vec<Entry>>,
    /// `imageScanFindings.enhancedFindings`; likewise.
    pub enhanced: Option<Vec<Entry>>,
}

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
    }
}

impl Entry {
    /// An entry of `findings`: its name, its severity and its attributes, which come in any order and
    /// of which none need be there (`package_name`, `package_version`, `patched_version`).
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

impl Answer {
    /// The entries of the lists that are there. With a completion time, counts that are there and
    /// empty are an empty list too; counts of anything without a list are nothing.
    pub(super) fn entries(&self) -> Option<Vec<&Entry>> {
        match (&self.basic, &self.enhanced) {
            (None, None) => (self.counted == Some(0)).then(Vec::new),
            (basic, enhanced) => Some(basic.iter().chain(enhanced).flatten().collect()),
        }
    }

    /// An enhanced list is seen to grow after its scan is called complete. One without any entry is
    /// taken for enhanced too unless it is a basic list of a finished scan: an enhanced scan that
    /// goes on (`ACTIVE`) was seen to show nothing but an empty `findings` (aws/aws-cli#6759).
    pub(super) fn may_grow(&self) -> bool {
        let basic = self.basic.as_ref();
        let final_when_empty = basic.is_some() && self.status.as_deref() == Some("COMPLETE");
        self.enhanced.is_some() || (basic.is_none_or(Vec::is_empty) && !final_when_empty)
    }

    pub(super) fn origin(&self) -> Origin {
        if self.enhanced.is_some() {
            Origin::EnhancedScan
        } else {
            Origin::BasicScan
        }
    }

    /// What the answer has besides its status; nothing where it has neither a completion time nor a
    /// list.
    pub(super) fn read(&self) -> Read {
        let has_list = self.basic.is_some() || self.enhanced.is_some();
        let is_there = has_list || self.completed_at.is_some();
        Read {
            origin: is_there.then(|| self.origin()),
            at: self.completed_at,
        }
    }

    /// Whether the scanner's own sentence says that it supports no such image, and names no operating
    /// system: the sentence about `FROM scratch` and static binaries. One that names a system, as in
    /// "The operating system 'alpine' version 'v3.13' is not supported", is about an image with
    /// packages that were not looked at. So is, for all that is known, a sentence with a word that is not
    /// among those of the first, and no sentence at all.
    ///
    /// Basic scanning gives the status `FAILED` and begins the sentence with `UnsupportedImageError`
    /// (Amazon ECR user guide, "Troubleshooting image scanning issues").
    pub(super) fn names_no_system(&self) -> bool {
        let sentence = self.description.as_deref().unwrap_or_default();
        let is_basic = self.status.as_deref() == Some("FAILED");
        if is_basic && !sentence.starts_with("UnsupportedImageError") {
            return false;
        }
        let mut words = sentence
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .peekable();
        words.peek().is_some() && words.all(|word| SENTENCE_WORDS.contains(&word.as_str()))
    }

    /// Status and description, for people.
    pub(super) fn words(&self, what: &str) -> String {
        let status = self.status.as_deref().unwrap_or("no status");
        let quoted = |text: &str| text.chars().take(WORDS_MAX).collect::<String>();
        match self
            .description
            .as_deref()
            .filter(|words| !words.is_empty())
        {
            Some(words) => format!("{what}: {}: {}", quoted(status), quoted(words)),
            None => format!("{what}: {}", quoted(status)),
        }
    }
}
