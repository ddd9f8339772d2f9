//! Archive and restore.

use serde_json::{Value, json};

use crate::world::*;

fn to(class: &str) -> Value {
    json!({"repositoryName": "dev/website", "imageId": {"imageTag": "1"}, "targetStorageClass": class})
}

#[tokio::test]
async fn an_archived_image_cannot_be_pulled_or_scanned() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    world.events();
    assert_eq!(
        world.ok("UpdateImageStorageClass", to("ARCHIVE")).await["imageStatus"],
        "ARCHIVED"
    );
    let layer = sha256(b"hello");
    assert_eq!(
        world.ok("BatchGetImage", by_tag("dev/website", "1")).await["failures"][0]["failureCode"],
        "ImageInaccessible"
    );
    assert_eq!(
        world
            .refused(
                "GetDownloadUrlForLayer",
                json!({"repositoryName": "dev/website", "layerDigest": layer})
            )
            .await,
        "LayerInaccessibleException"
    );
    let seen = world
        .ok(
            "BatchCheckLayerAvailability",
            json!({"repositoryName": "dev/website", "layerDigests": [layer]}),
        )
        .await;
    assert_eq!(seen["layers"][0]["layerAvailability"], "ARCHIVED");
    let image = json!({"repositoryName": "dev/website", "imageId": {"imageTag": "1"}});
    assert_eq!(
        world.refused("StartImageScan", image).await,
        "ImageArchivedException"
    );
    assert_eq!(
        world
            .ok("DescribeImages", json!({"repositoryName": "dev/website"}))
            .await["imageDetails"],
        json!([])
    );
    let archived = world
        .ok(
            "DescribeImages",
            json!({"repositoryName": "dev/website", "filter": {"imageStatus": "ARCHIVED"}}),
        )
        .await;
    assert_eq!(archived["imageDetails"][0]["imageStatus"], "ARCHIVED");
    let event = world.events().pop().expect("an event");
    assert_eq!(
        event["detail"],
        json!({"action-type": "UPDATE_STORAGE_CLASS", "target-storage-class": "ARCHIVE", "image-digest": digest, "repository-name": "dev/website",
        "result": "SUCCESS", "manifest-media-type": OCI_MANIFEST, "artifact-media-type": CONFIG})
    );
    assert_eq!(
        world
            .refused("UpdateImageStorageClass", to("ARCHIVE"))
            .await,
        "ImageStorageClassUpdateNotSupportedException"
    );
}

#[tokio::test]
async fn a_restored_image_is_there_again_and_told() {
    let world = World::embedded(&["dev/website"]).await;
    world.push("dev/website", "hello", Some("1")).await;
    world.ok("UpdateImageStorageClass", to("ARCHIVE")).await;
    assert_eq!(
        world.ok("UpdateImageStorageClass", to("STANDARD")).await["imageStatus"],
        "ACTIVATING"
    );
    assert_eq!(
        world.ok("BatchGetImage", by_tag("dev/website", "1")).await["failures"],
        json!([])
    );
    let detail = world.events().pop().expect("an event")["detail"].clone();
    assert_eq!(
        (
            &detail["target-storage-class"],
            &detail["last-activated-at"]
        ),
        (&json!("STANDARD"), &json!("2026-01-02T03:04:05.000Z"))
    );
}
