//! Spans of time as policies write them: `36h`, `7d`.

use std::fmt;

use chrono::TimeDelta;

/// The longest span.
pub const SPAN_DAYS_MAX: u64 = 400;

/// A span of whole hours or days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    number: u64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Hours,
    Days,
}

impl Span {
    /// A span of days.
    #[must_use]
    pub const fn days(number: u64) -> Self {
        let unit = Unit::Days;
        Self { number, unit }
    }

    /// Reads a number and `h` or `d`, from one hour to [`SPAN_DAYS_MAX`] days.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, unit) = match text.strip_suffix('h') {
            Some(digits) => (digits, Unit::Hours),
            None => (text.strip_suffix('d')?, Unit::Days),
        };
        let is_plain = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
        let number = digits.parse().ok().filter(|_| is_plain)?;
        let span = Self { number, unit };
        (span.hours() <= SPAN_DAYS_MAX * 24).then_some(span)
    }

    /// How many hours it is.
    #[must_use]
    pub fn hours(self) -> u64 {
        match self.unit {
            Unit::Hours => self.number,
            Unit::Days => self.number.saturating_mul(24),
        }
    }

    /// The time that it takes.
    #[must_use]
    pub fn time(self) -> TimeDelta {
        // Within the bounds it always fits.
        let hours = i64::try_from(self.hours()).unwrap_or(i64::MAX);
        TimeDelta::try_hours(hours).unwrap_or(TimeDelta::MAX)
    }

    /// The words for what was expected.
    pub(crate) fn expected() -> String {
        format!("expected hours or days from \"1h\" to \"{SPAN_DAYS_MAX}d\"")
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Hours => 'h',
            Unit::Days => 'd',
        };
        write!(f, "{}{unit}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_hours_or_days_within_bounds() {
        for (text, hours) in [
            ("1h", Some(1)),
            ("36h", Some(36)),
            ("1d", Some(24)),
            ("400d", Some(9_600)),
            ("9600h", Some(9_600)),
            ("401d", None),
            ("9601h", None),
            ("0h", None),
            ("0d", None),
            ("01d", None),
            ("d", None),
            ("h", None),
            ("", None),
            ("1", None),
            ("1w", None),
            ("10y", None),
            ("1D", None),
            ("1 d", None),
            ("-1d", None),
            ("+1d", None),
            ("1.5d", None),
            ("1dh", None),
            ("99999999999999999999d", None),
            ("18446744073709551615d", None),
        ] {
            let span = Span::parse(text);
            assert_eq!(span.map(Span::hours), hours, "{text:?}");
            if let Some(span) = span {
                assert_eq!(span.to_string(), text);
            }
        }
        assert_eq!(Span::days(7).time(), TimeDelta::days(7));
    }
}
