//! A killed process loses nothing that it acknowledged.

use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn an_event_is_kept_with_what_it_tells_of() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    let raised = world.events();
    assert_eq!(raised.len(), 1);
    let world = world.restart();
    assert_eq!(world.ecr.last_events(), raised);
    world
        .ok(
            "BatchDeleteImage",
            json!({"repositoryName": "dev/website", "imageIds": [{"imageDigest": digest}]}),
        )
        .await;
    let last = world.restart().ecr.last_events();
    assert_eq!(last.len(), 2);
    assert_eq!(last[1]["detail"]["action-type"], "DELETE");
}

#[tokio::test]
async fn everything_acknowledged_is_there_again() {
    let world = World::embedded(&["dev/website", "qa/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    world.mutability("dev/website", "IMMUTABLE", &[]).await;
    world
        .ok(
            "PutAccountSetting",
            json!({"name": "BLOB_MOUNTING", "value": "ENABLED"}),
        )
        .await;
    world
        .ecr
        .set_findings(
            "dev/website",
            &digest,
            json!({"imageScanStatus": {"status": "COMPLETE"}}),
            false,
        )
        .expect("an image");
    let loose = world.upload("qa/website", b"loose").await;
    let asks = [
        ("DescribeRepositories", json!({})),
        ("DescribeImages", json!({"repositoryName": "dev/website"})),
        ("ListImages", json!({"repositoryName": "dev/website"})),
        (
            "DescribeImageScanFindings",
            json!({"repositoryName": "dev/website", "imageId": {"imageTag": "1"}}),
        ),
        (
            "BatchCheckLayerAvailability",
            json!({"repositoryName": "qa/website", "layerDigests": [loose]}),
        ),
        ("GetAccountSetting", json!({"name": "BLOB_MOUNTING"})),
        ("BatchGetImage", by_tag("dev/website", "1")),
    ];
    let mut before = Vec::new();
    for (operation, body) in &asks {
        before.push(world.ok(operation, body.clone()).await);
    }
    let world = world.restart();
    for ((operation, body), before) in asks.into_iter().zip(before) {
        assert_eq!(world.ok(operation, body).await, before, "{operation}");
    }
    let answer = world
        .http(
            "GET",
            &format!("/v2/dev/website/blobs/{}", sha256(b"hello")),
            "",
        )
        .await;
    let got = world
        .send(
            http::Request::get(answer.header("location"))
                .body(axum::body::Body::empty())
                .expect("a request"),
        )
        .await;
    assert_eq!(&got.body[..], b"hello");
}

#[tokio::test]
async fn a_part_wise_upload_goes_on_where_it_was_acknowledged() {
    let world = World::embedded(&["dev/website"]).await;
    let upload = world
        .ok(
            "InitiateLayerUpload",
            json!({"repositoryName": "dev/website"}),
        )
        .await["uploadId"]
        .as_str()
        .expect("an id")
        .to_owned();
    let first = vec![1; 5 * 1024 * 1024];
    world
        .ok("UploadLayerPart", part("dev/website", &upload, 0, &first))
        .await;
    let world = world.restart();
    world
        .ok(
            "UploadLayerPart",
            part("dev/website", &upload, first.len() as u64, b"end"),
        )
        .await;
    let digest = sha256(&[&first[..], b"end"].concat());
    world
        .ok(
            "CompleteLayerUpload",
            json!({"repositoryName": "dev/website", "uploadId": upload, "layerDigests": [digest]}),
        )
        .await;
}

#[tokio::test]
async fn what_was_deleted_stays_deleted() {
    let world = World::embedded(&["dev/website", "qa/website"]).await;
    world.push("dev/website", "hello", Some("1")).await;
    world
        .ok(
            "DeleteRepository",
            json!({"repositoryName": "dev/website", "force": true}),
        )
        .await;
    let world = world.restart();
    assert_eq!(
        world
            .refused("ListImages", json!({"repositoryName": "dev/website"}))
            .await,
        "RepositoryNotFoundException"
    );
    let blobs = std::fs::read_dir(world.folder.path().join("blobs"))
        .expect("a folder")
        .count();
    assert_eq!(blobs, 0, "blobs that nobody links are swept");
}
