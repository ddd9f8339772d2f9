//! ECR's moods: answers whose form is not documented, and answers when it is too busy.

use ecr_promoter_local::Unsettled;
use serde_json::json;

use crate::{
    image::Image,
    world::{Choices, World, stable_to_qa},
};

/// One BatchGetImage asks for an image by its digest and by its tag: whether two entries come back is
/// not documented.
#[tokio::test(start_paused = true)]
async fn an_image_asked_for_twice_in_one_call_is_found_however_often_ecr_answers() {
    for one_entry_per_image in [false, true] {
        let world = World::new().await;
        world.local.ecr().settle(Unsettled {
            one_entry_per_image,
            ..Unsettled::default()
        });
        let mut within = stable_to_qa();
        within["name"] = json!("within");
        within["target"] = json!({"repository": "dev/website", "tag": "released"});
        within["criteria"] =
            json!([{"attribute": "tag", "operator": "contains", "value": "-stable"}]);
        world.policy(within).await;
        world.policy(stable_to_qa()).await;
        let first = Image::single("a", 1);
        let second = Image::index("b", &["linux/amd64", "linux/arm64"], 1);
        for (tag, image) in [
            ("1-stable", &first),
            ("2-stable", &second),
            ("3-stable", &first),
        ] {
            let digest = world.push("dev/website", tag, image).await;
            world.settle().await;
            let tags = world.tags("qa/website").await;
            assert_eq!(tags.get(tag), Some(&digest), "{one_entry_per_image}");
            let tags = world.tags("dev/website").await;
            assert_eq!(tags["released"], digest, "{one_entry_per_image}");
            world.clock.advance(std::time::Duration::from_mins(1));
        }
        let history = world.history().await;
        let promoted = history
            .iter()
            .filter(|line| line.contains(" promoted:"))
            .count();
        assert_eq!(promoted, 6, "{one_entry_per_image}: {history:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn uploads_that_the_registry_has_no_time_for_begin_again_in_the_same_invocation() {
    for (refusals, promoted) in [(5, true), (99, false)] {
        let world = World::with(Choices {
            blob_mounting: false,
            timeout: std::time::Duration::from_mins(15),
            ..Choices::default()
        })
        .await;
        world.policy(stable_to_qa()).await;
        world.fault(json!([{
            "operation": "registry:mount", "code": "TOOMANYREQUESTS", "status": 429, "times": refusals,
        }]));
        world
            .push("dev/website", "1-stable", &Image::single("a", 1))
            .await;
        assert!(world.local.step().await);
        assert_eq!(world.tags("qa/website").await.len(), usize::from(promoted));
    }
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_the_registry_answered_with_403_was_taken_for_a_login_problem() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.fault(json!([{
        "operation": "registry:mount", "code": "DENIED", "status": 403, "times": 99,
        "message": "The repository has reached its limit of images",
    }]));
    world.local.reset_requests();
    world.settle().await;
    let history = world.history().await;
    assert!(
        history.len() == 1 && history[0].contains("failed") && history[0].ends_with("quotas"),
        "{history:?}"
    );
    let requests = world.local.requests();
    assert_eq!(requests["ecr:GetAuthorizationToken"], 2, "renewed once");
    assert_eq!(requests["registry:mount"], 2, "asked once more");
}
