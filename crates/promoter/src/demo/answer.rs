//! What the function recorded of an image, read from its ledger.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use ecr_promoter::{
    Aws,
    ledger::{keys, record::Record},
};
use ecr_promoter_core::Image;

use crate::refusal::Refusal;

/// The record of an image that was pushed once; none while nothing is decided.
pub(super) async fn look_up(
    aws: &Aws,
    table: &str,
    image: &Image,
) -> Result<Option<Record>, Refusal> {
    let refused = "read what was decided";
    let query = aws.dynamodb.query().table_name(table).consistent_read(true);
    let judged = query
        .key_condition_expression("pk = :pk AND begins_with(sk, :judged)")
        .expression_attribute_values(":pk", AttributeValue::S(keys::image(image)))
        .expression_attribute_values(":judged", AttributeValue::S("CASE#".to_owned()))
        .send()
        .await
        .map_err(|error| Refusal::of(refused, &error))?;
    let mut ids = judged.items().iter();
    let recorded = |item: &HashMap<String, AttributeValue>| {
        let body = item.get("body")?.as_m().ok()?;
        let recorded = body.get("recorded")?.as_m().ok()?;
        recorded.get("id")?.as_s().ok().cloned()
    };
    let Some(id) = ids.find_map(recorded) else {
        return Ok(None);
    };
    let key = keys::record(&id);
    let get = aws.dynamodb.get_item().table_name(table);
    let answer = get
        .key("pk", AttributeValue::S(key.pk))
        .key("sk", AttributeValue::S(key.sk))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| Refusal::of(refused, &error))?;
    let record = answer.item.map(serde_dynamo::from_item).transpose();
    record.map_err(|error| Refusal::new(refused, error.to_string()))
}
