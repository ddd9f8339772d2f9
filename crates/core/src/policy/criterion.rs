//! One criterion: an attribute, an operator and what is wanted, read and checked.

mod read;

use super::{
    CRITERIA_MAX,
    attribute::{Attribute, AttributeKind},
    budget::Budget,
    document::{self, Fields, Mistakes},
    licenses::LicenseCondition,
    operator::NumberOperator,
    pattern::Pattern,
    releases::ReleaseCondition,
    span::Span,
    text::TextCondition,
};
use crate::{node::Node, suggest::shortened};

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
    /// Of a time.
    Span {
        /// How it is compared.
        operator: NumberOperator,
        /// What it is compared with.
        span: Span,
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
            Self::Number { .. } | Self::Span { .. } => None,
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
            Condition::Number { operator, .. } | Condition::Span { operator, .. } => {
                operator.to_string()
            }
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
            Condition::Span { span, .. } => serde_json::json!(span.hours()),
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
            Condition::Span { span, .. } => return serde_json::json!(span.to_string()),
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
        let attribute = read::attribute(&fields, mistakes);
        let operator = fields.required_text("operator", mistakes);
        let value = fields.required("value", mistakes);
        let attribute = attribute?;
        let condition = match attribute.kind() {
            AttributeKind::Number => read::number(&attribute, operator, value, &fields, mistakes)?,
            AttributeKind::Span => read::span(&attribute, operator, value, &fields, mistakes)?,
            AttributeKind::Text | AttributeKind::Releases => {
                read::strings(&attribute, operator, value, &fields, budget, mistakes)?
            }
        };
        Some(Self {
            attribute,
            condition,
        })
    }
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
