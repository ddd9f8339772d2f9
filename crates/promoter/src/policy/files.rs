//! Documents as they are in files: JSON (one object, a list, several after one another) or YAML
//! (one document or many), recognised by the file's ending, and by the first character where that says
//! nothing.
//!
//! Reads and judges nothing: a key that is given twice is still in the node, for the core to say so.

mod error;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::{
    folder::in_folder,
    places::{self, Places},
};
use ecr_promoter_core::node::{DOCUMENT_BYTES_MAX, Node};
use serde_saphyr::{
    Options,
    options::{DuplicateKeyPolicy, NonFiniteFloatPolicy},
};

pub(crate) use error::FileError;

/// The largest file that is read: some forty documents of the greatest size.
pub(crate) const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most documents of one file.
pub(crate) const DOCUMENTS_MAX: usize = 10_000;
/// The endings of files that a folder is searched for.
const ENDINGS: [&str; 3] = ["json", "yaml", "yml"];

/// One file with what it holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Documents {
    /// The file's name as messages show it.
    pub(crate) file: String,
    /// The documents in their order, or why there is none.
    #[allow(
        clippy::struct_field_names,
        reason = "it is what a file of documents holds"
    )]
    pub(crate) documents: Result<Vec<Node>, FileError>,
    /// What was read of it.
    pub(crate) text: String,
    format: Option<Format>,
}

impl Documents {
    /// Where everything stands, for each document.
    pub(crate) fn places(&self) -> Vec<Places> {
        match told(&self.text, self.format) {
            (text, Format::Json) => places::json(text),
            (text, Format::Yaml) => places::yaml(text, options()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Yaml,
}

/// Reads files, every policy file of a folder, and stdin for `-`.
pub(crate) fn read_all(paths: &[PathBuf]) -> Vec<Documents> {
    let mut all = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            all.push(documents(
                "stdin".to_owned(),
                text_of(io::stdin().lock()),
                None,
            ));
        } else if path.is_dir() {
            match in_folder(path) {
                Ok(files) if files.is_empty() => all.push(failed(path, FileError::Empty)),
                Ok(files) => all.extend(files.iter().map(|file| read(file))),
                Err(error) => all.push(failed(path, FileError::Read(error.to_string()))),
            }
        } else {
            all.push(read(path));
        }
    }
    all
}

/// Reads one file.
pub(crate) fn read(path: &Path) -> Documents {
    let text = regular(path)
        .map_err(|error| FileError::Read(error.to_string()))
        .and_then(text_of);
    documents(path.display().to_string(), text, format_of(path))
}

pub(super) fn documents(
    file: String,
    text: Result<String, FileError>,
    format: Option<Format>,
) -> Documents {
    let parsed = text.as_ref().map_err(Clone::clone);
    Documents {
        file,
        documents: parsed.and_then(|text| parse(text, format)),
        text: text.unwrap_or_default(),
        format,
    }
}

fn failed(path: &Path, error: FileError) -> Documents {
    documents(path.display().to_string(), Err(error), None)
}

fn regular(path: &Path) -> io::Result<File> {
    if std::fs::metadata(path)?.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    File::open(path)
}

fn text_of(from: impl Read) -> Result<String, FileError> {
    let mut bytes = Vec::new();
    from.take(FILE_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| FileError::Read(error.to_string()))?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileError::TooLarge);
    }
    String::from_utf8(bytes).map_err(|_| FileError::NotText)
}

pub(super) fn format_of(path: &Path) -> Option<Format> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    ENDINGS.contains(&ending.as_str()).then(|| {
        if ending == "json" {
            Format::Json
        } else {
            Format::Yaml
        }
    })
}

/// The documents of a text.
fn parse(text: &str, format: Option<Format>) -> Result<Vec<Node>, FileError> {
    let nodes = match told(text, format) {
        (text, Format::Json) => json(text)?,
        (text, Format::Yaml) => yaml(text)?,
    };
    let mut documents = Vec::new();
    for node in nodes {
        match node {
            Node::List(list) => documents.extend(list),
            one => documents.push(one),
        }
    }
    match documents.len() {
        0 => Err(FileError::Empty),
        count if count > DOCUMENTS_MAX => Err(FileError::TooMany),
        _ => Ok(documents),
    }
}

/// The text without the mark that editors on Windows put before it, and its format: by the first
/// character where the file's ending does not tell.
fn told(text: &str, format: Option<Format>) -> (&str, Format) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let format = format.unwrap_or(match text.trim_start().chars().next() {
        Some('{' | '[') => Format::Json,
        _ => Format::Yaml,
    });
    (text, format)
}

fn json(text: &str) -> Result<Vec<Node>, FileError> {
    serde_json::Deserializer::from_str(text)
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(|error: serde_json::Error| {
            let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
            let position = (number(error.line()), number(error.column()));
            FileError::Json(error.to_string(), Some(position))
        })
}

fn yaml(text: &str) -> Result<Vec<Node>, FileError> {
    let mut bytes = text.as_bytes();
    serde_saphyr::read_with_options(&mut bytes, options())
        .collect::<Result<_, serde_saphyr::Error>>()
        .map_err(|error| {
            let words = in_one_line(&error.without_snippet().to_string());
            let place = error.location();
            let place = place.map(|place| (place.line(), place.column()));
            FileError::Yaml(with_quotes_advised(words), place)
        })
}

/// Operators and keywords are signs of YAML's own, which people meet before they know it.
fn with_quotes_advised(words: String) -> String {
    const SIGNS: [&str; 2] = ["unsupported tag", "unexpected character"];
    if SIGNS.iter().any(|sign| words.contains(sign)) {
        format!("{words}; a value that begins with one of ! % & * > [ {{ needs quotes")
    } else {
        words
    }
}

/// YAML as the core wants it: nothing is guessed, nothing is dropped, and no document can grow
/// beyond bounds by its aliases.
pub(super) fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_documents: DOCUMENTS_MAX,
            max_recorded_anchor_bytes: DOCUMENT_BYTES_MAX,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 100_000,
        },
        // The core says where a key was given twice.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        // `yes`, `no` and `on` are words.
        strict_booleans: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        non_finite_float_policy: NonFiniteFloatPolicy::Reject,
    }
}

fn in_one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many bytes a document takes as an item, about: names, strings and digits (Amazon DynamoDB
/// developer guide, "DynamoDB item sizes and formats").
pub(crate) fn weight(node: &Node) -> usize {
    match node {
        Node::Null | Node::Bool(_) => 1,
        Node::Number(text) | Node::String(text) => text.len(),
        Node::List(list) => 3 + list.iter().map(|node| 1 + weight(node)).sum::<usize>(),
        Node::Map(map) => {
            let entries = map.iter().map(|(key, node)| 1 + key.len() + weight(node));
            3 + entries.sum::<usize>()
        }
    }
}

#[cfg(test)]
mod tests;
