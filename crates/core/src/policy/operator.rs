//! What criteria compare with: operators on strings and operators on numbers.

use std::fmt;

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

    /// Whether it compares whole values with its own.
    #[must_use]
    pub fn is_whole(self) -> bool {
        matches!(
            self,
            Self::Equals | Self::NotEquals | Self::OneOf | Self::NotOneOf
        )
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

    /// Those that bound a time, which is never met exactly.
    pub const BOUNDS: &[(&str, Self)] = &[
        (">", Self::Greater),
        (">=", Self::GreaterOrEqual),
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

    /// Whether it bounds a number from above, so that counting more never meets it.
    #[must_use]
    pub fn wants_few(self) -> bool {
        matches!(self, Self::LessOrEqual | Self::Less)
    }

    /// Whether what was seen is too much already, so that no further platform can change that: the
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
}
