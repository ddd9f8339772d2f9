//! What is read of images and repositories.

use serde_json::{Value, json};

use super::{found, kind};
use crate::world::*;

/// A manifest of a type that the function does not ask for.
const ARTIFACT_MANIFEST: &str = "application/vnd.oci.artifact.manifest.v1+json";
/// The types that it asks for.
const ASKED_FOR: [&str; 4] = [
    OCI_INDEX,
    OCI_MANIFEST,
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// What `BatchGetImage` says of the one image that it was asked for.
fn said(answer: &Value) -> String {
    let failure = answer["failures"][0]["failureCode"].as_str();
    let is_there = !answer["images"][0].is_null();
    let read = if is_there { "an image" } else { kind(answer) };
    failure.unwrap_or(read).to_owned()
}

#[tokio::test]
async fn an_archived_image_asked_for_by_its_tag() {
    let world = World::new(&["dev/website"]).await;
    world.push("dev/website", "hello", Some("1")).await;
    let id = json!({"imageTag": "1"});
    let body =
        json!({"repositoryName": "dev/website", "imageId": id, "targetStorageClass": "ARCHIVE"});
    let (status, answer) = world.call("UpdateImageStorageClass", body).await;
    let seen = if status == 200 {
        said(&world.ok("BatchGetImage", by_tag("dev/website", "1")).await)
    } else {
        format!("not archived: {}", kind(&answer))
    };
    let ways = [
        "ImageInaccessible",
        "ImageNotFound",
        // Archiving takes its time.
        "an image",
        "not archived: ImageStorageClassUpdateNotSupportedException",
        "not archived: InvalidParameterException",
    ];
    let what = "BatchGetImage of an archived image, by its tag";
    found(&world, what, &seen, &ways);
}

#[tokio::test]
async fn a_referrer_in_a_manifest_of_another_type() {
    let world = World::new(&["dev/website"]).await;
    let subject = world.push("dev/website", "hello", Some("1")).await;
    let blob = world.upload("dev/website", b"an SBOM").await;
    let manifest = json!({
        "mediaType": ARTIFACT_MANIFEST, "artifactType": "application/spdx+json",
        "blobs": [{"mediaType": "application/spdx+json", "digest": blob, "size": 7}],
        "subject": {"mediaType": OCI_MANIFEST, "digest": subject, "size": 1},
    })
    .to_string();
    let mut body = put("dev/website", &manifest, None);
    body["imageManifestMediaType"] = json!(ARTIFACT_MANIFEST);
    let (status, answer) = world.call("PutImage", body).await;
    let seen = if status == 200 {
        let mut body = by_digest("dev/website", &sha256(manifest.as_bytes()));
        body["acceptedMediaTypes"] = json!(ASKED_FOR);
        said(&world.call("BatchGetImage", body).await.1)
    } else {
        format!("not stored: {}", kind(&answer))
    };
    let ways = [
        "an image",
        "ImageNotFound",
        "ImageInaccessible",
        "not stored: InvalidParameterException",
    ];
    let what = "BatchGetImage of a referrer whose manifest has a type that is not asked for";
    found(&world, what, &seen, &ways);
}

#[tokio::test]
async fn the_exclusions_of_a_repository_that_has_none() {
    let world = World::new(&["dev/website"]).await;
    let body = json!({"repositoryNames": ["dev/website"]});
    let answer = world.ok("DescribeRepositories", body).await;
    let filters = answer["repositories"][0].get("imageTagMutabilityExclusionFilters");
    let seen = filters.map_or_else(|| "absent".to_owned(), Value::to_string);
    let what = "DescribeRepositories of a repository without exclusions from its tag mutability";
    found(&world, what, &seen, &["absent", "null", "[]"]);
}
