//! The check of policy documents: the core's own, for each document, and what only shows when all of
//! them are seen together.

use std::{
    collections::HashMap,
    fmt::{self, Write as _},
};

use ecr_promoter_core::{
    node::{DOCUMENT_BYTES_MAX, Node, NodeError},
    path::Paths,
    policy::{self, CYCLE_WAYS_MAX, POLICIES_PER_SOURCE_MAX, Policy, PolicyError, PolicyKey},
};

use super::files::{Documents, weight};
use crate::page::words::{count, printable};

/// What a check found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Each mistake, a line each, in the order of the documents.
    mistakes: Vec<String>,
    /// What is not a mistake and hardly wanted.
    warnings: Vec<String>,
    /// The policies without a mistake.
    good: usize,
    /// The documents with one or more, and the files that cannot be read.
    bad: usize,
    /// How many files were looked at.
    files: usize,
}

/// A document without a mistake, with where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Good {
    /// `FILE` or `FILE: document 2`.
    pub(crate) place: String,
    /// Whether its file holds others.
    pub(crate) several: bool,
    /// The document, as it is written.
    pub(crate) node: Node,
    /// What it says.
    pub(crate) policy: Policy,
}

/// Checks documents, each alone and then all together.
pub(crate) fn validate(files: &[Documents], paths: Option<&Paths>) -> Report {
    let mut report = Report {
        files: files.len(),
        ..Report::default()
    };
    let mut good = Vec::new();
    for file in files {
        for document in check(file, paths) {
            match document {
                Ok(document) => good.push(document),
                Err(lines) => report.refuse(lines),
            }
        }
    }
    let (unique, repeated) = unique(good);
    for line in repeated {
        report.refuse(vec![line]);
    }
    let policies: Vec<Policy> = unique.into_iter().map(|good| good.policy).collect();
    report.crowded(&policies);
    report.warnings = match policy::cycles(&policies) {
        Some(cycles) => cycles.iter().map(|keys| cycle(keys)).collect(),
        None => vec![format!(
            "cycles were not checked: expected at most {CYCLE_WAYS_MAX} ways from one policy to another, found more"
        )],
    };
    report.good = policies.len();
    report
}

/// Checks the documents of one file, each alone; a mistake is a line.
pub(crate) fn check(file: &Documents, paths: Option<&Paths>) -> Vec<Result<Good, Vec<String>>> {
    let documents = match &file.documents {
        Ok(documents) => documents,
        Err(error) => return vec![Err(vec![format!("{}: {error}", file.file)])],
    };
    let several = documents.len() > 1;
    let mut places = None;
    let numbered = documents.iter().enumerate();
    numbered
        .map(|(index, node)| {
            let place = if several {
                format!("{}: document {}", file.file, index + 1)
            } else {
                file.file.clone()
            };
            match one(node, paths) {
                Ok(policy) => Ok(Good {
                    place,
                    several,
                    node: node.clone(),
                    policy,
                }),
                Err(errors) => {
                    let key = key_of(node);
                    let places = places.get_or_insert_with(|| file.places()).get(index);
                    let line = |error: &PolicyError| {
                        let at = match places.and_then(|places| places.at(&error.place)) {
                            Some((line, column)) => format!("{}:{line}:{column}", file.file),
                            None => place.clone(),
                        };
                        let key = key.as_ref().map_or(String::new(), |key| format!(" {key}:"));
                        format!("{at}:{key} {error}")
                    };
                    Err(errors.iter().map(line).collect())
                }
            }
        })
        .collect()
}

/// The first document of each key, and a line for every further one.
pub(crate) fn unique(good: Vec<Good>) -> (Vec<Good>, Vec<String>) {
    let mut first: HashMap<PolicyKey, String> = HashMap::new();
    let mut repeated = Vec::new();
    let mut unique = Vec::new();
    for document in good {
        let key = document.policy.key();
        if let Some(place) = first.get(&key) {
            let at = located(&document.place, document.several, Some(&key.to_string()));
            repeated.push(format!("{at}: name: {place} has the same source and name"));
        } else {
            first.insert(key, document.place.clone());
            unique.push(document);
        }
    }
    (unique, repeated)
}

fn one(node: &Node, paths: Option<&Paths>) -> Result<Policy, Vec<PolicyError>> {
    let bytes = weight(node);
    if bytes > DOCUMENT_BYTES_MAX {
        return Err(vec![PolicyError {
            place: "document".to_owned(),
            message: NodeError::TooLong(bytes).to_string(),
        }]);
    }
    let policy = Policy::parse(node)?;
    match paths.and_then(|paths| paths.mistake_of(&policy)) {
        Some(mistake) => Err(vec![mistake]),
        None => Ok(policy),
    }
}

/// `FILE: document 2 (dev/website stable-to-qa)`, or `FILE: dev/website stable-to-qa`.
fn located(place: &str, several: bool, key: Option<&str>) -> String {
    match key {
        None => place.to_owned(),
        Some(key) if several => format!("{place} ({key})"),
        Some(key) => format!("{place}: {key}"),
    }
}

/// Source and name as a document gives them, where both are there and short enough for a line.
fn key_of(node: &Node) -> Option<String> {
    const CHARACTERS_MAX: usize = 100;
    let Node::Map(entries) = node else {
        return None;
    };
    let text = |wanted: &str| {
        entries.iter().find_map(|(key, value)| match value {
            Node::String(text) if key == wanted && is_plain(text) => Some(text.as_str()),
            _ => None,
        })
    };
    let key = match (text("source"), text("name")) {
        (Some(source), Some(name)) => format!("{source} {name}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => return None,
    };
    (key.chars().count() <= CHARACTERS_MAX).then_some(key)
}

/// A document's own words must not write lines or colours of their own.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic())
}

/// How many policies of a cycle are named.
const CYCLE_NAMED_MAX: usize = 10;

fn cycle(keys: &[PolicyKey]) -> String {
    let mut names: Vec<String> = keys
        .iter()
        .take(CYCLE_NAMED_MAX)
        .map(|key| format!("\"{key}\""))
        .collect();
    if let Some(more) = keys
        .len()
        .checked_sub(CYCLE_NAMED_MAX)
        .filter(|more| *more > 0)
    {
        names.push(format!("and {more} more"));
    }
    match names.as_slice() {
        [one] => format!(
            "{one} could promote its own promotions; harmless: no policy promotes a push that it made"
        ),
        _ => format!(
            "{} form a cycle; harmless: no policy promotes a push that it led to",
            names.join(", ")
        ),
    }
}

impl Report {
    /// Adds warnings about what was not checked.
    pub(crate) fn warn(&mut self, lines: Vec<String>) {
        self.warnings.extend(lines);
    }

    /// Whether every document is valid.
    pub(crate) fn is_good(&self) -> bool {
        self.mistakes.is_empty()
    }

    fn refuse(&mut self, lines: Vec<String>) {
        self.bad += 1;
        self.mistakes.extend(lines);
    }

    /// The function reads this many policies of one source and no more.
    fn crowded(&mut self, policies: &[Policy]) {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for policy in policies {
            *counts.entry(policy.source.to_string()).or_default() += 1;
        }
        let over = counts
            .into_iter()
            .filter(|(_, count)| *count > POLICIES_PER_SOURCE_MAX);
        let mut lines: Vec<String> = over
            .map(|(source, count)| {
                format!("{source}: expected at most {POLICIES_PER_SOURCE_MAX} policies of one source, found {count}")
            })
            .collect();
        lines.sort();
        self.mistakes.extend(lines);
    }

    fn summary(&self) -> String {
        let mut words = count(self.good, "valid policy", "valid policies");
        if self.bad > 0 {
            let _ = write!(words, ", {} invalid", self.bad);
        }
        if !self.warnings.is_empty() {
            let _ = write!(
                words,
                ", {}",
                count(self.warnings.len(), "warning", "warnings")
            );
        }
        let _ = write!(words, " in {}", count(self.files, "file", "files"));
        words
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use anstyle::AnsiColor;
        let yellow = AnsiColor::Yellow.on_default();
        let end = match (self.is_good(), self.warnings.is_empty()) {
            (false, _) => AnsiColor::Red,
            (true, false) => AnsiColor::Yellow,
            (true, true) => AnsiColor::Green,
        };
        let end = end.on_default().bold();
        for line in self.mistakes.iter().map(|line| printable(line)) {
            writeln!(f, "{line}")?;
        }
        for line in self.warnings.iter().map(|line| printable(line)) {
            writeln!(f, "{yellow}warning:{yellow:#} {line}")?;
        }
        writeln!(f, "{end}{}{end:#}", self.summary())
    }
}

#[cfg(test)]
mod tests;
