//! `BatchGetImage`, `DescribeImages`, `ListImages`.

use ecr_promoter_local::ecr::Unsettled;
use serde_json::{Value, json};

use crate::world::*;

#[tokio::test]
async fn a_missing_image_is_a_failure_not_an_exception() {
    let world = World::new(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    world.push("dev/website", "other", Some("2")).await;
    let ids = json!([
        {"imageTag": "none"}, {"imageDigest": "sha256:zz"}, {"imageTag": "-"}, {}, {"imageDigest": digest, "imageTag": "2"}, {"imageDigest": digest, "imageTag": "1"},
    ]);
    let answer = world
        .ok(
            "BatchGetImage",
            json!({"repositoryName": "dev/website", "imageIds": ids}),
        )
        .await;
    let codes: Vec<&str> = answer["failures"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|failure| failure["failureCode"].as_str().expect("a code"))
        .collect();
    assert_eq!(
        codes,
        [
            "ImageNotFound",
            "InvalidImageDigest",
            "InvalidImageTag",
            "MissingDigestAndTag",
            "ImageTagDoesNotMatchDigest"
        ]
    );
    assert_eq!(
        answer["failures"][0]["failureReason"],
        "Requested image not found"
    );
    assert_eq!(answer["images"].as_array().expect("a list").len(), 1);
}

/// Which of the two ECR does is not known: no page, thread or capture says.
#[tokio::test]
async fn an_image_that_is_named_twice_is_answered_twice_or_once() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    let other = world.push("dev/website", "other", Some("2")).await;
    let (by_digest, by_tag) = (json!({"imageDigest": digest}), json!({"imageTag": "1"}));
    let whole = json!({"imageDigest": digest, "imageTag": "1"});
    let second = json!({"imageDigest": other, "imageTag": "2"});
    for (case, ids, twice, once) in [
        (
            "digest first",
            json!([by_digest, by_tag]),
            json!([by_digest, whole]),
            json!([by_digest]),
        ),
        (
            "tag first",
            json!([by_tag, by_digest]),
            json!([whole, by_digest]),
            json!([whole]),
        ),
        (
            "another image between",
            json!([by_digest, {"imageTag": "2"}, by_tag]),
            json!([by_digest, second, whole]),
            json!([by_digest, second]),
        ),
        (
            "named once",
            json!([by_tag]),
            json!([whole]),
            json!([whole]),
        ),
    ] {
        for (one_entry_per_image, expected) in [(false, twice), (true, once)] {
            world.ecr.settle(Unsettled {
                one_entry_per_image,
                ..Unsettled::default()
            });
            let body = json!({"repositoryName": "dev/website", "imageIds": ids});
            let answer = world.ok("BatchGetImage", body).await;
            let images = answer["images"].as_array().expect("a list");
            let seen: Vec<&Value> = images.iter().map(|image| &image["imageId"]).collect();
            assert_eq!(json!(seen), expected, "{case}");
            assert_eq!(answer["failures"], json!([]), "{case}");
        }
    }
}

#[tokio::test]
async fn lists_hold_1_to_100_entries() {
    let world = World::new(&["dev/website"]).await;
    for (count, taken) in [(0, false), (1, true), (100, true), (101, false)] {
        let ids: Vec<Value> = (0..count)
            .map(|n| json!({"imageTag": format!("t{n}")}))
            .collect();
        let digests: Vec<String> = (0..count)
            .map(|n: usize| sha256(&n.to_be_bytes()))
            .collect();
        let (status, _) = world
            .call(
                "BatchGetImage",
                json!({"repositoryName": "dev/website", "imageIds": ids}),
            )
            .await;
        assert_eq!(status == 200, taken, "BatchGetImage {count}");
        let (status, _) = world
            .call(
                "BatchCheckLayerAvailability",
                json!({"repositoryName": "dev/website", "layerDigests": digests}),
            )
            .await;
        assert_eq!(status == 200, taken, "BatchCheckLayerAvailability {count}");
    }
}

#[tokio::test]
async fn images_are_described_in_pages() {
    let world = World::new(&["dev/website"]).await;
    for n in 0..5 {
        world
            .push(
                "dev/website",
                &format!("image {n}"),
                (n % 2 == 0).then_some(["a", "b", "c", "d", "e"][n]),
            )
            .await;
    }
    for (filter, count) in [
        (json!({}), 5),
        (json!({"tagStatus": "TAGGED"}), 3),
        (json!({"tagStatus": "UNTAGGED"}), 2),
    ] {
        for operation in ["DescribeImages", "ListImages"] {
            let (mut seen, mut token, list) = (
                0,
                Value::Null,
                if operation == "ListImages" {
                    "imageIds"
                } else {
                    "imageDetails"
                },
            );
            loop {
                let body = json!({"repositoryName": "dev/website", "maxResults": 2, "nextToken": token, "filter": filter});
                let page = world.ok(operation, body).await;
                seen += page[list].as_array().expect("a list").len();
                token = page["nextToken"].clone();
                if token.is_null() {
                    break;
                }
            }
            assert_eq!(seen, count, "{operation} {filter}");
        }
    }
    let body = json!({"repositoryName": "dev/website", "nextToken": "mine"});
    assert_eq!(
        world.refused("DescribeImages", body).await,
        "InvalidParameterException"
    );
}

#[tokio::test]
async fn described_images_tell_what_they_are() {
    let world = World::embedded(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    let answer = world
        .ok("DescribeImages", by_digest("dev/website", &digest))
        .await;
    insta::assert_json_snapshot!(answer["imageDetails"][0], @r#"
    {
      "artifactMediaType": "application/vnd.oci.image.config.v1+json",
      "imageDigest": "sha256:5b6545dcd00d6d87d6160bd3fc78e6f9d4f915ea1b1d7a2b3ce5cead6c5b43d5",
      "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
      "imagePushedAt": 1767323045.0,
      "imageSizeInBytes": 7,
      "imageStatus": "ACTIVE",
      "imageTags": [
        "1"
      ],
      "registryId": "123456789012",
      "repositoryName": "dev/website"
    }
    "#);
}

#[tokio::test]
async fn an_image_described_by_name_must_be_there() {
    let world = World::new(&["dev/website"]).await;
    let refusal = world
        .refusal("DescribeImages", by_tag("dev/website", "1"))
        .await;
    insta::assert_snapshot!(refusal, @r#"{"__type":"ImageNotFoundException","message":"The image with imageId {imageDigest:'null', imageTag:'1'} does not exist within the repository with name 'dev/website' in the registry with id '123456789012'"}"#);
}

#[tokio::test]
async fn an_index_is_as_large_as_its_largest_child() {
    let world = World::new(&["dev/website"]).await;
    let child = world.push("dev/website", "amd64", None).await;
    world
        .ok("PutImage", put("dev/website", &index(&[&child]), Some("1")))
        .await;
    let answer = world.ok("DescribeImages", by_tag("dev/website", "1")).await;
    assert_eq!(answer["imageDetails"][0]["imageSizeInBytes"], 7);
}

#[tokio::test]
async fn a_pull_by_tag_may_convert_a_pull_by_digest_never() {
    const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
    let world = World::new(&["dev/website"]).await;
    let digest = world.push("dev/website", "hello", Some("1")).await;
    for (case, id, accepted, converted) in [
        ("by tag", json!({"imageTag": "1"}), json!([DOCKER]), true),
        (
            "by tag, both",
            json!({"imageTag": "1"}),
            json!([DOCKER, OCI_MANIFEST]),
            false,
        ),
        ("by tag, any", json!({"imageTag": "1"}), Value::Null, false),
        (
            "by tag, neither",
            json!({"imageTag": "1"}),
            json!([OCI_INDEX]),
            false,
        ),
        (
            "by digest",
            json!({"imageDigest": digest}),
            json!([DOCKER]),
            false,
        ),
    ] {
        let body = json!({"repositoryName": "dev/website", "imageIds": [id], "acceptedMediaTypes": accepted});
        let image = world.ok("BatchGetImage", body).await["images"][0].clone();
        assert_eq!(
            image["imageManifestMediaType"] == DOCKER,
            converted,
            "{case}"
        );
        assert_eq!(
            image["imageId"]["imageDigest"] != digest.as_str(),
            converted,
            "{case}"
        );
        let text = image["imageManifest"].as_str().expect("a manifest");
        assert_eq!(
            image["imageId"]["imageDigest"],
            sha256(text.as_bytes()),
            "{case}"
        );
    }
}
