//! DynamoDB and DynamoDB Streams, in process over the `dynoxide` engine.
//!
//! Dispatches by operation and says the account's and Region's names where the engine has fixed ones. Makes no
//! tables of its own, and adds no throttling or lag: those come as faults.

use std::{borrow::Cow, path::Path};

use axum::response::Response;
use dynoxide::{Database, DynoxideError};
use http::StatusCode;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::json;

mod operands;

/// The content type of DynamoDB's protocol, AWS JSON 1.0.
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
/// The prefix of every ARN that the engine gives.
const ENGINE_ARN: &str = "arn:aws:dynamodb:dynoxide:000000000000:";
/// The Region that the engine gives in stream records.
const ENGINE_REGION: &str = "\"awsRegion\":\"dynoxide\"";

/// One database: that of one account in one Region.
#[derive(Clone)]
pub(crate) struct Tables {
    database: Database,
    arn: String,
    region: String,
}

impl Tables {
    /// Opens the database of a file, or one in memory.
    pub(crate) fn open(file: Option<&Path>, account: &str, region: &str) -> Result<Self, String> {
        let database = match file {
            None => Database::memory(),
            Some(file) => Database::new(file.to_str().ok_or("its path is not UTF-8")?),
        };
        Ok(Self {
            database: database.map_err(|error| error.to_string())?,
            arn: format!("arn:aws:dynamodb:{region}:{account}:"),
            region: region.to_owned(),
        })
    }

    /// The answer to an operation of the embedded AWS's own; nothing where it is refused.
    pub(crate) fn ask<R: DeserializeOwned>(&self, operation: &str, body: &Value) -> Option<R> {
        let answer = dispatch(&self.database, operation, &body.to_string()).ok()?;
        serde_json::from_str(&answer).ok()
    }

    /// The stream of a table, as the engine names it and as the account does.
    pub(crate) fn stream_of(&self, table: &str) -> Option<(String, String)> {
        let described: Value =
            self.ask("DescribeTable", &serde_json::json!({"TableName": table}))?;
        let of_engine = described.pointer("/Table/LatestStreamArn")?.as_str()?;
        Some((
            of_engine.to_owned(),
            of_engine.replace(ENGINE_ARN, &self.arn),
        ))
    }

    /// The Region's name.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// Answers one operation.
    pub(crate) fn call(&self, operation: &str, body: &[u8]) -> Response {
        let Ok(body) = std::str::from_utf8(body) else {
            return refuse("SerializationException", "the body is not UTF-8");
        };
        if let Some(mistake) = operands::mistake(body) {
            return refuse(VALIDATION, &mistake);
        }
        match dispatch(&self.database, operation, &self.for_engine(operation, body)) {
            Ok(text) => self.answer(operation, StatusCode::OK, &text),
            Err(Refusal::Engine(error)) => {
                let status = StatusCode::from_u16(error.status_code());
                let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                self.answer(operation, status, &error.to_json())
            }
            Err(Refusal::Unreadable(message)) => unreadable(&message),
            Err(Refusal::Unknown) => {
                let message = format!("The operation {operation} is not supported here.");
                refuse("UnknownOperationException", &message)
            }
        }
    }

    /// A request in the names that the engine knows.
    fn for_engine<'b>(&self, operation: &str, body: &'b str) -> Cow<'b, str> {
        if names_tables(operation) && body.contains(&self.arn) {
            Cow::Owned(body.replace(&self.arn, ENGINE_ARN))
        } else {
            Cow::Borrowed(body)
        }
    }

    /// The engine's answer, in the account's and Region's names.
    fn answer(&self, operation: &str, status: StatusCode, text: &str) -> Response {
        let text = if names_tables(operation) {
            text.replace(ENGINE_ARN, &self.arn)
        } else if operation == "GetRecords" {
            text.replace(ENGINE_REGION, &format!("\"awsRegion\":\"{}\"", self.region))
        } else {
            text.to_owned()
        };
        json::response(status, CONTENT_TYPE, text)
    }
}

/// Why an operation has no answer.
enum Refusal {
    Engine(DynoxideError),
    Unreadable(String),
    Unknown,
}

/// Whether an operation is about tables and streams, not about items: only there names are rewritten, so that
/// no data is touched.
fn names_tables(operation: &str) -> bool {
    operation.ends_with("Table")
        || operation.ends_with("TableTags")
        || matches!(
            operation,
            "TagResource"
                | "UntagResource"
                | "ListTagsOfResource"
                | "ListStreams"
                | "DescribeStream"
                | "GetShardIterator"
        )
}

fn refuse(code: &str, message: &str) -> Response {
    json::error(StatusCode::BAD_REQUEST, CONTENT_TYPE, code, message)
}

/// What the engine's reader puts before a message to say which exception it is; the longer comes first.
const MARKS: [(&str, &str); 5] = [
    ("VALIDATION_REQUEST:", VALIDATION),
    ("VALIDATION_AS_READ:", VALIDATION),
    ("VALIDATION:", VALIDATION),
    ("SERIALIZATION_AS_READ:", SERIALIZATION),
    ("SERIALIZATION:", SERIALIZATION),
];
const VALIDATION: &str = "com.amazon.coral.validate#ValidationException";
const SERIALIZATION: &str = "com.amazon.coral.service#SerializationException";
/// What makes a request invalid to DynamoDB, not unreadable: the words are those of `serde`.
const INVALID: [&str; 4] = [
    "missing field",
    "unknown variant",
    "invalid type: null",
    "Supplied AttributeValue",
];

/// What the engine's reader says of a value without a type, and what DynamoDB does.
const NO_TYPE: (&str, &str) = (
    "empty AttributeValue",
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
);

/// A request that could not be read, in DynamoDB's exception: a wrong or missing value is not a wrong type.
fn unreadable(message: &str) -> Response {
    let (of_engine, of_dynamodb) = NO_TYPE;
    if message.contains(of_engine) {
        return refuse(VALIDATION, of_dynamodb);
    }
    let marked = MARKS.iter().find_map(|(mark, code)| {
        let rest = message.strip_prefix(mark)?;
        let place = rest.rfind(" at line ").unwrap_or(rest.len());
        Some((*code, rest.get(..place).unwrap_or(rest)))
    });
    let invalid = INVALID.iter().any(|it| message.contains(it));
    let code = if invalid { VALIDATION } else { SERIALIZATION };
    let (code, message) = marked.unwrap_or((code, message));
    refuse(code, message)
}

fn run<Q: DeserializeOwned, R: Serialize>(
    body: &str,
    operation: impl FnOnce(Q) -> Result<R, DynoxideError>,
) -> Result<String, Refusal> {
    let request = serde_json::from_str(body).map_err(|it| Refusal::Unreadable(it.to_string()))?;
    let response = operation(request).map_err(Refusal::Engine)?;
    serde_json::to_string(&response).map_err(|it| Refusal::Unreadable(it.to_string()))
}

fn dispatch(db: &Database, operation: &str, body: &str) -> Result<String, Refusal> {
    match operation {
        "CreateTable" => run(body, |it| db.create_table(it)),
        "DeleteTable" => run(body, |it| db.delete_table(it)),
        "DescribeTable" => run(body, |it| db.describe_table(it)),
        "UpdateTable" => run(body, |it| db.update_table(it)),
        "ListTables" => run(body, |it| db.list_tables(it)),
        "PutItem" => run(body, |it| db.put_item(it)),
        "GetItem" => run(body, |it| db.get_item(it)),
        "DeleteItem" => run(body, |it| db.delete_item(it)),
        "UpdateItem" => run(body, |it| db.update_item(it)),
        "Query" => run(body, |it| db.query(it)),
        "Scan" => run(body, |it| db.scan(it)),
        "BatchGetItem" => run(body, |it| db.batch_get_item(it)),
        "BatchWriteItem" => run(body, |it| db.batch_write_item(it)),
        "TransactWriteItems" => run(body, |it| db.transact_write_items(it)),
        "TransactGetItems" => run(body, |it| db.transact_get_items(it)),
        "ExecuteStatement" => run(body, |it| db.execute_statement(it)),
        "ExecuteTransaction" => run(body, |it| db.execute_transaction(it)),
        "BatchExecuteStatement" => run(body, |it| db.batch_execute_statement(it)),
        "UpdateTimeToLive" => run(body, |it| db.update_time_to_live(it)),
        "DescribeTimeToLive" => run(body, |it| db.describe_time_to_live(it)),
        "TagResource" => run(body, |it| db.tag_resource(it)),
        "UntagResource" => run(body, |it| db.untag_resource(it)),
        "ListTagsOfResource" => run(body, |it| db.list_tags_of_resource(it)),
        "ListStreams" => run(body, |it| db.list_streams(it)),
        "DescribeStream" => run(body, |it| db.describe_stream(it)),
        "GetShardIterator" => run(body, |it| db.get_shard_iterator(it)),
        "GetRecords" => run(body, |it| db.get_records(it)),
        _ => Err(Refusal::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn call(tables: &Tables, operation: &str, body: Value) -> (u16, Value) {
        let response = tables.call(operation, body.to_string().as_bytes());
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn tables_bear_the_names_of_their_account_and_region() {
        let tables = Tables::open(None, "111122223333", "eu-west-1").unwrap();
        let table = json!({
            "TableName": "things", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
        });
        assert_eq!(call(&tables, "CreateTable", table).await.0, 200);
        let (_, described) = call(&tables, "DescribeTable", json!({"TableName": "things"})).await;
        let arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/things";
        assert_eq!(described["Table"]["TableArn"], arn);
        let stream = described["Table"]["LatestStreamArn"].clone();
        assert!(stream.as_str().unwrap().starts_with(arn), "{stream}");
        let (status, stream) = call(&tables, "DescribeStream", json!({"StreamArn": stream})).await;
        assert_eq!(status, 200, "{stream}");
    }

    #[tokio::test]
    async fn what_is_not_an_operation_is_refused() {
        let tables = Tables::open(None, "111122223333", "eu-west-1").unwrap();
        for (operation, body, code) in [
            (
                "DescribeContinuousBackups",
                json!({}),
                "UnknownOperationException",
            ),
            ("PutItem", json!("text"), "SerializationException"),
            ("PutItem", json!({"TableName": 1}), "SerializationException"),
            (
                "PutItem",
                json!({"TableName": "none"}),
                "ValidationException",
            ),
            (
                "PutItem",
                json!({"TableName": "none", "Item": {"pk": {"N": "1".repeat(39)}}}),
                "ValidationException",
            ),
            (
                "PutItem",
                json!({"TableName": "none", "Item": {"pk": {}}}),
                "ValidationException",
            ),
            (
                "DescribeTable",
                json!({"TableName": "none"}),
                "ResourceNotFoundException",
            ),
        ] {
            let (status, answer) = call(&tables, operation, body).await;
            assert_eq!(status, 400, "{operation}");
            assert!(
                answer["__type"].as_str().unwrap().ends_with(code),
                "{answer}"
            );
            assert!(!answer.to_string().contains("VALIDATION"), "{answer}");
        }
        assert_eq!(tables.call("PutItem", &[0xff]).status(), 400);
    }
}
