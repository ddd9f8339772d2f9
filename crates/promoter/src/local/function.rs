//! The function on the embedded AWS: its environment, and the function itself in this process.

use ecr_promoter::{Aws, Config, Function, Invocation, config::VARIABLES};
use ecr_promoter_core::Registry;
use ecr_promoter_local::Local;

/// What Lambda itself sets of the function's environment.
const LOGGING: [&str; 2] = ["AWS_LAMBDA_LOG_LEVEL", "AWS_LAMBDA_LOG_FORMAT"];

/// How many letters make a name another one; with more wrong ones it is a name of somebody else's.
const LETTERS_WRONG_MAX: usize = 2;

/// The function's environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Environment(Vec<(String, String)>);

/// Every mistake in the environment.
#[derive(Debug, thiserror::Error)]
#[error("the environment has mistakes: {}", .0.join("; "))]
pub(crate) struct Mistakes(Vec<String>);

impl Environment {
    /// This process's own environment, with what it leaves unsaid; an error where it holds a name that is nearly one of
    /// the function's.
    pub(crate) fn of_process(queue_url: &str) -> Result<Self, Mistakes> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let mistakes: Vec<String> = names.filter_map(|name| near_miss(&name)).collect();
        if mistakes.is_empty() {
            Ok(Self::of(queue_url, |name| std::env::var(name).ok()))
        } else {
            Err(Mistakes(mistakes))
        }
    }

    /// An environment read through `lookup`, with what it leaves unsaid.
    pub(crate) fn of(queue_url: &str, lookup: impl Fn(&str) -> Option<String>) -> Self {
        let variables = VARIABLES.iter().chain(&LOGGING).filter_map(|name| {
            let said = lookup(name).filter(|value| !value.is_empty());
            let value = said.or_else(|| default(name, queue_url))?;
            Some(((*name).to_owned(), value))
        });
        Self(variables.collect())
    }

    /// The same, with a value for a variable that it leaves unsaid.
    pub(crate) fn or(mut self, name: &str, value: &str) -> Self {
        if !self.0.iter().any(|(own, _)| own == name) {
            self.0.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The function's configuration.
    pub(crate) fn config(&self) -> Result<Config, Mistakes> {
        let get = |name: &str| {
            let found = self.0.iter().find(|(own, _)| own == name);
            found.map(|(_, value)| value.clone())
        };
        Config::read(get)
            .map_err(|mistakes| Mistakes(mistakes.iter().map(ToString::to_string).collect()))
    }

    /// The variables of a process that calls AWS at `url`.
    pub(crate) fn variables(&self, url: &str) -> Vec<(String, String)> {
        let mut variables = self.0.clone();
        variables.push(("AWS_ENDPOINT_URL".to_owned(), url.to_owned()));
        variables
    }
}

/// What is wrong with a variable's name that is nearly one of the function's: it would say nothing, and no one would
/// know.
fn near_miss(name: &str) -> Option<String> {
    let own = || VARIABLES.iter().chain(&LOGGING);
    if own().any(|it| *it == name) {
        return None;
    }
    let upper = singular(&name.to_ascii_uppercase());
    let is_meant = |it: &&&str| {
        let own = singular(it);
        let is_longer = own.contains('_') && upper.starts_with(&format!("{own}_"));
        is_longer || strsim::damerau_levenshtein(&upper, &own) <= LETTERS_WRONG_MAX
    };
    let meant = own().find(is_meant)?;
    Some(format!(
        "expected a variable of the function, found {name}: did you mean {meant}?"
    ))
}

/// A name with each of its words in the singular: `POLICIES_TABLE` and `POLICY_TABLES` are the same to a person.
fn singular(name: &str) -> String {
    let words = name.split('_').map(|word| match word.strip_suffix("IES") {
        Some(word) => format!("{word}Y"),
        None => word.strip_suffix('S').unwrap_or(word).to_owned(),
    });
    words.collect::<Vec<_>>().join("_")
}

fn default(name: &str, queue_url: &str) -> Option<String> {
    let value = match name {
        "POLICIES_TABLE" => "policies",
        "PROMOTIONS_TABLE" => "promotions",
        // Here it can do no harm; a deployment has to say its paths.
        "PROMOTION_PATHS" => "* => *",
        "QUEUE_URL" => queue_url,
        _ => return None,
    };
    Some(value.to_owned())
}

/// Has the function run in this process, its calls answered by `local`.
pub(crate) fn set(local: &Local, aws: &Aws, config: Config, registry: &Registry) {
    let function = Function::new(config, aws.clone(), registry.clone());
    local.set_function(move |invocation| {
        let function = function.clone();
        Box::pin(async move {
            let of = Invocation {
                request_id: invocation.request_id,
                deadline: invocation.deadline,
            };
            let answer = function.handle(&invocation.payload, &of).await;
            answer
                .map(|answer| answer.to_string().into_bytes())
                .map_err(|failure| failure.to_string())
        })
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: &str = "http://127.0.0.1:1/000000000000/promoter";

    #[test]
    fn variables_have_their_defaults_here() {
        let config = Environment::of(QUEUE, |_| None).config().unwrap();
        assert_eq!(config.policies_table, "policies");
        assert_eq!(config.promotions_table, "promotions");
        assert_eq!(config.paths.to_string(), "* => *");
        assert_eq!(config.queue_url, QUEUE);
    }

    #[test]
    fn a_misspelt_variable_was_ignored_in_silence() {
        for (name, meant) in [
            ("PROMOTION_PATH", Some("PROMOTION_PATHS")),
            ("PROMOTIONS_PATHS", Some("PROMOTION_PATHS")),
            ("promotion_paths", Some("PROMOTION_PATHS")),
            ("SETTLE_SECOND", Some("SETTLE_SECONDS")),
            ("UNSCANABLE", Some("UNSCANNABLE")),
            ("POLICY_TABLE", Some("POLICIES_TABLE")),
            ("POLICIES_TABLE_NAME", Some("POLICIES_TABLE")),
            ("PROMOTION_TABLE", Some("PROMOTIONS_TABLE")),
            ("Promotion_Path", Some("PROMOTION_PATHS")),
            ("SETTLE_SECONDS", None),
            ("EVENT_STORE", None),
            ("POLICY", None),
            ("PROMOTION_PATHS", None),
            ("AWS_LAMBDA_LOG_LEVEL", None),
            ("PROMOTIONS", None),
            ("EVENT", None),
            ("PATH", None),
        ] {
            let told = near_miss(name);
            let expected = meant.map(|it| {
                format!("expected a variable of the function, found {name}: did you mean {it}?")
            });
            assert_eq!(told, expected);
        }
    }

    #[test]
    fn what_is_said_is_handed_on() {
        let environment = Environment::of(QUEUE, |name| match name {
            "PROMOTION_PATHS" => Some("dev/* => qa/*".to_owned()),
            "SETTLE_SECONDS" => Some("0".to_owned()),
            "UNSCANNABLE" => Some("accept".to_owned()),
            "HOME" => Some("/root".to_owned()),
            _ => None,
        });
        let variables = environment.variables("http://127.0.0.1:1");
        let names: Vec<_> = variables.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "POLICIES_TABLE",
                "PROMOTIONS_TABLE",
                "PROMOTION_PATHS",
                "QUEUE_URL",
                "SETTLE_SECONDS",
                "UNSCANNABLE",
                "AWS_ENDPOINT_URL"
            ]
        );
        assert_eq!(environment.config().unwrap().settle_seconds, 0);
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let environment = Environment::of(QUEUE, |name| match name {
            "PROMOTION_PATHS" => Some("dev/*".to_owned()),
            "SETTLE_SECONDS" => Some("soon".to_owned()),
            _ => None,
        });
        let mistakes = environment.config().unwrap_err().to_string();
        insta::assert_snapshot!(mistakes, @r#"the environment has mistakes: PROMOTION_PATHS: path "dev/*": expected "=>" as in "dev/* => qa/*", found none; SETTLE_SECONDS: expected a whole number of at least 0, found "soon""#);
    }
}
