//! The parts of a criterion as they are written: words, values, what they mean together.

use super::{Attribute, AttributeKind, Condition};
use crate::{
    node::Node,
    policy::{
        budget::Budget,
        document::{self, Fields, Mistakes},
        label,
        licenses::LicenseCondition,
        names,
        operator::{NumberOperator, StringOperator},
        releases::ReleaseCondition,
        span::Span,
        text::{TextCondition, Written},
    },
    suggest::{self, shortened},
};

/// What must hold of a number.
pub(super) fn number(
    attribute: &Attribute,
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

/// What must hold of a time.
pub(super) fn span(
    attribute: &Attribute,
    operator: Option<&str>,
    value: Option<&Node>,
    fields: &Fields<'_>,
    mistakes: &mut Mistakes,
) -> Option<Condition> {
    let at = fields.place("value");
    let operator =
        operator.and_then(|word| find(NumberOperator::BOUNDS, word, attribute, fields, mistakes));
    let text = document::text(value?, &at, mistakes)?;
    let span = Span::parse(text);
    if span.is_none() {
        let message = format!("{}, found {:?}", Span::expected(), shortened(text));
        mistakes.add(&at, message);
    }
    let (operator, span) = (operator?, span?);
    Some(Condition::Span { operator, span })
}

/// What must hold of strings, be they ranges of releases.
pub(super) fn strings(
    attribute: &Attribute,
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
    if *attribute == Attribute::Component {
        names::check(&written, mistakes);
    }
    Some(if are_releases {
        Condition::Releases(ReleaseCondition::of(&written, mistakes))
    } else if *attribute == Attribute::License {
        Condition::License(LicenseCondition::of(&written, mistakes))
    } else {
        Condition::Text(TextCondition::of(&written))
    })
}

/// The attribute, or the nearest one if there is none of that name.
pub(super) fn attribute(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Option<Attribute> {
    let word = fields.required_text("attribute", mistakes)?;
    let at = fields.place("attribute");
    if let Some(name) = word.strip_prefix(label::PREFIX)
        && let Some(message) = label::wrong(name)
    {
        mistakes.add(&at, message);
    }
    let attribute = Attribute::parse(word);
    if attribute.is_some() {
        return attribute;
    }
    let all = Attribute::all().iter();
    let mut known: Vec<_> = all.map(|(name, _, _)| name.as_str()).collect();
    let rest = word.split_once('.').map(|(_, rest)| rest);
    let of_label = rest.map(|rest| format!("{}{rest}", label::PREFIX));
    known.extend(of_label.as_deref());
    let near = suggest::nearest(word, known.iter().copied());
    let message = match near {
        Some(_) => suggest::unknown("an attribute", word, &known),
        None => suggest::unknown("an attribute", word, &Attribute::in_short()),
    };
    mistakes.add(&at, message);
    near.and_then(Attribute::parse)
}

/// The operator of a word among those that go with the attribute, or the nearest one of them.
fn find<T: Copy>(
    operators: &[(&str, T)],
    word: &str,
    attribute: &Attribute,
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
        AttributeKind::Span,
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
