//! What `DescribeImageScanFindings` answered, in words of our own, and what can be read from it
//! without a clock. Nothing here decides whether it is believed.

use super::entry::Entry;
use crate::{
    Time,
    evidence::{Origin, Read},
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
