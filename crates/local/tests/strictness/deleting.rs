//! `BatchDeleteImage`.

use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn the_last_tag_takes_its_image_along() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    let text = world.image("dev/website", "hello").await;
    world
        .ok("PutImage", put("dev/website", &text, Some("2")))
        .await;
    world.events();
    let answer = world
        .ok("BatchDeleteImage", by_tag("dev/website", "1"))
        .await;
    assert_eq!(
        answer["imageIds"],
        json!([{"imageDigest": digest, "imageTag": "1"}])
    );
    assert!(
        world
            .ok("BatchGetImage", by_digest("dev/website", &digest))
            .await["failures"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
    world
        .ok("BatchDeleteImage", by_tag("dev/website", "2"))
        .await;
    assert_eq!(
        world
            .ok("BatchGetImage", by_digest("dev/website", &digest))
            .await["failures"][0]["failureCode"],
        "ImageNotFound"
    );
    let tags: Vec<_> = world
        .events()
        .iter()
        .map(|event| {
            (
                event["detail"]["action-type"].clone(),
                event["detail"]["image-tag"].clone(),
            )
        })
        .collect();
    assert_eq!(
        tags,
        [(json!("DELETE"), json!("1")), (json!("DELETE"), json!("2"))]
    );
}

#[tokio::test]
async fn a_digest_takes_all_its_tags_along() {
    let world = World::new(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    let text = world.image("dev/website", "hello").await;
    world
        .ok("PutImage", put("dev/website", &text, Some("2")))
        .await;
    let answer = world
        .ok("BatchDeleteImage", by_digest("dev/website", &digest))
        .await;
    assert_eq!(answer["imageIds"].as_array().expect("a list").len(), 2);
    assert_eq!(
        world.ok("BatchGetImage", by_tag("dev/website", "2")).await["failures"][0]["failureCode"],
        "ImageNotFound"
    );
}

#[tokio::test]
async fn a_child_stays_as_long_as_its_index() {
    let world = World::new(&["dev/website"]).await;
    let child = world.push("dev/website", "amd64", None).await;
    world
        .ok("PutImage", put("dev/website", &index(&[&child]), Some("1")))
        .await;
    let failure = world
        .ok("BatchDeleteImage", by_digest("dev/website", &child))
        .await["failures"][0]
        .clone();
    assert_eq!(failure["failureCode"], "ImageReferencedByManifestList");
    assert_eq!(
        failure["failureReason"],
        "Requested image referenced by manifest list"
    );
    world
        .ok("BatchDeleteImage", by_tag("dev/website", "1"))
        .await;
    let answer = world
        .ok("BatchDeleteImage", by_digest("dev/website", &child))
        .await;
    assert_eq!(answer["imageIds"], json!([{"imageDigest": child}]));
}

#[tokio::test]
async fn a_repository_with_images_is_deleted_by_force_alone() {
    let world = World::new(&["dev/website"]).await;
    world.push("dev/website", "hello", None).await;
    assert_eq!(
        world
            .refused("DeleteRepository", json!({"repositoryName": "dev/website"}))
            .await,
        "RepositoryNotEmptyException"
    );
    world
        .ok(
            "DeleteRepository",
            json!({"repositoryName": "dev/website", "force": true}),
        )
        .await;
    assert_eq!(
        world
            .refused("ListImages", json!({"repositoryName": "dev/website"}))
            .await,
        "RepositoryNotFoundException"
    );
}

#[tokio::test]
async fn a_manifest_is_deleted_over_http_by_its_digest() {
    let world = World::embedded(&["dev/website"]).await;
    let child = world.push("dev/website", "hello", None).await;
    let parent = index(&[&child]);
    world
        .ok("PutImage", put("dev/website", &parent, Some("1")))
        .await;
    let parent = sha256(parent.as_bytes());
    world.events();
    let delete = async |reference: &str| {
        let path = format!("/v2/dev/website/manifests/{reference}");
        world.http("DELETE", &path, "").await
    };
    let refused = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(delete("1").await.refusal(), refused(405, "UNSUPPORTED"));
    assert_eq!(delete(&child).await.refusal(), refused(405, "UNSUPPORTED"));
    assert_eq!(delete(&parent).await.status, 202);
    assert_eq!(
        delete(&parent).await.refusal(),
        refused(404, "MANIFEST_UNKNOWN")
    );
    assert_eq!(delete(&child).await.status, 202);
    let events = world.events();
    let told: Vec<_> = events
        .iter()
        .map(|it| (&it["detail"]["action-type"], &it["detail"]["image-digest"]))
        .collect();
    let deleted = json!("DELETE");
    assert_eq!(
        told,
        [(&deleted, &json!(parent)), (&deleted, &json!(child))]
    );
}
