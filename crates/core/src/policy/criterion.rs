//! One criterion: an attribute, an operator and what is wanted, read and checked.

use super::{
    CRITERIA_MAX,
    attribute::{Attribute, AttributeKind},
    budget::Budget,
    document::{self, Fields, Mistakes},
    licenses::LicenseCondition,
    names,
    operator::{NumberOperator, StringOperator},
    pattern::Pattern,
    releases::ReleaseCondition,
    text::{TextCondition, Written},
};
use crate::{
    node::Node,
    suggest::{self, shortened},
};

/// The keys of a criterion.
pub(super) const KEYS: [&str; 3] = ["attribute", "operator", "value"];

/// A criterion of a policy.
#[derive(Debug, Clone)]
pub struct Criterion {
    /// What is looked at.
    pub attribute: Attribute,
    /// What must hold of it.
    pub condition: Condition,
}

/// What must hold of an attribute.
#[derive(Debug, Clone)]
pub enum Condition {
    /// Of strings.
    Text(TextCondition),
    /// Of licenses.
    License(LicenseCondition),
    /// Of a version.
    Releases(ReleaseCondition),
    /// Of a number.
    Number {
        /// How it is compared.
        operator: NumberOperator,
        /// What it is compared with.
        value: u64,
    },
}

impl Condition {
    /// Ends the judging by it; says whether a regular expression was given up (see
    /// [`TextCondition::finish`]).
    pub(crate) fn finish(&self) -> bool {
        self.written().is_some_and(TextCondition::finish)
    }

    /// The values as they are written, where they are strings.
    fn written(&self) -> Option<&TextCondition> {
        match self {
            Self::Text(text) => Some(text),
            Self::License(license) => Some(license.text()),
            Self::Releases(releases) => Some(releases.text()),
            Self::Number { .. } => None,
        }
    }
}

impl Criterion {
    /// The operator as the policy writes it.
    #[must_use]
    pub fn operator(&self) -> String {
        match &self.condition {
            Condition::Text(text) => text.operator().to_string(),
            Condition::License(license) => license.operator().to_string(),
            Condition::Releases(releases) => releases.text().operator().to_string(),
            Condition::Number { operator, .. } => operator.to_string(),
        }
    }

    /// What its regular expressions take once compiled, in bytes, at most.
    pub(super) fn patterns_bytes(&self) -> usize {
        let written = self.condition.written();
        let patterns = written.map_or(&[][..], TextCondition::patterns);
        patterns.iter().map(Pattern::bytes).sum()
    }

    /// Everything that judges, in a fixed form: a list's order and repeats, which a DynamoDB set
    /// does not keep, are not a difference.
    pub(super) fn canonical(&self) -> serde_json::Value {
        let value = match &self.condition {
            Condition::Number { value, .. } => serde_json::json!(value),
            strings => {
                let mut values = strings
                    .written()
                    .map_or(&[][..], |text| text.values())
                    .to_vec();
                values.sort();
                values.dedup();
                serde_json::json!(values)
            }
        };
        serde_json::json!([self.attribute.to_string(), self.operator(), value])
    }

    /// What is wanted, as the policy writes it, with `values_max` values at most.
    #[must_use]
    pub fn wanted(&self, values_max: usize) -> serde_json::Value {
        let text = match &self.condition {
            Condition::Number { value, .. } => return serde_json::json!(value),
            Condition::Text(text) => text,
            Condition::License(license) => license.text(),
            Condition::Releases(releases) => releases.text(),
        };
        match text.values() {
            [one] if !text.is_list() => serde_json::json!(shortened(one)),
            values => {
                let mut named: Vec<_> = values
                    .iter()
                    .take(values_max)
                    .map(|v| shortened(v))
                    .collect();
                if values.len() > values_max {
                    named.push(format!("and {} more", values.len() - values_max));
                }
                serde_json::json!(named)
            }
        }
    }

    /// Reads a criterion. Where a word is wrong, the nearest right one is taken to read on by, so
    /// that one mistake does not hide the next: with a mistake the policy is refused as a whole.
    pub(super) fn parse(
        node: &Node,
        place: &str,
        budget: &mut Budget<'_>,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let fields = Fields::open(node, place, &KEYS, mistakes)?;
        let attribute = attribute(&fields, mistakes);
        let operator = fields.required_text("operator", mistakes);
        let value = fields.required("value", mistakes);
        let attribute = attribute?;
        let condition = if attribute.kind() == AttributeKind::Number {
            number(attribute, operator, value, &fields, mistakes)?
        } else {
            strings(attribute, operator, value, &fields, budget, mistakes)?
        };
        Some(Self {
            attribute,
            condition,
        })
    }
}

/// What must hold of a number.
fn number(
    attribute: Attribute,
    operator: Option<&str>,
    value: Option<&Node>,
    fields: &Fields<'_>,
    mistakes: &mut Mistakes,
) -> Option<Condition> {
    let at = fields.place("value");
    let operator =
        operator.and_then(|word| find(NumberOperator::ALL, word, attribute, fields, mistakes));
    let value = value.and_then(|node| document::number(node, &at, mistakes));
    let (operator, value) = (operator?, value?);
    if (operator, value) == (NumberOperator::Less, 0) {
        mistakes.add(&at, "expected a number that a count can be below, found 0");
    }
    Some(Condition::Number { operator, value })
}

/// What must hold of strings, be they ranges of releases.
fn strings(
    attribute: Attribute,
    operator: Option<&str>,
    value: Option<&Node>,
    fields: &Fields<'_>,
    budget: &mut Budget<'_>,
    mistakes: &mut Mistakes,
) -> Option<Condition> {
    let are_releases = attribute.kind() == AttributeKind::Releases;
    // In place of a wrong operator, any that takes such values.
    let (operators, any) = if are_releases {
        (ReleaseCondition::OPERATORS, StringOperator::OneOf)
    } else {
        (StringOperator::ALL, StringOperator::StartsWith)
    };
    let operator = operator
        .and_then(|word| find(operators, word, attribute, fields, mistakes))
        .unwrap_or(any);
    let at = fields.place("value");
    let written = Written::read(attribute, operator, value?, &at, budget, mistakes)?;
    if attribute == Attribute::Component {
        names::check(&written, mistakes);
    }
    Some(if are_releases {
        Condition::Releases(ReleaseCondition::of(&written, mistakes))
    } else if attribute == Attribute::License {
        Condition::License(LicenseCondition::of(&written, mistakes))
    } else {
        Condition::Text(TextCondition::of(&written))
    })
}

/// The criteria of a policy, none if the key is absent.
pub(super) fn all(
    fields: &Fields<'_>,
    budget: &mut Budget<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Criterion> {
    let nodes = match fields.get("criteria") {
        None => return Vec::new(),
        Some(Node::List(nodes)) => nodes,
        Some(other) => {
            let message = format!(
                "expected a list of criteria, found {}",
                document::found(other)
            );
            mistakes.add(&fields.place("criteria"), message);
            return Vec::new();
        }
    };
    if nodes.len() > CRITERIA_MAX {
        let message = format!(
            "expected at most {CRITERIA_MAX} criteria, found {}",
            nodes.len()
        );
        mistakes.add(&fields.place("criteria"), message);
    }
    let mut criteria = Vec::new();
    for (index, node) in nodes.iter().take(CRITERIA_MAX).enumerate() {
        criteria.extend(Criterion::parse(
            node,
            &format!("criteria[{index}]"),
            budget,
            mistakes,
        ));
        if let Some(message) = budget.exceeded() {
            // What follows is not even read: reading is what the limit is there to bound.
            mistakes.add(&fields.place("criteria"), message);
            break;
        }
    }
    criteria
}

/// The attribute, or the nearest one if there is none of that name.
fn attribute(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Option<Attribute> {
    let word = fields.required_text("attribute", mistakes)?;
    let attribute = Attribute::parse(word);
    if attribute.is_some() {
        return attribute;
    }
    let known: Vec<_> = Attribute::all()
        .iter()
        .map(|(name, _, _)| name.as_str())
        .collect();
    let near = suggest::nearest(word, known.iter().copied());
    let message = match near {
        Some(_) => suggest::unknown("an attribute", word, &known),
        None => suggest::unknown("an attribute", word, &Attribute::in_short()),
    };
    mistakes.add(&fields.place("attribute"), message);
    near.and_then(Attribute::parse)
}

/// The operator of a word among those that go with the attribute, or the nearest one of them.
fn find<T: Copy>(
    operators: &[(&str, T)],
    word: &str,
    attribute: Attribute,
    fields: &Fields<'_>,
    mistakes: &mut Mistakes,
) -> Option<T> {
    let named = |word: &str| operators.iter().find(|(name, _)| *name == word);
    if let Some((_, operator)) = named(word) {
        return Some(*operator);
    }
    let allowed = attribute.kind().operators();
    let elsewhere = [
        AttributeKind::Text,
        AttributeKind::Number,
        AttributeKind::Releases,
    ]
    .iter()
    .any(|kind| kind.operators().contains(&word));
    let message = if elsewhere {
        format!(
            "expected an operator for {attribute} ({}), found {word:?}",
            allowed.join(" ")
        )
    } else {
        suggest::unknown("an operator", word, &allowed)
    };
    mistakes.add(&fields.place("operator"), message);
    let near = suggest::nearest(word, allowed).and_then(named);
    near.map(|(_, operator)| *operator)
}
