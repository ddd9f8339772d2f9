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

use serde_json::{Value, json};

use super::{
    files::{Documents, weight},
    mistake::{Mistake, key_of, place_of},
};
use crate::page::words::{count, printable};

/// The version of the JSON document's shape.
const VERSION: u32 = 1;

/// What a check found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Each mistake, in the order of the documents.
    mistakes: Vec<Mistake>,
    /// What is not a mistake, but probably not wanted.
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
    /// Its file.
    file: String,
    /// Which document of the file, from 1 on, if it holds several.
    document: Option<usize>,
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
                Err(mistakes) => report.refuse(mistakes),
            }
        }
    }
    let (unique, repeated) = unique(good);
    for mistake in repeated {
        report.refuse(vec![mistake]);
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

impl Good {
    /// `FILE` or `FILE: document 2`.
    pub(crate) fn place(&self) -> String {
        place_of(&self.file, self.document, None)
    }
}

/// Checks the documents of one file, each alone.
pub(crate) fn check(file: &Documents, paths: Option<&Paths>) -> Vec<Result<Good, Vec<Mistake>>> {
    let of_file = Mistake {
        file: Some(file.file.clone()),
        ..Mistake::default()
    };
    let documents = match &file.documents {
        Ok(documents) => documents,
        Err(error) => {
            let message = error.to_string();
            let at = error.position();
            return vec![Err(vec![Mistake { message, ..of_file }.at(at)])];
        }
    };
    let several = documents.len() > 1;
    let mut places = None;
    let numbered = documents.iter().enumerate();
    numbered
        .map(|(index, node)| {
            let document = several.then_some(index + 1);
            let good = |policy| Good {
                file: file.file.clone(),
                document,
                node: node.clone(),
                policy,
            };
            one(node, paths).map(good).map_err(|errors| {
                let places = places.get_or_insert_with(|| file.places()).get(index);
                let of_document = Mistake {
                    document,
                    policy: key_of(node),
                    ..of_file.clone()
                };
                let errors = errors.into_iter();
                errors
                    .map(|error| of_document.placed(error, places))
                    .collect()
            })
        })
        .collect()
}

/// The first document of each key, and a mistake for every further one.
pub(crate) fn unique(good: Vec<Good>) -> (Vec<Good>, Vec<Mistake>) {
    let mut first: HashMap<PolicyKey, String> = HashMap::new();
    let mut repeated = Vec::new();
    let mut unique = Vec::new();
    for document in good {
        let key = document.policy.key();
        if let Some(place) = first.get(&key) {
            repeated.push(Mistake {
                file: Some(document.file),
                document: document.document,
                policy: Some(key.to_string()),
                place: Some("name".to_owned()),
                message: format!("{place} has the same source and name"),
                ..Mistake::default()
            });
        } else {
            first.insert(key, document.place());
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

    fn refuse(&mut self, mistakes: Vec<Mistake>) {
        self.bad += 1;
        self.mistakes.extend(mistakes);
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
        let mut over: Vec<_> = over.collect();
        over.sort();
        self.mistakes
            .extend(over.into_iter().map(|(source, count)| Mistake {
            policy: Some(source),
            message: format!(
                "expected at most {POLICIES_PER_SOURCE_MAX} policies of one source, found {count}"
            ),
            ..Mistake::default()
        }));
    }

    /// The same for programs.
    pub(crate) fn document(&self) -> Value {
        json!({
            "version": VERSION,
            "valid": self.good,
            "invalid": self.bad,
            "files": self.files,
            "mistakes": self.mistakes,
            "warnings": self.warnings,
        })
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
        for mistake in &self.mistakes {
            writeln!(f, "{}", printable(&mistake.to_string()))?;
        }
        for line in self.warnings.iter().map(|line| printable(line)) {
            writeln!(f, "{yellow}warning:{yellow:#} {line}")?;
        }
        writeln!(f, "{end}{}{end:#}", self.summary())
    }
}

#[cfg(test)]
mod tests;
