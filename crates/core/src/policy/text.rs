//! Conditions on strings: the values as a policy writes them, counted and bounded, and whether a
//! string is what they say.

use std::sync::{Mutex, PoisonError};

use super::{
    attribute::Attribute,
    budget::{Budget, PATTERNS_MAX},
    document::{self, Mistakes},
    lookup::Lookup,
    operator::StringOperator,
    pattern::{Case, GivenUp, Pattern},
    values,
};
use crate::node::Node;

/// The most values of one criterion.
pub const VALUES_MAX: usize = 500;
/// The longest value in characters; a regular expression has a limit of its own.
pub const VALUE_CHARACTERS_MAX: usize = 512;

/// A condition on one string, or on each of many.
#[derive(Debug, Clone)]
pub struct TextCondition {
    operator: StringOperator,
    values: Vec<String>,
    patterns: Vec<Pattern>,
    /// Whether the policy writes a list, be it of one.
    is_list: bool,
    ready: Ready,
}

/// What was made ready for look-ups. No part of what the condition means: a clone starts empty.
#[derive(Debug, Default)]
struct Ready(Mutex<Option<Result<Lookup, GivenUp>>>);

impl Clone for Ready {
    fn clone(&self) -> Self {
        Self::default()
    }
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
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.is_list
    }

    /// Whether `text` is what the operator asks for, or, of a negative operator, what it forbids.
    ///
    /// What is made ready for it stays until [`Self::finish`], which also says whether an expression
    /// was given up. From then on each answer is the one that does not meet the condition.
    #[must_use]
    pub fn touches(&self, text: &str) -> bool {
        let mut ready = self.ready.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lookup =
            ready.get_or_insert_with(|| Lookup::new(self.operator, &self.values, &self.patterns));
        let touches = lookup
            .as_mut()
            .map_err(|given_up| *given_up)
            .and_then(|lookup| lookup.touches(text));
        match touches {
            Ok(touches) => touches,
            Err(given_up) => {
                *ready = Some(Err(given_up));
                self.operator.is_negative()
            }
        }
    }

    /// Whether one string alone meets the condition.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        self.touches(text) != self.operator.is_negative()
    }

    /// Forgets what was made ready; says whether an expression was given up meanwhile, so that what
    /// was answered is worth nothing.
    pub fn finish(&self) -> bool {
        let mut ready = self.ready.0.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(ready.take(), Some(Err(_)))
    }

    /// The condition that the written values make.
    pub(super) fn of(written: &Written<'_>) -> Self {
        Self {
            operator: written.operator,
            values: written
                .values
                .iter()
                .map(|(_, text)| (*text).to_owned())
                .collect(),
            patterns: written.patterns.clone(),
            is_list: written.is_list,
            ready: Ready::default(),
        }
    }
}

/// A criterion's values with their places: strings, not too many and not too long, and regular
/// expressions checked. Whatever is missing here is in the mistakes, and the policy is refused as a
/// whole.
pub(super) struct Written<'a> {
    pub(super) operator: StringOperator,
    pub(super) values: Vec<(String, &'a str)>,
    patterns: Vec<Pattern>,
    is_list: bool,
}

impl<'a> Written<'a> {
    /// Reads one string or a list of them.
    pub(super) fn read(
        attribute: &Attribute,
        operator: StringOperator,
        node: &'a Node,
        place: &str,
        budget: &mut Budget<'_>,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let (nodes, is_list) = listed(node);
        if let Some(message) = wrong_count(operator, nodes.len()) {
            mistakes.add(place, message);
            return None;
        }
        budget.values(nodes.len());
        let mut written = Self {
            operator,
            values: Vec::new(),
            patterns: Vec::new(),
            is_list,
        };
        for (index, node) in nodes.iter().enumerate() {
            if budget.is_exceeded() {
                // The policy is refused; what follows would only cost time.
                break;
            }
            let at = if is_list {
                format!("{place}[{index}]")
            } else {
                place.to_owned()
            };
            if let Some(text) = document::text(node, &at, mistakes)
                && let Err(message) = written.add(at.clone(), text, attribute, budget)
            {
                mistakes.add(&at, message);
            }
        }
        Some(written)
    }

    fn add(
        &mut self,
        place: String,
        text: &'a str,
        attribute: &Attribute,
        budget: &mut Budget<'_>,
    ) -> Result<(), String> {
        let wrong = if self.operator.takes_patterns() {
            // A ban on a component must not be escaped by case.
            let is_ban = *attribute == Attribute::Component && self.operator.is_negative();
            let case = if *attribute == Attribute::License || is_ban {
                Case::Ignored
            } else {
                Case::Regarded
            };
            let pattern = budget.pattern(text, case)?;
            let wrong = pattern
                .as_ref()
                .and_then(|pattern| values::wrong_pattern(attribute, pattern));
            self.patterns.extend(pattern);
            wrong
        } else {
            wrong_length(text).or_else(|| values::wrong(attribute, self.operator, text))
        };
        self.values.push((place, text));
        wrong.map_or(Ok(()), Err)
    }
}

/// One value, or each of a list; whether it is a list.
fn listed(node: &Node) -> (&[Node], bool) {
    match node {
        Node::List(nodes) => (nodes, true),
        one => (std::slice::from_ref(one), false),
    }
}

fn wrong_length(text: &str) -> Option<String> {
    let length = text.chars().count();
    (length > VALUE_CHARACTERS_MAX)
        .then(|| format!("expected at most {VALUE_CHARACTERS_MAX} characters, found {length}"))
}

fn wrong_count(operator: StringOperator, count: usize) -> Option<String> {
    let values_max = if operator.takes_patterns() {
        PATTERNS_MAX
    } else {
        VALUES_MAX
    };
    match count {
        0 => Some("expected at least one string, found an empty list".to_owned()),
        count if count > values_max => Some(format!(
            "expected at most {values_max} values, found {count}"
        )),
        _ => None,
    }
}
