//! Work that only a table remembers: items of an index by the time at which somebody must look at them. Knows where
//! they lie and when they are due, not what they say.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::dynamodb::Tables;

/// Where open work lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenWork {
    /// The table.
    pub table: String,
    /// An index of it that holds open work and nothing else.
    pub index: String,
    /// The attribute that says when an item is due: RFC 3339 text in UTC, with microseconds and `Z`.
    pub moment: String,
}

impl OpenWork {
    /// Whether something is due. A table that is not there has nothing open.
    pub(crate) fn is_due(&self, tables: &Tables, now: DateTime<Utc>) -> bool {
        let now = now.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        let mut start = None;
        loop {
            let page: Page = match tables.ask("Scan", &self.scan(&now, start.as_ref())) {
                Some(page) => page,
                None => return false,
            };
            if page.count > 0 {
                return true;
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return false;
            }
        }
    }

    fn scan(&self, now: &str, start: Option<&Value>) -> Value {
        json!({
            "TableName": self.table, "IndexName": self.index, "Select": "COUNT", "ExclusiveStartKey": start,
            "FilterExpression": "#moment <= :now", "ExpressionAttributeNames": {"#moment": self.moment},
            "ExpressionAttributeValues": {":now": {"S": now}},
        })
    }
}

/// What of an answer counts.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    count: u64,
    last_evaluated_key: Option<Value>,
}
