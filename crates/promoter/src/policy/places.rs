//! Where in a file a mistake stands: line and column of each key and each member of a list.
//!
//! Looked for only if there is a mistake to be placed. It reads texts that were read before, and
//! judges nothing.

mod yaml;

use std::collections::HashMap;

use ecr_promoter_core::{node::NODE_DEPTH_MAX, policy::place_of_key};

/// Line and column, both from 1 on; columns are characters.
pub(crate) type Position = (u64, u64);

/// The places of one document, as the core names them.
#[derive(Debug, Default)]
pub(crate) struct Places(HashMap<String, Position>);

impl Places {
    /// Where a place stands; of what is not there, where what would hold it stands.
    pub(crate) fn at(&self, place: &str) -> Option<Position> {
        let mut place = place;
        loop {
            if let Some(position) = self.0.get(place) {
                return Some(*position);
            }
            let Some(end) = place.rfind(['.', '[']) else {
                return self.0.get("").copied();
            };
            place = place.get(..end)?;
        }
    }

    /// Takes in a value; of a key that is given twice the second counts.
    fn fill(&mut self, place: &str, position: Position, value: &Value) {
        self.0.insert(place.to_owned(), position);
        match value {
            Value::Leaf => {}
            Value::List(members) => {
                for (index, member) in members.iter().enumerate() {
                    self.fill(&format!("{place}[{index}]"), member.position, &member.value);
                }
            }
            Value::Map(entries) => {
                for (key, position, value) in entries {
                    self.fill(&place_of_key(place, key), *position, &value.value);
                }
            }
        }
    }
}

/// A value with the position at which it begins.
#[derive(Debug)]
struct Spot {
    position: Position,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Leaf,
    List(Vec<Spot>),
    /// Keys with their own positions.
    Map(Vec<(String, Position, Spot)>),
}

/// The places of each document of a text in JSON, as far as it can be read.
pub(super) fn json(text: &str) -> Vec<Places> {
    let mut scanner = Scanner::new(text);
    documents(std::iter::from_fn(|| scanner.value(0)))
}

/// The same of a text in YAML.
pub(super) fn yaml(text: &str, options: serde_saphyr::Options) -> Vec<Places> {
    let mut bytes = text.as_bytes();
    let spots = serde_saphyr::read_with_options::<_, Spot>(&mut bytes, options);
    documents(spots.map_while(Result::ok))
}

/// A list at the top holds documents.
fn documents(spots: impl Iterator<Item = Spot>) -> Vec<Places> {
    let each = spots.flat_map(|spot| match spot.value {
        Value::List(members) => members,
        _ => vec![spot],
    });
    each.map(|spot| {
        let mut places = Places::default();
        places.fill("", spot.position, &spot.value);
        places
    })
    .collect()
}

/// Walks through JSON that was read before: it need not refuse anything.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    /// Up to where `column` was counted.
    counted: usize,
    column: u64,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            counted: 0,
            column: 1,
        }
    }

    fn value(&mut self, depth: usize) -> Option<Spot> {
        let first = self.next()?;
        let position = self.position();
        if depth > NODE_DEPTH_MAX {
            return None;
        }
        let value = match first {
            b'{' => self.map(depth)?,
            b'[' => self.list(depth)?,
            b'"' => {
                self.string()?;
                Value::Leaf
            }
            _ => {
                let rest = self.text.get(self.at..)?;
                let ends =
                    |c: char| c.is_ascii_whitespace() || matches!(c, ',' | ']' | '}' | '{' | '[');
                let end = rest.find(ends).unwrap_or(rest.len());
                // Something is always taken, so that whatever it is comes to an end.
                self.at += end.max(1);
                Value::Leaf
            }
        };
        Some(Spot { position, value })
    }

    fn map(&mut self, depth: usize) -> Option<Value> {
        self.at += 1;
        let mut entries = Vec::new();
        loop {
            match self.next()? {
                b'}' => break,
                b',' => self.at += 1,
                b'"' => {
                    let position = self.position();
                    let key = serde_json::from_str(self.string()?).ok()?;
                    if self.next()? != b':' {
                        return None;
                    }
                    self.at += 1;
                    entries.push((key, position, self.value(depth + 1)?));
                }
                _ => return None,
            }
        }
        self.at += 1;
        Some(Value::Map(entries))
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            match self.next()? {
                b']' => break,
                b',' => self.at += 1,
                _ => members.push(self.value(depth + 1)?),
            }
        }
        self.at += 1;
        Some(Value::List(members))
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<&'a str> {
        let start = self.at;
        let mut escaped = false;
        for (offset, byte) in self.text.bytes().enumerate().skip(start + 1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    self.at = offset + 1;
                    return self.text.get(start..self.at);
                }
                _ => {}
            }
        }
        None
    }

    /// Goes to the next byte that is not blank.
    fn next(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            self.at += 1;
            if byte == b'\n' {
                self.line += 1;
                self.counted = self.at;
                self.column = 1;
            }
        }
    }

    /// Counts on from the last position: a file may be one line.
    fn position(&mut self) -> Position {
        let passed = self.text.get(self.counted..self.at).unwrap_or_default();
        self.column += passed.chars().count() as u64;
        self.counted = self.at;
        (self.line, self.column)
    }
}

#[cfg(test)]
mod tests;
