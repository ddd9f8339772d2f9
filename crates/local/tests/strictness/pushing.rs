//! `PutImage`: what it takes and what it refuses.

use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn a_manifest_is_kept_byte_for_byte() {
    let world = World::new(&["dev/website"]).await;
    let text = format!("{} \n", world.image("dev/website", "hello").await);
    let answer = world
        .ok("PutImage", put("dev/website", &text, Some("1")))
        .await;
    assert_eq!(
        answer["image"]["imageId"]["imageDigest"],
        sha256(text.as_bytes())
    );
    let pulled = world.ok("BatchGetImage", by_tag("dev/website", "1")).await;
    assert_eq!(pulled["images"][0]["imageManifest"], text);
    assert_eq!(pulled["images"][0]["imageManifestMediaType"], OCI_MANIFEST);
}

#[tokio::test]
async fn a_repository_must_be_there() {
    let world = World::new(&[]).await;
    let refusal = world
        .refusal("PutImage", put("dev/website", "{}", None))
        .await;
    insta::assert_snapshot!(refusal, @r#"{"__type":"RepositoryNotFoundException","message":"The repository with name 'dev/website' does not exist in the registry with id '123456789012'"}"#);
}

#[tokio::test]
async fn another_registry_holds_nothing() {
    let world = World::new(&["dev/website"]).await;
    let body = json!({"registryId": "999999999999", "repositoryName": "dev/website", "imageIds": [{"imageTag": "1"}]});
    assert_eq!(
        world.refused("BatchGetImage", body).await,
        "RepositoryNotFoundException"
    );
}

#[tokio::test]
async fn layers_and_config_must_be_there_first() {
    let world = World::new(&["dev/website", "qa/website"]).await;
    let text = world.image("dev/website", "hello").await;
    let refusal = world
        .refusal("PutImage", put("qa/website", &text, None))
        .await;
    assert_eq!(refusal["__type"], "LayersNotFoundException");
    let message = refusal["message"].as_str().expect("a message");
    let layers = format!(
        "Layers with digests '[{}, {}]' required for pushing image into repository with name 'qa/website' in the registry with id '{ACCOUNT}' do not exist",
        sha256(b"{\"of\":\"hello\"}"),
        sha256(b"hello")
    );
    assert_eq!(message, layers);
}

#[tokio::test]
async fn foreign_layers_with_urls_need_not_be_there() {
    let world = World::new(&["dev/website"]).await;
    let config = world.upload("dev/website", b"{}").await;
    for (kind, urls, taken) in [
        (
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            json!(["https://example.com/l"]),
            true,
        ),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            json!(["https://example.com/l"]),
            true,
        ),
        (
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            json!([]),
            false,
        ),
        (LAYER, json!(["https://example.com/l"]), false),
    ] {
        let mut manifest = manifest(&config, &sha256(b"elsewhere"));
        manifest["layers"][0]["mediaType"] = json!(kind);
        manifest["layers"][0]["urls"] = urls;
        let (status, answer) = world
            .call("PutImage", put("dev/website", &manifest.to_string(), None))
            .await;
        assert_eq!(status == 200, taken, "{kind}: {answer}");
    }
}

#[tokio::test]
async fn children_of_an_index_must_be_there_first() {
    let world = World::new(&["dev/website"]).await;
    let child = world.push("dev/website", "amd64", None).await;
    let missing = sha256(b"arm64");
    let refusal = world
        .refusal(
            "PutImage",
            put("dev/website", &index(&[&child, &missing]), Some("1")),
        )
        .await;
    assert_eq!(refusal["__type"], "ReferencedImagesNotFoundException");
    assert!(
        refusal["message"]
            .as_str()
            .expect("text")
            .starts_with(&format!("Images with digests '[{missing}]' required"))
    );
    assert_eq!(
        world.ok("BatchGetImage", by_tag("dev/website", "1")).await["failures"][0]["failureCode"],
        "ImageNotFound"
    );
    world
        .ok("PutImage", put("dev/website", &index(&[&child]), Some("1")))
        .await;
}

#[tokio::test]
async fn a_digest_that_is_given_must_be_the_manifest_s() {
    let world = World::new(&["dev/website"]).await;
    let mut body = put(
        "dev/website",
        &world.image("dev/website", "hello").await,
        Some("1"),
    );
    body["imageDigest"] = json!(sha256(b"another"));
    assert_eq!(
        world.refused("PutImage", body).await,
        "ImageDigestDoesNotMatchException"
    );
}

#[tokio::test]
async fn a_media_type_is_needed_where_the_manifest_has_none() {
    let world = World::new(&["dev/website"]).await;
    let mut manifest: serde_json::Value =
        serde_json::from_str(&world.image("dev/website", "hello").await).expect("JSON");
    manifest
        .as_object_mut()
        .expect("an object")
        .remove("mediaType");
    let mut body = put("dev/website", &manifest.to_string(), Some("1"));
    let refusal = world.refusal("PutImage", body.clone()).await;
    insta::assert_snapshot!(refusal, @r#"{"__type":"InvalidParameterException","message":"Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"}"#);
    body["imageManifestMediaType"] = json!(OCI_MANIFEST);
    world.ok("PutImage", body).await;
}

#[tokio::test]
async fn the_same_push_again_is_refused_and_raises_nothing() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    world.events();
    let text = world.image("dev/website", "hello").await;
    let refusal = world
        .refusal("PutImage", put("dev/website", &text, Some("1")))
        .await;
    assert_eq!(refusal["__type"], "ImageAlreadyExistsException");
    assert_eq!(
        refusal["message"],
        format!(
            "Image with digest '{digest}' and tag '1' already exists in the repository with name 'dev/website' in registry with id '{ACCOUNT}'"
        )
    );
    assert_eq!(
        world
            .refused("PutImage", put("dev/website", &text, None))
            .await,
        "ImageAlreadyExistsException"
    );
    assert!(world.events().is_empty());
    world
        .ok("PutImage", put("dev/website", &text, Some("2")))
        .await;
}

#[tokio::test]
async fn manifests_that_are_none_are_refused() {
    let world = World::new(&["dev/website"]).await;
    let good: serde_json::Value =
        serde_json::from_str(&world.image("dev/website", "hello").await).expect("JSON");
    let with = |member: &str, value: serde_json::Value| {
        let mut document = good.clone();
        document[member] = value;
        document.to_string()
    };
    for (case, text) in [
        ("layers and manifests", with("manifests", json!([]))),
        ("schema 1", json!({"schemaVersion": 1, "mediaType": "application/vnd.docker.distribution.manifest.v1+prettyjws", "fsLayers": []}).to_string()),
        ("over 4 MiB", with("annotations", json!({"a": "x".repeat(4 * 1024 * 1024)}))),
        ("no JSON", "{".to_owned()),
        ("empty", String::new()),
        ("a path for a digest", with("config", json!({"mediaType": CONFIG, "digest": "sha256:../../x", "size": 2}))),
    ] {
        assert_eq!(world.refused("PutImage", put("dev/website", &text, Some("1"))).await, "InvalidParameterException", "{case}");
    }
}

#[tokio::test]
async fn a_moved_tag_leaves_the_old_image_untagged() {
    let world = World::new(&["dev/website"]).await;
    let old = world.push("dev/website", "old", Some("latest")).await;
    let new = world.push("dev/website", "new", Some("latest")).await;
    let ids = world
        .ok("ListImages", json!({"repositoryName": "dev/website"}))
        .await["imageIds"]
        .clone();
    let ids = ids.as_array().expect("a list");
    assert!(
        ids.contains(&json!({"imageDigest": old}))
            && ids.contains(&json!({"imageDigest": new, "imageTag": "latest"})),
        "{ids:?}"
    );
}

#[tokio::test]
async fn names_and_tags_follow_their_grammar() {
    let world = World::embedded(&["dev/website"]).await;
    let text = world.image("dev/website", "hello").await;
    for tag in ["", "-x", "a b", "%Y", &"a".repeat(129)] {
        assert_eq!(
            world
                .refused("PutImage", put("dev/website", &text, Some(tag)))
                .await,
            "InvalidParameterException",
            "{tag}"
        );
    }
    for name in ["A", "a", "a//b", "../x"] {
        assert_eq!(
            world.refused("PutImage", put(name, &text, None)).await,
            "InvalidParameterException",
            "{name}"
        );
    }
}

#[tokio::test]
async fn an_unknown_operation_is_named() {
    let world = World::new(&[]).await;
    assert_eq!(
        world.refused("PutImages", json!({})).await,
        "UnknownOperationException"
    );
}

#[tokio::test]
async fn an_image_has_at_most_1000_tags() {
    let world = World::new(&["dev/website"]).await;
    let text = world.image("dev/website", "hello").await;
    for n in 0..1000 {
        world
            .ok(
                "PutImage",
                put("dev/website", &text, Some(&format!("t{n}"))),
            )
            .await;
    }
    assert_eq!(
        world
            .refused("PutImage", put("dev/website", &text, Some("one-more")))
            .await,
        "LimitExceededException"
    );
}
