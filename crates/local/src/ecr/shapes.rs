//! The type of every member of a request, and one check of a body against them (ECR API Reference, "Request Syntax"
//! of each action). What a value says beyond its type is for a caller that reads it.
//!
//! The words are those of AWS's own JSON protocol, as Kinesis answers them; ECR's are the same framework's.

use serde_json::{Map, Value};

use super::error::Refusal;

use Shape::{Flag, Integer, List, Structure, Text};

/// A type of the API.
enum Shape {
    Text,
    Flag,
    Integer,
    List(&'static Shape),
    Structure(&'static [(&'static str, Shape)]),
}

const IMAGE_ID: Shape = Structure(&[("imageDigest", Text), ("imageTag", Text)]);

/// The members of all actions that are served here: no name has two types.
const MEMBERS: [(&str, Shape); 31] = [
    ("acceptedMediaTypes", List(&Text)),
    (
        "encryptionConfiguration",
        Structure(&[("encryptionType", Text), ("kmsKey", Text)]),
    ),
    (
        "filter",
        Structure(&[
            ("artifactStatus", Text),
            ("artifactTypes", List(&Text)),
            ("imageStatus", Text),
            ("tagStatus", Text),
        ]),
    ),
    ("force", Flag),
    ("imageDigest", Text),
    ("imageId", IMAGE_ID),
    ("imageIds", List(&IMAGE_ID)),
    ("imageManifest", Text),
    ("imageManifestMediaType", Text),
    (
        "imageScanningConfiguration",
        Structure(&[("scanOnPush", Flag)]),
    ),
    ("imageTag", Text),
    ("imageTagMutability", Text),
    (
        "imageTagMutabilityExclusionFilters",
        List(&Structure(&[("filter", Text), ("filterType", Text)])),
    ),
    ("layerDigest", Text),
    ("layerDigests", List(&Text)),
    ("layerPartBlob", Text),
    ("maxResults", Integer),
    ("name", Text),
    ("nextToken", Text),
    ("partFirstByte", Integer),
    ("partLastByte", Integer),
    ("registryId", Text),
    ("registryIds", List(&Text)),
    ("repositoryName", Text),
    ("repositoryNames", List(&Text)),
    ("resourceArn", Text),
    ("subjectId", Structure(&[("imageDigest", Text)])),
    ("tags", List(&Structure(&[("Key", Text), ("Value", Text)]))),
    ("targetStorageClass", Text),
    ("uploadId", Text),
    ("value", Text),
];

/// Refuses a member of another type, in the protocol's words, and a list that holds null. Unknown members, and those
/// that are null, are as if they were absent.
pub(super) fn check(members: &Map<String, Value>) -> Result<(), Refusal> {
    each(&MEMBERS, members)
}

fn each(shapes: &[(&str, Shape)], members: &Map<String, Value>) -> Result<(), Refusal> {
    for (name, shape) in shapes {
        match members.get(*name) {
            None | Some(Value::Null) => {}
            Some(value) => shape.check(name, value)?,
        }
    }
    Ok(())
}

impl Shape {
    fn check(&self, at: &str, value: &Value) -> Result<(), Refusal> {
        let cause = match (self, value) {
            (Text, Value::String(_)) | (Flag, Value::Bool(_)) | (Integer, Value::Number(_)) => {
                return Ok(());
            }
            (List(_), Value::Array(items)) if items.contains(&Value::Null) => {
                return Err(Refusal::parameter(at, "Member must not be null"));
            }
            (List(of), Value::Array(items)) => {
                return items.iter().try_for_each(|item| of.check(at, item));
            }
            (Structure(shapes), Value::Object(members)) => return each(shapes, members),
            (_, Value::Array(_)) => "Start of list found where not expected".to_owned(),
            (_, Value::Object(_)) => {
                "Start of structure or map found where not expected.".to_owned()
            }
            (List(_), _) => "Expected list or null".to_owned(),
            (Structure(_), _) => "Expected null".to_owned(),
            (Text, _) => format!("{} can not be converted to a String", token(value)),
            (Flag, _) => format!("{} can not be converted to a Boolean", token(value)),
            (Integer, _) => format!("{} can not be converted to an Integer", token(value)),
        };
        Err(Refusal::Serialization { cause })
    }
}

/// What the protocol's reader calls a value that is neither list nor structure.
fn token(value: &Value) -> &'static str {
    match value {
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        _ => "STRING_VALUE",
    }
}
