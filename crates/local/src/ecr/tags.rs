//! Tags of repositories: given at their creation, and listed (ECR API Reference, `CreateRepository`, `ListTagsForResource`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::error::Refusal;
use super::names::check_repository;
use super::request::Request;
use super::{Ecr, Outcome};

/// Tags of one repository (AWS, "Tag naming limits and requirements").
const TAGS_MAX: usize = 50;
/// The longest key, in characters (ECR API Reference, `Tag`).
const KEY_MAX: usize = 128;
/// The longest value, in characters (ECR API Reference, `Tag`).
const VALUE_MAX: usize = 256;
/// What keys and values may hold beside letters, digits and blanks (AWS, "Tag naming limits and requirements"; a value with
/// parentheses and a comma was refused in the field).
const PUNCTUATION: &str = " _.:/=+-@";

impl Ecr {
    pub(super) fn list_tags_for_resource(&self, request: &Request) -> Outcome {
        let settings = &self.0.settings;
        let (region, account) = (&settings.region, &settings.account);
        let below = format!("arn:aws:ecr:{region}:{account}:repository/");
        let name = request.required("resourceArn")?.strip_prefix(&below);
        let name = name.ok_or_else(|| {
            Refusal::parameter(
                "resourceArn",
                "must be the ARN of a repository of this registry",
            )
        })?;
        check_repository("resourceArn", name)?;
        let journal = self.journal();
        let repository = journal.state.repository(&self.place(name))?;
        let tags = repository.record.tags.iter();
        let tags: Vec<Value> = tags
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect();
        Ok(json!({"tags": tags}))
    }
}

/// The tags that a request gives.
pub(super) fn tags(request: &Request) -> Result<BTreeMap<String, String>, Refusal> {
    let given = request.member("tags").and_then(Value::as_array);
    let mut tags = BTreeMap::new();
    for tag in given.into_iter().flatten() {
        let text = |member: &str| {
            let text = tag.get(member).and_then(Value::as_str);
            text.ok_or_else(|| Refusal::parameter("tags", "must have Key and Value"))
        };
        let (key, value) = (text("Key")?, text("Value")?);
        check("key", key, KEY_MAX)?;
        check("value", value, VALUE_MAX)?;
        if key.is_empty() || key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid(format!("the key '{key}' is empty or reserved")));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(invalid(format!("the key '{key}' is given twice")));
        }
    }
    if tags.len() > TAGS_MAX {
        return Err(Refusal::TooManyTags { most: TAGS_MAX });
    }
    Ok(tags)
}

fn check(what: &str, text: &str, most: usize) -> Result<(), Refusal> {
    if text.chars().count() > most {
        return Err(invalid(format!("a {what} has at most {most} characters")));
    }
    let may = |c: char| c.is_alphanumeric() || PUNCTUATION.contains(c);
    match text.chars().find(|c| !may(*c)) {
        Some(strange) => Err(invalid(format!("a {what} must not hold '{strange}'"))),
        None => Ok(()),
    }
}

fn invalid(what: String) -> Refusal {
    Refusal::InvalidTag { what }
}
