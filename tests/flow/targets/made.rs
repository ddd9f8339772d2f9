//! Target repositories that the function makes, where ECR answers in another way than the embedded one.

use http::Response;
use serde_json::json;

use super::making;
use crate::{
    between::{Between, Seen, json_answer},
    image::Image,
    world::{Choices, World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn a_target_that_was_just_made_and_is_not_known_everywhere_yet_was_a_failure() {
    for (operation, aim, code, status) in [
        ("registry:mount", "", "NAME_UNKNOWN", 404),
        (
            "ecr:PutImage",
            "vnd.oci.image.config",
            "RepositoryNotFoundException",
            400,
        ),
        (
            "ecr:PutImage",
            "1-stable",
            "RepositoryNotFoundException",
            400,
        ),
    ] {
        for (times, in_time) in [(3, true), (999, false)] {
            let world = making().await;
            let index = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
            let digest = world.push("dev/website", "1-stable", &index).await;
            world.drop_events_of(&index.children[0].digest()).await;
            world.drop_events_of(&index.children[1].digest()).await;
            world.fault(json!([{
                "operation": operation, "match": aim, "code": code, "status": status, "times": times,
            }]));
            assert!(world.local.step().await);
            let case = format!("{operation} {aim} {times}");
            let history = world.history().await;
            let failed = history.iter().any(|line| line.contains(" failed: "));
            assert_eq!(
                (history.len(), failed),
                (1, !in_time),
                "{case}: {history:?}"
            );
            world.fault(json!([]));
            world.later(60).await;
            assert_eq!(world.tags("qa/website").await["1-stable"], digest, "{case}");
        }
    }
}

/// ECR describes the source with an empty list of exclusions.
fn empty_list(seen: &Seen) -> Option<Response<String>> {
    let of_source = seen.body["repositoryNames"] == json!(["dev/website"]);
    let asked = seen.operation == "DescribeRepositories" && of_source;
    asked.then(|| {
        json_answer(&json!({"repositories": [{
            "repositoryName": "dev/website",
            "imageTagMutability": "IMMUTABLE",
            "imageTagMutabilityExclusionFilters": [],
        }]}))
    })
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_of_exclusions_was_handed_on() {
    let world = World::with(Choices {
        environment: &[("CREATE_TARGETS", "true")],
        between: Some(Between::answering(empty_list)),
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    world.delete_repository("qa/website").await;
    let image = Image::single("a", 1);
    let digest = world.push("dev/website", "1-stable", &image).await;
    world.settle().await;
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    let settings = world.settings("qa/website").await.unwrap();
    assert_eq!(settings[0], "IMMUTABLE");
}
