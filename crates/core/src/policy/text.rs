//! Conditions on strings: the values as a policy writes them, counted and bounded, and whether a
//! string is what they say.

use super::{
    document::{self, Mistakes},
    operator::StringOperator,
    pattern::{Case, Pattern},
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

    /// The condition that the written values make; a pattern that is none is a mistake.
    pub(super) fn of(written: &Written<'_>, case: Case, mistakes: &mut Mistakes) -> Self {
        let mut condition = Self {
            operator: written.operator,
            values: Vec::new(),
            patterns: Vec::new(),
            is_list: written.is_list,
        };
        for (place, text) in &written.values {
            if condition.operator.takes_patterns() {
                match Pattern::parse(text, case) {
                    Ok(pattern) => condition.patterns.push(pattern),
                    Err(message) => {
                        mistakes.add(place, message);
                        continue;
                    }
                }
            }
            condition.values.push((*text).to_owned());
        }
        condition
    }
}

/// A criterion's values with their places: strings, not too many and not too long. Whatever is
/// missing here is in the mistakes, and the policy is refused as a whole.
pub(super) struct Written<'a> {
    pub(super) operator: StringOperator,
    pub(super) values: Vec<(String, &'a str)>,
    is_list: bool,
}

impl<'a> Written<'a> {
    /// Reads one string or a list of them.
    pub(super) fn read(
        operator: StringOperator,
        node: &'a Node,
        place: &str,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let (nodes, is_list) = match node {
            Node::List(nodes) => (nodes.as_slice(), true),
            one => (std::slice::from_ref(one), false),
        };
        if let Some(message) = wrong_count(operator, nodes.len()) {
            mistakes.add(place, message);
            return None;
        }
        let mut values = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let at = if is_list {
                format!("{place}[{index}]")
            } else {
                place.to_owned()
            };
            if let Some(text) = document::text(node, &at, mistakes) {
                match wrong_length(operator, text) {
                    Some(message) => mistakes.add(&at, message),
                    None => values.push((at, text)),
                }
            }
        }
        Some(Self {
            operator,
            values,
            is_list,
        })
    }
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

/// Patterns have a limit of their own, and tell it themselves.
fn wrong_length(operator: StringOperator, text: &str) -> Option<String> {
    let length = text.chars().count();
    (!operator.takes_patterns() && length > VALUE_CHARACTERS_MAX)
        .then(|| format!("{length} characters, {VALUE_CHARACTERS_MAX} at most are allowed"))
}
