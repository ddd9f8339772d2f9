//! Conditions on strings: the values as a policy writes them, counted and bounded, and whether a
//! string is what they say.

use super::{
    document::{self, Mistakes},
    operator::StringOperator,
    pattern::Pattern,
};
use crate::node::Node;

/// The most values of one criterion.
pub const VALUES_MAX: usize = 500;
/// The longest value in characters; a regular expression has a limit of its own.
pub const VALUE_CHARACTERS_MAX: usize = 512;
/// The most regular expressions of one policy: each may take a megabyte once compiled, and some
/// milliseconds until then.
pub const PATTERNS_MAX: usize = 20;

/// A condition on one string, or on each of many.
#[derive(Debug, Clone)]
pub struct TextCondition {
    operator: StringOperator,
    values: Vec<String>,
    patterns: Vec<Pattern>,
    /// Whether the policy writes a list, be it of one.
    is_list: bool,
}

impl TextCondition {
    /// How the values are compared.
    #[must_use]
    pub fn operator(&self) -> StringOperator {
        self.operator
    }

    /// The values as they are written.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// The values as regular expressions, where the operator takes such.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Whether the policy writes a list, be it of one.
    pub(super) fn is_list(&self) -> bool {
        self.is_list
    }

    /// Whether `text` is what the operator asks for, or, of a negative operator, what it forbids.
    #[must_use]
    pub fn touches(&self, text: &str) -> bool {
        let plain = |value: &String| self.operator.touches(text, value);
        self.values.iter().any(plain) || self.patterns.iter().any(|pattern| pattern.matches(text))
    }

    /// Whether one string alone meets the condition.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        self.touches(text) != self.operator.is_negative()
    }
}

/// Reads the values of a condition: one string or a list of them.
pub(super) fn read(
    operator: StringOperator,
    node: &Node,
    place: &str,
    mistakes: &mut Mistakes,
) -> Option<TextCondition> {
    let (nodes, is_list) = match node {
        Node::List(nodes) => (nodes.as_slice(), true),
        one => (std::slice::from_ref(one), false),
    };
    if let Some(message) = wrong_count(operator, nodes.len()) {
        mistakes.add(place, message);
        return None;
    }
    let mut condition = TextCondition {
        operator,
        values: Vec::new(),
        patterns: Vec::new(),
        is_list,
    };
    for (index, node) in nodes.iter().enumerate() {
        let at = if is_list {
            format!("{place}[{index}]")
        } else {
            place.to_owned()
        };
        if let Some(text) = document::text(node, &at, mistakes) {
            add_value(&mut condition, text, &at, mistakes);
        }
    }
    // Whatever is missing from the list is in the mistakes: the policy is refused as a whole.
    Some(condition)
}

fn wrong_count(operator: StringOperator, count: usize) -> Option<String> {
    let values_max = if operator.takes_patterns() {
        PATTERNS_MAX
    } else {
        VALUES_MAX
    };
    match count {
        0 => Some("is an empty list, at least one string is wanted".to_owned()),
        count if count > values_max => {
            Some(format!("{count} values, {values_max} at most are allowed"))
        }
        _ => None,
    }
}

fn add_value(condition: &mut TextCondition, text: &str, place: &str, mistakes: &mut Mistakes) {
    if condition.operator.takes_patterns() {
        match Pattern::parse(text) {
            Ok(pattern) => condition.patterns.push(pattern),
            Err(message) => return mistakes.add(place, message),
        }
    } else {
        let length = text.chars().count();
        if length > VALUE_CHARACTERS_MAX {
            let message =
                format!("{length} characters, {VALUE_CHARACTERS_MAX} at most are allowed");
            return mistakes.add(place, message);
        }
    }
    condition.values.push(text.to_owned());
}
