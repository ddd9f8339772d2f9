//! The function's two tables, made as the deployment's template makes them.

use aws_smithy_runtime_api::client::{http::HttpConnector as _, orchestrator::HttpRequest};
use ecr_promoter::Aws;
use ecr_promoter_local::HOST_IN_PROCESS;
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Value, json};

use crate::refusal::Refusal;

/// `CreateTable`'s input for each of them, without the name.
const TABLES: &str = include_str!("../../../../tests/template/tables.json");
/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Makes both tables; one that is there stays as it is.
pub(crate) async fn make(aws: &Aws, policies: &str, promotions: &str) -> Result<(), Refusal> {
    let tables: Value = serde_json::from_str(TABLES)
        .map_err(|error| Refusal::new("read the tables' definition", error.to_string()))?;
    for (kind, name) in [("policies", policies), ("promotions", promotions)] {
        let mut input = tables.get(kind).cloned().unwrap_or_default();
        if let Value::Object(input) = &mut input {
            input.insert("TableName".to_owned(), json!(name));
        }
        create(aws, name, &input).await?;
    }
    Ok(())
}

/// `CreateTable` as JSON: the definition is shared with those who know no SDK.
async fn create(aws: &Aws, name: &str, input: &Value) -> Result<(), Refusal> {
    let refused = |said: String| Refusal::new(format!("create the table {name}"), said);
    let mut request = HttpRequest::new(input.to_string().into());
    request
        .set_method("POST")
        .map_err(|error| refused(error.to_string()))?;
    request
        .set_uri(format!("http://{HOST_IN_PROCESS}/"))
        .map_err(|error| refused(error.to_string()))?;
    let headers = request.headers_mut();
    headers.insert("x-amz-target", "DynamoDB_20120810.CreateTable");
    headers.insert("content-type", "application/x-amz-json-1.0");
    headers.insert(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request",
    );
    let answer = aws.seam.connector.call(request).await;
    let answer = answer.map_err(|error| refused(error.to_string()))?;
    if answer.status().is_success() {
        return Ok(());
    }
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX)
        .collect()
        .await;
    let body = body.map_err(|error| refused(error.to_string()))?.to_bytes();
    let words = String::from_utf8_lossy(&body);
    if words.contains("ResourceInUseException") {
        return Ok(());
    }
    Err(refused(words.into_owned()))
}
