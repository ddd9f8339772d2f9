//! Reading a document's maps and values, with every mistake and its place. It knows the shapes of
//! values and none of the rules of policies.

use std::collections::HashSet;

use super::PolicyError;
use crate::{
    node::Node,
    suggest::{self, shortened},
};

/// How many mistakes of one document are reported; the rest is a number.
pub const MISTAKES_MAX: usize = 100;

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    told: Vec<PolicyError>,
    untold: usize,
}

impl Mistakes {
    /// Adds a mistake.
    pub(super) fn add(&mut self, place: &str, message: impl Into<String>) {
        if self.are_full() {
            self.untold += 1;
        } else {
            self.told.push(PolicyError {
                place: place.to_owned(),
                message: message.into(),
            });
        }
    }

    /// Adds a mistake whose message costs time, such as that of looking for the nearest word: it is
    /// not made if nobody sees them.
    pub(super) fn add_with(&mut self, place: &str, message: impl FnOnce() -> String) {
        let message = if self.are_full() {
            String::new()
        } else {
            message()
        };
        self.add(place, message);
    }

    /// Whether what is added now is only counted.
    pub(super) fn are_full(&self) -> bool {
        self.told.len() >= MISTAKES_MAX
    }

    /// All of them, in the order of the document.
    pub(super) fn into_errors(mut self) -> Vec<PolicyError> {
        if self.untold > 0 {
            self.told.push(PolicyError {
                place: "document".to_owned(),
                message: format!("and {} more mistakes", self.untold),
            });
        }
        self.told
    }
}

/// Whether a document was pasted as DynamoDB JSON: an item whose known keys have values that name
/// their types, alone or as the command line answers it.
pub(super) fn is_dynamodb_json(document: &Node, keys: &[&str]) -> bool {
    let Node::Map(entries) = document else {
        return false;
    };
    entries
        .iter()
        .any(|(key, value)| match (key.as_str(), value) {
            ("Item", Node::Map(_)) => is_dynamodb_json(value, keys),
            ("Items", Node::List(items)) => items
                .first()
                .is_some_and(|item| is_dynamodb_json(item, keys)),
            ("status" | "$schema", _) => false,
            (key, value) => keys.contains(&key) && names_its_type(value),
        })
}

/// `{"S": …}` (Amazon DynamoDB API reference, `AttributeValue`).
fn names_its_type(value: &Node) -> bool {
    const TYPES: [&str; 10] = ["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"];
    matches!(value, Node::Map(entries) if matches!(entries.as_slice(), [(key, _)] if TYPES.contains(&key.as_str())))
}

/// A value that is of another kind, for a message.
pub(super) fn found(value: &Node) -> String {
    match value {
        Node::Map(entries) if names_its_type(value) => {
            let kind = entries.first().map_or("", |(kind, _)| kind);
            format!("DynamoDB JSON as in {{\"{kind}\": …}}: write the value alone")
        }
        other => other.describe(),
    }
}

/// A map of the document, its keys checked.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    /// Where the map stands: empty for the document itself, else as in `criteria[1]`.
    place: String,
    entries: &'a [(String, Node)],
}

impl<'a> Fields<'a> {
    /// Opens a map; unknown keys and keys given twice are mistakes. `None` if the
    /// node is not a map, which is a mistake too.
    pub(super) fn open(
        node: &'a Node,
        place: &str,
        keys: &[&str],
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let Node::Map(entries) = node else {
            let at = if place.is_empty() { "document" } else { place };
            mistakes.add(at, format!("expected a map, found {}", node.describe()));
            return None;
        };
        if !place.is_empty() && names_its_type(node) {
            mistakes.add(
                place,
                format!("expected a map of keys, found {}", found(node)),
            );
            return None;
        }
        let fields = Self {
            place: place.to_owned(),
            entries,
        };
        let mut seen = HashSet::new();
        for (key, _) in entries {
            if !keys.contains(&key.as_str()) {
                mistakes.add_with(&fields.place(key), || suggest::unknown("a key", key, keys));
            } else if !seen.insert(key.as_str()) {
                mistakes.add(&fields.place(key), "expected each key once, found it twice");
            }
        }
        Some(fields)
    }

    /// Where a key of this map stands: `criteria[1].operator`.
    pub(super) fn place(&self, key: &str) -> String {
        place_of_key(&self.place, key)
    }

    /// A key's value, where it is there.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        let entry = self.entries.iter().find(|(own, _)| own == key);
        entry.map(|(_, node)| node)
    }

    /// A key's value, which must be there.
    pub(super) fn required(&self, key: &str, mistakes: &mut Mistakes) -> Option<&'a Node> {
        let node = self.get(key);
        if node.is_none() {
            mistakes.add(&self.place(key), "expected a value, found none");
        }
        node
    }

    /// A string that must be there and not be empty.
    pub(super) fn required_text(&self, key: &str, mistakes: &mut Mistakes) -> Option<&'a str> {
        let node = self.required(key, mistakes)?;
        text(node, &self.place(key), mistakes)
    }

    /// `true` or `false`, or what holds if the key is absent.
    pub(super) fn boolean(&self, key: &str, absent: bool, mistakes: &mut Mistakes) -> bool {
        match self.get(key) {
            None => absent,
            Some(Node::Bool(value)) => *value,
            Some(other) => {
                let hint = match other {
                    Node::String(word) if word == "true" || word == "false" => " in quotes",
                    _ => "",
                };
                let message = format!("expected true or false, found {}{hint}", found(other));
                mistakes.add(&self.place(key), message);
                absent
            }
        }
    }
}

/// Where a key of a map stands, as in `criteria[1].operator`: `place` is where the map stands, empty for
/// the document itself. What is not a plain word is quoted.
#[must_use]
pub fn place_of_key(place: &str, key: &str) -> String {
    let plain = (1..=40).contains(&key.len())
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let key = if plain {
        key.to_owned()
    } else {
        format!("{:?}", shortened(key))
    };
    if place.is_empty() {
        key
    } else {
        format!("{place}.{key}")
    }
}

/// A string that is not empty.
pub(super) fn text<'a>(node: &'a Node, place: &str, mistakes: &mut Mistakes) -> Option<&'a str> {
    match node {
        Node::String(text) if !text.is_empty() => Some(text),
        other => {
            let hint = match other {
                Node::Number(_) | Node::Bool(_) => ": put it in quotes",
                _ => "",
            };
            mistakes.add(
                place,
                format!("expected a string, found {}{hint}", found(other)),
            );
            None
        }
    }
}

/// A whole number that is not negative, as a number or as a string of digits.
pub(super) fn number(node: &Node, place: &str, mistakes: &mut Mistakes) -> Option<u64> {
    let (Node::Number(digits) | Node::String(digits)) = node else {
        mistakes.add(
            place,
            format!("expected one whole number, found {}", found(node)),
        );
        return None;
    };
    let is_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if let (true, Ok(number)) = (is_digits, digits.parse()) {
        return Some(number);
    }
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let begins_well = unsigned.starts_with(|c: char| c.is_ascii_digit());
    let is_number = begins_well && unsigned.parse::<f64>().is_ok_and(f64::is_finite);
    let reason = if is_digits {
        ", which is too large"
    } else if is_number && unsigned.len() < digits.len() {
        ", which is negative"
    } else if is_number {
        ", which is not whole"
    } else {
        ""
    };
    mistakes.add(
        place,
        format!(
            "expected a whole number of at least 0, found {}{reason}",
            node.describe()
        ),
    );
    None
}
