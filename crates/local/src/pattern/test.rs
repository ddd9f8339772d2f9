//! One test of one value in an event pattern. Knows nothing of fields and places beyond naming them in errors.

use serde_json::{Map, Value};

use super::PatternError;

/// A test of a leaf.
#[derive(Debug, Clone)]
pub(super) enum Test {
    Exact(Value),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
    EqualsIgnoreCase(String),
    Wildcard(Vec<Piece>),
    AnythingBut(Vec<Test>),
    Exists(bool),
    Numeric(Vec<(Comparison, f64)>),
}

/// A piece of a wildcard: a character, or any number of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Character(char),
    Any,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Test {
    pub(super) fn parse(value: &Value, place: &str) -> Result<Self, PatternError> {
        match value {
            Value::Object(operator) => Self::parse_operator(operator, place),
            Value::Array(_) => Err(PatternError::new(place, "a list may not hold a list")),
            scalar => Ok(Self::Exact(scalar.clone())),
        }
    }

    fn parse_operator(operator: &Map<String, Value>, place: &str) -> Result<Self, PatternError> {
        let mut entries = operator.iter();
        let (Some((name, value)), None) = (entries.next(), entries.next()) else {
            return Err(PatternError::new(
                place,
                "an operator is an object of one key",
            ));
        };
        match (name.as_str(), value) {
            ("prefix", Value::Object(inner)) => {
                ignoring_case(inner, place).map(Self::PrefixIgnoreCase)
            }
            ("suffix", Value::Object(inner)) => {
                ignoring_case(inner, place).map(Self::SuffixIgnoreCase)
            }
            ("prefix", Value::String(text)) => Ok(Self::Prefix(text.clone())),
            ("suffix", Value::String(text)) => Ok(Self::Suffix(text.clone())),
            ("equals-ignore-case", Value::String(text)) => {
                Ok(Self::EqualsIgnoreCase(text.to_lowercase()))
            }
            ("wildcard", Value::String(text)) => pieces(text, place).map(Self::Wildcard),
            ("exists", Value::Bool(wanted)) => Ok(Self::Exists(*wanted)),
            ("numeric", Value::Array(terms)) => comparisons(terms, place).map(Self::Numeric),
            ("anything-but", value) => Self::parse_anything_but(value, place),
            ("prefix" | "suffix" | "equals-ignore-case" | "wildcard" | "exists" | "numeric", _) => {
                let what = format!("\"{name}\" has a value of the wrong type");
                Err(PatternError::new(place, what))
            }
            _ => {
                let what = format!("unknown operator \"{name}\"");
                Err(PatternError::new(place, what))
            }
        }
    }

    fn parse_anything_but(value: &Value, place: &str) -> Result<Self, PatternError> {
        let refused = match value {
            Value::Array(values) if !values.is_empty() => values.clone(),
            Value::String(_) | Value::Number(_) => vec![value.clone()],
            Value::Object(operator) => spread(operator),
            _ => Vec::new(),
        };
        let allowed = |it: &Value| match it {
            Value::String(_) | Value::Number(_) => true,
            Value::Object(operator) => operator.keys().all(|key| {
                matches!(
                    key.as_str(),
                    "prefix" | "suffix" | "equals-ignore-case" | "wildcard"
                )
            }),
            _ => false,
        };
        if refused.is_empty() || !refused.iter().all(allowed) {
            let what = "\"anything-but\" takes a text, a number, a list of them, or one of prefix, suffix, \
                        equals-ignore-case and wildcard";
            return Err(PatternError::new(place, what));
        }
        let tests = refused.iter().map(|it| Self::parse(it, place));
        tests.collect::<Result<_, _>>().map(Self::AnythingBut)
    }

    /// Judges a field; `None` if the event lacks it. Of a list one element has to match.
    pub(super) fn matches(&self, field: Option<&Value>) -> bool {
        match (self, field) {
            (Self::Exists(wanted), field) => *wanted == field.is_some_and(|it| !it.is_object()),
            (_, None) => false,
            (_, Some(Value::Array(elements))) => elements.iter().any(|it| self.holds(it)),
            (_, Some(value)) => self.holds(value),
        }
    }

    fn holds(&self, value: &Value) -> bool {
        let text = value.as_str();
        let text_is = |test: &dyn Fn(&str) -> bool| text.is_some_and(test);
        match self {
            Self::Exact(wanted) => same(wanted, value),
            Self::Prefix(prefix) => text_is(&|it| it.starts_with(prefix.as_str())),
            Self::PrefixIgnoreCase(prefix) => text_is(&|it| it.to_lowercase().starts_with(prefix)),
            Self::Suffix(suffix) => text_is(&|it| it.ends_with(suffix.as_str())),
            Self::SuffixIgnoreCase(suffix) => text_is(&|it| it.to_lowercase().ends_with(suffix)),
            Self::EqualsIgnoreCase(wanted) => text_is(&|it| it.to_lowercase() == *wanted),
            Self::Wildcard(pieces) => text_is(&|it| wildcard(pieces, it)),
            Self::AnythingBut(tests) => {
                !value.is_object() && !tests.iter().any(|test| test.holds(value))
            }
            Self::Exists(_) => false,
            Self::Numeric(terms) => value
                .as_f64()
                .is_some_and(|number| terms.iter().all(|(how, limit)| how.holds(number, *limit))),
        }
    }
}

/// Numbers are equal by value (300 is 300.0), everything else as it is written.
fn same(wanted: &Value, value: &Value) -> bool {
    match (wanted.as_f64(), value.as_f64()) {
        (Some(wanted), Some(value)) => wanted.total_cmp(&value).is_eq(),
        _ => wanted == value,
    }
}

/// `{"prefix": ["a", "b"]}` under `anything-but` stands for one operator per value.
fn spread(operator: &Map<String, Value>) -> Vec<Value> {
    let mut all = Vec::new();
    for (name, value) in operator {
        match value {
            Value::Array(values) => all.extend(
                values
                    .iter()
                    .map(|value| serde_json::json!({name.as_str(): value})),
            ),
            value => all.push(serde_json::json!({name.as_str(): value})),
        }
    }
    all
}

fn ignoring_case(inner: &Map<String, Value>, place: &str) -> Result<String, PatternError> {
    match inner.get("equals-ignore-case") {
        Some(Value::String(text)) if inner.len() == 1 => Ok(text.to_lowercase()),
        _ => Err(PatternError::new(
            place,
            "inside prefix and suffix only \"equals-ignore-case\" with a text is known",
        )),
    }
}

fn pieces(text: &str, place: &str) -> Result<Vec<Piece>, PatternError> {
    let mut pieces = Vec::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        pieces.push(match character {
            '*' if pieces.last() == Some(&Piece::Any) => {
                return Err(PatternError::new(place, "\"wildcard\" may not hold \"**\""));
            }
            '*' => Piece::Any,
            '\\' => {
                let escaped = characters.next().filter(|it| matches!(it, '*' | '\\'));
                let what = "in \"wildcard\" a backslash stands before \"*\" or a backslash";
                Piece::Character(escaped.ok_or_else(|| PatternError::new(place, what))?)
            }
            other => Piece::Character(other),
        });
    }
    Ok(pieces)
}

/// Matches greedily and goes back to the last `*` only, so the cost is at most pieces times characters.
fn wildcard(pieces: &[Piece], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut piece, mut at) = (0, 0);
    let mut last_any: Option<(usize, usize)> = None;
    loop {
        match (pieces.get(piece), text.get(at)) {
            (Some(Piece::Any), _) => {
                last_any = Some((piece, at));
                piece += 1;
            }
            (Some(Piece::Character(wanted)), Some(character)) if wanted == character => {
                piece += 1;
                at += 1;
            }
            (None, None) => return true,
            _ => match last_any {
                Some((any, from)) if from < text.len() => {
                    last_any = Some((any, from + 1));
                    piece = any + 1;
                    at = from + 1;
                }
                _ => return false,
            },
        }
    }
}

fn comparisons(terms: &[Value], place: &str) -> Result<Vec<(Comparison, f64)>, PatternError> {
    let wrong = || PatternError::new(place, "\"numeric\" takes one or two of (operator, number)");
    if !matches!(terms.len(), 2 | 4) {
        return Err(wrong());
    }
    let pair = |pair: &[Value]| match pair {
        [Value::String(how), Value::Number(limit)] => {
            let how = Comparison::parse(how).ok_or_else(wrong)?;
            Ok((how, limit.as_f64().ok_or_else(wrong)?))
        }
        _ => Err(wrong()),
    };
    terms.chunks(2).map(pair).collect()
}

impl Comparison {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            "=" => Self::Equal,
            ">=" => Self::GreaterOrEqual,
            ">" => Self::Greater,
            _ => return None,
        })
    }

    fn holds(self, number: f64, limit: f64) -> bool {
        match self {
            Self::Less => number < limit,
            Self::LessOrEqual => number <= limit,
            Self::Equal => number.total_cmp(&limit).is_eq(),
            Self::GreaterOrEqual => number >= limit,
            Self::Greater => number > limit,
        }
    }
}
