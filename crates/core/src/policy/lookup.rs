//! A condition made ready for being asked about many strings: sets for equality, an automaton for
//! parts, compiled expressions. Made when it is first asked, gone when its criterion is judged.

use std::collections::{BTreeMap, HashSet};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::{
    operator::StringOperator,
    pattern::{GivenUp, Matcher, Pattern},
};

/// Plain values and expressions, ready for look-ups.
#[derive(Debug)]
pub(super) struct Lookup {
    plain: Plain,
    matchers: Vec<Matcher>,
}

/// Values by length in bytes, so that a look-up costs one hash for each length.
type ByLength = BTreeMap<usize, HashSet<Box<str>>>;

#[derive(Debug)]
enum Plain {
    Whole(HashSet<Box<str>>),
    Starts(ByLength),
    Ends(ByLength),
    Parts(AhoCorasick),
    None,
}

impl Lookup {
    pub(super) fn new(
        operator: StringOperator,
        values: &[String],
        patterns: &[Pattern],
    ) -> Result<Self, GivenUp> {
        use StringOperator as Is;
        let plain = match operator {
            Is::Equals | Is::NotEquals | Is::OneOf | Is::NotOneOf => {
                Plain::Whole(values.iter().map(|value| value.as_str().into()).collect())
            }
            Is::StartsWith => Plain::Starts(by_length(values)),
            Is::EndsWith => Plain::Ends(by_length(values)),
            Is::Contains => Plain::Parts(automaton(values)?),
            Is::Matches | Is::NotMatches => Plain::None,
        };
        let matchers = patterns.iter().map(Pattern::matcher);
        Ok(Self {
            plain,
            matchers: matchers.collect::<Result<_, _>>()?,
        })
    }

    /// Whether one of the values is what the operator says of `text`.
    pub(super) fn touches(&mut self, text: &str) -> Result<bool, GivenUp> {
        let plain = match &self.plain {
            Plain::Whole(values) => values.contains(text),
            Plain::Starts(values) => values
                .range(..=text.len())
                .any(|(length, values)| text.get(..*length).is_some_and(|s| values.contains(s))),
            Plain::Ends(values) => values.range(..=text.len()).any(|(length, values)| {
                let start = text.len() - length;
                text.get(start..).is_some_and(|s| values.contains(s))
            }),
            Plain::Parts(automaton) => automaton.is_match(text),
            Plain::None => false,
        };
        if plain {
            return Ok(true);
        }
        for matcher in &mut self.matchers {
            if matcher.matches(text)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Of the kind whose size follows that of the values: the fastest takes a kilobyte for each byte of few
/// values, and a policy's may have half a million.
fn automaton(values: &[String]) -> Result<AhoCorasick, GivenUp> {
    let mut builder = AhoCorasick::builder();
    builder.kind(Some(AhoCorasickKind::ContiguousNFA));
    builder.build(values).map_err(|_| GivenUp)
}

fn by_length(values: &[String]) -> ByLength {
    let mut by_length = ByLength::new();
    for value in values {
        by_length
            .entry(value.len())
            .or_default()
            .insert(value.as_str().into());
    }
    by_length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What each operator means, value by value.
    fn plainly(operator: StringOperator, values: &[String], text: &str) -> bool {
        values.iter().any(|value| match operator {
            StringOperator::StartsWith => text.starts_with(value),
            StringOperator::EndsWith => text.ends_with(value),
            StringOperator::Contains => text.contains(value),
            _ => text == value,
        })
    }

    proptest! {
        #[test]
        fn a_look_up_answers_as_each_value_does(
            values in prop::collection::vec("[abé]{1,3}", 1..6),
            text in "[abé]{0,5}",
        ) {
            for (_, operator) in StringOperator::ALL {
                if operator.takes_patterns() {
                    continue;
                }
                let mut lookup = Lookup::new(*operator, &values, &[]).unwrap();
                prop_assert_eq!(lookup.touches(&text), Ok(plainly(*operator, &values, &text)));
            }
        }
    }
}
