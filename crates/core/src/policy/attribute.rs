//! What a criterion can speak of. To add an attribute: a variant, its row in [`Attribute::all`], its
//! operators, and its judge.

use std::{fmt, sync::LazyLock};

use super::{
    counted::{Counted, Which},
    label,
    operator::{NumberOperator, StringOperator},
    releases::ReleaseCondition,
};
use crate::evidence::{Lack, Severity};

/// The attribute of a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Attribute {
    /// The tag that was pushed.
    Tag,
    /// The tag as a version.
    TagSemver,
    /// A label of the image, by its key.
    Label(String),
    /// A number of findings.
    Vulnerabilities(Which, Counted),
    /// The ids of the findings.
    Finding,
    /// How many days ago the oldest finding was first seen.
    FindingAge(Counted),
    /// The time since the push.
    Age,
    /// The repository that the push was promoted from.
    PromotedFrom,
    /// The names of the components.
    Component,
    /// The licenses of the components.
    License,
}

/// Which operators and values go with an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeKind {
    /// Strings: one, or a list of them.
    Text,
    /// A whole number that is not negative.
    Number,
    /// Ranges of versions: one, or a list of them.
    Releases,
    /// A span of hours or days.
    Span,
}

impl AttributeKind {
    /// The operators that go with it, as they are written.
    #[must_use]
    pub fn operators(self) -> Vec<&'static str> {
        match self {
            Self::Text => StringOperator::ALL.iter().map(|(word, _)| *word).collect(),
            Self::Number => NumberOperator::ALL.iter().map(|(word, _)| *word).collect(),
            Self::Span => NumberOperator::BOUNDS
                .iter()
                .map(|(word, _)| *word)
                .collect(),
            Self::Releases => ReleaseCondition::OPERATORS
                .iter()
                .map(|(word, _)| *word)
                .collect(),
        }
    }
}

/// The severities of a count, as they are written, with what they mean.
const COUNTED: [(&str, Counted, &str); 10] = [
    (
        "critical",
        Counted::Critical,
        "of severity CRITICAL or HIGH",
    ),
    ("major", Counted::Major, "of severity MEDIUM"),
    ("minor", Counted::Minor, "of severity LOW"),
    ("all", Counted::All, "of any severity"),
    (
        "CRITICAL",
        Counted::Only(Severity::Critical),
        "of severity CRITICAL only",
    ),
    (
        "HIGH",
        Counted::Only(Severity::High),
        "of severity HIGH only",
    ),
    (
        "MEDIUM",
        Counted::Only(Severity::Medium),
        "of severity MEDIUM only",
    ),
    ("LOW", Counted::Only(Severity::Low), "of severity LOW only"),
    (
        "INFORMATIONAL",
        Counted::Only(Severity::Informational),
        "of severity INFORMATIONAL only",
    ),
    (
        "UNDEFINED",
        Counted::Only(Severity::Undefined),
        "that the scanner could not rate",
    ),
];

/// What the names of counts begin with, and what they count.
const WHICH: [(&str, Which, &str); 3] = [
    ("vulnerabilities", Which::Every, "findings"),
    (
        "vulnerabilities.fixable",
        Which::Fixable,
        "findings that have a fix",
    ),
    (
        "vulnerabilities.exploitable",
        Which::Exploitable,
        "findings with a known exploit",
    ),
];

/// The attributes on labels, as they are told to people, with what they mean.
pub const LABEL: (&str, &str) = (
    "label.<key>",
    "the value of a label of the image, on every platform",
);

/// Every attribute that has one name, as it is written, with what it means.
static ALL: LazyLock<Vec<(String, Attribute, String)>> = LazyLock::new(|| {
    let row =
        |word: &str, attribute, meaning: &str| (word.to_owned(), attribute, meaning.to_owned());
    let mut all = vec![
        row("tag", Attribute::Tag, "the tag that was pushed"),
        row(
            "tag.semver",
            Attribute::TagSemver,
            "the tag as a semantic version, with or without a v before it",
        ),
        row(
            "age",
            Attribute::Age,
            "the time since the push, as in 36h or 7d",
        ),
        row(
            "promoted_from",
            Attribute::PromotedFrom,
            "the repository that this push was promoted from; none for a push by a person or a build",
        ),
    ];
    for (prefix, which, of) in WHICH {
        let count = |(word, counted, severity): &(&str, Counted, &str)| {
            let attribute = Attribute::Vulnerabilities(which, *counted);
            (
                format!("{prefix}.{word}"),
                attribute,
                format!("the number of {of} {severity}"),
            )
        };
        all.extend(COUNTED.iter().map(count));
    }
    all.extend(COUNTED.iter().map(|(word, counted, severity)| {
        (
            format!("finding_age.{word}"),
            Attribute::FindingAge(*counted),
            format!("the days since the oldest finding {severity} was first seen"),
        )
    }));
    all.extend([
        row(
            "finding",
            Attribute::Finding,
            "the ids of the image's findings",
        ),
        row(
            "component",
            Attribute::Component,
            "the names of the image's components",
        ),
        row(
            "license",
            Attribute::License,
            "the licenses of the image's components: SPDX ids in any case, or any other name that documents state",
        ),
    ]);
    all
});

impl Attribute {
    /// Every attribute that has one name, as it is written, with what it means; [`LABEL`] has the others.
    #[must_use]
    pub fn all() -> &'static [(String, Self, String)] {
        &ALL
    }

    /// The attributes as they are written, those of all severities as one.
    pub(super) fn in_short() -> Vec<String> {
        let short = ALL
            .iter()
            .filter_map(|(word, attribute, _)| match attribute {
                Self::Vulnerabilities(_, Counted::All) | Self::FindingAge(Counted::All) => {
                    Some(word.replace(".all", ".<severity>"))
                }
                Self::Vulnerabilities(..) | Self::FindingAge(_) => None,
                _ => Some(word.clone()),
            });
        short.chain([LABEL.0.to_owned()]).collect()
    }

    /// Reads an attribute; the key of a label is not checked here.
    pub(super) fn parse(word: &str) -> Option<Self> {
        if let Some(name) = word.strip_prefix(label::PREFIX) {
            return Some(Self::Label(name.to_owned()));
        }
        let known = ALL.iter().find(|(name, _, _)| *name == word);
        known.map(|(_, attribute, _)| attribute.clone())
    }

    /// Which operators and values go with it.
    #[must_use]
    pub fn kind(&self) -> AttributeKind {
        match self {
            Self::Tag
            | Self::PromotedFrom
            | Self::Label(_)
            | Self::Finding
            | Self::Component
            | Self::License => AttributeKind::Text,
            Self::Vulnerabilities(..) | Self::FindingAge(_) => AttributeKind::Number,
            Self::Age => AttributeKind::Span,
            Self::TagSemver => AttributeKind::Releases,
        }
    }

    /// The evidence that it needs beyond the push itself.
    #[must_use]
    pub fn lack(&self) -> Option<Lack> {
        match self {
            Self::Tag | Self::TagSemver | Self::Age | Self::PromotedFrom => None,
            Self::Label(_) => Some(Lack::Labels),
            Self::Vulnerabilities(..) | Self::Finding | Self::FindingAge(_) => Some(Lack::Findings),
            Self::Component | Self::License => Some(Lack::Components),
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Label(name) = self {
            return write!(f, "{}{name}", label::PREFIX);
        }
        let own = ALL.iter().find(|(_, attribute, _)| attribute == self);
        // Every other variant has its row, which a test holds.
        f.write_str(own.map_or("", |(word, _, _)| word.as_str()))
    }
}

#[cfg(test)]
mod tests;
