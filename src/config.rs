//! The function's environment, read once at start. All mistakes are reported together, so that a
//! deployment is fixed in one go.

use ecr_promoter_core::{path::Paths, policy::Unscannable};

/// How long a complete enhanced list has to stand before it is believed, by default.
const SETTLE_SECONDS: u32 = 120;
/// How many days a basic scan counts, by default.
const SCAN_MAX_AGE: u32 = 30;
/// How many `PutImage` a second a registry is asked for, by default: half of ECR's own default
/// (Amazon ECR user guide, "Service quotas").
const PUT_IMAGE_RATE: u32 = 5;
/// How many invocations share that rate, by default.
const MAX_CONCURRENCY: u32 = 10;

/// Every variable that [`Config::read`] asks for.
pub const VARIABLES: [&str; 12] = [
    "POLICIES_TABLE",
    "PROMOTIONS_TABLE",
    "PROMOTION_PATHS",
    "CREATE_TARGETS",
    "QUEUE_URL",
    "EVENT_BUS",
    "SETTLE_SECONDS",
    "PUT_IMAGE_RATE",
    "MAX_CONCURRENCY",
    "SCAN_MAX_AGE",
    "SCAN_ON_DEMAND",
    "UNSCANNABLE",
];

/// What the environment says.
#[derive(Debug, Clone)]
pub struct Config {
    /// The policies table.
    pub policies_table: String,
    /// The table of pushes, claims and history.
    pub promotions_table: String,
    /// Which source may go to which target, no matter who writes the policy.
    pub paths: Paths,
    /// Whether a target repository that is missing is made.
    pub create_targets: bool,
    /// Where deliveries come back.
    pub queue_url: String,
    /// The bus that promotions are announced on.
    pub event_bus: String,
    /// Seconds that a complete enhanced list has to stand before it is believed.
    pub settle_seconds: u32,
    /// `PutImage` calls a second, for all invocations together; at least 1.
    pub put_image_rate: u32,
    /// How many invocations run at once, and share that rate; at least 1.
    pub max_concurrency: u32,
    /// Days after which a basic scan is too old to decide on; at least 1.
    pub scan_max_age_days: u32,
    /// Whether a basic scan is started if there is none, or only an old one.
    pub scan_on_demand: bool,
    /// Whether policies may accept what the scanner does not support.
    pub unscannable: Unscannable,
}

/// One mistake in the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// A required variable is missing or empty.
    #[error("{name}: expected {meaning}, found nothing")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it says.
        meaning: &'static str,
    },
    /// A variable that should be a whole number is not one, or is out of range.
    #[error("{name}: expected a whole number of at least {minimum}, found {value:?}")]
    Number {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// The least that is allowed.
        minimum: u32,
    },
    /// A variable that holds one of two words holds another.
    #[error("{name}: expected {} or {}, found {value:?}", words[0], words[1])]
    Word {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold; the first is the default.
        words: [&'static str; 2],
    },
    /// The queue's address is not an address.
    #[error("QUEUE_URL: expected the queue's http or https address, found {0:?}")]
    QueueUrl(String),
    /// A path cannot be read.
    #[error("PROMOTION_PATHS: {0}")]
    Path(String),
}

impl Config {
    /// Reads the environment through `lookup`.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<Mistake>> {
        let mut environment = Environment::new(lookup);
        let config = Self {
            policies_table: environment
                .required("POLICIES_TABLE", "the name of the policies table"),
            promotions_table: environment
                .required("PROMOTIONS_TABLE", "the name of the promotions table"),
            queue_url: environment.queue_url(),
            paths: environment.paths(),
            create_targets: environment.word("CREATE_TARGETS", ["false", "true"]) == "true",
            event_bus: environment
                .text("EVENT_BUS")
                .unwrap_or_else(|| "default".to_owned()),
            settle_seconds: environment.number("SETTLE_SECONDS", SETTLE_SECONDS, 0),
            put_image_rate: environment.number("PUT_IMAGE_RATE", PUT_IMAGE_RATE, 1),
            max_concurrency: environment.number("MAX_CONCURRENCY", MAX_CONCURRENCY, 1),
            scan_max_age_days: environment.number("SCAN_MAX_AGE", SCAN_MAX_AGE, 1),
            scan_on_demand: environment.word("SCAN_ON_DEMAND", ["true", "false"]) == "true",
            unscannable: match environment.word("UNSCANNABLE", ["hold", "accept"]) {
                "accept" => Unscannable::Accept,
                _ => Unscannable::Hold,
            },
        };
        if environment.mistakes.is_empty() {
            Ok(config)
        } else {
            Err(environment.mistakes)
        }
    }
}

/// Reads one variable after the other and keeps what is wrong with each.
pub(crate) struct Environment<L> {
    lookup: L,
    pub(crate) mistakes: Vec<Mistake>,
}

impl<L: Fn(&str) -> Option<String>> Environment<L> {
    pub(crate) fn new(lookup: L) -> Self {
        Self {
            lookup,
            mistakes: Vec::new(),
        }
    }

    /// A variable that is set and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.trim().is_empty())
    }

    /// The same, where it has to be.
    pub(crate) fn required(&mut self, name: &'static str, meaning: &'static str) -> String {
        self.text(name).unwrap_or_else(|| {
            self.mistakes.push(Mistake::Missing { name, meaning });
            String::new()
        })
    }

    fn queue_url(&mut self) -> String {
        let url = self.required("QUEUE_URL", "the address of the function's queue");
        let address = url.starts_with("https://") || url.starts_with("http://");
        if !address && !url.is_empty() {
            self.mistakes.push(Mistake::QueueUrl(url.clone()));
        }
        url
    }

    fn paths(&mut self) -> Paths {
        let written = self.required(
            "PROMOTION_PATHS",
            "the paths that promotions may take, as in \"dev/* => qa/*\"",
        );
        if written.is_empty() {
            return Paths::nothing();
        }
        Paths::parse(&written).unwrap_or_else(|errors| {
            let mistakes = errors.iter().map(|error| Mistake::Path(error.to_string()));
            self.mistakes.extend(mistakes);
            Paths::nothing()
        })
    }

    fn number(&mut self, name: &'static str, default: u32, minimum: u32) -> u32 {
        let Some(value) = self.text(name) else {
            return default;
        };
        match value.parse::<u32>() {
            Ok(number) if number >= minimum => number,
            _ => {
                self.mistakes.push(Mistake::Number {
                    name,
                    value,
                    minimum,
                });
                default
            }
        }
    }

    /// One of two words; the first is the default.
    fn word(&mut self, name: &'static str, words: [&'static str; 2]) -> &'static str {
        let [default, _] = words;
        let Some(value) = self.text(name) else {
            return default;
        };
        let known = words.into_iter().find(|word| *word == value);
        known.unwrap_or_else(|| {
            self.mistakes.push(Mistake::Word { name, value, words });
            default
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        Config::read(|name| {
            pairs
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        })
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let mistakes = read(&[
            ("SETTLE_SECONDS", "soon"),
            ("PUT_IMAGE_RATE", "0"),
            ("QUEUE_URL", "promoter"),
        ])
        .unwrap_err();
        insta::assert_snapshot!(mistakes.join("\n"), @r#"
        POLICIES_TABLE: expected the name of the policies table, found nothing
        PROMOTIONS_TABLE: expected the name of the promotions table, found nothing
        QUEUE_URL: expected the queue's http or https address, found "promoter"
        PROMOTION_PATHS: expected the paths that promotions may take, as in "dev/* => qa/*", found nothing
        SETTLE_SECONDS: expected a whole number of at least 0, found "soon"
        PUT_IMAGE_RATE: expected a whole number of at least 1, found "0"
        "#);
    }

    #[test]
    fn every_variable_that_is_asked_for_is_named() {
        let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
        let _ = Config::read(|name| {
            asked.borrow_mut().insert(name.to_owned());
            None
        });
        let named = VARIABLES.map(str::to_owned).into();
        assert_eq!(asked.into_inner(), named);
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let config = read(&[
            ("POLICIES_TABLE", "policies"),
            ("PROMOTIONS_TABLE", "promotions"),
            (
                "QUEUE_URL",
                "https://sqs.eu-west-1.amazonaws.com/123456789012/promoter",
            ),
            ("PROMOTION_PATHS", "dev/* => qa/*"),
        ])
        .unwrap();
        assert_eq!(
            (
                config.settle_seconds,
                config.put_image_rate,
                config.event_bus.as_str()
            ),
            (120, 5, "default")
        );
    }
}
