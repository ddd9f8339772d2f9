//! Immutable tags and their exclusions.

use ecr_promoter_local::ecr::{SameDigest, Unsettled};
use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn each_mode_guards_the_tags_it_names() {
    for (mode, filters, tag, moves) in [
        ("MUTABLE", &[][..], "latest", true),
        ("IMMUTABLE", &[], "latest", false),
        (
            "IMMUTABLE_WITH_EXCLUSION",
            &["latest", "dev-*"],
            "latest",
            true,
        ),
        (
            "IMMUTABLE_WITH_EXCLUSION",
            &["latest", "dev-*"],
            "dev-1",
            true,
        ),
        (
            "IMMUTABLE_WITH_EXCLUSION",
            &["latest", "dev-*"],
            "1.0",
            false,
        ),
        ("MUTABLE_WITH_EXCLUSION", &["v*"], "v1", false),
        ("MUTABLE_WITH_EXCLUSION", &["v*"], "latest", true),
    ] {
        let world = World::new(&["dev/website"]).await;
        world.mutability("dev/website", mode, filters).await;
        world.push("dev/website", "old", Some(tag)).await;
        let new = world.image("dev/website", "new").await;
        let (status, answer) = world
            .call("PutImage", put("dev/website", &new, Some(tag)))
            .await;
        assert_eq!(status == 200, moves, "{mode} {tag}: {answer}");
        if !moves {
            assert_eq!(answer["__type"], "ImageTagAlreadyExistsException");
            assert_eq!(
                answer["message"],
                format!(
                    "The image tag '{tag}' already exists in the 'dev/website' repository and cannot be overwritten because the tag is immutable."
                )
            );
        }
    }
}

#[tokio::test]
async fn the_same_digest_under_an_immutable_tag_is_refused_in_either_way() {
    let world = World::embedded(&["dev/website"]).await;
    world.mutability("dev/website", "IMMUTABLE", &[]).await;
    world.push("dev/website", "hello", Some("1")).await;
    let again = put(
        "dev/website",
        &world.image("dev/website", "hello").await,
        Some("1"),
    );
    assert_eq!(
        world.refused("PutImage", again.clone()).await,
        "ImageAlreadyExistsException"
    );
    world.ecr.settle(Unsettled {
        same_digest: SameDigest::TagAlreadyExists,
        ..Unsettled::default()
    });
    assert_eq!(
        world.refused("PutImage", again).await,
        "ImageTagAlreadyExistsException"
    );
}

#[tokio::test]
async fn filters_belong_to_the_modes_with_exclusions() {
    let world = World::new(&["dev/website"]).await;
    let filter = |text: &str| json!({"filterType": "WILDCARD", "filter": text});
    for (case, mode, filters) in [
        ("none", "IMMUTABLE_WITH_EXCLUSION", None),
        ("empty", "IMMUTABLE_WITH_EXCLUSION", Some(json!([]))),
        (
            "six",
            "IMMUTABLE_WITH_EXCLUSION",
            Some(json!(vec![filter("a"); 6])),
        ),
        (
            "three wildcards",
            "IMMUTABLE_WITH_EXCLUSION",
            Some(json!([filter("*a*b*")])),
        ),
        (
            "a strange letter",
            "IMMUTABLE_WITH_EXCLUSION",
            Some(json!([filter("a/b")])),
        ),
        (
            "another type",
            "IMMUTABLE_WITH_EXCLUSION",
            Some(json!([{"filterType": "REGEX", "filter": "a"}])),
        ),
        ("forbidden", "IMMUTABLE", Some(json!([filter("a")]))),
        ("an unknown mode", "FROZEN", None),
    ] {
        let body = json!({"repositoryName": "dev/website", "imageTagMutability": mode, "imageTagMutabilityExclusionFilters": filters});
        assert_eq!(
            world.refused("PutImageTagMutability", body).await,
            "InvalidParameterException",
            "{case}"
        );
    }
}
