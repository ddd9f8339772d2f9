//! Conditions on a tag as a version: ranges over releases.

use super::{
    document::Mistakes,
    operator::StringOperator,
    text::{TextCondition, Written},
};
use crate::version::Releases;

/// A condition on a version.
#[derive(Debug, Clone)]
pub struct ReleaseCondition {
    text: TextCondition,
    ranges: Vec<Releases>,
}

impl ReleaseCondition {
    /// The operators that go with ranges.
    pub(super) const OPERATORS: &[(&str, StringOperator)] = &[
        ("one_of", StringOperator::OneOf),
        ("not_one_of", StringOperator::NotOneOf),
    ];

    /// The values as they are written, with their operator.
    pub(super) fn text(&self) -> &TextCondition {
        &self.text
    }

    /// Whether a version is in one of the ranges, or, of a negative operator, in none of them; `None`
    /// if it is not a version, which meets neither.
    #[must_use]
    pub fn holds(&self, version: &str) -> Option<bool> {
        let mut touches = false;
        for range in &self.ranges {
            touches |= range.hold(version)?;
        }
        Some(touches != self.text.operator().is_negative())
    }

    /// The condition that the written values make; a value that is not a range is a mistake.
    pub(super) fn of(written: &Written<'_>, mistakes: &mut Mistakes) -> Self {
        let text = TextCondition::of(written);
        let mut ranges = Vec::new();
        for (place, value) in &written.values {
            match Releases::parse(value) {
                Ok(range) => ranges.push(range),
                Err(error) => mistakes.add(place, error.to_string()),
            }
        }
        Self { text, ranges }
    }
}
