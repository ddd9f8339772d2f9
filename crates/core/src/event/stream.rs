//! Records of the policies table's stream (Amazon DynamoDB developer guide, "DynamoDB Streams and AWS
//! Lambda triggers"): which policy somebody edited. What it says now is in the table, not here.

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use super::sqs::BatchRecord;
use crate::policy::PolicyKey;

/// The `eventSource` of stream records.
const SOURCE: &str = "aws:dynamodb";
/// The largest record that is read, in bytes: an item has 400 KB at most (Amazon DynamoDB developer
/// guide, "Quotas"), and comes as it was and as it is.
const RECORD_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The attribute that the function itself writes.
const STATUS: &str = "status";

/// A policy's item that was written or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEdit {
    /// The item's key.
    pub policy: PolicyKey,
    /// The record's sequence number: the same for every repeat of it.
    pub sequence: String,
    /// The item is there after it, and more than the system's own `status` is new, or the status is missing.
    pub is_new: bool,
}

/// A record with what it carries.
pub(super) struct Change {
    pub(super) record: BatchRecord,
    pub(super) edit: Result<PolicyEdit, &'static str>,
}

/// The records as a batch of a stream, which they are where the first one is of a stream.
pub(super) fn read(records: &[&RawValue]) -> Option<Vec<Change>> {
    let is_batch = records
        .first()
        .is_some_and(|record| is_of_stream(record.get()));
    is_batch.then(|| records.iter().map(|record| change(record.get())).collect())
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "eventSource", default)]
    source: String,
}

fn is_of_stream(record: &str) -> bool {
    serde_json::from_str::<Head>(record).is_ok_and(|head| head.source == SOURCE)
}

#[derive(Deserialize)]
struct Written {
    #[serde(rename = "eventSourceARN", default)]
    arn: Option<String>,
    dynamodb: Images,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    keys: Map<String, Value>,
    #[serde(default)]
    new_image: Option<Map<String, Value>>,
    #[serde(default)]
    old_image: Option<Map<String, Value>>,
    sequence_number: String,
}

fn change(record: &str) -> Change {
    let unreadable = |why: &'static str| Change {
        record: BatchRecord {
            message_id: None,
            receipt_handle: None,
            receive_count: 1,
            source_arn: None,
        },
        edit: Err(why),
    };
    if !is_of_stream(record) {
        return unreadable("a record that is not from DynamoDB");
    }
    if record.len() > RECORD_BYTES_MAX {
        return unreadable("a stream record that is too long");
    }
    let Ok(Written { arn, dynamodb }) = serde_json::from_str::<Written>(record) else {
        return unreadable("a stream record that cannot be read");
    };
    let mut change = unreadable("a stream record of another table than that of the policies");
    change.record.message_id = Some(dynamodb.sequence_number.clone()).filter(|id| !id.is_empty());
    change.record.source_arn = arn;
    if let (Some(source), Some(name)) = (dynamodb.key("source"), dynamodb.key("name")) {
        change.edit = Ok(PolicyEdit {
            policy: PolicyKey { source, name },
            is_new: dynamodb.is_new(),
            sequence: dynamodb.sequence_number,
        });
    }
    change
}

impl Images {
    fn key(&self, name: &str) -> Option<String> {
        Some(self.keys.get(name)?.get("S")?.as_str()?.to_owned())
    }

    fn is_new(&self) -> bool {
        let own = |image: &Map<String, Value>| {
            let mut own = image.clone();
            own.remove(STATUS);
            own
        };
        let Some(new) = &self.new_image else {
            return false;
        };
        // Our own write never leaves an item without a status.
        !new.contains_key(STATUS) || self.old_image.as_ref().map(own) != Some(own(new))
    }
}
