//! EventBridge's event patterns: which events a rule passes on.
//!
//! Follows the EventBridge user guide, "Creating event patterns" and "Comparison operators for use in event
//! patterns". A pattern is parsed once and refuses what it does not know; matching never fails and never recurses
//! deeper than the pattern does.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

mod test;

use test::Test;

/// What is wrong with a pattern, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event pattern: {place}: {what}")]
pub struct PatternError {
    place: String,
    what: String,
}

impl PatternError {
    fn new(place: &str, what: impl Into<String>) -> Self {
        let place = if place.is_empty() {
            "the pattern"
        } else {
            place
        };
        Self {
            place: place.to_owned(),
            what: what.into(),
        }
    }
}

/// A parsed event pattern.
#[derive(Debug, Clone)]
pub struct Pattern(Node);

/// All of the fields, and one of the alternatives if there are any.
#[derive(Debug, Clone, Default)]
struct Node {
    fields: BTreeMap<String, Rule>,
    alternatives: Vec<Node>,
}

#[derive(Debug, Clone)]
enum Rule {
    Nested(Node),
    AnyOf(Vec<Test>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Names the place of the first thing that EventBridge would refuse.
    pub fn parse(pattern: &Value) -> Result<Self, PatternError> {
        let Value::Object(fields) = pattern else {
            return Err(PatternError::new("", "must be an object"));
        };
        Node::parse(fields, "").map(Self)
    }

    /// Whether an event passes.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        self.0.matches(event)
    }
}

impl Node {
    fn parse(fields: &Map<String, Value>, place: &str) -> Result<Self, PatternError> {
        if fields.is_empty() {
            return Err(PatternError::new(place, "must not be empty"));
        }
        let mut node = Self::default();
        for (name, value) in fields {
            let place = if place.is_empty() {
                name.clone()
            } else {
                format!("{place}.{name}")
            };
            match value {
                Value::Array(alternatives) if name == "$or" => {
                    node.alternatives = Self::parse_alternatives(alternatives, &place)?;
                }
                Value::Object(fields) => {
                    let nested = Self::parse(fields, &place)?;
                    node.fields.insert(name.clone(), Rule::Nested(nested));
                }
                Value::Array(values) if !values.is_empty() => {
                    let tests = values.iter().map(|value| Test::parse(value, &place));
                    let tests = tests.collect::<Result<_, _>>()?;
                    node.fields.insert(name.clone(), Rule::AnyOf(tests));
                }
                _ => {
                    let what = "must be an object or a list of values that is not empty";
                    return Err(PatternError::new(&place, what));
                }
            }
        }
        Ok(node)
    }

    fn parse_alternatives(values: &[Value], place: &str) -> Result<Vec<Self>, PatternError> {
        if values.len() < 2 {
            return Err(PatternError::new(
                place,
                "must have two alternatives at least",
            ));
        }
        let parse = |value: &Value| match value {
            Value::Object(fields) => Self::parse(fields, place),
            _ => Err(PatternError::new(
                place,
                "each alternative must be an object",
            )),
        };
        values.iter().map(parse).collect()
    }

    fn matches(&self, event: &Value) -> bool {
        // A list of objects matches where one of its objects does as a whole: EventBridge keeps
        // fields of different elements apart.
        if let Value::Array(elements) = event {
            return elements.iter().any(|it| it.is_object() && self.matches(it));
        }
        let fields = self.fields.iter().all(|(name, rule)| {
            let value = event.get(name);
            match rule {
                Rule::Nested(node) => node.matches(value.unwrap_or(&Value::Null)),
                Rule::AnyOf(tests) => tests.iter().any(|test| test.matches(value)),
            }
        });
        fields
            && (self.alternatives.is_empty()
                || self.alternatives.iter().any(|it| it.matches(event)))
    }
}

#[cfg(test)]
mod tests;
