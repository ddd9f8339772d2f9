//! What of the deployment's template the simulator follows.

use serde_json::Value;

/// The pattern of the rule between ECR's events and the queue.
pub fn pattern() -> Value {
    let lines = include_str!("../../template.yaml").lines();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = lines.skip_while(|line| line.trim() != "EventPattern:");
    let outer = indent(lines.next().unwrap());
    let block: Vec<&str> = lines
        .take_while(|line| line.trim().is_empty() || indent(line) > outer)
        .collect();
    serde_saphyr::from_str(&block.join("\n")).unwrap()
}
