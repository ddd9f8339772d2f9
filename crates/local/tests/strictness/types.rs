//! Members of the wrong type: refused by the protocol before the action sees them.

use serde_json::{Value, json};

use crate::world::*;

const LIST: &str = "Start of list found where not expected";
const STRUCTURE: &str = "Start of structure or map found where not expected.";
const NUMBER: &str = "NUMBER_VALUE can not be converted to a String";
const TEXT: &str = "STRING_VALUE can not be converted to an Integer";
const FLAG: &str = "TRUE_VALUE can not be converted to a String";
const NO_LIST: &str = "Expected list or null";
const NO_STRUCTURE: &str = "Expected null";

/// Each with the protocol's words.
#[rustfmt::skip]
const WRONG: [(&str, &str, &str); 27] = [
    ("PutImage", r#"{"imageManifest": {}}"#, STRUCTURE),
    ("PutImage", r#"{"imageManifest": "{}", "imageTag": true}"#, FLAG),
    ("DescribeImages", r#"{"filter": "TAGGED"}"#, NO_STRUCTURE),
    ("DescribeImages", r#"{"filter": []}"#, LIST),
    ("DescribeImages", r#"{"filter": {"tagStatus": 1}}"#, NUMBER),
    ("DescribeImages", r#"{"filter": {"imageStatus": ["ACTIVE"]}}"#, LIST),
    ("ListImages", r#"{"filter": {"tagStatus": {}}}"#, STRUCTURE),
    ("ListImages", r#"{"maxResults": "10"}"#, TEXT),
    ("ListImages", r#"{"nextToken": 7}"#, NUMBER),
    ("BatchGetImage", r#"{"imageIds": {"imageTag": "1"}}"#, STRUCTURE),
    ("BatchGetImage", r#"{"imageIds": ["1"]}"#, NO_STRUCTURE),
    ("BatchGetImage", r#"{"imageIds": [{"imageTag": 1}]}"#, NUMBER),
    ("BatchGetImage", r#"{"acceptedMediaTypes": [1]}"#, NUMBER),
    ("BatchGetImage", r#"{"acceptedMediaTypes": "a/b"}"#, NO_LIST),
    ("BatchCheckLayerAvailability", r#"{"layerDigests": [[]]}"#, LIST),
    ("ListImageReferrers", r#"{"subjectId": "sha256:0"}"#, NO_STRUCTURE),
    ("ListImageReferrers", r#"{"filter": {"artifactTypes": [true]}}"#, FLAG),
    ("ListImageReferrers", r#"{"filter": {"artifactTypes": "a"}}"#, NO_LIST),
    ("CreateRepository", r#"{"tags": {"a": "b"}}"#, STRUCTURE),
    ("CreateRepository", r#"{"tags": [{"Key": 1, "Value": "b"}]}"#, NUMBER),
    ("CreateRepository", r#"{"imageScanningConfiguration": true}"#, NO_STRUCTURE),
    ("CreateRepository", r#"{"imageScanningConfiguration": {"scanOnPush": "yes"}}"#, "STRING_VALUE can not be converted to a Boolean"),
    ("CreateRepository", r#"{"encryptionConfiguration": {"kmsKey": 1}}"#, NUMBER),
    ("CreateRepository", r#"{"imageTagMutabilityExclusionFilters": [{"filter": 1}]}"#, NUMBER),
    ("GetAuthorizationToken", r#"{"registryIds": [123456789012]}"#, NUMBER),
    ("GetAuthorizationToken", r#"{"registryIds": "123456789012"}"#, NO_LIST),
    ("DeleteRepository", r#"{"force": 1}"#, "NUMBER_VALUE can not be converted to a Boolean"),
];

#[tokio::test]
async fn a_member_of_another_type_is_refused_however_deep_it_lies() {
    let world = World::new(&["dev/website"]).await;
    for (operation, members, words) in WRONG {
        let mut body: Value = serde_json::from_str(members).expect("JSON");
        body["repositoryName"] = json!("dev/website");
        let refusal = world.refusal(operation, body).await;
        let seen = (&refusal["__type"], &refusal["message"]);
        assert_eq!(
            seen,
            (&json!("SerializationException"), &json!(words)),
            "{operation} {members}"
        );
    }
}

#[tokio::test]
async fn a_list_that_holds_null_is_refused() {
    let world = World::new(&["dev/website"]).await;
    for (operation, member) in [
        ("BatchGetImage", "imageIds"),
        ("BatchGetImage", "acceptedMediaTypes"),
        ("BatchCheckLayerAvailability", "layerDigests"),
    ] {
        let mut body = json!({"repositoryName": "dev/website", "imageIds": [{"imageTag": "1"}]});
        body[member] = json!([null]);
        let refusal = world.refused(operation, body).await;
        assert_eq!(refusal, "InvalidParameterException", "{member}");
    }
}

#[tokio::test]
async fn null_and_unknown_members_are_as_if_they_were_absent() {
    let world = World::new(&["dev/website"]).await;
    for mut body in [
        json!({"filter": null, "nextToken": null, "maxResults": null}),
        json!({"filter": {"tagStatus": null, "color": 1}}),
        json!({"color": {"a": [1]}}),
        json!({"filter": {}, "maxResults": 10}),
    ] {
        body["repositoryName"] = json!("dev/website");
        world.ok("ListImages", body).await;
    }
}
