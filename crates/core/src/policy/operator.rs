//! What criteria compare with: operators on strings, operators on numbers, whole-value patterns.

use std::fmt;

use regex::{Regex, RegexBuilder};

/// The longest regular expression in characters.
pub const PATTERN_CHARACTERS_MAX: usize = 1000;
/// The largest compiled regular expression in bytes: repetition makes much of few characters.
pub const PATTERN_BYTES_MAX: usize = 1024 * 1024;

/// An operator on strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StringOperator {
    /// Is exactly one of the values.
    Equals,
    /// Is none of the values.
    NotEquals,
    /// Begins with one of the values.
    StartsWith,
    /// Ends with one of the values.
    EndsWith,
    /// Contains one of the values.
    Contains,
    /// Is exactly one of the values.
    OneOf,
    /// Is none of the values.
    NotOneOf,
    /// Is matched as a whole by one of the regular expressions.
    Matches,
    /// Is matched as a whole by none of the regular expressions.
    NotMatches,
}

impl StringOperator {
    /// Every operator, as it is written.
    pub const ALL: &[(&str, Self)] = &[
        ("equals", Self::Equals),
        ("not_equals", Self::NotEquals),
        ("starts_with", Self::StartsWith),
        ("ends_with", Self::EndsWith),
        ("contains", Self::Contains),
        ("one_of", Self::OneOf),
        ("not_one_of", Self::NotOneOf),
        ("matches", Self::Matches),
        ("not_matches", Self::NotMatches),
    ];

    /// Whether it forbids what it names, instead of asking for it.
    #[must_use]
    pub fn is_negative(self) -> bool {
        matches!(self, Self::NotEquals | Self::NotOneOf | Self::NotMatches)
    }

    /// Whether its values are regular expressions.
    #[must_use]
    pub fn takes_patterns(self) -> bool {
        matches!(self, Self::Matches | Self::NotMatches)
    }

    /// Whether `text` is what the operator asks for, or forbids, with this plain value. Patterns
    /// are no plain values and touch nothing here.
    pub(super) fn touches(self, text: &str, value: &str) -> bool {
        match self {
            Self::Equals | Self::NotEquals | Self::OneOf | Self::NotOneOf => text == value,
            Self::StartsWith => text.starts_with(value),
            Self::EndsWith => text.ends_with(value),
            Self::Contains => text.contains(value),
            Self::Matches | Self::NotMatches => false,
        }
    }
}

impl fmt::Display for StringOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equals => "equals",
            Self::NotEquals => "not_equals",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
            Self::Contains => "contains",
            Self::OneOf => "one_of",
            Self::NotOneOf => "not_one_of",
            Self::Matches => "matches",
            Self::NotMatches => "not_matches",
        })
    }
}

/// An operator on numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NumberOperator {
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<=`
    LessOrEqual,
    /// `<`
    Less,
}

impl NumberOperator {
    /// Every operator, as it is written.
    pub const ALL: &[(&str, Self)] = &[
        (">", Self::Greater),
        (">=", Self::GreaterOrEqual),
        ("=", Self::Equal),
        ("!=", Self::NotEqual),
        ("<=", Self::LessOrEqual),
        ("<", Self::Less),
    ];

    /// Whether what was seen meets what is wanted.
    #[must_use]
    pub fn holds(self, seen: u64, wanted: u64) -> bool {
        match self {
            Self::Greater => seen > wanted,
            Self::GreaterOrEqual => seen >= wanted,
            Self::Equal => seen == wanted,
            Self::NotEqual => seen != wanted,
            Self::LessOrEqual => seen <= wanted,
            Self::Less => seen < wanted,
        }
    }

    /// Whether what was seen is too much already, so that no further platform can mend it: the
    /// count of an image is the largest among its platforms'.
    #[must_use]
    pub fn is_exceeded(self, seen: u64, wanted: u64) -> bool {
        match self {
            Self::Equal | Self::LessOrEqual => seen > wanted,
            Self::Less => seen >= wanted,
            Self::Greater | Self::GreaterOrEqual | Self::NotEqual => false,
        }
    }
}

impl fmt::Display for NumberOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::LessOrEqual => "<=",
            Self::Less => "<",
        })
    }
}

/// A regular expression over a whole value, from `\A` to `\z`. Matching takes linear time.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles an expression; the error is a sentence that says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let length = text.chars().count();
        if length > PATTERN_CHARACTERS_MAX {
            return Err(format!(
                "the regular expression has {length} characters, {PATTERN_CHARACTERS_MAX} at most are allowed"
            ));
        }
        // Alone first: wrapped, "a)|(b" would be an expression that its author never wrote.
        compile(text)?;
        compile(&format!(r"\A(?:{text})\z"))
            .map(Self)
            .map_err(|error| format!("{error}; does it end in a comment?"))
    }

    /// Whether the whole of `text` is matched.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

fn compile(text: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(text)
        .size_limit(PATTERN_BYTES_MAX)
        .dfa_size_limit(PATTERN_BYTES_MAX)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            "the regular expression is too large once compiled: repeat less".to_owned()
        }
        // The last line says what is wrong; those before draw the expression.
        other => {
            let words = other.to_string();
            let last = words.lines().last().unwrap_or_default();
            let reason = last.strip_prefix("error: ").unwrap_or(last);
            format!(
                "not a regular expression: {}",
                crate::suggest::shortened(reason)
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_written_as_they_are_read() {
        for (word, operator) in StringOperator::ALL {
            assert_eq!(operator.to_string(), *word);
        }
        for (word, operator) in NumberOperator::ALL {
            assert_eq!(operator.to_string(), *word);
        }
    }

    #[test]
    fn numbers_compare_as_they_are_written() {
        use NumberOperator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        // Seen 1, 2 and 3 where 2 is wanted: met, and too much already.
        for (operator, met, exceeded) in [
            (Greater, [false, false, true], [false, false, false]),
            (GreaterOrEqual, [false, true, true], [false, false, false]),
            (Equal, [false, true, false], [false, false, true]),
            (NotEqual, [true, false, true], [false, false, false]),
            (LessOrEqual, [true, true, false], [false, false, true]),
            (Less, [true, false, false], [false, true, true]),
        ] {
            assert_eq!(
                [1, 2, 3].map(|seen| operator.holds(seen, 2)),
                met,
                "{operator}"
            );
            assert_eq!(
                [1, 2, 3].map(|seen| operator.is_exceeded(seen, 2)),
                exceeded,
                "{operator}"
            );
        }
    }

    #[test]
    fn a_pattern_covers_the_whole_value() {
        for (pattern, text, matched) in [
            ("stable", "stable", true),
            ("stable", "1.4-stable", false),
            (".*stable", "1.4-stable", true),
            ("a|ab", "ab", true),
            ("a|ab", "abc", false),
            (r"v\d+\.\d+", "v1.4", true),
            (r"v\d+\.\d+", "v1.4.2", false),
            ("(?m)^a$", "a\nb", false),
            ("(?m)^a$", "a", true),
            ("a", "a\n", false),
            ("a.b", "a\nb", false),
            ("(?i)stable", "STABLE", true),
            ("", "", true),
        ] {
            let compiled = Pattern::parse(pattern).unwrap();
            assert_eq!(compiled.matches(text), matched, "{pattern} {text:?}");
        }
    }

    #[test]
    fn a_pattern_that_is_none_says_why() {
        for (pattern, words) in [
            ("(", "unclosed group"),
            ("a)|(b", "unopened group"),
            ("(?x)a # why", "does it end in a comment?"),
            (r"\w{1000}", "repeat less"),
            (r"(a)\1", "backreferences are not supported"),
        ] {
            let error = Pattern::parse(pattern).unwrap_err();
            assert!(error.contains(words), "{pattern}: {error}");
        }
        assert!(Pattern::parse(&"a".repeat(1000)).is_ok());
        assert!(
            Pattern::parse(&"a".repeat(1001))
                .unwrap_err()
                .contains("1001")
        );
    }
}
