//! The `status` of a policy's item, written beside nothing but what was checked.
//!
//! The function's role may write this attribute and no other, and IAM counts the attributes that a condition
//! names, too (Amazon DynamoDB developer guide, "Using IAM policy conditions for fine-grained access
//! control"). So the write is on the condition that the status is what was read, and answers with the whole
//! item as it is after it: if that is not what was checked, somebody edited it in between, and it is checked
//! again at once.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{AttributeValue, ReturnValue},
};
use ecr_promoter_core::policy::PolicyKey;

use super::check::Checked;
use crate::{
    failure::Failure,
    function::Function,
    ledger::keys::moment,
    policies::{self, PolicyItem, STATUS},
};

/// What became of a status.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Noted {
    /// It is beside what was checked.
    Done,
    /// Somebody edited or deleted the item meanwhile: this is how it is now.
    Edited(Option<PolicyItem>),
}

/// Whether an item's status says already what was found.
pub(super) fn says(item: &PolicyItem, checked: &Checked) -> bool {
    let Some(AttributeValue::M(status)) = item.get(STATUS) else {
        return false;
    };
    let text = |name: &str| status.get(name).and_then(|value| value.as_s().ok());
    text("state").is_some_and(|state| state == checked.state())
        && text("message").is_some_and(|message| *message == checked.message)
}

/// Writes the status of what was checked.
pub(super) async fn write(
    function: &Function,
    key: &PolicyKey,
    item: &PolicyItem,
    checked: &Checked,
) -> Result<Noted, Failure> {
    let table = &function.config.policies_table;
    let update = update(function, key, item.get(STATUS), checked);
    let now = match update.send().await {
        Ok(answer) => answer.attributes,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
        {
            policies::item(&function.policies.table, key).await?
        }
        Err(error) => {
            let tried = format!("write the status of policy {key} in {table}");
            return Err(Failure::own(tried, &error));
        }
    };
    let is_beside = |now: &PolicyItem| own(now) == own(item) && says(now, checked);
    Ok(if now.as_ref().is_some_and(is_beside) {
        Noted::Done
    } else {
        Noted::Edited(now)
    })
}

/// The write, on the condition that the status is still what it was.
fn update(
    function: &Function,
    key: &PolicyKey,
    before: Option<&AttributeValue>,
    checked: &Checked,
) -> UpdateItemFluentBuilder {
    let unchanged = match before {
        Some(_) => "attribute_exists(#source) AND #status = :before",
        None => "attribute_exists(#source) AND attribute_not_exists(#status)",
    };
    let update = function
        .aws
        .dynamodb
        .update_item()
        .table_name(&function.config.policies_table)
        .set_key(Some(policies::key_of(key)))
        .update_expression("SET #status = :status")
        .condition_expression(unchanged)
        .expression_attribute_names("#source", "source")
        .expression_attribute_names("#status", STATUS)
        .expression_attribute_values(":status", status(function, checked))
        .return_values(ReturnValue::AllNew);
    match before {
        Some(before) => update.expression_attribute_values(":before", before.clone()),
        None => update,
    }
}

fn status(function: &Function, checked: &Checked) -> AttributeValue {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    AttributeValue::M(HashMap::from([
        ("state".to_owned(), text(checked.state())),
        ("message".to_owned(), text(&checked.message)),
        ("checked_at".to_owned(), text(&moment(function.now()))),
    ]))
}

/// What people wrote of an item.
fn own(item: &PolicyItem) -> HashMap<&String, &AttributeValue> {
    item.iter().filter(|(name, _)| *name != STATUS).collect()
}
