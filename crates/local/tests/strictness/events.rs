//! The events of pushes, as EventBridge carries them.

use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn a_push_tells_what_aws_tells() {
    let world = World::embedded(&["dev/website"]).await;
    world.push("dev/website", "hello", Some("1")).await;
    let mut event = world.events().pop().expect("an event");
    event["id"] = json!("[id]");
    insta::assert_json_snapshot!(event, @r#"
    {
      "account": "123456789012",
      "detail": {
        "action-type": "PUSH",
        "artifact-media-type": "application/vnd.oci.image.config.v1+json",
        "image-digest": "sha256:5b6545dcd00d6d87d6160bd3fc78e6f9d4f915ea1b1d7a2b3ce5cead6c5b43d5",
        "image-tag": "1",
        "manifest-media-type": "application/vnd.oci.image.manifest.v1+json",
        "repository-name": "dev/website",
        "result": "SUCCESS"
      },
      "detail-type": "ECR Image Action",
      "id": "[id]",
      "region": "eu-central-1",
      "resources": [],
      "source": "aws.ecr",
      "time": "2026-01-02T03:04:05Z",
      "version": "0"
    }
    "#);
}

#[tokio::test]
async fn a_push_by_digest_has_an_empty_tag() {
    let world = World::embedded(&["dev/website"]).await;
    world.push("dev/website", "hello", None).await;
    assert_eq!(world.events()[0]["detail"]["image-tag"], "");
}

#[tokio::test]
async fn each_manifest_of_a_push_is_one_event_with_an_id_of_its_own() {
    let world = World::embedded(&["dev/website"]).await;
    let child = world.push("dev/website", "amd64", None).await;
    world
        .ok("PutImage", put("dev/website", &index(&[&child]), Some("1")))
        .await;
    let world_events = world.events();
    let kinds: Vec<_> = world_events
        .iter()
        .map(|event| event["detail"]["manifest-media-type"].clone())
        .collect();
    assert_eq!(kinds, [json!(OCI_MANIFEST), json!(OCI_INDEX)]);
    assert_ne!(world_events[0]["id"], world_events[1]["id"]);
    let world = world.restart();
    world.push("dev/website", "arm64", None).await;
    assert!(world_events.iter().all(|event| {
        event["id"]
            != world
                .events()
                .first()
                .map_or(json!(0), |new| new["id"].clone())
    }));
}

#[tokio::test]
async fn a_retag_is_a_push() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    world.events();
    let text = world.image("dev/website", "hello").await;
    world
        .ok("PutImage", put("dev/website", &text, Some("2")))
        .await;
    let events = world.events();
    assert_eq!(
        (
            events.len(),
            &events[0]["detail"]["image-digest"],
            &events[0]["detail"]["image-tag"]
        ),
        (1, &json!(digest), &json!("2"))
    );
}
