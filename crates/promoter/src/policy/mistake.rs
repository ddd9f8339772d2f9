//! A mistake in documents on disk: where it is, and what it is, as a line for people and as JSON.

use std::fmt;

use ecr_promoter_core::{node::Node, policy::PolicyError};
use serde::Serialize;

use super::places::{Places, Position};

/// A mistake.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Mistake {
    /// The file; `None` if it only shows when all of them are seen together.
    pub(crate) file: Option<String>,
    /// Which document of the file, from 1 on, if it holds several.
    pub(crate) document: Option<usize>,
    /// The line, from 1 on.
    pub(crate) line: Option<u64>,
    /// The column in characters, from 1 on.
    pub(crate) column: Option<u64>,
    /// Source and name of the policy, as far as the document gives them.
    pub(crate) policy: Option<String>,
    /// The key path, as in `criteria[1].operator`.
    pub(crate) place: Option<String>,
    /// What was expected and what was found.
    pub(crate) message: String,
}

impl Mistake {
    /// The same document's mistake that the core found.
    pub(crate) fn placed(&self, error: PolicyError, places: Option<&Places>) -> Self {
        let position = places.and_then(|places| places.at(&error.place));
        let mistake = Self {
            place: Some(error.place),
            message: error.message,
            ..self.clone()
        };
        mistake.at(position)
    }

    /// With line and column, if they are known.
    pub(crate) fn at(self, position: Option<Position>) -> Self {
        Self {
            line: position.map(|(line, _)| line),
            column: position.map(|(_, column)| column),
            ..self
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            // The words on a file that is neither JSON nor YAML have line and column already.
            let position = self.line.zip(self.column).filter(|_| self.place.is_some());
            write!(f, "{}: ", place_of(file, self.document, position))?;
        }
        for part in [&self.policy, &self.place].into_iter().flatten() {
            write!(f, "{part}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// `FILE:2:14`, else `FILE: document 2`, else `FILE`.
pub(crate) fn place_of(file: &str, document: Option<usize>, position: Option<Position>) -> String {
    match (position, document) {
        (Some((line, column)), _) => format!("{file}:{line}:{column}"),
        (None, Some(number)) => format!("{file}: document {number}"),
        (None, None) => file.to_owned(),
    }
}

/// Source and name as a document gives them, where both are there and short enough for a line.
pub(crate) fn key_of(node: &Node) -> Option<String> {
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
