//! What one policy may cost those who read and judge it: values, regular expressions, and what these
//! take once compiled. Attempts count, whether they succeed or not.

use super::{
    matchers::Matchers,
    pattern::{Case, Pattern},
};

/// The most values of one policy, all its criteria together.
pub const POLICY_VALUES_MAX: usize = 1000;
/// The most regular expressions of one policy.
pub const PATTERNS_MAX: usize = 20;
/// The most bytes that the regular expressions of one policy take once compiled, all together:
/// repetition makes much of few characters.
pub const PATTERNS_BYTES_MAX: usize = 1024 * 1024;
/// The most brackets in the regular expressions of one policy: a set of characters without regard to
/// case takes up to a millisecond to be read.
pub const PATTERN_BRACKETS_MAX: usize = 200;

/// What was asked for so far.
#[derive(Debug)]
pub(super) struct Budget<'m> {
    matchers: &'m mut Matchers,
    values: usize,
    patterns: usize,
    brackets: usize,
    bytes: usize,
}

impl<'m> Budget<'m> {
    pub(super) fn new(matchers: &'m mut Matchers) -> Self {
        Self {
            matchers,
            values: 0,
            patterns: 0,
            brackets: 0,
            bytes: 0,
        }
    }

    /// Counts values.
    pub(super) fn values(&mut self, count: usize) {
        self.values = self.values.saturating_add(count);
    }

    /// Checks an expression; `None`, unread, where that would be more than is allowed.
    pub(super) fn pattern(&mut self, text: &str, case: Case) -> Result<Option<Pattern>, String> {
        self.patterns += 1;
        self.brackets = self.brackets.saturating_add(text.matches('[').count());
        if self.is_exceeded() {
            return Ok(None);
        }
        let pattern = self.matchers.pattern(text, case)?;
        self.bytes = self.bytes.saturating_add(pattern.bytes());
        Ok(Some(pattern))
    }

    pub(super) fn is_exceeded(&self) -> bool {
        self.exceeded().is_some()
    }

    /// What is more than allowed.
    pub(super) fn exceeded(&self) -> Option<String> {
        for (count, count_max, what) in [
            (
                self.values,
                POLICY_VALUES_MAX,
                "values in all criteria of a policy",
            ),
            (
                self.patterns,
                PATTERNS_MAX,
                "regular expressions in a policy",
            ),
            (
                self.brackets,
                PATTERN_BRACKETS_MAX,
                "\"[\" in the regular expressions of a policy",
            ),
        ] {
            if count > count_max {
                return Some(format!(
                    "expected at most {count_max} {what}, found {count} or more"
                ));
            }
        }
        (self.bytes > PATTERNS_BYTES_MAX).then(|| {
            format!(
                "expected at most {PATTERNS_BYTES_MAX} bytes of compiled regular expressions in a policy, found {} or more: use fewer repetitions, or write [a-z0-9] instead of \\w",
                self.bytes
            )
        })
    }
}
