//! Operands of the wrong type in conditions and filters: DynamoDB refuses them before it reads an item, the engine
//! takes them for a condition that is not met (DynamoDB developer guide, "Condition and filter expressions,
//! operators, and functions").
//!
//! Looks at tokens, not at grammar: what cannot be parsed is refused by the engine, in its own words.

use serde_json::{Map, Value};

/// Members that hold conditions. Those of keys, and updates, the engine checks itself.
const CONDITIONS: [&str; 2] = ["ConditionExpression", "FilterExpression"];
/// What can be ordered.
const ORDERED: [&str; 3] = ["S", "N", "B"];
/// What `attribute_type` can be asked.
const TYPES: [&str; 10] = ["B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"];

/// Why a request's conditions are refused, where they are.
pub(super) fn mistake(body: &str) -> Option<String> {
    if !CONDITIONS.iter().any(|it| body.contains(it)) {
        return None;
    }
    let request: Value = serde_json::from_str(body).ok()?;
    let actions = request.get("TransactItems").and_then(Value::as_array);
    let actions = actions.into_iter().flatten().filter_map(Value::as_object);
    let actions = actions.flat_map(Map::values);
    std::iter::once(&request)
        .chain(actions)
        .find_map(|action| CONDITIONS.iter().find_map(|member| of(action, member)))
}

/// The mistake in one member of one action.
fn of(action: &Value, member: &str) -> Option<String> {
    let tokens = tokens(action.get(member)?.as_str()?);
    let values = action.get("ExpressionAttributeValues")?.as_object()?;
    let operand = |at: usize| {
        let value = values.get(*tokens.get(at)?)?.as_object()?;
        value
            .iter()
            .next()
            .map(|(kind, value)| (kind.as_str(), value))
    };
    let unordered = |operator: &str, at: usize| {
        let (kind, _) = operand(at)?;
        (!ORDERED.contains(&kind)).then(|| wrong(operator, kind))
    };
    let found = tokens
        .iter()
        .enumerate()
        .find_map(|(at, token)| match *token {
            "<" | "<=" | ">" | ">=" => at
                .checked_sub(1)
                .and_then(|before| unordered(token, before))
                .or_else(|| unordered(token, at + 1)),
            "attribute_type" => match operand(at + 4)? {
                ("S", Value::String(name)) if TYPES.contains(&name.as_str()) => None,
                ("S", name) => Some(format!(
                    "Invalid attribute type name found; type: {}, valid types: {{{}}}",
                    name.as_str().unwrap_or_default(),
                    TYPES.join(",")
                )),
                (kind, _) => Some(wrong("attribute_type", kind)),
            },
            _ if token.eq_ignore_ascii_case("between") => {
                unordered("BETWEEN", at + 1).or_else(|| unordered("BETWEEN", at + 3))
            }
            _ => None,
        });
    found.map(|words| format!("Invalid {member}: {words}"))
}

fn wrong(operator: &str, kind: &str) -> String {
    format!(
        "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {kind}"
    )
}

/// Names, values and paths whole; operators, brackets and commas one by one.
fn tokens(expression: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        '<' | '>' | '=' => 1,
        '(' | ')' | ',' => 2,
        _ => 0,
    };
    let mut tokens = Vec::new();
    for mut word in expression.split_whitespace() {
        while let Some(first) = word.chars().next() {
            let end = match kind(first) {
                2 => first.len_utf8(),
                same => word.find(|c| kind(c) != same).unwrap_or(word.len()),
            };
            let (token, rest) = word.split_at(end);
            tokens.push(token);
            word = rest;
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(condition: &str, value: &Value) -> Option<String> {
        let values = json!({":v": value, ":s": {"S": "a"}});
        let put = json!({"ConditionExpression": condition, "ExpressionAttributeValues": values});
        let inside = mistake(&json!({"TransactItems": [{"Put": put}]}).to_string());
        assert_eq!(mistake(&put.to_string()), inside, "{condition}");
        inside
    }

    #[test]
    fn an_operand_that_cannot_be_ordered_is_refused() {
        let map = json!({"M": {}});
        for (condition, operator) in [
            ("a < :v", "<"),
            (":v>=a", ">="),
            ("size(a)<=:v", "<="),
            ("b = :s AND (NOT a > :v)", ">"),
            ("a BETWEEN :v AND :s", "BETWEEN"),
            ("a between :s and :v", "BETWEEN"),
            ("attribute_type(a.b[0], :v)", "attribute_type"),
        ] {
            assert_eq!(
                seen(condition, &map),
                Some(format!(
                    "Invalid ConditionExpression: {}",
                    wrong(operator, "M")
                )),
                "{condition}"
            );
        }
    }

    #[test]
    fn only_a_type_s_name_can_be_asked_for() {
        let words = seen("attribute_type(a, :v)", &json!({"S": "Map"})).unwrap();
        assert!(
            words.contains("Invalid attribute type name found; type: Map"),
            "{words}"
        );
    }

    #[test]
    fn operands_that_fit_pass_and_so_does_what_is_for_the_engine() {
        let (map, text) = (json!({"M": {}}), json!({"S": "SS"}));
        for (condition, value) in [
            ("a = :v", &map),
            ("a <> :v", &map),
            ("a IN (:v, :s)", &map),
            ("contains(a, :v)", &map),
            ("a < :v", &text),
            ("a BETWEEN :s AND :v", &text),
            ("attribute_type(a, :v)", &text),
            ("a < b", &map),
            ("a < :unknown", &map),
            ("< :s BETWEEN attribute_type(", &map),
            ("é<:s", &map),
        ] {
            assert_eq!(seen(condition, value), None, "{condition}");
        }
        assert_eq!(mistake("{\"ConditionExpression\""), None);
    }
}
