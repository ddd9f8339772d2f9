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

/// Amazon ECR API reference, `ListImageReferrersFilter`: "If not specified, only artifacts with ACTIVE status are
/// returned"; user guide, "Amazon ECR events", has the event of a referrer that is restored.
#[tokio::test]
async fn an_archived_referrer_is_listed_only_where_it_is_asked_for() {
    let world = World::embedded(&["dev/website"]).await;
    let subject = world.push("dev/website", "hello", Some("1")).await;
    world.upload("dev/website", b"{}").await;
    let empty = json!({"mediaType": "application/vnd.oci.empty.v1+json", "digest": sha256(b"{}"), "size": 2});
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": "application/spdx+json", "config": empty,
        "layers": [empty], "subject": {"mediaType": OCI_MANIFEST, "digest": subject, "size": 1},
    });
    let sbom = world
        .ok("PutImage", put("dev/website", &manifest.to_string(), None))
        .await["image"]["imageId"]["imageDigest"]
        .clone();
    let to = |class: &str| json!({"repositoryName": "dev/website", "imageId": {"imageDigest": sbom}, "targetStorageClass": class});
    let list = |filter: Value| json!({"repositoryName": "dev/website", "subjectId": {"imageDigest": subject}, "filter": filter});
    world.ok("UpdateImageStorageClass", to("ARCHIVE")).await;
    let active = world.ok("ListImageReferrers", list(json!({}))).await;
    assert_eq!(active["referrers"], json!([]));
    let any = list(json!({"artifactStatus": "ANY"}));
    let any = world.ok("ListImageReferrers", any).await;
    assert_eq!(any["referrers"][0]["digest"], sbom);
    assert_eq!(any["referrers"][0]["artifactStatus"], "ARCHIVED");
    world.ok("UpdateImageStorageClass", to("STANDARD")).await;
    let event = world.events().pop().expect("an event");
    assert_eq!(event["detail-type"], "ECR Referrer Action");
    assert_eq!(event["detail"]["target-storage-class"], "STANDARD");
    assert_eq!(event["detail"]["image-digest"], sbom);
}
