//! What is told of one source names no other source: not its items, its records, nor what is announced of it.

use serde_json::Value;

use super::Scene;

/// The sources. Each has an owner of its own.
const SOURCES: [&str; 2] = ["dev/a", "dev/b"];
/// Everybody who may read the table sees where a target tag came from.
const OF_TARGETS: [(&str, &str); 2] = [("pk", "TARGET#"), ("sk", "FROM#")];

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let of_target = |item: &Value| {
        let mut keys = OF_TARGETS.iter();
        keys.any(|(key, start)| item[*key].as_str().is_some_and(|it| it.starts_with(start)))
    };
    let items = scene.ledger.items.iter().filter(|it| !of_target(it));
    let told = scene.facts.told.iter().map(|it| &it.detail);
    let mut found = Vec::new();
    for text in items.chain(told).map(Value::to_string) {
        if SOURCES.iter().all(|it| text.contains(it)) {
            found.push(format!("both sources are named in {text}"));
        }
    }
    found
}
