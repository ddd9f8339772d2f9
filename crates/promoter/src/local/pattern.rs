//! The pattern of the deployed rule, which stands between events and queue here, too: one text, that
//! of `template.yaml`.

use serde_json::Value;

const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// Why the template's pattern cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PatternError {
    #[error("template.yaml has no EventPattern")]
    None,
    #[error("the EventPattern of template.yaml cannot be read: {0}")]
    Unreadable(String),
}

/// The pattern of the template's rule. It has no intrinsic function, so its lines are plain
/// YAML.
pub(crate) fn of_template() -> Result<Value, PatternError> {
    let mut lines = TEMPLATE
        .lines()
        .skip_while(|line| line.trim() != "EventPattern:");
    let outer = indent(lines.next().ok_or(PatternError::None)?);
    let block: Vec<&str> = lines
        .take_while(|line| line.trim().is_empty() || indent(line) > outer)
        .collect();
    serde_saphyr::from_str(&block.join("\n"))
        .map_err(|error| PatternError::Unreadable(error.to_string()))
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
}
