//! Times as people write and read them.

use chrono::TimeDelta;
use ecr_promoter_core::Time;

/// A time that an option gives: RFC 3339, a day, or how long ago, as in `90m`, `36h` or `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    /// A moment.
    At(Time),
    /// So long ago.
    Ago(TimeDelta),
}

impl Since {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let moment = text.parse::<Time>().ok();
        let day = || format!("{text}T00:00:00Z").parse::<Time>().ok();
        if let Some(at) = moment.or_else(day) {
            return Ok(Self::At(at));
        }
        let number = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
        let seconds = match text.chars().last() {
            Some('m') => 60,
            Some('h') => 3_600,
            Some('d') => 86_400,
            _ => 0,
        };
        let ago = number.parse::<i64>().ok().filter(|_| seconds > 0);
        ago.and_then(|number| number.checked_mul(seconds))
            .filter(|ago| *ago >= 0)
            .and_then(TimeDelta::try_seconds)
            .map(Self::Ago)
            .ok_or_else(|| {
                "expected a time as in 2026-11-28, 2026-11-28T15:32:29Z, 90m, 36h or 7d".to_owned()
            })
    }

    pub(crate) fn before(self, now: Time) -> Time {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => now.checked_sub_signed(ago).unwrap_or(Time::MIN_UTC),
        }
    }
}

/// `2026-11-28 15:32:29`, in UTC.
pub(crate) fn clock(at: Time) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// `in 4 minutes`, or `now` of what is due.
pub(crate) fn until(at: Time, now: Time) -> String {
    const UNITS: [(i64, &str); 3] = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let seconds = (at - now).num_seconds();
    if seconds <= 0 {
        return "now".to_owned();
    }
    for (length, unit) in UNITS {
        // Half of the next one is told as the next one.
        let count = (seconds + length / 2) / length;
        if seconds >= length {
            let s = if count == 1 { "" } else { "s" };
            return format!("in {count} {unit}{s}");
        }
    }
    "within a minute".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_moment_a_day_or_how_long_ago() {
        let now: Time = "2026-03-07T09:05:03Z".parse().unwrap();
        for (text, expected) in [
            ("2026-03-01T00:00:00Z", Some("2026-03-01 00:00:00")),
            ("2026-03-01", Some("2026-03-01 00:00:00")),
            ("90m", Some("2026-03-07 07:35:03")),
            ("36h", Some("2026-03-05 21:05:03")),
            (" 7d ", Some("2026-02-28 09:05:03")),
            ("-1d", None),
            ("7", None),
            ("d", None),
            ("", None),
            ("yesterday", None),
            ("9223372036854775807d", None),
        ] {
            let told = Since::parse(text)
                .ok()
                .map(|since| clock(since.before(now)));
            assert_eq!(told.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_due_is_now() {
        let now: Time = "2026-03-07T09:05:03Z".parse().unwrap();
        for (seconds, told) in [
            (-5, "now"),
            (0, "now"),
            (59, "within a minute"),
            (60, "in 1 minute"),
            (600, "in 10 minutes"),
            (5_400, "in 2 hours"),
            (86_400, "in 1 day"),
        ] {
            assert_eq!(until(now + TimeDelta::seconds(seconds), now), told);
        }
    }
}
