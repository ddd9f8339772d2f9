//! What no page of AWS settles, and what the function therefore copes with in either way. The registry is asked; what it does is
//! printed (`found: …`, with `--nocapture`), and must be one of the ways that are coped with.

mod reads;

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::world::*;

/// Prints what a registry does, and holds that the function copes with it.
fn found(world: &World, what: &str, seen: &str, coped_with: &[&str]) {
    let place = if world.remote().is_some() {
        "this account"
    } else {
        "the embedded registry"
    };
    println!("found: {what}: {seen} ({place})");
    assert!(
        coped_with.contains(&seen),
        "{what}: expected one of {coped_with:?}, found {seen}"
    );
}

fn kind(answer: &Value) -> &str {
    let kind = answer["__type"].as_str().unwrap_or("an answer");
    kind.rsplit_once('#').map_or(kind, |(_, kind)| kind)
}

#[tokio::test]
async fn one_image_asked_for_by_digest_and_by_tag() {
    let world = World::new(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    let ids = json!([{"imageDigest": digest}, {"imageTag": "1"}]);
    let body = json!({"repositoryName": "dev/website", "imageIds": ids});
    let answer = world.ok("BatchGetImage", body).await;
    let entries = answer["images"].as_array().map_or(0, Vec::len);
    let seen = format!("{entries} entries");
    let what = "BatchGetImage of one image, by its digest and by its tag";
    found(&world, what, &seen, &["1 entries", "2 entries"]);
}

#[tokio::test]
async fn the_same_image_put_again_under_an_immutable_tag() {
    let world = World::new(&["dev/website"]).await;
    world.mutability("dev/website", "IMMUTABLE", &[]).await;
    world.push("dev/website", "hello", Some("1")).await;
    let text = world.image("dev/website", "hello").await;
    let (_, answer) = world
        .call("PutImage", put("dev/website", &text, Some("1")))
        .await;
    let ways = [
        "ImageAlreadyExistsException",
        "ImageTagAlreadyExistsException",
    ];
    found(
        &world,
        "PutImage of the same image under an immutable tag",
        kind(&answer),
        &ways,
    );
}

#[tokio::test]
async fn a_request_signed_six_minutes_ago() {
    let world = World::new(&["dev/website"]).await;
    let Some(remote) = world.remote() else {
        return; // Signatures are checked where requests come over the network.
    };
    let signed = SystemTime::now() - Duration::from_mins(6);
    let body = json!({"repositoryName": "dev/website"});
    let (_, answer) = remote.call_signed("ListImages", body, signed).await;
    let ways = [
        "InvalidSignatureException",
        "RequestExpired",
        "AccessDeniedException",
        "an answer",
    ];
    found(
        &world,
        "a request that was signed six minutes ago",
        kind(&answer),
        &ways,
    );
}

/// What the registry answers to a mount of what is in dev/website.
async fn mounted(world: &World) -> String {
    let path = format!(
        "/v2/qa/website/blobs/uploads/?mount={}&from=dev%2Fwebsite",
        sha256(b"hello")
    );
    let answer = world.http("POST", &path, "").await;
    answer.status.as_u16().to_string()
}

#[tokio::test]
async fn a_mount_in_this_account() {
    let world = World::new(&["dev/website", "qa/website"]).await;
    world.push("dev/website", "hello", Some("1")).await;
    let seen = mounted(&world).await;
    found(
        &world,
        "a blob that is asked to be mounted (201 is mounted)",
        &seen,
        &["201", "202"],
    );
}

#[tokio::test]
async fn a_mount_from_a_repository_that_may_not_be_read() {
    let world = World::new(&["dev/website", "qa/website"]).await;
    world.push("dev/website", "hello", Some("1")).await;
    let reads = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    ];
    let deny = json!({"Sid": "NoReads", "Effect": "Deny", "Principal": "*", "Action": reads});
    let policy = json!({"Version": "2012-10-17", "Statement": [deny]}).to_string();
    let body = json!({"repositoryName": "dev/website", "policyText": policy});
    let (status, _) = world.call("SetRepositoryPolicy", body).await;
    if status != 200 {
        return; // The embedded registry has no rights.
    }
    let seen = mounted(&world).await;
    found(
        &world,
        "a mount from a repository whose policy denies reading it (403 is refused, 202 opens an upload)",
        &seen,
        &["201", "202", "403"],
    );
}

#[tokio::test]
async fn the_findings_of_an_image_that_was_just_pushed() {
    let world = World::new(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    let body = json!({"repositoryName": "dev/website", "imageId": {"imageDigest": digest}});
    let (_, answer) = world.call("DescribeImageScanFindings", body).await;
    let seen = answer["imageScanStatus"]["status"]
        .as_str()
        .unwrap_or(kind(&answer));
    let ways = [
        "ScanNotFoundException",
        "PENDING",
        "IN_PROGRESS",
        "ACTIVE",
        "COMPLETE",
        "FAILED",
        "UNSUPPORTED_IMAGE",
        "SCAN_ELIGIBILITY_EXPIRED",
        "FINDINGS_UNAVAILABLE",
        "LIMIT_EXCEEDED",
        "IMAGE_ARCHIVED",
        "IMAGE_SIZE_EXCEEDED",
    ];
    found(
        &world,
        "the findings of an image that was just pushed",
        seen,
        &ways,
    );
}

#[tokio::test]
async fn an_upload_to_a_repository_that_is_not_there() {
    let world = World::new(&[]).await;
    let (_, answer) = world
        .call("InitiateLayerUpload", json!({"repositoryName": "dev/new"}))
        .await;
    // Made by a creation template: it is removed as the others are.
    if answer.get("uploadId").is_some() {
        world
            .call("CreateRepository", json!({"repositoryName": "dev/new"}))
            .await;
    }
    let ways = ["RepositoryNotFoundException", "an answer"];
    found(
        &world,
        "an upload to a repository that is not there",
        kind(&answer),
        &ways,
    );
}

#[tokio::test]
async fn an_upload_over_http_to_a_repository_that_is_not_there() {
    let world = World::new(&[]).await;
    let answer = world.http("POST", "/v2/dev/new/blobs/uploads/", "").await;
    // Made by a creation template: it is removed as the others are.
    if answer.status == 202 {
        world
            .call("CreateRepository", json!({"repositoryName": "dev/new"}))
            .await;
    }
    let seen = answer.status.as_u16().to_string();
    found(
        &world,
        "an upload over HTTP to a repository that is not there (202 is made by a creation template)",
        &seen,
        &["202", "404"],
    );
}

#[tokio::test]
async fn a_tag_read_right_after_it_was_moved() {
    let world = World::new(&["dev/website"]).await;
    let mut stale = 0;
    for n in 0..10 {
        let digest = world
            .push("dev/website", &format!("image {n}"), Some("1"))
            .await;
        let read = world.ok("BatchGetImage", by_tag("dev/website", "1")).await;
        stale += usize::from(read["images"][0]["imageId"]["imageDigest"] != digest);
    }
    let seen = if stale == 0 {
        "never stale"
    } else {
        "sometimes stale"
    };
    found(
        &world,
        "a tag that is read right after it was moved",
        seen,
        &["never stale", "sometimes stale"],
    );
}

#[tokio::test]
async fn a_referrer_listed_right_after_it_was_pushed() {
    let world = World::new(&["dev/website"]).await;
    let subject = world.push("dev/website", "hello", Some("1")).await;
    let empty = json!({"mediaType": "application/vnd.oci.empty.v1+json", "digest": world.upload("dev/website", b"{}").await, "size": 2});
    let referrer = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": "application/x", "config": empty, "layers": [empty],
        "subject": {"mediaType": OCI_MANIFEST, "digest": subject, "size": 1},
    });
    world
        .ok("PutImage", put("dev/website", &referrer.to_string(), None))
        .await;
    let body = json!({"repositoryName": "dev/website", "subjectId": {"imageDigest": subject}});
    let listed = world.ok("ListImageReferrers", body).await["referrers"].clone();
    let seen = if listed == json!([]) {
        "not yet"
    } else {
        "at once"
    };
    found(
        &world,
        "a referrer that is listed right after it was pushed",
        seen,
        &["at once", "not yet"],
    );
}
