//! The `%` keywords of a tag template, each written by hand from numbers alone.

use std::fmt;

use chrono::{Datelike as _, Timelike as _};

use crate::Time;

macro_rules! keywords {
    ($($(#[$doc:meta])* $name:ident = $letter:literal, $length_min:literal;)*) => {
        /// A keyword of Mirantis Secure Registry's tag templates, with strftime's meaning (ISO C,
        /// `strftime`, in the C locale; `%f` and `%n` are Python's and MSR's).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Keyword {
            $($(#[$doc])* $name,)*
        }

        impl Keyword {
            /// Every keyword.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The letter after the percent sign.
            #[must_use]
            pub fn letter(self) -> char {
                match self { $(Self::$name => $letter,)* }
            }

            /// The fewest characters that it can stand for.
            pub(super) fn length_min(self) -> usize {
                match self { $(Self::$name => $length_min,)* }
            }
        }
    };
}

keywords! {
    /// The source's tag.
    SourceTag = 'n', 1;
    /// The weekday, as in `Thursday`.
    WeekdayName = 'A', 6;
    /// The weekday, as in `Thu`.
    WeekdayShort = 'a', 3;
    /// The weekday as a digit, `0` for Sunday.
    WeekdayNumber = 'w', 1;
    /// The day of the month, two digits.
    Day = 'd', 2;
    /// The month, as in `Mar`.
    MonthShort = 'b', 3;
    /// The month, as in `March`.
    MonthName = 'B', 3;
    /// The month, two digits.
    Month = 'm', 2;
    /// The year, four digits.
    Year = 'Y', 4;
    /// The year without its century, two digits.
    YearShort = 'y', 2;
    /// The hour of 24, two digits.
    Hour = 'H', 2;
    /// The hour of 12, two digits, `12` at midnight and noon.
    HourOfTwelve = 'I', 2;
    /// `AM` or `PM`.
    HalfOfDay = 'p', 2;
    /// The minute, two digits.
    Minute = 'M', 2;
    /// The second, two digits.
    Second = 'S', 2;
    /// The microsecond, six digits.
    Microsecond = 'f', 6;
    /// The time zone's name: always `UTC`.
    Zone = 'Z', 3;
    /// The day of the year, three digits.
    DayOfYear = 'j', 3;
    /// The week of the year, two digits; weeks begin on Monday, days before the first are week 0.
    Week = 'W', 2;
}

const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Keyword {
    /// The keyword of a letter, if there is one.
    #[must_use]
    pub fn of(letter: char) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.letter() == letter)
    }

    /// Every keyword, as it is written, for a message.
    pub(super) fn words() -> String {
        let words: Vec<_> = Self::ALL.iter().map(ToString::to_string).collect();
        words.join(" ")
    }

    /// Whether it stands for something of the time.
    #[must_use]
    pub fn is_time(self) -> bool {
        !matches!(self, Self::SourceTag | Self::Zone)
    }

    /// What it stands for; `source_tag` serves `%n`.
    pub(super) fn render(self, source_tag: &str, time: Time) -> String {
        let weekday = time.weekday().num_days_from_sunday();
        let weekday_name = name(&WEEKDAYS, weekday);
        let month_name = name(&MONTHS, time.month0());
        let (is_pm, hour_of_twelve) = time.hour12();
        match self {
            Self::SourceTag => source_tag.to_owned(),
            Self::WeekdayName => weekday_name.to_owned(),
            Self::WeekdayShort => weekday_name.chars().take(3).collect(),
            Self::WeekdayNumber => weekday.to_string(),
            Self::Day => two(time.day()),
            Self::MonthShort => month_name.chars().take(3).collect(),
            Self::MonthName => month_name.to_owned(),
            Self::Month => two(time.month()),
            Self::Year => format!("{:04}", time.year()),
            Self::YearShort => format!("{:02}", time.year().rem_euclid(100)),
            Self::Hour => two(time.hour()),
            Self::HourOfTwelve => two(hour_of_twelve),
            Self::HalfOfDay => if is_pm { "PM" } else { "AM" }.to_owned(),
            Self::Minute => two(time.minute()),
            Self::Second => two(time.second()),
            // A leap second counts its nanoseconds on beyond a second.
            Self::Microsecond => format!("{:06}", time.nanosecond() / 1000 % 1_000_000),
            Self::Zone => "UTC".to_owned(),
            Self::DayOfYear => format!("{:03}", time.ordinal()),
            Self::Week => {
                let days_since_monday = time.weekday().num_days_from_monday();
                two((time.ordinal0() + 7 - days_since_monday) / 7)
            }
        }
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.letter())
    }
}

fn two(number: u32) -> String {
    format!("{number:02}")
}

/// An index that a calendar gives is in range; were it not, the tag is refused for want of a name.
fn name(names: &[&'static str], index: u32) -> &'static str {
    usize::try_from(index)
        .ok()
        .and_then(|index| names.get(index).copied())
        .unwrap_or_default()
}
