//! A document as somebody wrote it, before anybody judges it: JSON, YAML or a DynamoDB item.
//!
//! A map keeps its keys in order and keeps a key that is given twice, so that validation can say
//! so; a number keeps its digits. This module knows nothing of policies, and never guesses a type.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// The deepest nesting of lists and maps: DynamoDB's own limit ("Quotas in Amazon DynamoDB",
/// nested attribute depth). Deeper documents are an error, never an overflow of the stack.
pub const NODE_DEPTH_MAX: usize = 32;
/// The longest document in bytes: a DynamoDB item holds no more ("Quotas in Amazon DynamoDB").
pub const DOCUMENT_BYTES_MAX: usize = 400 * 1024;

/// One value of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Nothing: JSON's and YAML's `null`, DynamoDB's `NULL`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number in its shortest decimal writing, as in `0`, `-3` or `1.4`.
    Number(String),
    /// A string.
    String(String),
    /// A list, or a set, which has no order of its own.
    List(Vec<Node>),
    /// A map in the order of the document; a key may be there twice.
    Map(Vec<(String, Node)>),
}

/// Why a text is not a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NodeError {
    /// Longer than any item can be.
    #[error("expected a document of at most {DOCUMENT_BYTES_MAX} bytes, found {0}")]
    TooLong(usize),
    /// Not JSON, or nested too deeply; the parser's words, with line and column.
    #[error("expected JSON: {0}")]
    Json(String),
}

impl Node {
    /// Reads a JSON text.
    pub fn from_json(text: &str) -> Result<Self, NodeError> {
        if text.len() > DOCUMENT_BYTES_MAX {
            return Err(NodeError::TooLong(text.len()));
        }
        serde_json::from_str(text).map_err(|error| NodeError::Json(error.to_string()))
    }

    /// What it is, in words for a message: `the number 1.4`, `a list`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => format!("{value}"),
            Self::Number(digits) => format!("the number {}", crate::suggest::shortened(digits)),
            Self::String(text) if text.is_empty() => "an empty string".to_owned(),
            Self::String(text) => format!("the string {:?}", crate::suggest::shortened(text)),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a map".to_owned(),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Depth(0).deserialize(deserializer)
    }
}

/// Reads a node that lies this many lists and maps deep.
#[derive(Clone, Copy)]
struct Depth(usize);

impl Depth {
    fn below<E: de::Error>(self) -> Result<Self, E> {
        if self.0 < NODE_DEPTH_MAX {
            Ok(Self(self.0 + 1))
        } else {
            Err(E::custom(format_args!(
                "expected at most {NODE_DEPTH_MAX} levels of nesting, found more"
            )))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a boolean, a number, a string, a list or a map")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.below()?.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Node, D::Error> {
        self.below()?.deserialize(inner)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let below = self.below()?;
        // No capacity is taken from the document's own claim of its size.
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(below)? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let below = self.below()?;
        let mut map = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            map.push((key, entries.next_value_seed(below)?));
        }
        Ok(Node::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_kept_as_it_was_written() {
        let text = r#"{"a": null, "b": [true, 0, -3, 1.5, 18446744073709551615, 2.0], "a": "x"}"#;
        let number = |digits: &str| Node::Number(digits.to_owned());
        assert_eq!(
            Node::from_json(text),
            Ok(Node::Map(vec![
                ("a".to_owned(), Node::Null),
                (
                    "b".to_owned(),
                    Node::List(vec![
                        Node::Bool(true),
                        number("0"),
                        number("-3"),
                        number("1.5"),
                        number("18446744073709551615"),
                        number("2"),
                    ])
                ),
                ("a".to_owned(), Node::String("x".to_owned())),
            ]))
        );
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Node::from_json(&nested(NODE_DEPTH_MAX)).is_ok());
        for levels in [NODE_DEPTH_MAX + 1, 120, 100_000] {
            let error = Node::from_json(&nested(levels)).unwrap_err().to_string();
            assert!(error.contains("at most 32 levels of nesting"), "{error}");
        }
    }

    #[test]
    fn a_document_has_a_greatest_size() {
        let long = format!("{:?}", "x".repeat(DOCUMENT_BYTES_MAX));
        assert_eq!(
            Node::from_json(&long),
            Err(NodeError::TooLong(DOCUMENT_BYTES_MAX + 2))
        );
    }

    #[test]
    fn invalid_json_is_reported_with_its_place() {
        insta::assert_snapshot!(
            Node::from_json("{\"a\": }").unwrap_err(),
            @"expected JSON: expected value at line 1 column 7"
        );
    }
}
