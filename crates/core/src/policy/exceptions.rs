//! The findings that a policy leaves out until a date, each for a reason that somebody gives.

use chrono::{NaiveDate, NaiveTime};
use serde_json::{Value, json};

use super::{
    document::{self, Fields, Mistakes},
    text::VALUE_CHARACTERS_MAX,
};
use crate::{
    Time,
    evidence::{Finding, Platform},
    node::Node,
    suggest::shortened,
};

/// The most exceptions of a policy.
pub const EXCEPTIONS_MAX: usize = 200;
/// The keys of an exception.
pub(super) const KEYS: [&str; 6] = [
    "finding",
    "component",
    "platform",
    "until",
    "reason",
    "owner",
];

/// A finding that is left out of every count until a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The vulnerability's id, as the scanner names it.
    pub finding: String,
    /// The package that it is accepted in; without one, any.
    pub component: Option<String>,
    /// The platform that it is accepted on; without one, any.
    pub platform: Option<String>,
    /// The last day on which it holds, in UTC.
    pub until: NaiveDate,
    /// Why, for people.
    pub reason: String,
    /// Who answers for it, for people.
    pub owner: Option<String>,
}

impl Exception {
    /// Whether its last day is over.
    #[must_use]
    pub fn is_over(&self, now: Time) -> bool {
        now.date_naive() > self.until
    }

    /// When its last day is over; `None` at the end of what can be counted.
    #[must_use]
    pub fn ends(&self) -> Option<Time> {
        Some(self.until.succ_opt()?.and_time(NaiveTime::MIN).and_utc())
    }

    /// Whether it is about a finding: by its own id, never by one that is held related; with a
    /// component only where every package of the finding is that one.
    #[must_use]
    pub fn is_about(&self, finding: &Finding, platform: &Platform) -> bool {
        let is_package = |name: &String| {
            let mut packages = finding.package.iter().chain(&finding.others);
            finding.package.is_some() && packages.all(|package| package == name)
        };
        let is_platform = |name: &String| platform.name.as_ref() == Some(name);
        finding.id == self.finding
            && self.component.as_ref().is_none_or(is_package)
            && self.platform.as_ref().is_none_or(is_platform)
    }

    /// All of a policy, none if the key is absent.
    pub(super) fn all(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Vec<Self> {
        const KEY: &str = "exceptions";
        let nodes = match fields.get(KEY) {
            None => return Vec::new(),
            Some(Node::List(nodes)) => nodes,
            Some(other) => {
                let message = format!("expected a list, found {}", document::found(other));
                mistakes.add(&fields.place(KEY), message);
                return Vec::new();
            }
        };
        if nodes.len() > EXCEPTIONS_MAX {
            let count = nodes.len();
            let message = format!("expected at most {EXCEPTIONS_MAX} exceptions, found {count}");
            mistakes.add(&fields.place(KEY), message);
        }
        let numbered = nodes.iter().take(EXCEPTIONS_MAX).enumerate();
        let read = numbered
            .filter_map(|(index, node)| Self::read(node, &format!("{KEY}[{index}]"), mistakes));
        read.collect()
    }

    fn read(node: &Node, place: &str, mistakes: &mut Mistakes) -> Option<Self> {
        let fields = Fields::open(node, place, &KEYS, mistakes)?;
        let finding = fields.required_text("finding", mistakes);
        let until = fields.required_text("until", mistakes);
        let reason = fields.required_text("reason", mistakes);
        let mut optional = |key: &str| {
            let node = fields.get(key)?;
            document::text(node, &fields.place(key), mistakes).map(str::to_owned)
        };
        let (component, platform) = (optional("component"), optional("platform"));
        let owner = optional("owner");
        let until = until.and_then(|text| {
            let date = date(text);
            if date.is_none() {
                let quoted = shortened(text);
                let message = format!("expected a date as in \"2026-03-31\", found {quoted:?}");
                mistakes.add(&fields.place("until"), message);
            }
            date
        });
        let exception = Self {
            finding: finding?.to_owned(),
            component,
            platform,
            until: until?,
            reason: reason?.to_owned(),
            owner,
        };
        exception.check(&fields, mistakes);
        Some(exception)
    }

    fn check(&self, fields: &Fields<'_>, mistakes: &mut Mistakes) {
        let texts = [
            ("finding", Some(&self.finding)),
            ("component", self.component.as_ref()),
            ("platform", self.platform.as_ref()),
            ("reason", Some(&self.reason)),
            ("owner", self.owner.as_ref()),
        ];
        for (key, text) in texts {
            let count = text.map_or(0, |text| text.chars().count());
            if count > VALUE_CHARACTERS_MAX {
                let message =
                    format!("expected at most {VALUE_CHARACTERS_MAX} characters, found {count}");
                mistakes.add(&fields.place(key), message);
            }
        }
        let is_id = |c: char| c.is_ascii_graphic();
        if !self.finding.chars().all(is_id) {
            let quoted = shortened(&self.finding);
            let message = format!("expected the id of a finding, found {quoted:?}");
            mistakes.add(&fields.place("finding"), message);
        }
    }

    /// What judges of it, in a fixed form.
    pub(super) fn canonical(&self) -> Value {
        let Self {
            finding,
            component,
            platform,
            until,
            ..
        } = self;
        json!([finding, component, platform, until.to_string()])
    }
}

/// A date in the one form that is read alike everywhere.
fn date(text: &str) -> Option<NaiveDate> {
    let mut places = text.bytes().zip(b"2026-03-31");
    let has_form = text.len() == "2026-03-31".len()
        && places.all(|(b, form)| b == *form || (b.is_ascii_digit() && form.is_ascii_digit()));
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|_| has_form)
}

/// What the JSON Schema says of exceptions.
pub(super) fn schema() -> Value {
    let text = |description: &str| {
        json!({
            "description": description,
            "type": "string", "minLength": 1, "maxLength": VALUE_CHARACTERS_MAX
        })
    };
    json!({
        "description": "Findings that are left out of every count and of finding until a date.",
        "type": "array",
        "maxItems": EXCEPTIONS_MAX,
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["finding", "until", "reason"],
            "properties": {
                "finding": text("The vulnerability's id, as the scanner names it."),
                "component": text("Only where this is the finding's package, and its only one."),
                "platform": text("Only on this platform, as in linux/arm64."),
                "until": {
                    "description": "The last day on which it holds, in UTC, as in 2026-03-31.",
                    "type": "string",
                    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
                },
                "reason": text("Why, for people."),
                "owner": text("Who answers for it, for people.")
            }
        }
    })
}
