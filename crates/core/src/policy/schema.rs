//! The policy document as a JSON Schema, for editors and for checks before anything is stored. It
//! says less than [`super::Policy::parse`]: what depends on several keys is checked only there.

use serde_json::{Value, json};

use super::{
    Attribute, AttributeKind, CRITERIA_MAX, LABEL, LABEL_CHARACTERS_MAX, NAME_LENGTH_MAX,
    PATTERN_CHARACTERS_MAX, PATTERNS_MAX, SPAN_DAYS_MAX, StringOperator, UnknownLicenses,
    Unscannable, VALUE_CHARACTERS_MAX, VALUES_MAX, WAIT, exceptions, label, referrers,
};
use crate::{reference::REPOSITORY_LENGTH_MAX, template::TEMPLATE_CHARACTERS_MAX};

/// The schema, after JSON Schema draft 2020-12.
#[must_use]
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Promotion policy",
        "description": "Which images pushed to one Amazon ECR repository are promoted to another, and under which tag.",
        "type": "object",
        "additionalProperties": false,
        "required": ["source", "name", "target"],
        "properties": properties()
    })
}

fn properties() -> Value {
    json!({
            "source": {
                "description": "The repositories whose pushes are judged: one (dev/website), a namespace (dev/*: every repository below it, at any depth), or * for all.",
                "type": "string",
                "minLength": 1,
                "maxLength": REPOSITORY_LENGTH_MAX
            },
            "name": {
                "description": "The policy's name, unique within its source.",
                "type": "string",
                "pattern": format!("^[A-Za-z0-9._-]{{1,{NAME_LENGTH_MAX}}}$")
            },
            "description": text("For people: what the policy is for."),
            "enabled": boolean("false turns the policy off.", true),
            "criteria": {
                "description": "All of them must be met. Without criteria, every tagged push of an image is promoted.",
                "type": "array",
                "maxItems": CRITERIA_MAX,
                "items": criterion()
            },
            "target": target(),
            "dry_run": boolean("Judge and record, but promote nothing. Use it to try a policy on live pushes.", false),
            "artifacts": boolean("Also promote artifacts that are not images, such as Helm charts and WASM modules.", false),
            "evaluate_existing": boolean("Judge, once, the images that stood in the source before the policy did.", false),
            "require_current_tag": boolean("Skip a push whose tag has moved to another digest.", false),
            "unknown_licenses": unknown_licenses(),
            "unscannable": unscannable(),
            "wait": wait(),
            "exceptions": exceptions::schema(),
            "$schema": {
                "description": "The address of this schema, for editors; otherwise ignored."
            },
            "status": {
                "description": "Written by the system; ignored when read."
            }
    })
}

fn wait() -> Value {
    json!({
        "description": format!("How long evidence is awaited before the decision is a hold, from 1h to {SPAN_DAYS_MAX}d."),
        "type": "string",
        "pattern": SPAN_PATTERN,
        "default": WAIT.to_string()
    })
}

fn unknown_licenses() -> Value {
    let words: Vec<_> = UnknownLicenses::ALL.iter().map(|(word, _)| *word).collect();
    json!({
        "description": "How a negative operator treats a component whose license is unknown: hold, accept, or a list of the words to accept, as documents write them.",
        "anyOf": [
            {"enum": words},
            {
                "type": "array", "minItems": 1, "maxItems": VALUES_MAX,
                "items": {"type": "string", "minLength": 1, "maxLength": VALUE_CHARACTERS_MAX}
            }
        ],
        "default": "hold"
    })
}

fn unscannable() -> Value {
    let words: Vec<_> = Unscannable::ALL.iter().map(|(word, _)| *word).collect();
    json!({
        "description": "How a criterion on findings treats a platform that the scanner says it cannot scan: hold, or accept, which counts it as having no findings. accept works only if the administrator sets UNSCANNABLE=accept.",
        "enum": words,
        "default": "hold"
    })
}

fn text(description: &str) -> Value {
    json!({"description": description, "type": "string"})
}

fn boolean(description: &str, default: bool) -> Value {
    json!({"description": description, "type": "boolean", "default": default})
}

fn target() -> Value {
    json!({
        "description": "Where the image goes.",
        "type": "object",
        "additionalProperties": false,
        "required": ["repository"],
        "properties": {
            "repository": {
                "description": "The target repository. Placeholders: {repository} the source repository, {name} its last part, {namespace} everything before it, {rest} what the * in the source matched, {digest} the first 12 hexadecimal digits of the digest. A source with * needs {rest} or {repository} here.",
                "type": "string",
                "minLength": 1,
                "maxLength": TEMPLATE_CHARACTERS_MAX
            },
            "tag": {
                "description": "The target tag; by default the source's tag. Keywords as in strftime, in UTC and English: %n (the source's tag) %A %a %w %d %b %B %m %Y %y %H %I %p %M %S %f %Z %j %W. Placeholders as in repository.",
                "type": "string",
                "minLength": 1,
                "maxLength": TEMPLATE_CHARACTERS_MAX,
                "default": "%n"
            },
            "referrers": referrers::schema()
        }
    })
}

fn criterion() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["attribute", "operator", "value"],
        "properties": {
            "attribute": {
                "description": "What to look at.",
                "oneOf": Attribute::all()
                    .iter()
                    .map(|(word, _, meaning)| json!({"const": word, "description": meaning}))
                    .chain([json!({"pattern": on_labels(), "description": LABEL.1})])
                    .collect::<Vec<_>>()
            },
            "operator": {"description": "How to compare it.", "type": "string"},
            "value": {"description": "What to compare it with."}
        },
        "allOf": [
            rule(AttributeKind::Text, &strings()),
            rule(AttributeKind::Number, &numbers()),
            rule(AttributeKind::Releases, &releases()),
            rule(AttributeKind::Span, &spans())
        ]
    })
}

/// What holds for the attributes of one kind.
fn rule(kind: AttributeKind, then: &Value) -> Value {
    let attributes: Vec<_> = Attribute::all()
        .iter()
        .filter(|(_, attribute, _)| attribute.kind() == kind)
        .map(|(word, _, _)| word.as_str())
        .collect();
    let mut attributes = json!({"enum": attributes});
    if kind == AttributeKind::Text {
        attributes = json!({"anyOf": [attributes, {"pattern": on_labels()}]});
    }
    json!({
        "if": {"properties": {"attribute": attributes}, "required": ["attribute"]},
        "then": then
    })
}

/// The attributes on labels, as a regular expression.
fn on_labels() -> String {
    let class = label::CLASS;
    format!("^label\\.{class}{{1,{LABEL_CHARACTERS_MAX}}}$")
}

fn strings() -> Value {
    let patterns: Vec<_> = StringOperator::ALL
        .iter()
        .filter(|(_, operator)| operator.takes_patterns())
        .map(|(word, _)| *word)
        .collect();
    json!({
        "properties": {"operator": {"enum": AttributeKind::Text.operators()}},
        "if": {"properties": {"operator": {"enum": patterns}}, "required": ["operator"]},
        "then": {"properties": {"value": values(
            "A regular expression that covers the whole value, or a list of them: one of them must match, or with not_matches none.",
            PATTERN_CHARACTERS_MAX,
            PATTERNS_MAX,
        )}},
        "else": {"properties": {"value": values(
            "A string, or a list of them: one of them must match, or with a negative operator none. A license is an SPDX id, with or without a WITH exception, or any other name that documents state.",
            VALUE_CHARACTERS_MAX,
            VALUES_MAX,
        )}}
    })
}

fn releases() -> Value {
    json!({"properties": {
        "operator": {"enum": AttributeKind::Releases.operators()},
        "value": values(
            "A range of versions such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, or a list of them: one of them must match, or with not_one_of none.",
            VALUE_CHARACTERS_MAX,
            VALUES_MAX,
        )
    }})
}

fn values(description: &str, characters_max: usize, values_max: usize) -> Value {
    let one = json!({"type": "string", "minLength": 1, "maxLength": characters_max});
    json!({
        "description": description,
        "oneOf": [
            one.clone(),
            {"type": "array", "minItems": 1, "maxItems": values_max, "items": one}
        ]
    })
}

/// What the parser takes for hours or days; whether they are too many is checked only there.
const SPAN_PATTERN: &str = "^[1-9][0-9]{0,3}[hd]$";

fn spans() -> Value {
    json!({"properties": {
        "operator": {"enum": AttributeKind::Span.operators()},
        "value": {
            "description": format!("Hours or days, from 1h to {SPAN_DAYS_MAX}d."),
            "type": "string",
            "pattern": SPAN_PATTERN
        }
    }})
}

fn numbers() -> Value {
    let operators = AttributeKind::Number.operators();
    let value = json!({
        "description": "A whole number of at least 0, as a number or as a string of digits.",
        "oneOf": [
            {"type": "integer", "minimum": 0},
            {"type": "string", "pattern": "^[0-9]+$"}
        ]
    });
    json!({"properties": {"operator": {"enum": operators}, "value": value}})
}

#[cfg(test)]
mod tests {
    use super::super::{KEYS, NumberOperator, criterion, target};
    use super::*;

    #[test]
    fn every_word_and_limit_of_the_parser_is_in_the_schema() {
        let schema = schema();
        let text = schema.to_string();
        let words = KEYS
            .into_iter()
            .chain(criterion::KEYS)
            .chain(target::KEYS.into_iter().take(3))
            .chain(Attribute::all().iter().map(|(word, _, _)| word.as_str()))
            .chain(StringOperator::ALL.iter().map(|(word, _)| *word))
            .chain(NumberOperator::ALL.iter().map(|(word, _)| *word))
            .chain(UnknownLicenses::ALL.iter().map(|(word, _)| *word))
            .chain(Unscannable::ALL.iter().map(|(word, _)| *word));
        for word in words {
            assert!(text.contains(&format!("{word:?}")), "{word}");
        }
        for keyword in crate::template::Keyword::ALL {
            assert!(text.contains(&keyword.to_string()), "{keyword}");
        }
        for limit in [
            format!("\"maxItems\":{CRITERIA_MAX}"),
            format!("\"maxItems\":{VALUES_MAX}"),
            format!("\"maxItems\":{PATTERNS_MAX}"),
            format!("\"maxLength\":{VALUE_CHARACTERS_MAX}"),
            format!("\"maxLength\":{PATTERN_CHARACTERS_MAX}"),
            format!("\"maxLength\":{TEMPLATE_CHARACTERS_MAX}"),
            format!("{{1,{NAME_LENGTH_MAX}}}"),
            format!("{{1,{LABEL_CHARACTERS_MAX}}}"),
        ] {
            assert!(text.contains(&limit), "{limit}");
        }
        let keys: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(keys.len(), KEYS.len());
    }
}
