//! The pattern of the deployed rule, which stands between events and queue here, too: one text, that
//! of `template.yaml`.

use serde_json::Value;

const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// Why the template's pattern cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PatternError {
    #[error("template.yaml has no {0}")]
    None(&'static str),
    #[error("the {0} of template.yaml cannot be read: {1}")]
    Unreadable(&'static str, String),
}

/// The pattern of the template's rule. It has no intrinsic function, so its lines are plain
/// YAML.
pub(crate) fn of_template() -> Result<Value, PatternError> {
    let mut lines = TEMPLATE
        .lines()
        .skip_while(|line| line.trim() != "EventPattern:");
    let outer = indent(lines.next().ok_or(PatternError::None("EventPattern"))?);
    let block: Vec<&str> = lines
        .take_while(|line| line.trim().is_empty() || indent(line) > outer)
        .collect();
    serde_saphyr::from_str(&block.join("\n"))
        .map_err(|error| PatternError::Unreadable("EventPattern", error.to_string()))
}

/// The filter of the template's mapping from the policies' stream: the JSON in one line.
pub(crate) fn of_stream() -> Result<Value, PatternError> {
    const NAME: &str = "filter of the stream";
    let mut lines = TEMPLATE.lines().map(str::trim);
    let line = lines.find_map(|line| line.strip_prefix("- Pattern: '")?.strip_suffix('\''));
    let line = line.ok_or(PatternError::None(NAME))?;
    serde_json::from_str(line).map_err(|error| PatternError::Unreadable(NAME, error.to_string()))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_of_the_template_is_a_pattern_that_passes_pushes() {
        let pattern = of_template().unwrap();
        assert!(pattern["$or"].is_array(), "{pattern}");
        assert!(pattern.to_string().contains("ECR Image Action"));
    }

    #[test]
    fn the_filter_of_the_template_passes_what_people_write() {
        let filter = of_stream().unwrap();
        assert_eq!(
            filter,
            serde_json::json!({"eventName": ["INSERT", "MODIFY"]})
        );
    }
}
