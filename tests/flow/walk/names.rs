//! Tags that no client can pull, and tags that only name an image's digest, between those that are pushes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    between::{Between, Seen, json_answer},
    image::Image,
    world::{Choices, World, start},
};

/// A page of a repository's images, as the walk asks for it.
fn page(seen: &Seen, images: &[Value]) -> Option<http::Response<String>> {
    let walks = seen.operation == "DescribeImages" && seen.body["maxResults"] == 1_000;
    let of_source = seen.body["repositoryName"] == "dev/website";
    (walks && of_source).then(|| json_answer(&json!({"imageDetails": images})))
}

#[tokio::test(start_paused = true)]
async fn a_sync_stopped_at_the_first_bad_tag() {
    let image = Image::single("a", 1);
    let digest = image.digest();
    let pushed_at = (start() + Duration::from_mins(1) + Duration::from_hours(1)).timestamp();
    let bad = [
        "t".repeat(129),
        digest.clone(),
        digest.replace(':', "-"),
        "../../x".to_owned(),
        "-stable".to_owned(),
    ];
    let tags: Vec<String> = bad.into_iter().chain(["1-stable".to_owned()]).collect();
    let shown = json!({"imageDigest": digest, "imageTags": tags, "imagePushedAt": pushed_at});
    let odd = json!({"imageDigest": "sha256:../../x", "imageTags": ["2-stable"], "imagePushedAt": pushed_at});
    let images = [odd, shown];
    let world = World::with(Choices {
        between: Some(Between::answering(move |seen| page(seen, &images))),
        ..Choices::default()
    })
    .await;
    let target = json!({"repository": "qa/website"});
    let all = json!({"source": "dev/website", "name": "all", "target": target});
    world.policy(all).await;
    world.walk().await;
    world.clock.advance(Duration::from_mins(2));
    world.push_unheard("dev/website", "1-stable", "a").await;
    world.walk().await;
    let promoted = [("1-stable".to_owned(), digest)];
    assert_eq!(world.tags("qa/website").await, promoted.into());
    assert_eq!(world.history().await.len(), 1);
}
