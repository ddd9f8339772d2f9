//! Items bounded: whatever happens, no item of the ledger grows with it.

use serde_json::Value;

use super::Scene;

/// The most bytes of JSON of an item, a record with its decision aside.
const BYTES_MAX: usize = 16 * 1024;
/// The most entries of a list in an item.
const ENTRIES_MAX: usize = 32;

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for item in &scene.ledger.items {
        let (bytes, longest) = (item.to_string().len(), longest(item));
        if bytes > BYTES_MAX || longest > ENTRIES_MAX {
            let (pk, sk) = (&item["pk"], &item["sk"]);
            found.push(format!(
                "{pk} {sk} has {bytes} bytes and a list of {longest}"
            ));
        }
    }
    found
}

fn longest(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(longest).max().unwrap_or(0).max(list.len()),
        Value::Object(map) => map.values().map(longest).max().unwrap_or(0),
        _ => 0,
    }
}
